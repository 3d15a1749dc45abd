using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.Core.Api;

/// <summary>
/// A place in a list, opaque to the caller: list and position with four bytes of checksum, base64url. It is not signed: a forged one could only name
/// another place of the caller's own list, because every list query carries the caller's tenant filter. The checksum is for honest mistakes.
/// </summary>
public static class Cursor
{
    private const char Between = '\n';
    private const int ChecksumBytes = 4;

    public static string Write(string list, string position)
    {
        var body = Encoding.UTF8.GetBytes(list + Between + position);
        var bytes = new byte[body.Length + ChecksumBytes];
        body.CopyTo(bytes, ChecksumBytes);
        Checksum(body).CopyTo(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryRead(string list, string text, [NotNullWhen(true)] out string? position)
    {
        position = null;
        if (text.Length is 0 or > 400 || !Base64Url.IsValid(text))
        {
            return false;
        }

        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length <= ChecksumBytes || !Checksum(bytes.AsSpan(ChecksumBytes)).SequenceEqual(bytes.AsSpan(0, ChecksumBytes)))
        {
            return false;
        }

        var body = Encoding.UTF8.GetString(bytes, ChecksumBytes, bytes.Length - ChecksumBytes);
        if (!body.StartsWith(list + Between, StringComparison.Ordinal))
        {
            return false;
        }

        position = body[(list.Length + 1)..];
        return true;
    }

    private static ReadOnlySpan<byte> Checksum(ReadOnlySpan<byte> body) => SHA256.HashData(body).AsSpan(0, ChecksumBytes);
}
