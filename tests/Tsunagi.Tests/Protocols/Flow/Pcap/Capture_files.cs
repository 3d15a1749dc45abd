using System.Buffers;
using FsCheck.Fluent;
using Tsunagi.Protocols.Flow.Pcap;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Flow.Pcap;

public class Capture_files
{
    private static readonly string[] Three = ["1700000000123456789 1 60 0102030405", "1700000000123456790 1 5 0A0B0C0D0E", "1700000001000000000 1 1500 "];

    [Fact]
    public void Of_pcap_read_back_as_they_were_written() => Assert.Equal([.. Three, "End"], Read(Pcap()));

    [Fact]
    public void Of_pcapng_read_back_as_they_were_written() => Assert.Equal([.. Three, "End"], Read(Pcapng()));

    [Fact]
    public void Of_several_sections_have_interfaces_and_octet_orders_of_their_own()
    {
        // a big-endian section: block, byte order, version, length; an interface with milliseconds behind an offset; an enhanced packet; the old form; a simple one
        byte[] big = new Wire().Hex("0A0D0D0A 0000001C 1A2B3C4D 0001 0000 FFFFFFFFFFFFFFFF 0000001C")
            .Hex("00000001 0000002C 0065 0000 00000000 0009 0001 03 000000 000E 0008 0000000000000064 0000 0000 0000002C")
            .Hex("00000006 00000024 00000000 00000000 000003E9 00000003 00000009 AABBCC00 00000024")
            .Hex("00000002 00000024 0000 0000 00000000 000007D0 00000004 00000004 AABBCCDD 00000024")
            .Hex("00000003 00000014 00000004 01020304 00000014")
            .Hex("00000BAD 00000010 00000000 00000010").ToArray(); // a block that is not known
        Assert.Equal([.. Three, "101001000000 101 9 AABBCC", "102000000000 101 4 AABBCCDD", "0 101 4 01020304", "End"], Read([.. Pcapng(), .. big]));
    }

    [Theory]
    [InlineData("D4C3B2A1 02000400 00000000 00000000 00000400 01000000 01000000 02000000 03000000 09000000 AABBCC", "1000002000 1 9 AABBCC")]
    [InlineData("A1B2C3D4 00020004 00000000 00000000 00040000 00000001 00000001 00000002 00000003 00000009 AABBCC", "1000002000 1 9 AABBCC")]
    [InlineData("A1B23C4D 00020004 00000000 00000000 00040000 00000001 00000001 00000002 00000003 00000009 AABBCC", "1000000002 1 9 AABBCC")]
    [InlineData("34CDB2A1 02000400 00000000 00000000 00000400 01000000 01000000 02000000 03000000 09000000 0000000000000000 AABBCC", "1000002000 1 9 AABBCC")]
    [InlineData("D4C3B2A1 02000400 00000000 00000000 00000400 010000F0 01000000 02000000 03000000 09000000 AABBCC", "1000002000 1 9 AABBCC")]
    public void Of_pcap_come_in_many_forms(string hex, string packet) => Assert.Equal([packet, "End"], Read(new Wire().Hex(hex).ToArray()));

    [Theory]
    [InlineData("", "NotACapture")]
    [InlineData("00", "NotACapture")]
    [InlineData("0102030405060708", "NotACapture")]
    [InlineData("D4C3B2A1 02000400", "Truncated")]
    [InlineData("0A0D0D0A 1C000000 00000000", "Malformed")]
    [InlineData("0A0D0D0A 0C000000 4D3C2B1A", "Malformed")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000 06000000 04000000", "Malformed")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000 06000000 24000000 00000000 00000000 00000000 01000000 01000000 AA000000 24000000", "Malformed")] // no interface
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000 06000000 24000000", "Truncated")]
    [InlineData("D4C3B2A1 02000400 00000000 00000000 00000400 01000000 01000000 02000000 FFFFFFFF 09000000", "Malformed")]
    public void That_can_not_be_end_with_a_status(string hex, string status) => Assert.Equal([status], Read(new Wire().Hex(hex).ToArray()));

    [Fact]
    public void Cut_anywhere_end_with_a_status_and_keep_what_was_whole()
    {
        foreach (byte[] capture in (byte[][])[Pcap(), Pcapng()])
        {
            for (int length = 0; length < capture.Length; length++)
            {
                List<string> read = Read(capture[..length]);
                Assert.Equal(Three.Take(read.Count - 1), read.SkipLast(1));
                Assert.Contains(read[^1], (string[])["End", "Truncated", "NotACapture"]);
            }
        }
    }

    [Fact]
    public void Read_the_same_however_the_stream_gives_them()
    {
        foreach (byte[] capture in (byte[][])[Pcap(), Pcapng()])
        {
            Properties.Holds(Properties.Cuts(capture.Length), cuts => Assert.Equal(Read(capture), Read(new Trickle(capture, cuts))), 100);
        }
    }

    [Theory]
    [InlineData(100, "End")]
    [InlineData(99, "Malformed")]
    public void Have_packets_up_to_the_limit(int limit, string end)
    {
        var output = new ArrayBufferWriter<byte>();
        PcapWriter.WriteHeader(output, 1);
        PcapWriter.WritePacket(output, new PcapPacket(0, 1, 100, new byte[100]));
        Assert.Equal(end, Read(new MemoryStream(output.WrittenSpan.ToArray()), new PcapLimits { PacketOctets = limit })[^1]);
    }

    [Theory]
    [InlineData(2, "End")]
    [InlineData(3, "Malformed")]
    public void Have_interfaces_up_to_the_limit(int interfaces, string end)
    {
        var output = new ArrayBufferWriter<byte>();
        PcapngWriter.WriteSection(output);
        for (int i = 0; i < interfaces; i++)
        {
            PcapngWriter.WriteInterface(output, 1);
        }

        Assert.Equal(end, Read(new MemoryStream(output.WrittenSpan.ToArray()), new PcapLimits { Interfaces = 2 })[^1]);
    }

    internal static byte[] Pcap()
    {
        var output = new ArrayBufferWriter<byte>();
        PcapWriter.WriteHeader(output, 1);
        Write((time, original, octets) => PcapWriter.WritePacket(output, new PcapPacket(time, 1, original, octets)));
        return output.WrittenSpan.ToArray();
    }

    internal static byte[] Pcapng()
    {
        var output = new ArrayBufferWriter<byte>();
        PcapngWriter.WriteSection(output);
        PcapngWriter.WriteInterface(output, 1);
        Write((time, original, octets) => PcapngWriter.WritePacket(output, 0, new PcapPacket(time, 1, original, octets)));
        return output.WrittenSpan.ToArray();
    }

    private static void Write(Action<long, int, byte[]> packet)
    {
        packet(1700000000123456789, 60, [1, 2, 3, 4, 5]);
        packet(1700000000123456790, 5, [10, 11, 12, 13, 14]);
        packet(1700000001000000000, 1500, []);
    }

    private static List<string> Read(byte[] capture) => Read(new MemoryStream(capture));

    private static List<string> Read(Stream capture, PcapLimits? limits = null)
    {
        var reader = new PcapReader(capture, limits);
        var read = new List<string>();
        PcapStatus status;
        while ((status = reader.Read(out PcapPacket packet)) == PcapStatus.Packet)
        {
            read.Add($"{packet.TimestampNanoseconds} {packet.LinkType} {packet.OriginalLength} {Convert.ToHexString(packet.Octets)}");
        }

        Assert.Equal(status, reader.Read(out _)); // the end stays the end
        read.Add(status.ToString());
        return read;
    }

    // Gives at most up to the next cut at a time.
    private sealed class Trickle(byte[] octets, int[] cuts) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int end = cuts.FirstOrDefault(c => c > _at, octets.Length);
            int read = Math.Min(count, Math.Min(end, octets.Length) - _at);
            octets.AsSpan(_at, read).CopyTo(buffer.AsSpan(offset));
            _at += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
