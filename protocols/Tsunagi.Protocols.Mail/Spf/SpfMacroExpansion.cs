using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>Expands macros (RFC 7208 section 7.3).</summary>
internal static class SpfMacroExpansion
{
    private const int MaxName = 253;

    /// <summary>A macro-string with its values; null when it grows beyond <paramref name="most"/> characters.</summary>
    /// <param name="macro">The string.</param>
    /// <param name="query">Who sends.</param>
    /// <param name="sender">The sender that is checked, with its local part.</param>
    /// <param name="domain">Whose record holds the string.</param>
    /// <param name="clientName">The validated name of the client, for %{p}.</param>
    /// <param name="most">Characters of the outcome, at most.</param>
    public static string? Expand(SpfMacroString macro, SpfQuery query, string sender, string domain, string clientName, int most)
    {

        var text = new StringBuilder();
        int at = sender.LastIndexOf('@');
        foreach (SpfMacroPart part in macro.Parts)
        {
            string value = part.Letter switch
            {
                '\0' => part.Literal,
                's' => sender,
                'l' => sender[..Math.Max(0, at)],
                'o' => sender[(at + 1)..],
                'd' => domain,
                'i' => Dotted(query.ClientAddress),
                'p' => clientName,
                'v' => query.ClientAddress.AddressFamily == AddressFamily.InterNetworkV6 ? "ip6" : "in-addr",
                'h' => query.HeloName,
                'c' => query.ClientAddress.ToString(),
                'r' => query.ReceiverName,
                _ => query.Time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            };
            text.Append(part.Letter == '\0' ? value : Transform(part, value));
            if (text.Length > most)
            {
                return null;
            }
        }

        return text.ToString();
    }

    /// <summary>
    /// A domain-spec as a name to ask for: without its last dot, and shortened by whole labels from the left until it fits 253 characters
    /// (RFC 7208 section 7.3). What can not be asked for is left as it is, and what grew too long is empty.
    /// </summary>
    public static string Name(string? expanded)
    {
        expanded ??= "";
        string name = expanded.EndsWith('.') ? expanded[..^1] : expanded;
        while (name.Length > MaxName && name.Contains('.', StringComparison.Ordinal))
        {
            name = MailDomain.Parent(name);
        }

        return name.ToLowerInvariant();
    }

    // Dotted-quad, or the 32 nibbles of an IPv6 address.
    private static string Dotted(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        string hex = Convert.ToHexString(address.GetAddressBytes());
        return string.Join('.', hex.AsEnumerable());
    }

    private static string Transform(SpfMacroPart part, string value)
    {
        if (part.Digits > 0 || part.Reverse || part.Delimiters != ".")
        {
            string[] parts = value.Split(part.Delimiters.ToCharArray());
            if (part.Reverse)
            {
                Array.Reverse(parts);
            }

            value = string.Join('.', part.Digits > 0 ? parts.TakeLast(part.Digits) : parts);
        }

        return part.Escape ? Uri.EscapeDataString(value) : value; // the unreserved set of RFC 3986
    }
}
