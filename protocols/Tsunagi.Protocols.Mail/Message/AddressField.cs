using System.Text;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Message;

/// <summary>The addresses of a From, Sender or Reply-To field (RFC 5322 section 3.4).</summary>
public static partial class AddressField
{
    /// <summary>Reads the first mailbox; of a group, its first member.</summary>
    /// <param name="body">The field's body, folds included.</param>
    /// <param name="maxCharacters">Longest display name.</param>
    /// <param name="displayName">The name before the address, decoded; else the comment behind it; else empty.</param>
    /// <param name="mailbox">The address; null when none can be read.</param>
    /// <returns>True when an address was read.</returns>
    // mailbox = name-addr / addr-spec ; name-addr = [display-name] [CFWS] "<" addr-spec ">" [CFWS]
    public static bool TryReadFirst(ReadOnlySpan<byte> body, int maxCharacters, out string displayName, out Mailbox? mailbox)
    {
        ReadOnlySpan<byte> text = HeaderField.UnfoldOctets(body);
        var phrase = new List<byte>();
        var address = new List<byte>();
        byte[]? comment = null;
        bool hasAngle = false;
        for (int at = 0; at < text.Length; at++)
        {
            byte octet = text[at];
            if (octet == '(')
            {
                int length = Comment(text[at..]);
                comment ??= text.Slice(at + 1, Math.Max(0, length - 2)).ToArray();
                at += length - 1;
            }
            else if (octet == '"')
            {
                int length = Quoted(text[at..]);
                phrase.AddRange(text.Slice(at, length));
                at += length - 1;
            }
            else if (octet == '<')
            {
                int length = Angle(text[at..]);
                address.AddRange(text.Slice(at + 1, length));
                hasAngle = true;
                break;
            }
            else if (octet == ':' && !phrase.Contains((byte)'@'))
            {
                phrase.Clear(); // what stood there was the name of a group
            }
            else if (octet is (byte)',' or (byte)';')
            {
                if (phrase.Exists(o => o is not ((byte)' ' or (byte)'\t')))
                {
                    break;
                }

                phrase.Clear();
            }
            else
            {
                phrase.Add(octet);
            }
        }
        byte[] name = hasAngle ? Unquote([.. phrase]) : comment ?? [];
        displayName = EncodedWord.Decode(name, maxCharacters);
        byte[] spec = hasAngle ? [.. address] : [.. phrase];
        return Mailbox.TryParse(spec.AsSpan().Trim(" \t"u8), out mailbox);
    }

    private static int Comment(ReadOnlySpan<byte> text)
    {
        int depth = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] == '\\')
            {
                at++;
            }
            else if (text[at] == '(')
            {
                depth++;
            }
            else if (text[at] == ')' && --depth == 0)
            {
                return at + 1;
            }
        }
        return text.Length;
    }

    private static int Quoted(ReadOnlySpan<byte> text)
    {
        for (int at = 1; at < text.Length; at++)
        {
            if (text[at] == '\\')
            {
                at++;
            }
            else if (text[at] == '"')
            {
                return at + 1;
            }
        }
        return text.Length;
    }

    // The octets between the brackets; none when the second is missing.
    private static int Angle(ReadOnlySpan<byte> text)
    {
        for (int at = 1; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                at += Quoted(text[at..]) - 1;
            }
            else if (text[at] == '>')
            {
                return at - 1;
            }
        }
        return 0;
    }

    // Quotes are taken off, and encoded words within them are read all the same: senders put them there (RFC 2047 section 5 forbids it).
    private static byte[] Unquote(ReadOnlySpan<byte> phrase)
    {
        var plain = new List<byte>(phrase.Length);
        for (int at = 0; at < phrase.Length; at++)
        {
            if (phrase[at] == '\\' && at + 1 < phrase.Length)
            {
                plain.Add(phrase[++at]);
            }
            else if (phrase[at] != '"')
            {
                plain.Add(phrase[at]);
            }
        }
        return [.. plain];
    }
}
