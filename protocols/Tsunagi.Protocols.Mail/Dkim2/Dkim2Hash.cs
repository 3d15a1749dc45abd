using System.Buffers;
using System.Security.Cryptography;
using Tsunagi.Protocols.Mail.Dkim;

namespace Tsunagi.Protocols.Mail.Dkim2;

/// <summary>The hash of the header (section 5.2): all fields but those that change on the way, in the order of their names, of one name from the bottom up.</summary>
internal static class Dkim2Hash
{
    public static byte[] OfHeader(HeaderSection header)
    {
        var fields = new List<(string Name, int Index)>(header.Count);
        for (int i = header.Count - 1; i >= 0; i--)
        {
            string name = header.Name(i).ToLowerInvariant();
            if (IsCovered(name))
            {
                fields.Add((name, i));
            }
        }

        var output = new ArrayBufferWriter<byte>(4096);
        foreach ((_, int index) in fields.OrderBy(static field => field.Name, StringComparer.Ordinal)) // stable
        {
            HeaderCanonicalizer.Write(header.Raw(index), Canonicalization.Relaxed, output);
        }

        return SHA256.HashData(output.WrittenSpan);
    }

    /// <summary>The field is part of the hash.</summary>
    public static bool IsCovered(string lowerName) => lowerName is not ("received" or "return-path" or "delivered-to" or "authentication-results" or "dkim-signature"
            or "message-instance" or "dkim2-signature")
        && !lowerName.StartsWith("x-", StringComparison.Ordinal) && !lowerName.StartsWith("arc-", StringComparison.Ordinal);
}
