using System.Collections.Immutable;
using System.Globalization;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>What a DKIM-Signature field says (RFC 6376 section 3.5); ARC-Message-Signature and ARC-Seal are read into the same (RFC 8617 section 4.1).</summary>
public sealed record DkimSignature
{
    /// <summary>a=.</summary>
    public DkimAlgorithm Algorithm { get; init; }

    /// <summary>a= as it stands.</summary>
    public string AlgorithmName { get; init; } = "";

    /// <summary>b=, the signature.</summary>
    public ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>bh=, the hash of the body.</summary>
    public ReadOnlyMemory<byte> BodyHash { get; init; }

    /// <summary>c= for the header.</summary>
    public Canonicalization HeaderForm { get; init; }

    /// <summary>c= for the body.</summary>
    public Canonicalization BodyForm { get; init; }

    /// <summary>d= in A-labels and lower case.</summary>
    public string Domain { get; init; } = "";

    /// <summary>s= in A-labels and lower case.</summary>
    public string Selector { get; init; } = "";

    /// <summary>h=, the names as they stand.</summary>
    public ImmutableArray<string> SignedFields { get; init; } = [];

    /// <summary>i= as it stands, or "@" and the domain where it is absent; of ARC fields empty.</summary>
    public string Identity { get; init; } = "";

    /// <summary>l=, the octets of the body that are signed; null for all.</summary>
    public long? BodyOctets { get; init; }

    /// <summary>t= in seconds since 1970.</summary>
    public long? SignedAtSeconds { get; init; }

    /// <summary>x= in seconds since 1970.</summary>
    public long? ExpiresAtSeconds { get; init; }

    /// <summary>The instance of an ARC field; 0 for DKIM.</summary>
    public int Instance { get; init; }

    /// <summary>The cv= of an ARC seal; empty for others.</summary>
    public string ChainStatus { get; init; } = "";

    /// <summary>Where the key stands.</summary>
    public string KeyName => $"{Selector}._domainkey.{Domain}";

    internal TagList Tags { get; init; } = null!;

    /// <summary>Reads what stands behind "DKIM-Signature:".</summary>
    /// <param name="body">The field's body, folds included.</param>
    /// <param name="signature">What was read.</param>
    /// <param name="reason">Why not.</param>
    public static bool TryParse(ReadOnlySpan<byte> body, out DkimSignature? signature, out string reason) =>
        DkimSignatureReader.TryRead(body, SignatureField.Dkim, out signature, out reason);
}

/// <summary>Which of the three fields is read.</summary>
internal enum SignatureField
{
    Dkim,
    ArcMessage,
    ArcSeal,
}

/// <summary>Reads signature fields.</summary>
internal static class DkimSignatureReader
{
    public static bool TryRead(ReadOnlySpan<byte> body, SignatureField kind, out DkimSignature? signature, out string reason)
    {
        signature = null;
        if (!TagList.TryParse(body, out TagList? tags, out reason))
        {
            return false;
        }

        var read = new DkimSignature { Tags = tags! };
        if (!TryReadCommon(ref read, tags!, out reason)
            || !(kind == SignatureField.Dkim ? TryReadIdentity(ref read, tags!, out reason) : TryReadInstance(ref read, tags!, kind, out reason))
            || (kind != SignatureField.ArcSeal && !TryReadMessage(ref read, tags!, out reason)))
        {
            return false;
        }

        signature = read;
        return true;
    }

    // a=, b=, d=, s=, t=: what all three have.
    private static bool TryReadCommon(ref DkimSignature read, TagList tags, out string reason)
    {
        string algorithm = tags["a"] ?? "";
        string domain = tags["d"] ?? "", selector = tags["s"] ?? "";
        if (algorithm.Length == 0 || tags["b"] is null || domain.Length == 0 || selector.Length == 0)
        {
            return Bad("one of a=, b=, d= and s= is missing", out reason);
        }

        if (!TryReadBase64(tags.Compact("b")!, out byte[] value) || value.Length == 0)
        {
            return Bad("b= is no base64", out reason);
        }

        if (!MailDomain.TryNormalize(domain, out string normalDomain) || !MailDomain.IsHostName(normalDomain) || domain.EndsWith('.'))
        {
            return Bad("d= is no domain name", out reason);
        }

        if (!MailDomain.TryNormalize(selector, out string normalSelector) || !MailDomain.IsHostName(normalSelector) || !MailDomain.CanBeAsked($"{normalSelector}._domainkey.{normalDomain}"))
        {
            return Bad("s= is no selector", out reason);
        }

        if (!TryReadNumber(tags["t"], out long? signedAt))
        {
            return Bad("t= is no time", out reason);
        }

        read = read with
        {
            AlgorithmName = algorithm,
            Algorithm = algorithm.ToLowerInvariant() switch
            {
                "rsa-sha256" => DkimAlgorithm.RsaSha256,
                "ed25519-sha256" => DkimAlgorithm.Ed25519Sha256,
                "rsa-sha1" => DkimAlgorithm.RsaSha1,
                _ => DkimAlgorithm.Unknown,
            },
            Value = value,
            Domain = normalDomain,
            Selector = normalSelector,
            SignedAtSeconds = signedAt,
        };
        reason = "";
        return true;
    }

    // bh=, c=, h=, l=, q=, x=: what signs a message.
    private static bool TryReadMessage(ref DkimSignature read, TagList tags, out string reason)
    {
        if (tags["bh"] is null || !TryReadBase64(tags.Compact("bh")!, out byte[] bodyHash) || bodyHash.Length == 0)
        {
            return Bad("bh= is missing or no base64", out reason);
        }

        string[] names = (tags["h"] ?? "").Split(':', StringSplitOptions.TrimEntries);
        if (Array.Exists(names, name => name.Length == 0 || name.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            return Bad("h= is missing or names what is no field", out reason);
        }

        if (!TryReadForms(tags["c"], out Canonicalization header, out Canonicalization bodyForm))
        {
            return Bad("c= names no canonicalization", out reason);
        }

        if (!TryReadNumber(tags["l"], out long? length))
        {
            return Bad("l= is no length", out reason);
        }

        // q= may name several ways to a key; dns/txt must be one of them (RFC 6376 section 3.5).
        if (tags["q"] is { } query && !query.Split(':', StringSplitOptions.TrimEntries).Contains("dns/txt", StringComparer.OrdinalIgnoreCase))
        {
            return Bad("q= names no way to the key that is known", out reason);
        }

        if (!TryReadNumber(tags["x"], out long? expires) || (expires <= read.SignedAtSeconds))
        {
            return Bad("x= is no time after t=", out reason);
        }

        read = read with { BodyHash = bodyHash, SignedFields = [.. names], HeaderForm = header, BodyForm = bodyForm, BodyOctets = length, ExpiresAtSeconds = expires };
        reason = "";
        return true;
    }

    // v= and i= of DKIM: i= is the domain or below it (RFC 6376 section 6.1.1).
    private static bool TryReadIdentity(ref DkimSignature read, TagList tags, out string reason)
    {
        if (tags["v"] != "1")
        {
            return Bad("v= is not 1", out reason);
        }

        string identity = tags["i"] ?? "@" + read.Domain;
        int at = identity.LastIndexOf('@');
        if (at < 0 || !MailDomain.TryNormalize(identity[(at + 1)..], out string domain) || !MailDomain.IsSameOrBelow(domain, read.Domain))
        {
            return Bad("i= is not within d=", out reason);
        }

        read = read with { Identity = identity };
        reason = "";
        return true;
    }

    // i= and cv= of ARC (RFC 8617 sections 4.1.2, 4.1.3 and 4.2.1).
    private static bool TryReadInstance(ref DkimSignature read, TagList tags, SignatureField kind, out string reason)
    {
        if (!TryReadInstanceNumber(tags["i"], out int instance))
        {
            return Bad("i= is no instance of 1 to 50", out reason);
        }

        string chain = "";
        if (kind == SignatureField.ArcSeal)
        {
            chain = (tags["cv"] ?? "").ToLowerInvariant();
            if (chain is not ("none" or "pass" or "fail"))
            {
                return Bad("cv= is none of none, pass and fail", out reason);
            }

            if (tags["h"] is not null) // section 4.1.3
            {
                return Bad("a seal may not have h=", out reason);
            }
        }

        read = read with { Instance = instance, ChainStatus = chain };
        reason = "";
        return true;
    }

    // position = 1*2DIGIT ; 1 - 50
    internal static bool TryReadInstanceNumber(string? text, out int instance)
    {
        instance = 0;
        return text is { Length: 1 or 2 } && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out instance) && instance is >= 1 and <= 50;
    }

    // x-sig-c-tag-alg = "simple" / "relaxed" ; the body's is simple when only one is named
    private static bool TryReadForms(string? text, out Canonicalization header, out Canonicalization body)
    {
        header = body = Canonicalization.Simple;
        if (text is null)
        {
            return true;
        }

        string[] names = text.ToLowerInvariant().Split('/');
        return names.Length <= 2 && TryReadForm(names[0], out header) && (names.Length == 1 || TryReadForm(names[1], out body));
    }

    private static bool TryReadForm(string name, out Canonicalization form)
    {
        form = name == "relaxed" ? Canonicalization.Relaxed : Canonicalization.Simple;
        return name is "relaxed" or "simple";
    }

    // 1*76DIGIT; what no clock reaches is as good as the largest number.
    private static bool TryReadNumber(string? text, out long? number)
    {
        number = null;
        if (text is null)
        {
            return true;
        }

        if (text.Length is 0 or > 76 || text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        number = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long parsed) ? parsed : long.MaxValue;
        return true;
    }

    internal static bool TryReadBase64(string text, out byte[] octets)
    {
        octets = new byte[text.Length / 4 * 3 + 3];
        bool read = Convert.TryFromBase64String(text, octets, out int written);
        octets = octets[..written];
        return read;
    }

    private static bool Bad(string what, out string reason)
    {
        reason = what;
        return false;
    }
}
