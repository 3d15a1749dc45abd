using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>A private key for signing: RSA or Ed25519. May be used by many threads at once.</summary>
public sealed class DkimPrivateKey : IDisposable
{
    private const int LeastRsaBits = 1024;
    private const string Ed25519Oid = "1.3.101.112";
    private readonly ConcurrentBag<RSA> _idle = [];
    private readonly byte[] _octets;
    private readonly bool _isEd25519;

    private DkimPrivateKey(byte[] octets, bool isEd25519, RSA? first)
    {
        _octets = octets;
        _isEd25519 = isEd25519;
        if (first is not null)
        {
            _idle.Add(first);
            Bits = first.KeySize;
        }
    }

    /// <summary>What it signs with.</summary>
    public DkimAlgorithm Algorithm => _isEd25519 ? DkimAlgorithm.Ed25519Sha256 : DkimAlgorithm.RsaSha256;

    /// <summary>Bits of the key.</summary>
    public int Bits { get; } = 256;

    /// <summary>Makes a new key.</summary>
    /// <param name="algorithm">rsa-sha256 or ed25519-sha256.</param>
    /// <param name="rsaBits">Bits of an RSA key; RFC 8301 section 3.2 wants 2,048 and forbids fewer than 1,024.</param>
    public static DkimPrivateKey Create(DkimAlgorithm algorithm, int rsaBits = 2048)
    {
        if (algorithm == DkimAlgorithm.Ed25519Sha256)
        {
            return new DkimPrivateKey(RandomNumberGenerator.GetBytes(Ed25519.KeyOctets), isEd25519: true, null);
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(algorithm, DkimAlgorithm.RsaSha256);
        ArgumentOutOfRangeException.ThrowIfLessThan(rsaBits, LeastRsaBits);
        RSA rsa = RSA.Create(rsaBits);
        return new DkimPrivateKey(rsa.ExportPkcs8PrivateKey(), isEd25519: false, rsa);
    }

    /// <summary>Reads PKCS#8 ("PRIVATE KEY") or PKCS#1 ("RSA PRIVATE KEY"), as OpenSSL and OpenDKIM write them. False, with the reason, for other things.</summary>
    public static bool TryParsePem(string pem, out DkimPrivateKey? key, out string reason)
    {
        key = null;
        ArgumentNullException.ThrowIfNull(pem);
        if (!PemEncoding.TryFind(pem, out PemFields fields))
        {
            reason = "there is no PEM block";
            return false;
        }

        byte[] octets = Convert.FromBase64String(pem[fields.Base64Data]);
        string label = pem[fields.Label];
        reason = $"a '{label}' is no private key for DKIM";
        try
        {
            if (label == "PRIVATE KEY" && TryReadEd25519(octets, out byte[] seed))
            {
                key = new DkimPrivateKey(seed, isEd25519: true, null);
                return true;
            }

            if (label is not ("PRIVATE KEY" or "RSA PRIVATE KEY"))
            {
                return false;
            }

            return TryImportRsa(octets, isPkcs8: label == "PRIVATE KEY", out key, out reason);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            reason = "the key can not be read: " + e.Message;
            return false;
        }
    }

    /// <summary>An Ed25519 key from its 32 octets (RFC 8032 section 5.1.5).</summary>
    public static DkimPrivateKey FromEd25519(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != Ed25519.KeyOctets)
        {
            throw new ArgumentException($"an Ed25519 key has {Ed25519.KeyOctets} octets", nameof(seed));
        }

        return new DkimPrivateKey(seed.ToArray(), isEd25519: true, null);
    }

    /// <summary>The key as PKCS#8 PEM. It is the secret itself.</summary>
    public string ToPem()
    {
        if (!_isEd25519)
        {
            return new string(PemEncoding.Write("PRIVATE KEY", _octets));
        }

        // PrivateKeyInfo of RFC 8410 section 7: version 0, the algorithm, an octet string within an octet string
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Ed25519Oid);
            }

            using (writer.PushOctetString())
            {
                writer.WriteOctetString(_octets);
            }
        }

        return new string(PemEncoding.Write("PRIVATE KEY", writer.Encode()));
    }

    /// <summary>What is published at selector._domainkey.domain.</summary>
    public string ToRecord()
    {
        if (_isEd25519)
        {
            return "v=DKIM1; k=ed25519; p=" + Convert.ToBase64String(Ed25519.PublicKeyOf(_octets));
        }

        RSA rsa = Rent();
        try
        {
            return "v=DKIM1; k=rsa; p=" + Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());
        }
        finally
        {
            _idle.Add(rsa);
        }
    }

    /// <summary>Forgets the key.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_octets);
        while (_idle.TryTake(out RSA? rsa))
        {
            rsa.Dispose();
        }
    }

    internal byte[] Sign(ReadOnlySpan<byte> hash)
    {
        if (_isEd25519)
        {
            return Ed25519.Sign(_octets, hash); // RFC 8463 section 3: the hash is what is signed
        }

        RSA rsa = Rent();
        try
        {
            return rsa.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        finally
        {
            _idle.Add(rsa);
        }
    }

    // One RSA object is for one thread at a time; as many are kept as were ever in use at once.
    private RSA Rent()
    {
        if (_idle.TryTake(out RSA? rsa))
        {
            return rsa;
        }

        rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(_octets, out _);
        return rsa;
    }

    private static bool TryImportRsa(byte[] octets, bool isPkcs8, out DkimPrivateKey? key, out string reason)
    {
        key = null;
        RSA? rsa = RSA.Create();
        try
        {
            if (isPkcs8)
            {
                rsa.ImportPkcs8PrivateKey(octets, out _);
            }
            else
            {
                rsa.ImportRSAPrivateKey(octets, out _);
            }

            if (rsa.KeySize < LeastRsaBits)
            {
                reason = $"the key has {rsa.KeySize} bits; RFC 8301 section 3.2 forbids fewer than {LeastRsaBits}";
                return false;
            }

            key = new DkimPrivateKey(rsa.ExportPkcs8PrivateKey(), isEd25519: false, rsa);
            rsa = null;
            reason = "";
            return true;
        }
        finally
        {
            rsa?.Dispose();
        }
    }

    private static bool TryReadEd25519(byte[] octets, out byte[] seed)
    {
        seed = [];
        AsnReader sequence = new AsnReader(octets, AsnEncodingRules.DER).ReadSequence();
        sequence.ReadInteger();
        if (sequence.ReadSequence().ReadObjectIdentifier() != Ed25519Oid)
        {
            return false;
        }

        seed = new AsnReader(sequence.ReadOctetString(), AsnEncodingRules.DER).ReadOctetString();
        return seed.Length == Ed25519.KeyOctets;
    }
}
