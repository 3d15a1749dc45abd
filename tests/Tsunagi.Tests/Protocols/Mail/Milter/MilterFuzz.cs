using System.Buffers;
using System.Buffers.Binary;
using Tsunagi.Protocols.Mail.Milter;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Milter;

/// <summary>What claims to be a mail server: nothing throws, a packet is never longer than allowed, and nothing is lost or read twice.</summary>
public sealed class MilterFuzz : FuzzTarget
{
    public override string Name => "milter.packets";

    public override IReadOnlyList<Type> Parsers => [typeof(MilterPacketReader), typeof(MilterContent)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("\0\0\0\u0001N", "\0\0\0\u0001Q", "\0", "C", "4", "6", "U", "L", "IPv6:", "2001:db8::1", "192.0.2.1", "<a@b>", "\u00ff\u00ff\u00ff\u00ff");

    public override byte[] Generate(Random random)
    {
        var text = new System.Text.StringBuilder();
        for (int i = random.Next(1, 8); i > 0; i--)
        {
            string content = Pick(random, "O\0\0\0\u0006\0\0\u0001\u00ff\0\u001f\u00ff\u00ff", "Cmx.test\0" + "4\u00c3P192.0.2.7\0", "Cmx\0" + "6\0\u0001IPv6:2001:db8::1\0", "Cmx\0U", "Cmx\0L\0\0/socket\0", "Hmx.test\0", "M<a@b.example>\0SIZE=1\0", "R<c@d.example>\0", "LSubject\0 hi\n\tthere\0", "N", "Bbody\r\n", "E", "A", "K", "T", "UWHAT\0", "DMi\0" + "1\0", "Q");
            text.Append((char)0).Append((char)0).Append((char)0).Append((char)content.Length).Append(content);
        }

        return Octets.Of(text.ToString());
    }

    public override void Run(byte[] input)
    {
        var buffer = new ReadOnlySequence<byte>(input);
        long read = 0;
        while (true)
        {
            MilterRead status = MilterPacketReader.TryRead(ref buffer, 200, out MilterPacket packet);
            if (status != MilterRead.Packet)
            {
                Promise(buffer.Length + read == input.Length, "what is no packet stays");
                Promise(status == MilterRead.NeedMore || buffer.Length >= 5, "what is bad was seen");
                return;
            }

            byte[] content = packet.Content.ToArray();
            Promise(content.Length < 200 && BinaryPrimitives.ReadUInt32BigEndian(input.AsSpan((int)read)) == content.Length + 1u, "a packet is as long as it says");
            read += 5 + content.Length;
            MilterContent.TryReadOptions(content, out _);
            Promise(!MilterContent.TryReadConnect(content, out MilterClient? client) || client is not null, "a client that was read is there");
            Promise(!MilterContent.TryReadTexts(content, out var texts) || content.Count(static octet => octet == 0) == texts.Length, "each text has its end");
        }
    }
}
