using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Mime;

/// <summary>A value with parameters, as in Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 2231).</summary>
public sealed record MimeField
{
    private const int MaxParameters = 100;

    /// <summary>What stands before the parameters, in lower case, without comments.</summary>
    public string Value { get; private init; } = "";

    /// <summary>Name in lower case, value as it stands: quotes off, nothing decoded.</summary>
    public ImmutableArray<(string Name, string Value)> Parameters { get; private init; } = [];

    /// <summary>A parameter stands twice.</summary>
    public bool HasDuplicate { get; private init; }

    /// <summary>Reads a field's body, folds included. What can not be read ends the list.</summary>
    public static MimeField Read(ReadOnlySpan<byte> body)
    {
        string text = Encoding.Latin1.GetString(HeaderField.UnfoldOctets(body));
        int at = 0;
        string value = Token(text, ref at, "").ToLowerInvariant();
        var parameters = ImmutableArray.CreateBuilder<(string, string)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        bool duplicate = false;
        while (parameters.Count < MaxParameters && Skip(text, ref at, ';'))
        {
            string name = Token(text, ref at, "=").ToLowerInvariant();
            if (!Skip(text, ref at, '='))
            {
                continue;
            }

            string given = at < text.Length && text[at] == '"' ? Quoted(text, ref at) : Token(text, ref at, "");
            duplicate |= !seen.Add(name);
            parameters.Add((name, given));
        }

        return new MimeField { Value = value, Parameters = parameters.ToImmutable(), HasDuplicate = duplicate };
    }

    /// <summary>A parameter as it stands; null when absent. The first counts.</summary>
    public string? this[string name]
    {
        get
        {
            foreach ((string Name, string Value) parameter in Parameters)
            {
                if (parameter.Name == name)
                {
                    return parameter.Value;
                }
            }

            return null;
        }
    }

    /// <summary>
    /// A text parameter for people: in pieces and charsets as RFC 2231 has it, or with encoded words, which that forbids and senders write. Null when absent.
    /// </summary>
    public string? Text(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (this[name + "*"] is { } extended)
        {
            return FromExtended(extended);
        }

        if (this[name] is { } plain)
        {
            return EncodedWord.Decode(Encoding.Latin1.GetBytes(plain));
        }

        // parameter = name "*" 1*DIGIT ["*"] "=" value (RFC 2231 section 3)
        var octets = new List<byte>();
        string? charset = null;
        for (int piece = 0; piece < MaxParameters; piece++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"{name}*{piece}");
            if (this[key + "*"] is { } encoded)
            {
                string rest = encoded;
                if (piece == 0 && encoded.Split('\'', 3) is [var named, _, var behind])
                {
                    (charset, rest) = (named, behind);
                }

                octets.AddRange(Unescape(rest));
            }
            else if (this[key] is { } given)
            {
                octets.AddRange(Encoding.Latin1.GetBytes(given));
            }
            else
            {
                return piece == 0 ? null : Decode(octets.ToArray(), charset);
            }
        }

        return Decode(octets.ToArray(), charset);
    }

    // extended-initial-value = [charset] "'" [language] "'" extended-other-values (RFC 2231 section 7)
    private static string FromExtended(string value) =>
        value.Split('\'', 3) is [var charset, _, var rest] ? Decode(Unescape(rest), charset) : Decode(Unescape(value), null);

    private static string Decode(byte[] octets, string? charset) => string.IsNullOrEmpty(charset) ? MailCharset.DecodeBare(octets) : MailCharset.Decode(octets, charset);

    private static byte[] Unescape(string text)
    {
        byte[] octets = new byte[text.Length];
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet))
            {
                octets[count++] = octet;
                i += 2;
            }
            else
            {
                octets[count++] = (byte)text[i];
            }
        }

        return octets[..count];
    }

    // Up to a ";" or a further end, comments left out, white space at the ends off.
    private static string Token(string text, ref int at, string ends)
    {
        var token = new StringBuilder();
        for (; at < text.Length && text[at] != ';' && !ends.Contains(text[at], StringComparison.Ordinal); at++)
        {
            if (text[at] == '(')
            {
                SkipComment(text, ref at);
                continue;
            }

            token.Append(text[at]);
        }

        return token.ToString().Trim();
    }

    private static void SkipComment(string text, ref int at)
    {
        int depth = 0;
        for (; at < text.Length; at++)
        {
            depth += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
            if (text[at] == '\\')
            {
                at++;
            }
            else if (depth == 0)
            {
                return;
            }
        }

        at = text.Length - 1;
    }

    private static string Quoted(string text, ref int at)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            at += text[at] == '\\' && at + 1 < text.Length ? 1 : 0;
            value.Append(text[at]);
        }

        at = Math.Min(at + 1, text.Length);
        return value.ToString();
    }

    // Moves behind the next mark; what stands before it, as behind a quoted string, means nothing.
    private static bool Skip(string text, ref int at, char mark)
    {
        while (at < text.Length && text[at] != mark && text[at] != ';')
        {
            at++;
        }

        if (at >= text.Length || text[at] != mark)
        {
            return false;
        }

        at++;
        while (at < text.Length && text[at] is ' ' or '\t')
        {
            at++;
        }

        return true;
    }
}
