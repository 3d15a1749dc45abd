using System.Globalization;

namespace Tsunagi.Protocols.Mail.Dmarc;

/// <summary>One address of rua= or ruf= as it is published.</summary>
/// <param name="Uri">The URI, without what stands behind "!".</param>
/// <param name="MostOctets">What the owner takes at most, as it travels; null where nothing is said.</param>
public sealed record DmarcReportUri(string Uri, long? MostOctets)
{
    /// <summary>
    /// Reads one address; false for what is no absolute URI. A size that cannot be read is as good as none said: RFC 9989 dropped it, RFC 9990 section 3.5 still has reporters keep to it.
    /// </summary>
    // dmarc-uri = URI [ "!" 1*DIGIT [ "k" / "m" / "g" / "t" ] ] ; RFC 7489 section 6.4
    public static bool TryParse(string text, out DmarcReportUri? address)
    {
        ArgumentNullException.ThrowIfNull(text);
        address = null;
        int mark = text.IndexOf('!', StringComparison.Ordinal);
        string uri = mark < 0 ? text : text[..mark];
        if (!System.Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed) || parsed.IsFile)
        {
            return false;
        }

        address = new DmarcReportUri(uri, mark < 0 ? null : Octets(text[(mark + 1)..].Trim(' ', '\t')));
        return true;
    }

    private static long? Octets(string size)
    {
        int shift = size.Length == 0 ? 0 : char.ToLowerInvariant(size[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, _ => 0 };
        string digits = shift == 0 ? size : size[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count > long.MaxValue >> shift ? long.MaxValue : count << shift : null;
    }
}
