using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>
/// Ed25519 (RFC 8032) by the libcrypto of this machine, since the base class library has none. All of it is here: the rest of the library sees these
/// members only, and where libcrypto is absent <see cref="IsAvailable"/> is false and such signatures can not be judged.
/// </summary>
internal static partial class Ed25519
{
    public const int KeyOctets = 32;
    public const int SignatureOctets = 64;
    private const string Library = "libcrypto.so.3";
    private const int Type = 1087; // EVP_PKEY_ED25519
    private static readonly Lazy<bool> Available = new(static () =>
    {
        try
        {
            ERR_clear_error();
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    });

    public static bool IsAvailable => Available.Value;

    /// <summary>The signature of <paramref name="message"/> is by the owner of <paramref name="publicKey"/>.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (!IsAvailable || publicKey.Length != KeyOctets || signature.Length != SignatureOctets)
        {
            return false;
        }

        nint key = EVP_PKEY_new_raw_public_key(Type, 0, publicKey, KeyOctets);
        nint context = EVP_MD_CTX_new();
        try
        {
            return key != 0 && context != 0 && EVP_DigestVerifyInit(context, 0, 0, 0, key) == 1
                && EVP_DigestVerify(context, signature, (nuint)signature.Length, message, (nuint)message.Length) == 1;
        }
        finally
        {
            Free(context, key);
        }
    }

    /// <summary>Signs with the private key of 32 octets.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> message)
    {
        byte[] signature = new byte[SignatureOctets];
        nuint length = SignatureOctets;
        nint key = NewPrivate(privateKey);
        nint context = EVP_MD_CTX_new();
        try
        {
            if (context == 0 || EVP_DigestSignInit(context, 0, 0, 0, key) != 1
                || EVP_DigestSign(context, signature, ref length, message, (nuint)message.Length) != 1)
            {
                throw new InvalidOperationException("signing with Ed25519: libcrypto refused");
            }

            return signature;
        }
        finally
        {
            Free(context, key);
        }
    }

    /// <summary>The public half.</summary>
    public static byte[] PublicKeyOf(ReadOnlySpan<byte> privateKey)
    {
        byte[] publicKey = new byte[KeyOctets];
        nuint length = KeyOctets;
        nint key = NewPrivate(privateKey);
        try
        {
            if (EVP_PKEY_get_raw_public_key(key, publicKey, ref length) != 1)
            {
                throw new InvalidOperationException("deriving an Ed25519 key: libcrypto refused");
            }

            return publicKey;
        }
        finally
        {
            Free(0, key);
        }
    }

    private static nint NewPrivate(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != KeyOctets)
        {
            throw new ArgumentException($"an Ed25519 key has {KeyOctets} octets", nameof(privateKey));
        }

        if (!IsAvailable)
        {
            throw new PlatformNotSupportedException($"signing with Ed25519 needs {Library}");
        }

        nint key = EVP_PKEY_new_raw_private_key(Type, 0, privateKey, KeyOctets);
        return key != 0 ? key : throw new InvalidOperationException("reading an Ed25519 key: libcrypto refused");
    }

    private static void Free(nint context, nint key)
    {
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(key);
        ERR_clear_error(); // what failed here is no news to the next caller of libcrypto on this thread
    }

    [LibraryImport(Library)]
    private static partial nint EVP_PKEY_new_raw_public_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library)]
    private static partial nint EVP_PKEY_new_raw_private_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library)]
    private static partial int EVP_PKEY_get_raw_public_key(nint key, Span<byte> output, ref nuint length);

    [LibraryImport(Library)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    private static partial nint EVP_MD_CTX_new();

    [LibraryImport(Library)]
    private static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerifyInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerify(nint context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> message, nuint length);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSignInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSign(nint context, Span<byte> signature, ref nuint signatureLength, ReadOnlySpan<byte> message, nuint length);

    [LibraryImport(Library)]
    private static partial void ERR_clear_error();
}
