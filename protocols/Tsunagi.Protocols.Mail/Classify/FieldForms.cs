using System.Text;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>Forms that programs give to date, boundary and identifier, and whether they agree with the rest.</summary>
internal static class FieldForms
{
    // Only its form: the hours' offset, and what mail programs never leave away.
    public static void ReadDate(ReadOnlySpan<byte> body, Passage passage, MessageTokens tokens)
    {
        ReadOnlySpan<byte> date = HeaderField.UnfoldOctets(body);
        int zone = date.LastIndexOfAny((byte)'+', (byte)'-');
        Span<char> text = stackalloc char[8];
        if (zone >= 0 && date.Length - zone >= 5 && Ascii.ToUtf16(date.Slice(zone, 5), text, out int written) == System.Buffers.OperationStatus.Done)
        {
            tokens.Add(TokenKind.FieldForm, "zone ", text[..written]);
        }
        else
        {
            tokens.Add(TokenKind.FieldForm, "zone none");
        }

        if (date.IndexOf((byte)',') < 0)
        {
            tokens.Add(TokenKind.FieldForm, "date without day");
        }

        Span<char> whole = stackalloc char[64];
        Span<char> shape = stackalloc char[40];
        tokens.Add(TokenKind.FieldForm, "date ", HeaderText.Shape(whole[..Encoding.Latin1.GetChars(date[..Math.Min(date.Length, 64)], whole)], shape));
        if (!MailDate.TryParse(body, out DateTimeOffset time))
        {
            tokens.Add(TokenKind.FieldForm, "date unreadable");
        }
        else if (passage.HoursBehind(time) is { } hours)
        {
            tokens.Add(TokenKind.FieldForm, Math.Abs(hours) < 4 ? "date as of its way" : Math.Abs(hours) < 24 ? (hours > 0 ? "date hours before" : "date hours ahead") : Math.Abs(hours) < 240 ? (hours > 0 ? "date days before" : "date days ahead") : hours > 0 ? "date long before" : "date long ahead");
        }
    }

    public static void ReadType(ReadOnlySpan<byte> body, MessageTokens tokens)
    {
        int at = body.IndexOf("boundary="u8);
        if (at >= 0)
        {
            Span<char> text = stackalloc char[80];
            Span<char> shape = stackalloc char[24];
            ReadOnlySpan<byte> boundary = body[(at + 9)..].Trim("\" \t\r\n"u8);
            tokens.Add(TokenKind.FieldForm, "boundary ", HeaderText.Shape(text[..Encoding.Latin1.GetChars(boundary[..Math.Min(boundary.Length, 80)], text)], shape));
        }
    }

    public static void ReadMessageId(ReadOnlySpan<byte> body, Mailbox? from, Passage passage, MessageTokens tokens)
    {
        ReadOnlySpan<byte> id = HeaderField.UnfoldOctets(body).Trim("<>"u8);
        id = id[..Math.Min(id.Length, 120)];
        int sign = id.LastIndexOf((byte)'@');
        if (sign <= 0)
        {
            tokens.Add(TokenKind.FieldForm, "message-id without domain");
            return;
        }

        Span<char> text = stackalloc char[120];
        int length = Encoding.Latin1.GetChars(id, text);
        Span<char> shape = stackalloc char[24];
        tokens.Add(TokenKind.FieldForm, "message-id ", HeaderText.Shape(text[..sign], shape));
        ReadOnlySpan<char> domain = text[(sign + 1)..length];
        Span<char> lower = stackalloc char[120];
        if (from is not null)
        {
            bool same = domain.EndsWith(LinkTokens.Registered(from.Domain), StringComparison.OrdinalIgnoreCase);
            tokens.Relation.SetId(same, passage.IsRelay(HeaderText.Lower(domain, lower)));
            tokens.Add(TokenKind.FieldForm, same ? "message-id of the author's domain" : "message-id of another domain");
        }

        tokens.Add(TokenKind.FieldForm, domain.IndexOf('.') < 0 ? "message-id of no domain" : passage.IsRelay(HeaderText.Lower(domain, lower)) ? "message-id of a relay" : "message-id of its sender");
    }
}
