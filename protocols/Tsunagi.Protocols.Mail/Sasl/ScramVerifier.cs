using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.Protocols.Mail.Sasl;

/// <summary>
/// What a server keeps of a secret (RFC 5802 section 3): it tells whether a client knows the secret, and nobody who reads it can pass for the client by SCRAM.
/// </summary>
/// <param name="Salt">Random octets of this secret alone.</param>
/// <param name="Iterations">Rounds of the derivation, 4,096 at least (RFC 7677 section 4).</param>
/// <param name="StoredKey">SHA-256 of the client's key, 32 octets.</param>
/// <param name="ServerKey">The key of the server's own proof, 32 octets.</param>
public sealed record ScramVerifier(ReadOnlyMemory<byte> Salt, int Iterations, ReadOnlyMemory<byte> StoredKey, ReadOnlyMemory<byte> ServerKey)
{
    /// <summary>Octets of each key.</summary>
    public const int KeyOctets = 32;

    /// <summary>Fewest rounds (RFC 7677 section 4).</summary>
    public const int LeastIterations = 4096;

    /// <summary>Derives the verifier of a secret.</summary>
    /// <param name="secret">The secret, as <see cref="SaslText.TryPrepare"/> made it.</param>
    /// <param name="salt">16 random octets or more.</param>
    /// <param name="iterations">Rounds; each costs a hash of every check by PLAIN or LOGIN.</param>
    public static ScramVerifier Create(string secret, ReadOnlySpan<byte> salt, int iterations)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, LeastIterations);
        Span<byte> salted = stackalloc byte[KeyOctets];
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret), salt, salted, iterations, HashAlgorithmName.SHA256);
        byte[] clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        return new ScramVerifier(salt.ToArray(), iterations, SHA256.HashData(clientKey), HMACSHA256.HashData(salted, "Server Key"u8));
    }

    /// <summary>True when this is the secret; takes as long when it is not.</summary>
    public bool IsSecret(string secret) =>
        CryptographicOperations.FixedTimeEquals(Create(secret, Salt.Span, Iterations).StoredKey.Span, StoredKey.Span);

    /// <summary>True when the proof was made by whoever knows the secret (RFC 5802 section 3: StoredKey is the hash of proof XOR signature).</summary>
    public bool IsProof(ReadOnlySpan<byte> proof, ReadOnlySpan<byte> authMessage)
    {
        if (proof.Length != KeyOctets)
        {
            return false;
        }

        Span<byte> clientKey = stackalloc byte[KeyOctets];
        HMACSHA256.HashData(StoredKey.Span, authMessage, clientKey);
        for (int i = 0; i < KeyOctets; i++)
        {
            clientKey[i] ^= proof[i];
        }

        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(clientKey), StoredKey.Span);
    }

    /// <summary>The server's own proof that it keeps this verifier.</summary>
    public byte[] Sign(ReadOnlySpan<byte> authMessage) => HMACSHA256.HashData(ServerKey.Span, authMessage);
}
