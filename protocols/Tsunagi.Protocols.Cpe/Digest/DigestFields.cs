using System.Text;

namespace Tsunagi.Protocols.Cpe.Digest;

/// <summary>The comma-separated fields of a Digest header (RFC 9110 section 11.2). auth-param = token "=" ( token / quoted-string )</summary>
internal static class DigestFields
{
    private const int Longest = 4096;
    private const string Scheme = "Digest ";

    /// <summary>Names in lower case; null when it is no Digest header.</summary>
    public static Dictionary<string, string>? Read(string header)
    {
        if (header.Length > Longest || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var at = Scheme.Length;
        while (at < header.Length)
        {
            var equals = header.IndexOf('=', at);
            if (equals < 0)
            {
                break;
            }

            var name = header[at..equals].Trim(' ', ',', '\t');
            at = equals + 1;
            fields.TryAdd(name, Value(header, ref at));
        }

        return fields;
    }

    public static string Quote(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string Value(string header, ref int at)
    {
        while (at < header.Length && header[at] == ' ')
        {
            at++;
        }

        if (at == header.Length || header[at] != '"')
        {
            var end = header.IndexOf(',', at);
            var token = header[at..(end < 0 ? header.Length : end)].Trim();
            at = end < 0 ? header.Length : end + 1;
            return token;
        }

        var text = new StringBuilder();
        for (at++; at < header.Length && header[at] != '"'; at++)
        {
            at += header[at] == '\\' && at + 1 < header.Length ? 1 : 0;
            text.Append(header[at]);
        }

        at = Math.Min(header.Length, at + 1);
        return text.ToString();
    }
}
