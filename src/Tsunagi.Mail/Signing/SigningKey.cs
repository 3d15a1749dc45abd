using System.Text;

namespace Tsunagi.Mail.Signing;

/// <summary>One key of a domain, without what is secret of it.</summary>
/// <param name="Generation">Keys made together, one of each algorithm; they are used together.</param>
/// <param name="Algorithm">rsa-sha256 or ed25519-sha256.</param>
/// <param name="State">One of <see cref="SigningKeyState"/>.</param>
/// <param name="Record">What is to be published.</param>
/// <param name="EndsAt">When the record of an old key may be removed, in microseconds; 0 for others.</param>
/// <param name="LookedAt">When the record was last looked for with an answer; 0 for never.</param>
/// <param name="Published">One of <see cref="PublishedState"/>.</param>
/// <param name="Found">What is wrong with what was found; empty when nothing is.</param>
/// <param name="UnreadableAt">Since when the private key cannot be read; 0 when it can.</param>
public sealed record SigningKey(
    string Id, string TenantPath, string Domain, long Generation, string Algorithm, string Selector, string State, string Record, long CreatedAt, long UsedAt, long EndsAt, long LookedAt,
    string Published, string Found, long UnreadableAt)
{
    private const int LongestString = 255;

    internal const string Columns =
        "id, tenant_path, domain, generation, algorithm, selector, state, record, created_at, used_at, ends_at, looked_at, published, found, unreadable_at";

    /// <summary>Where the record is published.</summary>
    public string Name => $"{Selector}._domainkey.{Domain}";

    /// <summary>The record as a line of a zone file: strings of a TXT record have 255 octets at most (RFC 1035 section 3.3.14).</summary>
    public string ZoneLine
    {
        get
        {
            var line = new StringBuilder(Name).Append(". IN TXT (");
            for (var at = 0; at < Record.Length; at += LongestString)
            {
                line.Append(" \"").Append(Record.AsSpan(at, Math.Min(LongestString, Record.Length - at))).Append('"');
            }

            return line.Append(" )").ToString();
        }
    }
}

/// <summary>The life of a key: made and to be published, in use, no longer in use but still to be published.</summary>
internal static class SigningKeyState
{
    public const string Next = "next";
    public const string Used = "used";
    public const string Old = "old";
    public const string Ended = "ended";
}

/// <summary>What was found where a record should be.</summary>
internal static class PublishedState
{
    public const string Unseen = "unseen";
    public const string Found = "found";
    public const string Missing = "missing";
    public const string Differs = "differs";
}
