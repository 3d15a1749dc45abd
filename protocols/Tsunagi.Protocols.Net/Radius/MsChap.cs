using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>
/// MS-CHAP version 1 (RFC 2433) and 2 (RFC 2759), the attributes that carry them (RFC 2548) and the MPPE keys that follow (RFC 3079). Everything is worked out from the
/// NT hash of a password: a server need not know the password itself.
/// </summary>
public static class MsChap
{
    /// <summary>Microsoft's number as a vendor.</summary>
    public const uint Vendor = 311;

    /// <summary>MS-CHAP-Response: identifier, flags, LM response (24), NT response (24).</summary>
    public const byte ResponseType = 1;

    /// <summary>MS-CHAP-Error.</summary>
    public const byte ErrorType = 2;

    /// <summary>MS-MPPE-Encryption-Policy.</summary>
    public const byte EncryptionPolicyType = 7;

    /// <summary>MS-MPPE-Encryption-Types.</summary>
    public const byte EncryptionTypesType = 8;

    /// <summary>MS-CHAP-Challenge: 8 octets in version 1, 16 in version 2.</summary>
    public const byte ChallengeType = 11;

    /// <summary>MS-CHAP-MPPE-Keys.</summary>
    public const byte MppeKeysType = 12;

    /// <summary>MS-MPPE-Send-Key.</summary>
    public const byte MppeSendKeyType = 16;

    /// <summary>MS-MPPE-Recv-Key.</summary>
    public const byte MppeRecvKeyType = 17;

    /// <summary>MS-CHAP2-Response: identifier, flags, peer challenge (16), reserved (8), response (24).</summary>
    public const byte Response2Type = 25;

    /// <summary>MS-CHAP2-Success: identifier, then "S=" and 40 hexadecimal digits.</summary>
    public const byte SuccessType = 26;

    /// <summary>Octets of an NT hash, of a peer's challenge and of an MPPE key.</summary>
    public const int HashOctets = 16;

    /// <summary>Octets of an NT response.</summary>
    public const int ResponseOctets = 24;

    /// <summary>Octets of MS-CHAP-Response and MS-CHAP2-Response.</summary>
    public const int ResponseAttributeOctets = 50;

    /// <summary>Octets of an authenticator response: "S=" and 40 digits.</summary>
    public const int AuthenticatorResponseOctets = 42;

    private const int ShaOctets = 20;
    private const int ChallengeOctets = 8;

    /// <summary>MD4 over the password in UTF-16, low octet first (RFC 2759 section 8.3).</summary>
    public static void NtHash(ReadOnlySpan<char> password, Span<byte> hash)
    {
        byte[] unicode = new byte[password.Length * 2];
        Encoding.Unicode.GetBytes(password, unicode);
        Md4.Hash(unicode, hash);
    }

    /// <summary>The hash of an NT hash (RFC 2759 section 8.4).</summary>
    public static void HashNtHash(ReadOnlySpan<byte> ntHash, Span<byte> hash) => Md4.Hash(ntHash[..HashOctets], hash);

    /// <summary>The challenge that version 2 answers: 8 octets of SHA-1 over both challenges and the user's name without its domain (RFC 2759 section 8.2).</summary>
    public static void ChallengeHash(ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> authenticatorChallenge, ReadOnlySpan<byte> userName, Span<byte> challenge)
    {
        userName = userName[(userName.LastIndexOf((byte)'\\') + 1)..];
        Span<byte> hash = stackalloc byte[ShaOctets];
        Sha1(hash, peerChallenge[..16], authenticatorChallenge, userName);
        hash[..ChallengeOctets].CopyTo(challenge);
    }

    /// <summary>The 24 octets that answer a challenge of 8: three blocks of DES under the NT hash (RFC 2759 section 8.5). Version 1 uses it on the challenge as it is.</summary>
    public static void ChallengeResponse(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> ntHash, Span<byte> response)
    {
        Span<byte> keys = stackalloc byte[21];
        keys.Clear();
        ntHash[..HashOctets].CopyTo(keys);
        Des.Encrypt(keys[..7], challenge, response);
        Des.Encrypt(keys[7..14], challenge, response[8..]);
        Des.Encrypt(keys[14..], challenge, response[16..]);
    }

    /// <summary>The NT response of version 2 (RFC 2759 section 8.1).</summary>
    public static void NtResponse(ReadOnlySpan<byte> authenticatorChallenge, ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> userName, ReadOnlySpan<byte> ntHash, Span<byte> response)
    {
        Span<byte> challenge = stackalloc byte[ChallengeOctets];
        ChallengeHash(peerChallenge, authenticatorChallenge, userName, challenge);
        ChallengeResponse(challenge, ntHash, response);
    }

    /// <summary>
    /// Whether an MS-CHAP-Response is right. Only the NT response counts: a response that has but the LM one (flags 0) is refused, as LM is broken.
    /// </summary>
    public static bool Verify(ReadOnlySpan<byte> responseAttribute, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> ntHash)
    {
        if (responseAttribute.Length != ResponseAttributeOctets || challenge.Length != ChallengeOctets || responseAttribute[1] != 1)
        {
            return false;
        }

        Span<byte> right = stackalloc byte[ResponseOctets];
        ChallengeResponse(challenge, ntHash, right);
        return CryptographicOperations.FixedTimeEquals(right, responseAttribute[26..]);
    }

    /// <summary>Whether an MS-CHAP2-Response is right.</summary>
    public static bool VerifyV2(ReadOnlySpan<byte> responseAttribute, ReadOnlySpan<byte> authenticatorChallenge, ReadOnlySpan<byte> userName, ReadOnlySpan<byte> ntHash)
    {
        if (responseAttribute.Length != ResponseAttributeOctets || authenticatorChallenge.Length != 16)
        {
            return false;
        }

        Span<byte> right = stackalloc byte[ResponseOctets];
        NtResponse(authenticatorChallenge, responseAttribute.Slice(2, 16), userName, ntHash, right);
        return CryptographicOperations.FixedTimeEquals(right, responseAttribute[26..]);
    }

    /// <summary>What proves to the peer that the server knows the password too: "S=" and 40 digits (RFC 2759 section 8.7).</summary>
    public static void AuthenticatorResponse(
        ReadOnlySpan<byte> ntHash, ReadOnlySpan<byte> ntResponse, ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> authenticatorChallenge, ReadOnlySpan<byte> userName, Span<byte> response)
    {
        Span<byte> hash = stackalloc byte[HashOctets];
        HashNtHash(ntHash, hash);
        Span<byte> digest = stackalloc byte[ShaOctets];
        Sha1(digest, hash, ntResponse[..ResponseOctets], "Magic server to client signing constant"u8);
        Span<byte> challenge = stackalloc byte[ChallengeOctets];
        ChallengeHash(peerChallenge, authenticatorChallenge, userName, challenge);
        Sha1(digest, digest, challenge, "Pad to make it do more than one iteration"u8);
        "S="u8.CopyTo(response);
        Convert.TryToHexString(digest, response[2..], out _);
    }

    /// <summary>The MPPE keys of 128 bits as the server sends them: what it sends with and what it receives with (RFC 3079 section 3.3).</summary>
    public static void MppeKeys(ReadOnlySpan<byte> ntHash, ReadOnlySpan<byte> ntResponse, Span<byte> sendKey, Span<byte> recvKey)
    {
        Span<byte> hash = stackalloc byte[HashOctets];
        HashNtHash(ntHash, hash);
        Span<byte> digest = stackalloc byte[ShaOctets];
        Sha1(digest, hash, ntResponse[..ResponseOctets], "This is the MPPE Master Key"u8);
        Span<byte> master = stackalloc byte[HashOctets];
        digest[..HashOctets].CopyTo(master);
        StartKey(master, "On the client side, this is the receive key; on the server side, it is the send key."u8, sendKey);
        StartKey(master, "On the client side, this is the send key; on the server side, it is the receive key."u8, recvKey);
    }

    /// <summary>The MS-CHAP-MPPE-Keys of version 1 before they are hidden as a User-Password is (RFC 2548 section 2.4.1): 8 octets of LM key (zero: LM is not kept), 16 of NT key, 8 of zeros.</summary>
    public static void MppeKeysV1(ReadOnlySpan<byte> ntHash, Span<byte> keys)
    {
        keys[..32].Clear();
        HashNtHash(ntHash, keys[8..]);
    }

    /// <summary>The text of an MS-CHAP-Error (RFC 2759 section 6): 691 is a wrong name or password, 646 no hours, 647 disabled, 648 expired, 649 no dial-in permission.</summary>
    public static string Error(int code, bool canRetry, ReadOnlySpan<byte> challenge, int version) => version == 2
        ? string.Create(CultureInfo.InvariantCulture, $"E={code} R={(canRetry ? 1 : 0)} C={Convert.ToHexString(challenge)} V=3 M={Message(code)}")
        : string.Create(CultureInfo.InvariantCulture, $"E={code} R={(canRetry ? 1 : 0)} C={Convert.ToHexString(challenge)} V=2");

    private static string Message(int code) => code switch
    {
        646 => "Restricted logon hours",
        647 => "Account disabled",
        648 => "Password expired",
        649 => "No permission",
        _ => "Authentication failed",
    };

    // RFC 3079 section 3.3, GetAsymmetricStartKey: SHA-1 over key, 40 zeros, magic, 40 octets of F2.
    private static void StartKey(ReadOnlySpan<byte> master, ReadOnlySpan<byte> magic, Span<byte> key)
    {
        Span<byte> input = stackalloc byte[HashOctets + 40 + 84 + 40];
        input.Clear();
        master.CopyTo(input);
        magic.CopyTo(input[(HashOctets + 40)..]);
        input[(HashOctets + 40 + 84)..].Fill(0xF2);
        Span<byte> digest = stackalloc byte[ShaOctets];
        SHA1.HashData(input, digest);
        digest[..HashOctets].CopyTo(key);
    }

    private static void Sha1(Span<byte> digest, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        Span<byte> input = stackalloc byte[512];
        int length = first.Length + second.Length + third.Length;
        input = length <= input.Length ? input[..length] : new byte[length];
        first.CopyTo(input);
        second.CopyTo(input[first.Length..]);
        third.CopyTo(input[(first.Length + second.Length)..]);
        SHA1.HashData(input, digest);
    }
}
