using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Authenticate;

/// <summary>Checks what a user proved against the form its password is kept in.</summary>
internal static class PasswordCheck
{
    private const int CryptDataOctets = 32_768;

    /// <summary>A password in clear (PAP) against any form.</summary>
    public static bool IsRight(LinePassword kept, ReadOnlySpan<byte> given)
    {
        switch (kept.Form)
        {
            case LinePasswordForm.Clear:
                return CryptographicOperations.FixedTimeEquals(kept.Value, given);
            case LinePasswordForm.NtHash:
                Span<byte> ntHash = stackalloc byte[MsChap.HashOctets];
                MsChap.NtHash(Encoding.UTF8.GetString(given), ntHash);
                return CryptographicOperations.FixedTimeEquals(kept.Value, ntHash);
            case LinePasswordForm.Crypt:
                return IsCrypt(kept.Value, given);
            case LinePasswordForm.Md5:
            case LinePasswordForm.Smd5:
                return IsHash(HashAlgorithmName.MD5, 16, kept.Value, given);
            case LinePasswordForm.Sha1:
            case LinePasswordForm.Ssha1:
                return IsHash(HashAlgorithmName.SHA1, 20, kept.Value, given);
            case LinePasswordForm.Sha256:
            case LinePasswordForm.Ssha256:
                return IsHash(HashAlgorithmName.SHA256, 32, kept.Value, given);
            case LinePasswordForm.Sha512:
            case LinePasswordForm.Ssha512:
                return IsHash(HashAlgorithmName.SHA512, 64, kept.Value, given);
            default:
                return false;
        }
    }

    /// <summary>The NT hash of a password that is kept in clear or as that hash; false for any other form.</summary>
    public static bool TryNtHash(LinePassword kept, Span<byte> hash)
    {
        switch (kept.Form)
        {
            case LinePasswordForm.Clear:
                MsChap.NtHash(Encoding.UTF8.GetString(kept.Value), hash);
                return true;
            case LinePasswordForm.NtHash when kept.IsWhole:
                kept.Value.CopyTo(hash);
                return true;
            default:
                return false;
        }
    }

    // hash(password + salt), then the salt (RFC 2307 as directories keep it)
    private static bool IsHash(HashAlgorithmName algorithm, int octets, ReadOnlySpan<byte> kept, ReadOnlySpan<byte> given)
    {
        if (kept.Length < octets)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[64];
        using var hashing = IncrementalHash.CreateHash(algorithm);
        hashing.AppendData(given);
        hashing.AppendData(kept[octets..]);
        hash = hash[..hashing.GetHashAndReset(hash)];
        return CryptographicOperations.FixedTimeEquals(hash, kept[..octets]);
    }

    private static bool IsCrypt(ReadOnlySpan<byte> kept, ReadOnlySpan<byte> given)
    {
        if (given.Contains((byte)0))
        {
            return false;
        }

        byte[] password = [.. given, 0];
        byte[] setting = [.. kept, 0];
        var made = CryptR(password, setting, new byte[CryptDataOctets]);
        CryptographicOperations.ZeroMemory(password);
        if (made == 0)
        {
            return false;
        }

        var text = Marshal.PtrToStringUTF8(made) ?? "";
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text), kept);
    }

    // crypt_r(3) of the C library's companion: every form of crypt that the system knows.
    [DllImport("libcrypt.so.1", EntryPoint = "crypt_r")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint CryptR(byte[] password, byte[] setting, byte[] data);
}
