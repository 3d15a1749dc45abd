using System.Collections.Immutable;
using System.Globalization;

namespace Tsunagi.Protocols.Mail.Dane;

/// <summary>One TLSA record (RFC 6698 section 2.1).</summary>
/// <param name="Usage">0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE (RFC 7218).</param>
/// <param name="Selector">0 the whole certificate, 1 its public key.</param>
/// <param name="Matching">0 the octets themselves, 1 SHA-256, 2 SHA-512.</param>
/// <param name="Association">What is compared.</param>
public sealed record TlsaRecord(byte Usage, byte Selector, byte Matching, ImmutableArray<byte> Association)
{
    private const int MostShown = 64;

    /// <summary>
    /// It may be used for SMTP: DANE-TA or DANE-EE, a selector and a matching type that are known, a digest of the right length. Others, the PKIX usages among them, are unusable (RFC 7672 section 3.1.3).
    /// </summary>
    public bool IsUsable => Usage is 2 or 3 && Selector is 0 or 1 && Matching switch { 0 => !Association.IsDefaultOrEmpty, 1 => Association.Length == 32, 2 => Association.Length == 64, _ => false };

    /// <summary>As in a zone: "3 1 1 8d02…", long octets cut.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Usage} {Selector} {Matching} {Hex()}");

    /// <summary>Same octets, same record.</summary>
    public bool Equals(TlsaRecord? other) => other is not null && (Usage, Selector, Matching) == (other.Usage, other.Selector, other.Matching) && Association.AsSpan().SequenceEqual(other.Association.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Usage, Selector, Matching, Association.IsDefault ? 0 : Association.Length);

    private string Hex()
    {
        string hex = Association.IsDefaultOrEmpty ? "" : Convert.ToHexStringLower(Association.AsSpan());
        return hex.Length <= 2 * MostShown ? hex : hex[..(2 * MostShown)] + "…";
    }
}
