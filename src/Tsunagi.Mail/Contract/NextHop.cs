using System.Globalization;
using System.Net;

namespace Tsunagi.Mail.Contract;

/// <summary>
/// Where mail is handed on: a host (name or address) and a port, "mx.customer.example:25", "[2001:db8::1]:25", port 25 when none is said; or the mail servers of a domain, "mx:customer.example".
/// </summary>
public sealed record NextHop(string Host, int Port)
{
    public const int SmtpPort = 25;
    private const string MxPrefix = "mx:";

    /// <summary>The host is a recipient's domain: its MX records say which servers there are.</summary>
    public bool IsDomain { get; init; }

    /// <param name="domain">In lower case, or an address literal.</param>
    public static NextHop OfDomain(string domain) => new(domain, SmtpPort) { IsDomain = true };

    /// <summary>As people name one that mail goes to now: the form of a contract, or that of a domain.</summary>
    public static bool TryParseAny(string? text, out NextHop nextHop)
    {
        if (text is { Length: > 3 and < 300 } && text.StartsWith(MxPrefix, StringComparison.OrdinalIgnoreCase))
        {
            nextHop = OfDomain(text[MxPrefix.Length..].ToLowerInvariant());
            return true;
        }

        return TryParse(text, out nextHop, out _);
    }

    public static bool TryParse(string? text, out NextHop nextHop, out string? error)
    {
        nextHop = new NextHop("", SmtpPort);
        error = null;
        var rest = (text ?? "").Trim();
        var host = rest;
        var port = SmtpPort;
        var colon = rest.LastIndexOf(':');
        var bracket = rest.LastIndexOf(']');
        if (colon > bracket && (bracket >= 0 || rest.IndexOf(':') == colon))
        {
            host = rest[..colon];
            if (!int.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
            {
                error = $"next hop '{text}': the port must be between 1 and 65535";
                return false;
            }
        }

        host = host.Trim('[', ']');
        if (!IPAddress.TryParse(host, out _) && (host.Length is 0 or > 253 || Uri.CheckHostName(host) != UriHostNameType.Dns))
        {
            error = $"next hop '{text}': write host:port, for example mx.customer.example:25";
            return false;
        }

        nextHop = new NextHop(host.ToLowerInvariant(), port);
        return true;
    }

    public override string ToString() => IsDomain ? MxPrefix + Host : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
