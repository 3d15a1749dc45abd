using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.Core.Identity;

/// <summary>256 random bits as text for whoever holds it, SHA-256 of that text for the store: a copy of the store signs nobody in.</summary>
internal static class OpaqueToken
{
    /// <summary>Characters of the random part.</summary>
    public const int Length = 43;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Cheap check before the store is asked.</summary>
    public static bool HasShape(ReadOnlySpan<char> token) => token.Length == Length && Base64Url.IsValid(token);
}
