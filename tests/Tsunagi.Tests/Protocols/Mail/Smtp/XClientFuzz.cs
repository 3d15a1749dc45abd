using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

/// <summary>What stands behind XCLIENT: nothing throws, nothing unprintable is believed, and what is left out stays as it was.</summary>
public sealed class XClientFuzz : FuzzTarget
{
    private static readonly XClient Before = new() { Name = "before.example", Port = 7, Login = "before" };

    public override string Name => "smtp.xclient";

    public override IReadOnlyList<Type> Parsers => [typeof(XClient), typeof(Xtext)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("NAME=", "ADDR=", "PORT=", "PROTO=", "HELO=", "LOGIN=", "DESTADDR=", "DESTPORT=", "[UNAVAILABLE]", "[TEMPUNAVAIL]", "IPV6:", "2001:db8::1", "192.0.2.1", "ESMTP", "SMTP", "+20", "+0D+0A", "+", "=", " ", "65535", "65536", "%eth0");

    public override byte[] Generate(Random random)
    {
        var text = new System.Text.StringBuilder();
        for (int i = random.Next(6); i > 0; i--)
        {
            text.Append(Pick(random, "NAME=a.example", "name=[UNAVAILABLE]", "ADDR=192.0.2.1", "ADDR=IPV6:2001:db8::1", "addr=[TEMPUNAVAIL]", "PORT=25", "PORT=[UNAVAILABLE]", "PORT=70000", "PROTO=ESMTP", "PROTO=smtp", "PROTO=LMTP", "HELO=b+2Eexample", "HELO=a+0Db", "HELO=+ZZ", "LOGIN=u@c.example",
                "DESTADDR=192.0.2.25", "DESTPORT=25", "WHO=me", "NAME", "=x", "ADDR=2001:db8::1", "ADDR=1", "NAME=" + new string('x', 256))).Append(Pick(random, " ", "  ", ""));
        }

        return Testing.Octets.Of(text.ToString());
    }

    public override void Run(byte[] input)
    {
        string text = Testing.Octets.Show(input);
        bool read = XClient.TryParse(text, Before, out XClient told, out string reason);
        Promise(read == (reason.Length == 0), "what is refused says why");
        if (!read)
        {
            return;
        }

        foreach (string value in new[] { told.Name, told.Helo, told.Login }.OfType<string>())
        {
            Promise(value.Length is > 0 and <= 255 && value.All(static c => c is > ' ' and <= '~'), "a text is printable");
        }

        Promise(told.Address is null || told.IsAddressTold, "an address was said");
        Promise(told.Port is null or (>= 0 and <= 65535) && told.DestinationPort is null or (>= 0 and <= 65535), "a port is one");

        // Slowly, by other means: an attribute that stands nowhere was not said.
        string upper = " " + text.ToUpperInvariant();
        Promise(upper.Contains(" NAME=", StringComparison.Ordinal) || told.Name == Before.Name, "a name that is left out stays");
        Promise(upper.Contains(" PORT=", StringComparison.Ordinal) || told.Port == Before.Port, "a port that is left out stays");
        Promise(upper.Contains(" ADDR=", StringComparison.Ordinal) || !told.IsAddressTold, "an address that is left out is not told");
        Promise(XClient.TryParse(text, told, out XClient again, out _) && again == told, "said twice it is the same");
    }
}
