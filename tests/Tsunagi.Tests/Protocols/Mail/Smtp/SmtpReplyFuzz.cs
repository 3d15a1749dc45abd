using System.Buffers;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

/// <summary>What a server says to our client: any cut gives the same replies, and each reads back from what it writes.</summary>
public sealed class SmtpReplyFuzz : FuzzTarget
{
    public override string Name => "smtp.reply";

    public override IReadOnlyList<Type> Parsers => [typeof(SmtpReplyReader), typeof(SmtpLineReader), typeof(SmtpReply), typeof(EnhancedStatus), typeof(SmtpCapabilities)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("250-", "250 ", "550 5.1.1 ", "2.1.0 ", "9.9.9", "\r\n", "\n", "\r", "-", " ", "SIZE 0", "SIZE 99999999999999999999", new string('x', 120), "\u00e3\u0081\u0082");

    public override byte[] Generate(Random random)
    {
        var text = new System.Text.StringBuilder();
        for (int i = random.Next(3); i >= 0; i--)
        {
            text.Append(Pick(random, "220 mx.example ESMTP\r\n", "250-mx.example hi\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 8BITMIME\r\n", "250-2.1.0 a\r\n250 2.1.0 b\r\n", "550 5.1.1 unknown\r\n",
                "421\r\n", "354 go\r\n", "451-4.3.0 x\r\n451 4.3.0\r\n", "250-a\r\n250-b\r\n250-c\r\n250-d\r\n250 e\r\n"));
        }

        return Octets.Of(text.ToString());
    }

    public override void Run(byte[] input)
    {
        List<string> whole = Read(new ReadOnlySequence<byte>(input));
        Promise(whole.SequenceEqual(Read(Octets.CutEverywhere(input)), StringComparer.Ordinal), "pieces give the same replies");
    }

    private static List<string> Read(ReadOnlySequence<byte> buffer)
    {
        var reader = new SmtpReplyReader(maxLineOctets: 100, maxLines: 4);
        var seen = new List<string>();
        while (reader.Read(ref buffer, out SmtpReply? reply) is var status && status == SmtpReplyStatus.Reply)
        {
            seen.Add(reply!.ToString());
            var written = new ArrayBufferWriter<byte>();
            reply.WriteTo(written, utf8: true);
            var again = new ReadOnlySequence<byte>(written.WrittenMemory);
            Promise(new SmtpReplyReader(512, 128).Read(ref again, out SmtpReply? copy) == SmtpReplyStatus.Reply && again.IsEmpty && copy!.Code == reply.Code, "a reply is written as one reply");
            written.Clear();
            reply.WriteTo(written);
            Promise(System.Text.Ascii.IsValid(written.WrittenSpan), "without SMTPUTF8 a reply is ASCII");
            SmtpCapabilities offered = SmtpCapabilities.Parse(reply);
            Promise(offered.MaxMessageOctets is null or > 0 && offered.Keywords.Keys.All(k => k == k.ToUpperInvariant()), "keywords are in upper case");
            _ = (offered.Pipelining, offered.StartTls, offered.EightBitMime, offered.SmtpUtf8, offered.EnhancedStatusCodes, offered.Chunking, offered.Dsn, offered.Size, SmtpCapabilities.None.Size);
            Promise((reply.IsPositive ? 1 : 0) + (reply.IsIntermediate ? 1 : 0) + (reply.IsTransient ? 1 : 0) + (reply.IsPermanent ? 1 : 0) == 1, "a reply is of one class");
            Promise(copy!.Equals(reply) || reply.Lines.Any(l => l.Any(c => c < ' ' || c is >= '\x7f' and < '\u00a0') || l.Trim(' ') != l || l.Length > 90) || reply.Status is null, "a plain reply reads back equal");
            _ = reply.GetHashCode();
        }
        seen.Add(reader.Reason ?? "more");
        return seen;
    }
}
