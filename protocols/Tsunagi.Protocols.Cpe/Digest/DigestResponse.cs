using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.Protocols.Cpe.Digest;

/// <summary>A client's answer to a Digest challenge (RFC 7616 section 3.4), and the check of one.</summary>
public sealed record DigestResponse
{
    /// <summary>Who.</summary>
    public required string Username { get; init; }

    /// <summary>As in the challenge.</summary>
    public required string Realm { get; init; }

    /// <summary>As in the challenge.</summary>
    public required string Nonce { get; init; }

    /// <summary>The request's target, as the client wrote it.</summary>
    public required string Uri { get; init; }

    /// <summary>Lower-case hexadecimal.</summary>
    public required string Response { get; init; }

    /// <summary>MD5 when none was told.</summary>
    public string Algorithm { get; init; } = "MD5";

    /// <summary>"auth", or empty as in RFC 2069.</summary>
    public string Quality { get; init; } = "";

    /// <summary>The client's value.</summary>
    public string ClientNonce { get; init; } = "";

    /// <summary>How often the nonce was used, eight hexadecimal digits.</summary>
    public string NonceCount { get; init; } = "";

    /// <summary>As in the challenge.</summary>
    public string? Opaque { get; init; }

    /// <summary>Answers a challenge.</summary>
    /// <param name="challenge">What the server asked.</param>
    /// <param name="username">The user's name.</param>
    /// <param name="password">The user's password.</param>
    /// <param name="method">The request's method, in capitals.</param>
    /// <param name="uri">The request's target, as it stands in its first line.</param>
    /// <param name="clientNonce">Drawn by the caller.</param>
    /// <param name="count">1 for the first use of the nonce.</param>
    public static DigestResponse Answer(DigestChallenge challenge, string username, string password, string method, string uri, string clientNonce, int count)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        var response = new DigestResponse
        {
            Username = username, Realm = challenge.Realm, Nonce = challenge.Nonce, Uri = uri, Response = "", Algorithm = challenge.Algorithm, Quality = challenge.Quality,
            ClientNonce = challenge.Quality.Length > 0 || IsSession(challenge.Algorithm) ? clientNonce : "",
            NonceCount = challenge.Quality.Length > 0 ? count.ToString("x8", CultureInfo.InvariantCulture) : "", Opaque = challenge.Opaque,
        };
        return response with { Response = response.Expected(password, method) };
    }

    /// <summary>Reads an Authorization value. False when it is no Digest response.</summary>
    public static bool TryParse(string header, out DigestResponse? response)
    {
        response = null;
        if (DigestFields.Read(header) is not { } fields
            || !fields.TryGetValue("username", out var username) || !fields.TryGetValue("nonce", out var nonce) || !fields.TryGetValue("uri", out var uri)
            || !fields.TryGetValue("response", out var given) || fields.GetValueOrDefault("algorithm", "MD5") is var algorithm && !Knows(algorithm))
        {
            return false;
        }

        response = new DigestResponse
        {
            Username = username, Realm = fields.GetValueOrDefault("realm", ""), Nonce = nonce, Uri = uri, Response = given, Algorithm = algorithm, Quality = fields.GetValueOrDefault("qop", ""),
            ClientNonce = fields.GetValueOrDefault("cnonce", ""), NonceCount = fields.GetValueOrDefault("nc", ""), Opaque = fields.GetValueOrDefault("opaque"),
        };
        return true;
    }

    /// <summary>Whether it was made with this password, in a time that tells nothing.</summary>
    public bool IsMadeWith(string password, string method) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Expected(password, method)), Encoding.ASCII.GetBytes(Response.ToLowerInvariant()));

    /// <summary>The value of Authorization.</summary>
    public override string ToString() =>
        $"Digest username=\"{DigestFields.Quote(Username)}\", realm=\"{DigestFields.Quote(Realm)}\", nonce=\"{DigestFields.Quote(Nonce)}\", uri=\"{DigestFields.Quote(Uri)}\", response=\"{Response}\", algorithm={Algorithm}"
        + (Quality.Length > 0 ? $", qop={Quality}, nc={NonceCount}" : "") + (ClientNonce.Length > 0 ? $", cnonce=\"{DigestFields.Quote(ClientNonce)}\"" : "")
        + (Opaque is null ? "" : $", opaque=\"{DigestFields.Quote(Opaque)}\"");

    internal static bool Knows(string algorithm) => algorithm.ToUpperInvariant() is "MD5" or "MD5-SESS" or "SHA-256" or "SHA-256-SESS";

    private static bool IsSession(string algorithm) => algorithm.EndsWith("-sess", StringComparison.OrdinalIgnoreCase);

    // RFC 7616 sections 3.4.1 to 3.4.3.
    private string Expected(string password, string method)
    {
        var secret = Hash($"{Username}:{Realm}:{password}");
        secret = IsSession(Algorithm) ? Hash($"{secret}:{Nonce}:{ClientNonce}") : secret;
        var what = Hash($"{method}:{Uri}");
        return Quality.Length == 0 ? Hash($"{secret}:{Nonce}:{what}") : Hash($"{secret}:{Nonce}:{NonceCount}:{ClientNonce}:{Quality}:{what}");
    }

    [SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "RFC 7616 section 3.4.1: what routers speak")]
    private string Hash(string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        return Convert.ToHexStringLower(Algorithm.StartsWith("MD5", StringComparison.OrdinalIgnoreCase) ? MD5.HashData(octets) : SHA256.HashData(octets));
    }
}
