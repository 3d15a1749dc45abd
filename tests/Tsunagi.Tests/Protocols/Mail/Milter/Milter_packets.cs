using System.Buffers;
using System.Net;
using Tsunagi.Protocols.Mail.Milter;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Milter;

public sealed class Milter_packets
{
    // As Postfix 3.7 sends them (captured): OPTNEG, CONNECT, HELO, MAIL, a header field, EOH, BODYEOB.
    private static readonly byte[] Captured =
    [
        0, 0, 0, 13, (byte)'O', 0, 0, 0, 6, 0, 0, 1, 0xFF, 0, 0x1F, 0xFF, 0xFF,
        0, 0, 0, 25, (byte)'C', .. "mx.test\0"u8, (byte)'4', 0xC3, 0x50, .. "192.0.2.7\0\0\0\0"u8,
        0, 0, 0, 9, (byte)'H', .. "mx.test\0"u8,
        0, 0, 0, 22, (byte)'M', .. "<a@b.example>\0SIZE=5\0"u8,
        0, 0, 0, 13, (byte)'L', .. "Subject\0 hi\0"u8,
        0, 0, 0, 1, (byte)'N',
        0, 0, 0, 7, (byte)'E', .. "body\r\n"u8,
    ];

    [Fact]
    public void Packets_are_cut_out_the_same_however_they_arrive()
    {
        for (var cut = 1; cut <= Captured.Length; cut++)
        {
            var commands = new List<string>();
            var kept = new List<byte>();
            for (var at = 0; at < Captured.Length; at += cut)
            {
                kept.AddRange(Captured.AsSpan(at, Math.Min(cut, Captured.Length - at)));
                var buffer = new ReadOnlySequence<byte>(kept.ToArray());
                while (MilterPacketReader.TryRead(ref buffer, 1000, out var packet) == MilterRead.Packet)
                {
                    commands.Add($"{(char)packet.Command}{packet.Content.Length}");
                }

                kept = [.. buffer.ToArray()];
            }

            Assert.Equal(["O12", "C24", "H8", "M21", "L12", "N0", "E6"], commands);
            Assert.Empty(kept);
        }
    }

    [Fact]
    public void Contents_are_read()
    {
        Assert.True(MilterContent.TryReadOptions(Captured.AsSpan(5, 12), out var options));
        Assert.Equal(6u, options.Version);
        Assert.True(options.Actions.HasFlag(MilterActions.Quarantine | MilterActions.AddHeader));
        Assert.True(options.Steps.HasFlag(MilterSteps.LeadingSpace | MilterSteps.NoReplyHeader));
        Assert.True(MilterContent.TryReadConnect([.. "mx.test\0"u8, (byte)'4', 0xC3, 0x50, .. "192.0.2.7\0"u8], out var four));
        Assert.Equal(new MilterClient("mx.test", IPAddress.Parse("192.0.2.7")), four);
        Assert.True(MilterContent.TryReadConnect([.. "x\0"u8, (byte)'6', 0, 1, .. "IPv6:2001:db8::1\0"u8], out var six));
        Assert.Equal(IPAddress.Parse("2001:db8::1"), six!.Address);
        Assert.True(MilterContent.TryReadConnect([.. "x\0"u8, (byte)'U'], out var unknown));
        Assert.Null(unknown!.Address);
        Assert.True(MilterContent.TryReadTexts("<a@b.example>\0SIZE=5\0"u8, out var texts));
        Assert.Equal(["<a@b.example>", "SIZE=5"], texts);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1001u)]
    [InlineData(uint.MaxValue)]
    public void A_packet_without_octets_or_longer_than_allowed_is_none(uint length)
    {
        var buffer = new ReadOnlySequence<byte>([(byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length, (byte)'N', 0]);
        Assert.Equal(MilterRead.Bad, MilterPacketReader.TryRead(ref buffer, 1000, out _));
        buffer = new ReadOnlySequence<byte>([0, 0, 3, 0xE8, (byte)'N', .. new byte[999]]);
        Assert.Equal(MilterRead.Packet, MilterPacketReader.TryRead(ref buffer, 1000, out _));
    }

    [Fact]
    public void Malformed_contents_are_refused()
    {
        Assert.False(MilterContent.TryReadOptions(new byte[11], out _));
        Assert.False(MilterContent.TryReadConnect("name without end"u8, out _));
        Assert.False(MilterContent.TryReadConnect("x\0"u8, out _));
        Assert.False(MilterContent.TryReadConnect([.. "x\0"u8, (byte)'4', 0], out _));
        Assert.False(MilterContent.TryReadConnect([.. "x\0"u8, (byte)'4', 0, 1, .. "not an address\0"u8], out _));
        Assert.False(MilterContent.TryReadConnect([.. "x\0"u8, (byte)'9'], out _));
        Assert.False(MilterContent.TryReadTexts("no end"u8, out _));
        Assert.False(MilterContent.TryReadTexts([], out _));
        Assert.False(MilterContent.TryReadTexts(new byte[1001], out _));
        Assert.True(MilterContent.TryReadTexts(new byte[1000], out _));
    }

    [Fact]
    public void Answers_are_written_and_no_text_of_a_stranger_ends_one()
    {
        var output = new ArrayBufferWriter<byte>();
        MilterReplyWriter.Options(output, new MilterOptions(6, MilterActions.AddHeader, MilterSteps.NoData));
        MilterReplyWriter.Continue(output);
        MilterReplyWriter.Accept(output);
        MilterReplyWriter.TempFail(output);
        MilterReplyWriter.Reply(output, "554 5.7.1 100% no\r\nQUIT\0");
        MilterReplyWriter.InsertHeader(output, "X-A", "one;\r\n\ttwo\0");
        MilterReplyWriter.DeleteHeader(output, 2, "X-B");
        MilterReplyWriter.Quarantine(output, "why");
        Assert.Equal(
            "\0\0\0\u000dO\0\0\0\u0006\0\0\0\u0001\0\0\u0002\0" + "\0\0\0\u0001c" + "\0\0\0\u0001a" + "\0\0\0\u0001t" + "\0\0\0\u0018y554 5.7.1 100%% noQUIT\0"
            + "\0\0\0\u0013i\0\0\0\0X-A\0one;\n\ttwo\0" + "\0\0\0\u000am\0\0\0\u0002X-B\0\0" + "\0\0\0\u0005qwhy\0",
            Octets.Show(output.WrittenSpan.ToArray()));
    }
}
