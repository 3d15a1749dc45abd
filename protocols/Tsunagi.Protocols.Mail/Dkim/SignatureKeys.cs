using System.Security.Cryptography;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>Fetches keys and tries them on a hash, for DKIM and ARC alike (RFC 6376 sections 6.1.2 and 6.1.3).</summary>
internal static class SignatureKeys
{
    /// <summary>Judges a signature whose header hash is known.</summary>
    public static async ValueTask<DkimResult> JudgeAsync(
        DkimSignature signature, byte[] headerHash, IMailDns dns, DkimOptions options, CancellationToken cancellationToken)
    {
        if (signature.Algorithm is DkimAlgorithm.Unknown or DkimAlgorithm.RsaSha1)
        {
            return signature.Algorithm == DkimAlgorithm.RsaSha1
                ? Ended(signature, DkimVerdict.Fail, "rsa-sha1 proves nothing any more")
                : Ended(signature, DkimVerdict.PermError, $"the algorithm {signature.AlgorithmName} is not known");
        }

        if (signature.Algorithm == DkimAlgorithm.Ed25519Sha256 && !Ed25519.IsAvailable)
        {
            return Ended(signature, DkimVerdict.Neutral, "Ed25519 can not be computed on this machine");
        }

        MailDnsAnswer<string> texts = await dns.TxtAsync(signature.KeyName, cancellationToken);
        if (texts.Status != MailDnsStatus.Found)
        {
            return texts.Status == MailDnsStatus.TempError
                ? Ended(signature, DkimVerdict.TempError, $"the DNS gave no answer for the key {signature.KeyName}")
                : Ended(signature, DkimVerdict.PermError, $"there is no key at {signature.KeyName}");
        }

        if (options.RefusesSeveralKeys && texts.Values.Length > 1)
        {
            return Ended(signature, DkimVerdict.PermError, $"there are several records at {signature.KeyName}");
        }

        // Where a name holds several records the one that verifies counts, else what was wrong with the first.
        DkimResult? first = null;
        foreach (string text in texts.Values.Take(options.KeysPerName))
        {
            DkimResult result = DkimKey.TryParse(text, out DkimKey? key, out string reason)
                ? Try(signature, key!, headerHash, options)
                : Ended(signature, DkimVerdict.PermError, $"the key at {signature.KeyName} is malformed: {reason}");
            if (result.Verdict == DkimVerdict.Pass)
            {
                return result;
            }

            first ??= result;
        }

        return first!;
    }

    private static DkimResult Try(DkimSignature signature, DkimKey key, byte[] headerHash, DkimOptions options)
    {
        string at = $"the key at {signature.KeyName}";
        string type = signature.Algorithm == DkimAlgorithm.Ed25519Sha256 ? "ed25519" : "rsa";
        DkimResult result = Unfit(signature, key, type) is { } unfit
            ? Ended(signature, DkimVerdict.PermError, $"{at} {unfit}")
            : type == "rsa" ? TryRsa(signature, key, headerHash, options, at) : TryEd25519(signature, key, headerHash, at);
        return result with { IsTesting = key.IsTesting };
    }

    private static string? Unfit(DkimSignature signature, DkimKey key, string type)
    {
        if (key.IsRevoked)
        {
            return "was withdrawn";
        }

        if (key.Type != type)
        {
            return $"is of the type {key.Type}";
        }

        if (!key.AllowsSha256)
        {
            return "does not allow sha256";
        }

        if (!key.AllowsMail)
        {
            return "is not for mail";
        }

        bool below = signature.Identity.Length > 0
            && !signature.Identity[(signature.Identity.LastIndexOf('@') + 1)..].Equals(signature.Domain, StringComparison.OrdinalIgnoreCase)
            && !(MailDomain.TryNormalize(signature.Identity[(signature.Identity.LastIndexOf('@') + 1)..], out string domain) && domain == signature.Domain);
        return key.IsStrict && below ? "does not allow identities below its domain" : null;
    }

    private static DkimResult TryRsa(DkimSignature signature, DkimKey key, byte[] headerHash, DkimOptions options, string at)
    {
        using RSA rsa = RSA.Create();
        int bits;
        try
        {
            // Keys are SubjectPublicKeyInfo in practice and RSAPublicKey by the text of RFC 6376 section 3.6.1; both are taken.
            if (key.PublicKey.Length > options.MostRsaBits / 4)
            {
                return Ended(signature, DkimVerdict.PermError, $"{at} is larger than {options.MostRsaBits} bits");
            }

            if (!TryImport(rsa, key.PublicKey.Span))
            {
                return Ended(signature, DkimVerdict.PermError, $"{at} is no RSA key");
            }

            bits = rsa.KeySize;
            if (bits > options.MostRsaBits)
            {
                return Ended(signature, DkimVerdict.PermError, $"{at} is larger than {options.MostRsaBits} bits") with { KeyBits = bits };
            }

            if (bits < options.LeastRsaBits)
            {
                return Ended(signature, DkimVerdict.Fail, $"{at} has {bits} bits, which proves nothing") with { KeyBits = bits, IsWeakKey = true };
            }

            bool verifies = rsa.VerifyHash(headerHash, signature.Value.Span, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return Verified(signature, verifies) with { KeyBits = bits, IsWeakKey = bits < options.WeakRsaBits };
        }
        catch (CryptographicException)
        {
            return Ended(signature, DkimVerdict.PermError, $"{at} can not be used");
        }
    }

    private static DkimResult TryEd25519(DkimSignature signature, DkimKey key, byte[] headerHash, string at)
    {
        if (key.PublicKey.Length != Ed25519.KeyOctets)
        {
            return Ended(signature, DkimVerdict.PermError, $"{at} is no Ed25519 key");
        }

        return Verified(signature, Ed25519.Verify(key.PublicKey.Span, headerHash, signature.Value.Span)) with { KeyBits = 256 };
    }

    private static bool TryImport(RSA rsa, ReadOnlySpan<byte> key)
    {
        try
        {
            rsa.ImportSubjectPublicKeyInfo(key, out int read);
            return read == key.Length;
        }
        catch (CryptographicException)
        {
            // tried as the other form
        }

        try
        {
            rsa.ImportRSAPublicKey(key, out int read);
            return read == key.Length;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static DkimResult Verified(DkimSignature signature, bool verifies) => verifies
        ? Ended(signature, DkimVerdict.Pass, $"signed by {signature.Domain}")
        : Ended(signature, DkimVerdict.Fail, "the signature does not fit the header");

    public static DkimResult Ended(DkimSignature? signature, DkimVerdict verdict, string reason) =>
        new() { Verdict = verdict, Reason = reason, Signature = signature };
}
