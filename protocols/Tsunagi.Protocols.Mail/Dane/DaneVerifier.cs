using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tsunagi.Protocols.Mail.Dane;

/// <summary>
/// Checks what a server presented in its TLS handshake against the TLSA records of its name, as SMTP does (RFC 7672 section 3): (1) records that are unusable are left out; (2) of several digests of one kind
/// only the strongest counts (RFC 7671 section 9); (3) DANE-EE compares the server's own certificate, whose names and dates do not matter (section 3.1.1); (4) DANE-TA finds the trust anchor among what was presented,
/// or in the record itself, and needs a chain from it to a certificate that is valid now and names the server (sections 3.1.2, 3.2.2).
/// </summary>
public static class DaneVerifier
{
    private const int MostCertificates = 16;

    /// <param name="records">The validated TLSA records.</param>
    /// <param name="presented">The server's own certificate first, then what else it sent.</param>
    /// <param name="names">The names it may have for DANE-TA: the TLSA base domain, and the domain of the recipient when its MX records were validated.</param>
    /// <param name="now">The time certificates must be valid at.</param>
    public static DaneResult Verify(IReadOnlyList<TlsaRecord> records, IReadOnlyList<X509Certificate2> presented, IReadOnlyList<string> names, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(presented);
        ArgumentNullException.ThrowIfNull(names);

        // (1), (2)
        ImmutableArray<TlsaRecord> usable = Strongest([.. records.Where(static record => record.IsUsable)]);
        if (usable.IsEmpty)
        {
            return new DaneResult(DaneVerdict.Unusable, null, "none of the TLSA records can be used for SMTP");
        }

        if (presented.Count == 0)
        {
            return new DaneResult(DaneVerdict.Failed, null, "the server presented no certificate");
        }

        // (3) Before DANE-TA: it is cheap, and needs neither names nor dates.
        foreach (TlsaRecord record in usable.Where(static record => record.Usage == 3))
        {
            if (Matches(record, presented[0]))
            {
                return new DaneResult(DaneVerdict.Authenticated, record, "");
            }
        }

        // (4)
        string why = usable.Any(static record => record.Usage == 3) ? "the certificate is not the one that the TLSA records name" : "";
        foreach (TlsaRecord record in usable.Where(static record => record.Usage == 2))
        {
            string? problem = WhyNotAnchored(record, presented, names, now);
            if (problem is null)
            {
                return new DaneResult(DaneVerdict.Authenticated, record, "");
            }

            why = why.Length == 0 || why == NoAnchor ? problem : why;
        }

        return new DaneResult(DaneVerdict.Failed, null, why);
    }

    private const string NoAnchor = "no certificate that was presented is the trust anchor of the TLSA records";

    /// <summary>Within one usage and selector the strongest digest; whole certificates and keys always.</summary>
    private static ImmutableArray<TlsaRecord> Strongest(ImmutableArray<TlsaRecord> usable) =>
    [
        .. usable.Where(record => record.Matching != 1 || !usable.Any(other => other.Matching == 2 && other.Usage == record.Usage && other.Selector == record.Selector)),
    ];

    private static bool Matches(TlsaRecord record, X509Certificate2 certificate)
    {
        byte[] octets = record.Selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return record.Matching switch
        {
            0 => octets.AsSpan().SequenceEqual(record.Association.AsSpan()),
            1 => SHA256.HashData(octets).AsSpan().SequenceEqual(record.Association.AsSpan()),
            _ => SHA512.HashData(octets).AsSpan().SequenceEqual(record.Association.AsSpan()),
        };
    }

    private static string? WhyNotAnchored(TlsaRecord record, IReadOnlyList<X509Certificate2> presented, IReadOnlyList<string> names, DateTimeOffset now)
    {
        List<X509Certificate2> anchors = [.. presented.Take(MostCertificates).Where(certificate => Matches(record, certificate))];
        using X509Certificate2? inRecord = record is { Selector: 0, Matching: 0 } && anchors.Count == 0 ? Read(record) : null;
        if (inRecord is not null)
        {
            anchors.Add(inRecord);
        }

        if (anchors.Count == 0)
        {
            return NoAnchor;
        }

        if (!names.Any(name => presented[0].MatchesHostname(name)))
        {
            return $"the certificate is for another name than {string.Join(" or ", names)}";
        }

        return anchors.Exists(anchor => IsChained(presented, anchor, now)) ? null : "there is no chain of certificates, valid now, from the trust anchor of the TLSA records to the server's";
    }

    private static X509Certificate2? Read(TlsaRecord record)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(record.Association.AsSpan());
        }
        catch (CryptographicException)
        {
            // The base library reads certificates by exceptions.
            return null;
        }
    }

    private static bool IsChained(IReadOnlyList<X509Certificate2> presented, X509Certificate2 anchor, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(anchor);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // serverAuth

        // An anchor may be an intermediate: then the chain ends at it, and that it is partial is no fault (RFC 7672 section 3.1.2).
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        foreach (X509Certificate2 certificate in presented.Skip(1).Take(MostCertificates))
        {
            chain.ChainPolicy.ExtraStore.Add(certificate);
        }

        bool isValid = chain.Build(presented[0]);
        bool reaches = false;
        foreach (X509ChainElement element in chain.ChainElements)
        {
            reaches |= element.Certificate.RawDataMemory.Span.SequenceEqual(anchor.RawDataMemory.Span);
            element.Certificate.Dispose();
        }

        return isValid && reaches;
    }
}
