using System.Buffers;
using System.Net;
using System.Numerics;
using Tsunagi.Core.Net.Proxy;

namespace Tsunagi.Tests.Core.Net;

public sealed class Proxy_protocol
{
    private const int Limit = 2_048;
    private const string Signature = "0D0A0D0A000D0A515549540A";

    // Vectors by hand from the specification's section 2.2.
    private const string OverIpv4 = Signature + "21" + "11" + "000C" + "C0000201" + "C6336405" + "D431" + "0019";
    private const string OverIpv6 = Signature + "21" + "21" + "0024" + "20010DB8000000000000000000000001" + "20010DB8000000000000000000000025" + "D431" + "0019";

    [Fact]
    public void Ipv4_header_names_the_true_peer()
    {
        Assert.Equal(ProxyParse.Ok, Parse(OverIpv4, out var header));
        Assert.Equal(IPEndPoint.Parse("192.0.2.1:54321"), header.Source);
        Assert.Equal(IPEndPoint.Parse("198.51.100.5:25"), header.Destination);
        Assert.Equal(28, header.Length);
    }

    [Fact]
    public void Ipv6_header_names_the_true_peer()
    {
        Assert.Equal(ProxyParse.Ok, Parse(OverIpv6, out var header));
        Assert.Equal(IPEndPoint.Parse("[2001:db8::1]:54321"), header.Source);
        Assert.Equal(IPEndPoint.Parse("[2001:db8::25]:25"), header.Destination);
        Assert.Equal(52, header.Length);
    }

    [Theory]
    [InlineData(Signature + "20" + "00" + "0000", 16)] // LOCAL: the balancer's own health check
    [InlineData(Signature + "20" + "11" + "000C" + "C0000201C6336405D4310019", 28)] // LOCAL with addresses: they are discarded
    [InlineData(Signature + "21" + "00" + "0003" + "040000", 19)] // UNSPEC with a NOOP TLV
    [InlineData(Signature + "21" + "12" + "000C" + "C0000201C6336405D4310019", 28)] // datagram over a stream
    public void Header_without_a_tcp_peer_keeps_the_real_addresses(string hex, int length)
    {
        Assert.Equal(ProxyParse.Ok, Parse(hex, out var header));
        Assert.Null(header.Source);
        Assert.Equal(length, header.Length);
    }

    [Theory]
    [InlineData("474554202F20485454502F312E310D0A")] // "GET / HTTP/1.1"
    [InlineData("50524F58592054435034203139322E30")] // version 1, which is not spoken
    [InlineData(Signature + "31" + "11" + "000C" + "C0000201C6336405D4310019")] // version 3
    [InlineData(Signature + "22" + "11" + "000C" + "C0000201C6336405D4310019")] // command 2
    [InlineData(Signature + "21" + "41" + "0000")] // family 4
    [InlineData(Signature + "21" + "13" + "000C" + "C0000201C6336405D4310019")] // protocol 3
    [InlineData(Signature + "21" + "11" + "000B" + "C0000201C6336405D43100")] // addresses cut short
    [InlineData(Signature + "21" + "11" + "000E" + "C0000201C6336405D4310019" + "0400")] // TLV head cut short
    [InlineData(Signature + "21" + "11" + "000F" + "C0000201C6336405D4310019" + "040001")] // TLV longer than the header
    [InlineData(Signature + "21" + "11" + "0013" + "C0000201C6336405D4310019" + "03000400000000")] // wrong CRC32c
    public void Header_that_breaks_the_format_is_bad(string hex)
    {
        Assert.Equal(ProxyParse.Bad, Parse(hex, out var header));
        Assert.Null(header.Source);
    }

    [Fact]
    public void Checksum_that_holds_is_accepted()
    {
        var bytes = Convert.FromHexString(Signature + "21" + "11" + "0013" + "C0000201C6336405D4310019" + "03000400000000");
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(^4), ~crc);
        Assert.Equal(ProxyParse.Ok, ProxyHeader.TryParse(new ReadOnlySequence<byte>(bytes), Limit, out var header, out _));
        Assert.NotNull(header.Source);
    }

    [Fact]
    public void Header_at_the_limit_is_read_and_one_byte_longer_is_bad()
    {
        var bytes = Convert.FromHexString(OverIpv4);
        Assert.Equal(ProxyParse.Ok, ProxyHeader.TryParse(new ReadOnlySequence<byte>(bytes), bytes.Length, out _, out _));
        Assert.Equal(ProxyParse.Bad, ProxyHeader.TryParse(new ReadOnlySequence<byte>(bytes), bytes.Length - 1, out _, out var problem));
        Assert.Contains("limit of 27", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OverIpv4)]
    [InlineData(OverIpv6)]
    public void Any_cut_of_the_input_gives_the_same_answer(string hex)
    {
        var bytes = Convert.FromHexString(hex + "45484C4F");
        Parse(hex, out var whole);
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            var first = new Segment(bytes.AsMemory(0, cut));
            var last = first.Append(bytes.AsMemory(cut));
            var split = new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
            Assert.Equal(ProxyParse.Ok, ProxyHeader.TryParse(split, Limit, out var header, out _));
            Assert.Equal(whole, header);
            var expected = cut < whole.Length ? ProxyParse.NeedMore : ProxyParse.Ok;
            Assert.Equal(expected, ProxyHeader.TryParse(new ReadOnlySequence<byte>(bytes, 0, cut), Limit, out _, out _));
        }
    }

    [Theory]
    [InlineData("192.0.2.7:1", "198.51.100.1:65535")]
    [InlineData("[2001:db8::7]:1", "[2001:db8::8]:65535")]
    public void What_is_written_is_read_back(string source, string destination)
    {
        var bytes = ProxyHeader.Write(IPEndPoint.Parse(source), IPEndPoint.Parse(destination));
        Assert.Equal(ProxyParse.Ok, ProxyHeader.TryParse(new ReadOnlySequence<byte>(bytes), Limit, out var header, out _));
        Assert.Equal(new ProxyHeader(IPEndPoint.Parse(source), IPEndPoint.Parse(destination), bytes.Length), header);
    }

    [Fact]
    public void Changed_bytes_never_throw()
    {
        var random = new Random(20_200_305);
        var seeds = new[] { OverIpv4, OverIpv6, Signature + "21" + "11" + "0013" + "C0000201C6336405D4310019" + "03000400000000" }.Select(Convert.FromHexString).ToArray();
        for (var round = 0; round < 200_000; round++)
        {
            var bytes = seeds[round % seeds.Length].ToArray();
            for (var change = random.Next(4); change >= 0; change--)
            {
                bytes[12 + random.Next(bytes.Length - 12)] = (byte)random.Next(256);
            }

            var cut = bytes.AsMemory(0, random.Next(bytes.Length + 1));
            if (ProxyHeader.TryParse(new ReadOnlySequence<byte>(cut), Limit, out var header, out var problem) == ProxyParse.Ok)
            {
                Assert.InRange(header.Length, 16, cut.Length);
                Assert.Null(problem);
            }
        }
    }

    private static ProxyParse Parse(string hex, out ProxyHeader header) =>
        ProxyHeader.TryParse(new ReadOnlySequence<byte>(Convert.FromHexString(hex)), Limit, out header, out _);

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
