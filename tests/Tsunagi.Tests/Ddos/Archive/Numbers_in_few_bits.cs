using Tsunagi.Ddos.Archive;

namespace Tsunagi.Tests.Ddos.Archive;

/// <summary>Columns are read back as they were, whatever the numbers; damaged ones do no harm.</summary>
public sealed class Numbers_in_few_bits
{
    [Fact]
    public void Every_shape_of_numbers_is_read_back()
    {
        var random = new Random(20_261_126);
        for (var round = 0; round < 400; round++)
        {
            var values = new ulong[round % 7 == 0 ? 0 : random.Next(1, 300)];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (round % 5) switch
                {
                    0 => 42,
                    1 => (ulong)random.Next(0, 1 << random.Next(1, 31)),
                    2 => (ulong)random.NextInt64() >> random.Next(64),
                    3 => random.Next(20) == 0 ? ulong.MaxValue - (ulong)random.Next(3) : (ulong)random.Next(100),
                    _ => ulong.MaxValue - (ulong)random.Next(1 + (round % 9)),
                };
            }

            var octets = Write(values);
            var read = new ulong[values.Length];
            Assert.True(NumberCodec.TryRead(octets, read));
            Assert.Equal(values, read);
        }
    }

    [Fact]
    public void A_few_large_ones_do_not_widen_the_others()
    {
        var values = Enumerable.Range(0, 10_000).Select(static i => i % 1_000 == 0 ? 1UL << 40 : (ulong)(i % 16)).ToArray();
        Assert.InRange(Write(values).Length, 5_000, 5_200);
        Assert.InRange(Write([.. Enumerable.Repeat(7UL, 10_000)]).Length, 1, 12);
    }

    [Fact]
    public void Damage_is_refused_or_gives_other_numbers_and_never_throws()
    {
        var random = new Random(7);
        var good = Write([.. Enumerable.Range(0, 200).Select(i => (ulong)(i * i % 5_000))]);
        for (var round = 0; round < 5_000; round++)
        {
            var octets = good[..random.Next(good.Length + 1)];
            for (var i = 0; i < random.Next(1, 4) && octets.Length > 0; i++)
            {
                octets[random.Next(octets.Length)] = (byte)random.Next(256);
            }

            _ = NumberCodec.TryRead(octets, new ulong[200]);
            var at = 0;
            _ = AddressCodec.Read(octets, ref at, new Tsunagi.Protocols.Flow.FlowAddress[50]);
            _ = BlockHeader.Read(octets);
        }
    }

    private static byte[] Write(ulong[] values)
    {
        var to = new OctetBuffer(16);
        NumberCodec.Write(values, to);
        return to.Written.ToArray();
    }
}
