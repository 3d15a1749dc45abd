using System.Text;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>A published key (RFC 6376 section 3.6.1, RFC 8463 section 4).</summary>
public sealed record DkimKey
{
    /// <summary>k= in lower case: rsa unless it says otherwise.</summary>
    public string Type { get; init; } = "rsa";

    /// <summary>p=; empty for a key that was withdrawn.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>The owner withdrew the key.</summary>
    public bool IsRevoked => PublicKey.IsEmpty;

    /// <summary>h= allows SHA-256, or there is no h=.</summary>
    public bool AllowsSha256 { get; init; } = true;

    /// <summary>s= allows mail, or there is no s=.</summary>
    public bool AllowsMail { get; init; } = true;

    /// <summary>t=y: the owner is testing; a failure is to be treated like no signature.</summary>
    public bool IsTesting { get; init; }

    /// <summary>t=s: the domain of i= must be d= itself.</summary>
    public bool IsStrict { get; init; }

    /// <summary>n=, a note for people.</summary>
    public string Note { get; init; } = "";

    /// <summary>Reads a TXT record.</summary>
    /// <param name="text">Its joined strings, one character an octet.</param>
    /// <param name="key">What was read.</param>
    /// <param name="reason">Why not.</param>
    public static bool TryParse(string text, out DkimKey? key, out string reason)
    {
        key = null;
        ArgumentNullException.ThrowIfNull(text);
        if (!TagList.TryParse(Encoding.Latin1.GetBytes(text), out TagList? tags, out reason))
        {
            return false;
        }

        // v= is DKIM1 and stands first, or is absent.
        if (tags!["v"] is { } version && (version != "DKIM1" || tags.Names.First() != "v"))
        {
            reason = "v= is not DKIM1, or does not stand first";
            return false;
        }

        if (tags["p"] is null || !DkimSignatureReader.TryReadBase64(tags.Compact("p")!, out byte[] octets))
        {
            reason = "p= is missing or no base64";
            return false;
        }

        string[] flags = List(tags["t"]);
        string[] services = List(tags["s"]);
        string[] hashes = List(tags["h"]);
        key = new DkimKey
        {
            Type = (tags["k"] ?? "rsa").ToLowerInvariant(),
            PublicKey = octets,
            AllowsSha256 = tags["h"] is null || hashes.Contains("sha256"),
            AllowsMail = tags["s"] is null || services.Contains("*") || services.Contains("email"),
            IsTesting = flags.Contains("y"),
            IsStrict = flags.Contains("s"),
            Note = tags["n"] ?? "",
        };
        return true;
    }

    private static string[] List(string? text) => text is null ? [] : text.ToLowerInvariant().Split(':', StringSplitOptions.TrimEntries);
}
