using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Dkim2;

/// <summary>One of a hop's signatures, each with a key of its own.</summary>
/// <param name="Selector">Where the key stands.</param>
/// <param name="AlgorithmName">As it stands.</param>
/// <param name="Value">The signature.</param>
public sealed record Dkim2Value(string Selector, string AlgorithmName, ReadOnlyMemory<byte> Value)
{
    /// <summary>What it is made with.</summary>
    public DkimAlgorithm Algorithm => AlgorithmName switch
    {
        "rsa-sha256" => DkimAlgorithm.RsaSha256,
        "ed25519-sha256" => DkimAlgorithm.Ed25519Sha256,
        _ => DkimAlgorithm.Unknown,
    };
}

/// <summary>What a DKIM2-Signature field says (section 7).</summary>
public sealed record Dkim2Signature
{
    /// <summary>Characters of a nonce (section 7.3).</summary>
    public const int MostNonce = 64;

    /// <summary>i=, 1 for the originator.</summary>
    public int Hop { get; init; }

    /// <summary>m=, the message's form that is signed.</summary>
    public int Revision { get; init; }

    /// <summary>t= in seconds since 1970.</summary>
    public long SignedAtSeconds { get; init; }

    /// <summary>d= in A-labels and lower case.</summary>
    public string Domain { get; init; } = "";

    /// <summary>mf= with its brackets; null for an imaginary hop.</summary>
    public string? MailFrom { get; init; }

    /// <summary>rt= with their brackets.</summary>
    public ImmutableArray<string> Recipients { get; init; } = [];

    /// <summary>nd=, the domain of the next signature, of an imaginary hop; else null.</summary>
    public string? NextDomain { get; init; }

    /// <summary>n=; null when absent.</summary>
    public string? Nonce { get; init; }

    /// <summary>f=, in lower case.</summary>
    public ImmutableArray<string> Flags { get; init; } = [];

    /// <summary>s=.</summary>
    public ImmutableArray<Dkim2Value> Values { get; init; } = [];

    /// <summary>Reads what stands behind "DKIM2-Signature:".</summary>
    /// <param name="body">The field's body, folds included.</param>
    /// <param name="signature">What was read.</param>
    /// <param name="reason">The error in the draft's words, without the i= before it.</param>
    public static bool TryParse(ReadOnlySpan<byte> body, out Dkim2Signature? signature, out string reason)
    {
        signature = null;
        reason = "syntax error";
        if (!Dkim2Tags.TryParse(body, out Dkim2Tags? tags))
        {
            return false;
        }

        bool imaginary = tags!["nd"] is not null;
        foreach (string name in imaginary ? ["i", "m", "t", "d", "s"] : (string[])["i", "m", "t", "d", "s", "mf", "rt"])
        {
            if (tags[name] is null)
            {
                reason = $"tag={name} missing";
                return false;
            }
        }

        if (imaginary && (tags["mf"] ?? tags["rt"]) is not null)
        {
            reason = $"tag={(tags["mf"] is null ? "rt" : "mf")} was unexpected";
            return false;
        }

        if (!tags.TryOrdinal("i", out int hop) || !tags.TryOrdinal("m", out int revision) || tags["n"] is { Length: > MostNonce }
            || !TryReadTime(tags["t"]!, out long signedAt) || !TryReadDomain(tags["d"]!, out string domain) || !TryReadValues(tags["s"]!, domain, out ImmutableArray<Dkim2Value> values))
        {
            return false;
        }

        var read = new Dkim2Signature
        {
            Hop = hop,
            Revision = revision,
            SignedAtSeconds = signedAt,
            Domain = domain,
            Nonce = tags["n"],
            Flags = [.. (tags["f"] ?? "").ToLowerInvariant().Split(',', StringSplitOptions.RemoveEmptyEntries)],
            Values = values,
        };
        if (imaginary)
        {
            signature = TryReadDomain(tags["nd"]!, out string next) ? read with { NextDomain = next } : null;
            return signature is not null;
        }

        string[] recipients = tags["rt"]!.Split(',');
        var paths = ImmutableArray.CreateBuilder<string>(recipients.Length);
        foreach (string recipient in recipients)
        {
            if (!TryReadPath(recipient, out string path))
            {
                return false;
            }

            paths.Add(path);
        }

        if (!TryReadPath(tags["mf"]!, out string from))
        {
            return false;
        }

        signature = read with { MailFrom = from, Recipients = paths.ToImmutable() };
        return true;
    }

    private static bool TryReadTime(string text, out long seconds)
    {
        seconds = 0;
        return text.Length is > 0 and < 19 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
    }

    private static bool TryReadDomain(string text, out string domain) => MailDomain.TryNormalize(text, out domain) && MailDomain.IsHostName(domain);

    // sig-set = selector ":" sig-name ":" message-sig
    private static bool TryReadValues(string text, string domain, out ImmutableArray<Dkim2Value> values)
    {
        var list = ImmutableArray.CreateBuilder<Dkim2Value>();
        values = [];
        foreach (string set in text.Split(','))
        {
            string[] parts = set.Split(':');
            if (parts.Length != 3 || parts[1].Length == 0 || !MailDomain.IsHostName(parts[0]) || !MailDomain.CanBeAsked($"{parts[0]}._domainkey.{domain}")
                || !DkimSignatureReader.TryReadBase64(parts[2], out byte[] value) || value.Length == 0)
            {
                return false;
            }

            list.Add(new Dkim2Value(parts[0].ToLowerInvariant(), parts[1], value));
        }

        values = list.ToImmutable();
        return true;
    }

    private static bool TryReadPath(string text, out string path)
    {
        path = "";
        if (!DkimSignatureReader.TryReadBase64(text, out byte[] octets) || octets.AsSpan().ContainsAny((byte)'\r', (byte)'\n', (byte)0))
        {
            return false;
        }

        path = Encoding.UTF8.GetString(octets);
        return true;
    }
}
