using System.Text;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

/// <summary>Paths and mailboxes. What is read keeps to the limits and reads back equal.</summary>
public sealed class SmtpPathFuzz : FuzzTarget
{
    public override string Name => "smtp.path";

    public override IReadOnlyList<Type> Parsers => [typeof(SmtpPathReader), typeof(Mailbox), typeof(ReversePath), typeof(ForwardPath)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("<", ">", "@", "\"", "\\\"", "\\", "[", "]", "IPv6:", "::", ".", "..", "-", ",", ":", "\r\n", "\0", "postmaster", new string('a', 70), "\u00e3\u0081\u0082", "\u00c8\u00ba");

    public override byte[] Generate(Random random) => Encoding.UTF8.GetBytes(Pick(random, "<>", "<postmaster>", SmtpCommandFuzz.Path(random), SmtpCommandFuzz.Path(random), SmtpCommandFuzz.Address(random)));

    public override void Run(byte[] input)
    {
        if (ReversePath.TryParse(input, out ReversePath reverse))
        {
            byte[] written = Encoding.UTF8.GetBytes(reverse.ToString());
            Promise(written.Length <= SmtpLimits.Default.PathOctets, "the path keeps to its limit");
            Promise(ReversePath.TryParse(written, out ReversePath again) && again == reverse, $"{reverse} reads back");
        }
        bool forward = ForwardPath.TryParse(input, out ForwardPath path);
        Promise(forward == (ReversePath.TryParse(input, out _) && !reverse.IsNull), "a path is a path, but the null path");
        if (forward)
        {
            Check(path.Mailbox);
        }

        if (Mailbox.TryParse(input, out Mailbox? mailbox))
        {
            Check(mailbox!);
        }

        if (Mailbox.TryParse(Encoding.Latin1.GetString(input), out mailbox))
        {
            Check(mailbox!);
        }
    }

    private static void Check(Mailbox mailbox)
    {
        Promise(!mailbox.ToString().AsSpan().ContainsAny('\r', '\n', '\0'), "no line end is kept");
        Promise(mailbox.IsAddressLiteral ? !mailbox.Domain.Contains(' ') : !mailbox.TryGetAddress(out _), "only a literal has an address");
        if (mailbox.TryGetAddress(out System.Net.IPAddress? address))
        {
            Promise(mailbox.Domain.Contains(address!.ToString()), "the literal is written as the address is");
        }

        Promise(mailbox.IsPostmaster || mailbox.Domain.Length > 0, "only postmaster stands without a domain");
        Promise(mailbox.IsAscii == !mailbox.ToString().Any(c => c > 127), "ASCII is told rightly");
    }
}
