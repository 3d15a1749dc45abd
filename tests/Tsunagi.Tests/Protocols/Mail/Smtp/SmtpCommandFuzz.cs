using System.Text;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

/// <summary>One command line. What is understood reads back equal from its own written form, and holds no control character.</summary>
public sealed class SmtpCommandFuzz : FuzzTarget
{
    public override string Name => "smtp.command";

    public override IReadOnlyList<Type> Parsers => [typeof(SmtpCommandReader), typeof(SmtpPathReader), typeof(SmtpText)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("EHLO ", "MAIL FROM:", "RCPT TO:", "<>", "<postmaster>", "SIZE=", "BODY=8BITMIME", "BODY=BINARYMIME",
        "SMTPUTF8", " ", "  ", "\"", "\\", "@", "[", "]", "IPv6:", ":", "..", "-", "\r", "\n", "\0", "\t", "=", new string('a', 64), new string('9', 20), "\u00e3\u0081\u0082", "\u00ff", "\u00c8\u00ba");

    public override byte[] Generate(Random random) => Encoding.UTF8.GetBytes(random.Next(8) switch
    {
        0 => $"{Pick(random, "EHLO", "HELO", "ehlo")} {Domain(random)}",
        1 or 2 or 3 => $"{Pick(random, "MAIL FROM:", "mail from: ")}{Pick(random, "<>", Path(random))}{Parameters(random)}",
        4 or 5 or 6 => $"RCPT TO:{Pick(random, "<Postmaster>", Path(random), Path(random))}{Pick(random, "", " NOTIFY=NEVER", " ORCPT=rfc822;a@b")}",
        _ => Pick(random, "DATA", "RSET", "QUIT ", "NOOP x", "NOOP", "VRFY smith", "EXPN list", "HELP", "STARTTLS", "AUTH PLAIN =", "BDAT 10 LAST", "WHAT"),
    });

    public override void Run(byte[] input)
    {
        if (!SmtpCommand.TryParse(input, null, out SmtpCommand command, out SmtpSyntaxError error))
        {
            Promise(error.Code is 500 or 501 && error.Reason.Length > 0, "a refusal has a reply");
            Promise(error.Offset >= 0 && error.Offset <= input.Length, "the offset lies in the line");
            return;
        }
        string written = command.ToString();
        Promise(command.Verb is not (SmtpVerb.Mail or SmtpVerb.Rcpt) || !command.ReversePath.ToString().Any(char.IsControl) && !command.ForwardPath.ToString().Any(char.IsControl), "no control character is kept");
        Promise(SmtpCommand.TryParse(Encoding.UTF8.GetBytes(written), null, out SmtpCommand again, out _), $"{written} reads back");
        Promise(again.Verb == command.Verb && again.ReversePath == command.ReversePath && again.ForwardPath == command.ForwardPath && again.ToString() == written, $"{written} reads back equal");
    }

    internal static string Path(Random random) => $"<{Pick(random, "", "", "@relay.example:", "@a.example,@b.example:")}{Address(random)}>";

    internal static string Address(Random random) => $"{Pick(random, "smith", "Joe.Bloggs+x", "\"john doe\"", "\"a\\\"b\"", "a..b.", "日本", "\"\"", "postmaster")}@{Domain(random)}";

    private static string Domain(Random random) =>
        Pick(random, "example.com", "MX1.Example.NET", "a", "例え.テスト", "[192.0.2.1]", "[IPv6:2001:db8::1]", "[IPv6:::ffff:192.0.2.1]", "[x400:c=jp]", "under_score.example", "Ⱥ.example",
            string.Join('.', Enumerable.Repeat(new string('d', 63), 4)), new string('d', 64) + ".example");

    private static string Parameters(Random random)
    {
        var text = new StringBuilder();
        for (int i = random.Next(4); i > 0; i--)
        {
            text.Append(' ').Append(Pick(random, "SIZE=1000", "SIZE=99999999999999999999", "BODY=8BITMIME", "BODY=7bit", "BODY=BINARYMIME", "SMTPUTF8", "X=1", "RET=HDRS", "ENVID=q+3Dz", "AUTH=<>"));
        }

        for (int i = random.Next(40) == 0 ? 17 : 0; i > 0; i--)
        {
            text.Append(" P").Append(i);
        }

        return text.ToString();
    }
}
