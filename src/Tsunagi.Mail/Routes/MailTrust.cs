using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Tsunagi.Mail.Routes;

/// <summary>Whose certificates are valid: those of this machine's authorities, and of the operator's own beside them. Read once, at the start.</summary>
internal sealed class MailTrust : IDisposable
{
    private readonly X509Certificate2Collection _anchors = [];
    private readonly TimeProvider _time;

    /// <exception cref="IOException">The file of authorities cannot be read: the start fails, rather than mail later.</exception>
    public MailTrust(MailOptions options, TimeProvider time)
    {
        _time = time;
        if (options.Outbound.TrustAnchors.Length > 0)
        {
            _anchors.ImportFromPemFile(options.Outbound.TrustAnchors);
        }
    }

    /// <summary>Null when the certificate is valid for the name that was asked for; else why not, as a word of RFC 8460 section 4.3 and a sentence.</summary>
    public CertificateProblem? WhyNot(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 own || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return new CertificateProblem("validation-failure", "it presents no certificate");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return new CertificateProblem("certificate-host-mismatch", "its certificate is for another name");
        }

        if (errors == SslPolicyErrors.None || IsAnchored(own, chain))
        {
            return null;
        }

        // The chain's own status does not tell: where no authority is found, times are not looked at.
        var now = _time.GetLocalNow().DateTime;
        return now < own.NotBefore || now > own.NotAfter || (chain?.ChainStatus ?? []).Any(static status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            ? new CertificateProblem("certificate-expired", "its certificate is not valid today")
            : new CertificateProblem("certificate-not-trusted", "its certificate is of no authority that is trusted here");
    }

    public void Dispose()
    {
        foreach (var anchor in _anchors)
        {
            anchor.Dispose();
        }
    }

    private bool IsAnchored(X509Certificate2 certificate, X509Chain? presented)
    {
        if (_anchors.Count == 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_anchors);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1")); // serverAuth
        if (presented is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore);
        }

        return chain.Build(certificate);
    }
}

/// <summary>What is wrong with a certificate.</summary>
/// <param name="Result">A result-type of RFC 8460 section 4.3.</param>
/// <param name="Why">"its certificate is …": goes behind the server's name.</param>
internal sealed record CertificateProblem(string Result, string Why);
