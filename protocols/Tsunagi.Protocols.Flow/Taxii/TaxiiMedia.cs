namespace Tsunagi.Protocols.Flow.Taxii;

/// <summary>Media types of TAXII 2.1 (section 1.6.8) and of the objects it carries.</summary>
public static class TaxiiMedia
{
    /// <summary>What every message of TAXII 2.1 is.</summary>
    public const string Taxii = "application/taxii+json;version=2.1";

    /// <summary>What the objects of its collections are.</summary>
    public const string Stix = "application/stix+json;version=2.1";

    private const string Base = "application/taxii+json";

    /// <summary>Whether a client that sends this Accept header takes TAXII 2.1: by its name with that version or none, or by a wildcard.</summary>
    public static bool IsAccepted(string? accept)
    {
        foreach (var range in (accept ?? "").Split(','))
        {
            if (Read(range) is ({ } type, var version, var weight) && weight && (type is "*/*" or "application/*" || (type == Base && version is null or "2.1")))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a body of this Content-Type is TAXII 2.1.</summary>
    public static bool IsTaxii(string? contentType) => Read(contentType ?? "") is (Base, null or "2.1", _);

    // The type, its version, and false where q=0 says that it is not wanted.
    private static (string? Type, string? Version, bool IsWanted) Read(string text)
    {
        var parts = text.Split(';');
        string? version = null;
        var wanted = true;
        foreach (var part in parts.AsSpan(1))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = at < 0 ? (part.Trim(), "") : (part[..at].Trim(), part[(at + 1)..].Trim().Trim('"'));
            version = name.Equals("version", StringComparison.OrdinalIgnoreCase) ? value : version;
            wanted &= !(name.Equals("q", StringComparison.OrdinalIgnoreCase) && value.Trim('0', '.').Length == 0);
        }

        return (parts[0].Trim().ToLowerInvariant(), version, wanted);
    }
}
