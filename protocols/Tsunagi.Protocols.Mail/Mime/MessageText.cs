using System.Text;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Mime;

/// <summary>
/// The text of a message for people: the first text/plain part that is no attachment (RFC 2045, RFC 2046), decoded and fit to be shown. HTML is not
/// read. What a message says of its own form may be wrong: then the octets are shown as far as they are text.
/// </summary>
public sealed record MessageText
{
    private const int MaxDepth = 10;
    private const int MaxParts = 100;
    private const int MaxBoundary = 70; // RFC 2046 section 5.1.1

    /// <summary>The text, lines ending in LF; empty when there is none.</summary>
    public string Text { get; private init; } = "";

    /// <summary>The charset the part names; empty when it names none.</summary>
    public string Charset { get; private init; } = "";

    /// <summary>False when the message has no plain text (HTML alone, or attachments).</summary>
    public bool IsFound { get; private init; }

    /// <summary>There is more than was asked for.</summary>
    public bool IsCut { get; private init; }

    /// <summary>Reads a whole message, or the head of one.</summary>
    /// <param name="message">Header section and body.</param>
    /// <param name="maxCharacters">Longest text.</param>
    public static MessageText Read(ReadOnlySpan<byte> message, int maxCharacters = 100_000)
    {
        int parts = 0;
        return TryFind(message, 0, ref parts, maxCharacters, out MessageText? found) ? found! : new MessageText();
    }

    private static bool TryFind(ReadOnlySpan<byte> entity, int depth, ref int parts, int maxCharacters, out MessageText? found)
    {
        found = null;
        if (++parts > MaxParts || depth > MaxDepth)
        {
            return false;
        }

        Head head = Head.Read(entity);
        ReadOnlySpan<byte> body = entity[head.BodyOffset..];
        if (head.Type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
        {
            return Parameter(head.Type, "boundary") is { Length: > 0 and <= MaxBoundary } boundary
                && TryFindWithin(body, Encoding.Latin1.GetBytes("--" + boundary), depth, ref parts, maxCharacters, out found);
        }

        // RFC 2045 section 5.2: without a type it is text/plain.
        bool isPlain = head.Type.Length == 0 || head.Type.Split(';')[0].Trim().Equals("text/plain", StringComparison.OrdinalIgnoreCase);
        if (!isPlain || head.IsAttachment)
        {
            return false;
        }

        found = Decode(head, body, maxCharacters);
        return true;
    }

    // multipart-body = [preamble CRLF] dash-boundary *LWSP CRLF body-part *encapsulation close-delimiter *LWSP [CRLF epilogue]
    private static bool TryFindWithin(ReadOnlySpan<byte> body, ReadOnlySpan<byte> delimiter, int depth, ref int parts, int maxCharacters, out MessageText? found)
    {
        found = null;
        int start = FindLine(body, delimiter);
        while (start >= 0 && parts < MaxParts)
        {
            ReadOnlySpan<byte> rest = body[(start + delimiter.Length)..];
            int line = rest.IndexOf((byte)'\n');
            if (line < 0 || rest.StartsWith("--"u8))
            {
                return false;
            }

            body = rest[(line + 1)..];
            start = FindLine(body, delimiter);
            // The line end before a delimiter belongs to the delimiter.
            ReadOnlySpan<byte> part = start < 0 ? body : WithoutLineEnd(body[..start]);
            if (TryFind(part, depth + 1, ref parts, maxCharacters, out found))
            {
                return true;
            }
        }

        return false;
    }

    private static MessageText Decode(Head head, ReadOnlySpan<byte> body, int maxCharacters)
    {
        byte[] octets = TransferEncoding.Decode(body, TransferEncoding.Of(head.Encoding), body.Length, out _);
        string charset = Parameter(head.Type, "charset") ?? "";
        string text = charset.Length == 0 ? MailCharset.DecodeBare(octets) : MailCharset.Decode(octets, charset);
        var shown = new StringBuilder(Math.Min(text.Length, maxCharacters));
        bool cut = false;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            int room = maxCharacters - shown.Length;
            if (room <= 0)
            {
                cut = true;
                break;
            }

            string clean = DisplayText.Clean(line.ToString().Replace('\t', ' '), room);
            cut |= clean.Length == room && line.Length > room;
            shown.Append(clean).Append('\n');
        }

        string all = shown.ToString();
        return new MessageText { Text = all.Length > maxCharacters ? all[..maxCharacters] : all.TrimEnd('\n'), Charset = DisplayText.Clean(charset, 40), IsFound = true, IsCut = cut };
    }

    private static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> text) =>
        text.EndsWith("\r\n"u8) ? text[..^2] : text.EndsWith("\n"u8) ? text[..^1] : text;

    private static int FindLine(ReadOnlySpan<byte> text, ReadOnlySpan<byte> head)
    {
        int from = 0;
        while (text[from..].IndexOf(head) is var found && found >= 0)
        {
            int at = from + found;
            if (at == 0 || text[at - 1] == '\n')
            {
                return at;
            }

            from = at + 1;
        }

        return -1;
    }

    // parameter = attribute "=" value ; value = token / quoted-string (RFC 2045 section 5.1); a ";" in quotes ends nothing
    private static string? Parameter(string type, string attribute)
    {
        int at = type.IndexOf(';', StringComparison.Ordinal);
        while (at >= 0 && type.IndexOf('=', at) is > 0 and var equals)
        {
            ReadOnlySpan<char> name = type.AsSpan((type.LastIndexOf(';', equals) + 1)..equals).Trim();
            string value = type[(equals + 1)..].TrimStart();
            bool quoted = value.StartsWith('"');
            int end = quoted ? value.IndexOf('"', 1) : value.IndexOfAny([';', ' ', '\t']);
            if (name.Equals(attribute, StringComparison.OrdinalIgnoreCase))
            {
                return value[(quoted ? 1 : 0)..(end < 0 ? value.Length : end)];
            }

            at = end < 0 ? -1 : type.IndexOf(';', type.Length - value.Length + end);
        }

        return null;
    }

    private readonly record struct Head(string Type, string Encoding, bool IsAttachment, int BodyOffset)
    {
        public static Head Read(ReadOnlySpan<byte> entity)
        {
            string type = "", encoding = "";
            bool attachment = false;
            var reader = new HeaderReader(entity);
            while (reader.Read())
            {
                if (reader.Field.Is("Content-Type"u8) && type.Length == 0)
                {
                    type = reader.Field.Unfold();
                }
                else if (reader.Field.Is("Content-Transfer-Encoding"u8) && encoding.Length == 0)
                {
                    encoding = reader.Field.Unfold();
                }
                else if (reader.Field.Is("Content-Disposition"u8))
                {
                    attachment |= reader.Field.Unfold().StartsWith("attachment", StringComparison.OrdinalIgnoreCase);
                }
            }

            return new Head(type, encoding, attachment, reader.Offset);
        }
    }
}
