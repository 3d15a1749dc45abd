using System.Globalization;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>What a server offered in its reply to EHLO (RFC 5321 section 4.1.1.1).</summary>
public sealed record SmtpCapabilities
{
    /// <summary>Of a server that knows HELO only.</summary>
    public static SmtpCapabilities None { get; } = new() { Keywords = new Dictionary<string, string>(StringComparer.Ordinal) };

    /// <summary>The name the server gave itself.</summary>
    public string ServerName { get; private init; } = "";

    /// <summary>Every keyword in upper case, with what stood behind it.</summary>
    public required IReadOnlyDictionary<string, string> Keywords { get; init; }

    /// <summary>PIPELINING (RFC 2920).</summary>
    public bool Pipelining => Keywords.ContainsKey("PIPELINING");

    /// <summary>STARTTLS (RFC 3207).</summary>
    public bool StartTls => Keywords.ContainsKey("STARTTLS");

    /// <summary>8BITMIME (RFC 6152).</summary>
    public bool EightBitMime => Keywords.ContainsKey("8BITMIME");

    /// <summary>SMTPUTF8 (RFC 6531).</summary>
    public bool SmtpUtf8 => Keywords.ContainsKey("SMTPUTF8");

    /// <summary>ENHANCEDSTATUSCODES (RFC 2034).</summary>
    public bool EnhancedStatusCodes => Keywords.ContainsKey("ENHANCEDSTATUSCODES");

    /// <summary>CHUNKING (RFC 3030).</summary>
    public bool Chunking => Keywords.ContainsKey("CHUNKING");

    /// <summary>DSN (RFC 3461).</summary>
    public bool Dsn => Keywords.ContainsKey("DSN");

    /// <summary>SIZE was offered (RFC 1870), so <c>SIZE=</c> may be said in MAIL.</summary>
    public bool Size => Keywords.ContainsKey("SIZE");

    /// <summary>The largest message the server takes; null when it named none (zero and a missing value mean no fixed limit, RFC 1870 section 4).</summary>
    public long? MaxMessageOctets =>
        Keywords.TryGetValue("SIZE", out string? value) && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long octets) && octets > 0
            ? octets
            : null;

    /// <summary>Reads a positive reply to EHLO. Lines that are no keyword are left out: a server's odd line is no reason not to send mail.</summary>
    public static SmtpCapabilities Parse(SmtpReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var keywords = new Dictionary<string, string>(StringComparer.Ordinal);
        // ehlo-line = ehlo-keyword *( SP ehlo-param )
        foreach (string line in reply.Lines.AsSpan()[1..])
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            string keyword = (space < 0 ? line : line[..space]).ToUpperInvariant();
            if (IsKeyword(keyword))
            {
                keywords.TryAdd(keyword, space < 0 ? "" : line[(space + 1)..].Trim(' '));
            }
        }
        string greeting = reply.Lines[0];
        int end = greeting.IndexOf(' ', StringComparison.Ordinal);
        return new SmtpCapabilities { ServerName = end < 0 ? greeting : greeting[..end], Keywords = keywords };
    }

    private static bool IsKeyword(string word)
    {
        foreach (char c in word)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
            {
                return false;
            }
        }

        return word.Length > 0;
    }
}
