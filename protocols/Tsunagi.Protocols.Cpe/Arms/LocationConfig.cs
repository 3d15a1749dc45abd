using System.Text;

namespace Tsunagi.Protocols.Cpe.Arms;

/// <summary>
/// What a location server hands out: by which line the resource server is reached, and which authority its certificate must come from.
/// <code>
/// line-dhcp {
///  ifindex 0;
/// };
/// rs-certificate {
/// PEM
/// };
/// </code>
/// </summary>
/// <param name="Line">The line.</param>
/// <param name="Certificate">PEM without a line end behind it; empty when there is none.</param>
public sealed record LocationConfig(LocationLine Line, string Certificate)
{
    /// <summary>What adaptors take at most, in octets.</summary>
    public const int Longest = 2048;

    private const string CertificateHead = "rs-certificate";

    /// <summary>The text, as it stands in md-config.</summary>
    public string Write()
    {
        var text = new StringBuilder(Certificate.Length + 128).Append(Line.Type).Append(" {\n");
        foreach (var (name, value) in Line.Parameters)
        {
            text.Append(' ').Append(name).Append(' ').Append(value).Append(";\n");
        }

        text.Append("};\n");
        if (Certificate.Length > 0)
        {
            text.Append(CertificateHead).Append(" {\n").Append(Certificate).Append("\n};\n");
        }

        return text.ToString();
    }

    /// <summary>Reads the text. A colon behind a parameter's name is taken as well.</summary>
    /// <param name="text">The text of md-config.</param>
    /// <param name="config">What was read; null when it is none.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out LocationConfig? config)
    {
        config = null;
        LocationLine? line = null;
        var certificate = "";
        while (!(text = text.TrimStart()).IsEmpty)
        {
            var (open, close) = (text.IndexOf('{'), text.IndexOf("};"));
            if (open < 0 || close < open)
            {
                return false;
            }

            var head = text[..open].Trim();
            var body = text[(open + 1)..close];
            text = text[(close + 2)..];
            if (head.SequenceEqual(CertificateHead))
            {
                certificate = body.Trim().ToString();
            }
            else if (line is not null || !head.StartsWith("line-", StringComparison.Ordinal) || !TryReadParameters(body, out var parameters))
            {
                return false;
            }
            else
            {
                line = new LocationLine(head.ToString(), parameters);
            }
        }

        config = line is null ? null : new LocationConfig(line, certificate);
        return config is not null;
    }

    private static bool TryReadParameters(ReadOnlySpan<char> body, out List<KeyValuePair<string, string>> parameters)
    {
        parameters = [];
        while (!(body = body.TrimStart()).IsEmpty)
        {
            var end = body.IndexOf(';');
            if (end < 0)
            {
                return false;
            }

            var pair = body[..end].Trim();
            body = body[(end + 1)..];
            var gap = pair.IndexOfAny(' ', '\t');
            var name = gap < 0 ? [] : pair[..gap].TrimEnd(':');
            if (name.IsEmpty)
            {
                return false;
            }

            parameters.Add(KeyValuePair.Create(name.ToString(), pair[gap..].Trim().ToString()));
        }

        return true;
    }
}

/// <summary>One line of a site.</summary>
/// <param name="Type">"line-dhcp", "line-pppoe", "line-pppoe-ipv6", "line-mobile", "line-ra" or "line-static".</param>
/// <param name="Parameters">Name and value in order: ifindex, account, password, ipaddress, cid, apn, pdp-type, telno. A value holds no semicolon.</param>
public sealed record LocationLine(string Type, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>The types that adaptors know.</summary>
    public static IReadOnlyList<string> Types { get; } = ["line-dhcp", "line-pppoe", "line-pppoe-ipv6", "line-mobile", "line-ra", "line-static"];

    /// <summary>The parameters that adaptors know.</summary>
    public static IReadOnlyList<string> Names { get; } = ["ifindex", "account", "password", "ipaddress", "cid", "apn", "pdp-type", "telno"];
}
