using System.Text;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Mail.Quarantine.Preview;

/// <summary>One part of a message that is a file, by what it says of itself.</summary>
/// <param name="Name">As people read it; empty when the part gives none.</param>
/// <param name="Type">"application/pdf", lower case.</param>
/// <param name="Octets">Of the part as it is in the message, encoded.</param>
public sealed record HeldAttachment(string Name, string Type, long Octets);

/// <summary>
/// The parts of a message (RFC 2045, RFC 2046), for a preview: its files by name, and its first HTML body. A message whose form is not what it says gives what can be seen of it.
/// </summary>
internal sealed class HeldParts
{
    private const int MaxDepth = 10;
    private const int MaxParts = 200;
    private const int MaxName = 200;
    private int _parts;

    public List<HeldAttachment> Attachments { get; } = [];

    /// <summary>Head and body of the first text/html part as a message of type text/plain, for <c>MessageText</c> to decode; null when there is none.</summary>
    public byte[]? Html { get; private set; }

    public static HeldParts Read(ReadOnlySpan<byte> message)
    {
        var parts = new HeldParts();
        parts.Walk(message, 0);
        return parts;
    }

    private void Walk(ReadOnlySpan<byte> entity, int depth)
    {
        if (++_parts > MaxParts || depth > MaxDepth)
        {
            return;
        }

        var head = PartHead.Read(entity);
        var body = entity[head.BodyOffset..];
        if (head.Type.StartsWith("multipart/", StringComparison.Ordinal) && head.Boundary.Length is > 0 and <= 70)
        {
            WalkWithin(body, Encoding.Latin1.GetBytes("--" + head.Boundary), depth);
            return;
        }

        var isText = head.Type is "" or "text/plain" or "text/html";
        if (depth > 0 && (!isText || head.IsAttachment || head.Name.Length > 0))
        {
            Attachments.Add(new HeldAttachment(head.Name.Length <= MaxName ? head.Name : head.Name[..MaxName], head.Type.Length == 0 ? "text/plain" : head.Type, body.Length));
        }
        else if (head.Type == "text/html" && Html is null)
        {
            Html = [.. Encoding.ASCII.GetBytes($"Content-Type: text/plain; charset=\"{Token(head.Charset)}\"\r\nContent-Transfer-Encoding: {Token(head.Encoding)}\r\n\r\n"), .. body];
        }
    }

    private void WalkWithin(ReadOnlySpan<byte> body, ReadOnlySpan<byte> delimiter, int depth)
    {
        var start = FindLine(body, delimiter);
        while (start >= 0 && _parts < MaxParts)
        {
            var rest = body[(start + delimiter.Length)..];
            var line = rest.IndexOf((byte)'\n');
            if (line < 0 || rest.StartsWith("--"u8))
            {
                return;
            }

            body = rest[(line + 1)..];
            start = FindLine(body, delimiter);
            Walk(start < 0 ? body : body[..start], depth + 1);
        }
    }

    private static int FindLine(ReadOnlySpan<byte> text, ReadOnlySpan<byte> head)
    {
        for (var from = 0; text[from..].IndexOf(head) is var found && found >= 0; from += found + 1)
        {
            var at = from + found;
            if (at == 0 || text[at - 1] == '\n')
            {
                return at;
            }
        }

        return -1;
    }

    private static string Token(string text) => string.Concat(text.Where(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));

    private readonly record struct PartHead(string Type, string Boundary, string Charset, string Encoding, string Name, bool IsAttachment, int BodyOffset)
    {
        public static PartHead Read(ReadOnlySpan<byte> entity)
        {
            string type = "", disposition = "", encoding = "";
            var reader = new HeaderReader(entity);
            while (reader.Read())
            {
                if (reader.Field.Is("Content-Type"u8) && type.Length == 0)
                {
                    type = reader.Field.Unfold();
                }
                else if (reader.Field.Is("Content-Disposition"u8) && disposition.Length == 0)
                {
                    disposition = reader.Field.Unfold();
                }
                else if (reader.Field.Is("Content-Transfer-Encoding"u8) && encoding.Length == 0)
                {
                    encoding = reader.Field.Unfold().Trim();
                }
            }

            var ofType = ParameterText.Read(type);
            var ofDisposition = ParameterText.Read(disposition);
            return new PartHead(
                ofType.Value.ToLowerInvariant(), ofType["boundary"], ofType["charset"], encoding, ofDisposition["filename"] is { Length: > 0 } name ? name : ofType["name"],
                ofDisposition.Value.Equals("attachment", StringComparison.OrdinalIgnoreCase), reader.Offset);
        }
    }
}
