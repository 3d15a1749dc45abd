using System.Buffers;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

/// <summary>The octets behind 354: any cut gives the same, the end is the one of the definition, and what is relayed has one end only.</summary>
public sealed class SmtpDataFuzz : FuzzTarget
{
    public override string Name => "smtp.data";

    public override IReadOnlyList<Type> Parsers => [typeof(SmtpDataReader), typeof(SmtpDataWriter)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("\r\n.\r\n", "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n..\r\n", "\r\n", "\r", "\n", ".", "\0", "\r\n\0.\r\n", "\r\n.\0\r\n");

    public override byte[] Generate(Random random)
    {
        var text = new System.Text.StringBuilder("Subject: x\r\n\r\n");
        for (int i = random.Next(8); i > 0; i--)
        {
            text.Append(Pick(random, "line", "..stuffed", "..", "", "a.b", "caf\u00e9", new string('x', 80))).Append("\r\n");
        }

        return Octets.Of(text.Append(".\r\nQUIT\r\n").ToString());
    }

    public override void Run(byte[] input)
    {
        var whole = new SmtpDataReader(200);
        var message = new ArrayBufferWriter<byte>();
        whole.Read(input, message, out int consumed);
        var pieces = new SmtpDataReader(200);
        var joined = new ArrayBufferWriter<byte>();
        ReadOnlySequence<byte> rest = Octets.CutEverywhere(input);
        pieces.Read(ref rest, joined);
        Promise(message.WrittenSpan.SequenceEqual(joined.WrittenSpan) && rest.Length == input.Length - consumed, "pieces give the same message and end");
        Promise((whole.IsEnded, whole.Violation, whole.ViolationOffset, whole.IsTooLarge, whole.HasEightBit) == (pieces.IsEnded, pieces.Violation, pieces.ViolationOffset, pieces.IsTooLarge, pieces.HasEightBit), "pieces give the same verdict");
        Promise(whole.Octets == message.WrittenCount && message.WrittenCount <= 200, "the limit holds");
        int end = ("\r\n" + Octets.Show(input)).IndexOf("\r\n.\r\n", StringComparison.Ordinal);
        Promise(whole.IsEnded == end >= 0 && (end < 0 || consumed == end + 3), "the end is the first CRLF.CRLF");
        CheckWriter(input);
    }

    private static void CheckWriter(byte[] input)
    {
        var writer = new SmtpDataWriter();
        var output = new ArrayBufferWriter<byte>();
        writer.Write(input, output);
        writer.Complete(output);
        var reader = new SmtpDataReader(long.MaxValue);
        var message = new ArrayBufferWriter<byte>();
        reader.Read(output.WrittenSpan, message, out int consumed);
        Promise(reader.IsEnded && consumed == output.WrittenCount && reader.Violation == SmtpDataViolation.None, "what is written has one end, the last, and no violation");
        if (!writer.HasNormalised)
        {
            Promise(message.WrittenSpan.StartsWith(input), "a well-formed message arrives as it was");
        }
    }
}
