namespace Tsunagi.Protocols.Cpe.Digest;

/// <summary>What a server asks of a client (RFC 7616 section 3.3), with what RFC 2617 left out.</summary>
/// <param name="Realm">For which part of the server.</param>
/// <param name="Nonce">The server's value.</param>
/// <param name="Algorithm">MD5, MD5-sess, SHA-256 or SHA-256-sess; MD5 when none is told.</param>
/// <param name="Quality">"auth", or empty as in RFC 2069.</param>
/// <param name="Opaque">Given back as it is; null for none.</param>
public sealed record DigestChallenge(string Realm, string Nonce, string Algorithm, string Quality, string? Opaque)
{
    /// <summary>Whether the nonce was good and is too old: the same credentials are worth another try.</summary>
    public bool IsStale { get; init; }

    /// <summary>Reads a WWW-Authenticate value. False when it is no Digest challenge that can be met (auth-int alone, an algorithm not known).</summary>
    public static bool TryParse(string header, out DigestChallenge? challenge)
    {
        challenge = null;
        if (DigestFields.Read(header) is not { } fields || !fields.TryGetValue("nonce", out var nonce))
        {
            return false;
        }

        var algorithm = fields.GetValueOrDefault("algorithm", "MD5");
        var qualities = fields.GetValueOrDefault("qop", "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (!DigestResponse.Knows(algorithm) || (qualities.Length > 0 && !qualities.Contains("auth", StringComparer.OrdinalIgnoreCase)))
        {
            return false;
        }

        challenge = new DigestChallenge(fields.GetValueOrDefault("realm", ""), nonce, algorithm, qualities.Length > 0 ? "auth" : "", fields.GetValueOrDefault("opaque"))
        {
            IsStale = string.Equals(fields.GetValueOrDefault("stale"), "true", StringComparison.OrdinalIgnoreCase),
        };
        return true;
    }

    /// <summary>The value of WWW-Authenticate.</summary>
    public override string ToString() =>
        $"Digest realm=\"{DigestFields.Quote(Realm)}\", nonce=\"{DigestFields.Quote(Nonce)}\", algorithm={Algorithm}" + (Quality.Length > 0 ? $", qop=\"{Quality}\"" : "")
        + (Opaque is null ? "" : $", opaque=\"{DigestFields.Quote(Opaque)}\"") + (IsStale ? ", stale=true" : "");
}
