using System.Security.Cryptography;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>CHAP with MD5 (RFC 1994) as RADIUS carries it: CHAP-Password is the identifier and 16 octets of answer (RFC 2865 section 5.3).</summary>
public static class Chap
{
    /// <summary>Octets of a CHAP-Password.</summary>
    public const int PasswordOctets = 17;

    /// <summary>The CHAP-Password that answers a challenge. The challenge is the attribute CHAP-Challenge, or else the Request Authenticator.</summary>
    public static void Answer(byte identifier, ReadOnlySpan<byte> password, ReadOnlySpan<byte> challenge, Span<byte> chapPassword)
    {
        Md5State state = Md5State.Start();
        state.Update([identifier]);
        state.Update(password);
        state.Update(challenge);
        state.Finish(chapPassword.Slice(1, 16));
        chapPassword[0] = identifier;
    }

    /// <summary>Whether a CHAP-Password is the right answer.</summary>
    public static bool Verify(ReadOnlySpan<byte> chapPassword, ReadOnlySpan<byte> password, ReadOnlySpan<byte> challenge)
    {
        if (chapPassword.Length != PasswordOctets)
        {
            return false;
        }

        Span<byte> right = stackalloc byte[PasswordOctets];
        Answer(chapPassword[0], password, challenge, right);
        return CryptographicOperations.FixedTimeEquals(right, chapPassword);
    }
}
