using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Protocols.Net.Dhcp;
using FsCheck.Fluent;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>Messages drawn at random, and good ones with octets changed: they do no harm, and what is accepted says what was written.</summary>
public sealed class Dhcp4_messages_that_may_be_anything
{
    private static readonly Said[] Good =
    [
        new(Dhcp4Type.Discover, "a") { IsRapid = true, Wants = [1, 3, 121], Longest = 600 }, new(Dhcp4Type.Request, "a") { Named = "10.20.0.1", Server = "127.0.0.1" }, new(Dhcp4Type.Request, "a") { Using = "10.20.0.1" },
        new(Dhcp4Type.Decline, "a") { Named = "10.20.0.1", Server = "127.0.0.1" }, new(Dhcp4Type.Release, "a") { Using = "10.20.0.1", Server = "127.0.0.1" }, new(Dhcp4Type.Inform, "a") { Using = "10.20.0.1" },
    ];

    [Fact]
    public async Task Changed_messages_leave_the_server_whole()
    {
        await using var world = await Dhcp4World.OpenAsync(static options => options with { MessagesPerMinute = 1_000_000 });
        var random = new Random(20_261_127);
        for (var i = 0; i < 600; i++)
        {
            var octets = Dhcp4World.Message(Good[i % Good.Length], (uint)i);
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                // Behind the kind of hardware half of the time: options are where the lengths are.
                octets[random.Next(2) == 0 ? random.Next(octets.Length) : random.Next(236, octets.Length)] = (byte)random.Next(256);
            }

            await world.Relay.SendAsync(octets.AsMemory(0, random.Next(8) == 0 ? random.Next(octets.Length) : octets.Length), world.At, TestContext.Current.CancellationToken);
        }

        while (true)
        {
            // What was answered meanwhile comes first.
            var transaction = await world.SendAsync(new Said(Dhcp4Type.Discover, "probe"));
            var heard = await world.HearAsync();
            while (heard.TransactionId != transaction && world.Relay.Available > 0)
            {
                heard = await world.HearAsync();
            }

            if (heard.TransactionId == transaction)
            {
                break;
            }
        }

        Assert.Equal(0, world.World.Get<Dhcp4Server>().Faults);
        lock (world.Book.Turn)
        {
            Assert.All(world.Book.OfLine("ln_a"), static lease => Assert.True(lease.Kind == LeaseKind.Address4 && AddressBlock.Parse("10.20.0.0/22").Contains(lease.Prefix)));
        }
    }

    [Fact]
    public void What_a_relay_says_is_read_as_it_was_written()
    {
        var suboptions = from code in Gen.Elements<byte>(1, 2, 5, 6, 9, 11, 19) from value in Gen.ArrayOf(Gen.Choose(0, 255).Select(static octet => (byte)octet)) select (code, value: value.Length > 40 ? value[..40] : value);
        foreach (var said in Gen.ListOf(suboptions, 4).Sample(200, 20))
        {
            byte[] octets = [.. said.SelectMany(static each => Dhcp4World.Sub(each.code, each.value))];
            var read = RelayInformation.Read(octets)!;
            byte[]? Last(byte code) => said.LastOrDefault(each => each.code == code).value;
            Assert.Equal(octets, read.Octets);
            Assert.Equal((Last(1), Last(2), Last(6)), (read.Place.CircuitId, read.Place.RemoteId, read.Place.SubscriberId), static (left, right) => Same(left.Item1, right.Item1) && Same(left.Item2, right.Item2) && Same(left.Item3, right.Item3));
            Assert.Equal(said.LastOrDefault(static each => each is { code: 5, value.Length: 4 }).value, read.Link?.GetAddressBytes());
            Assert.Equal(said.LastOrDefault(static each => each is { code: 11, value.Length: 4 }).value, read.Server?.GetAddressBytes());

            // Cut anywhere it is whole, or it is refused.
            for (var length = 0; length < octets.Length; length++)
            {
                var cut = RelayInformation.Read(octets.AsSpan(0, length));
                Assert.True(cut is null || cut.Octets.Length == length);
            }
        }

        static bool Same(byte[]? left, byte[]? right) => left is null ? right is null : right is not null && left.AsSpan().SequenceEqual(right);
    }
}
