using System.Text;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// Step (1): the header fields. What the receiving side writes is passed over (filters' own marks, delivery notes), as are times and recipients' addresses: a
/// model must not learn when and for whom its examples were collected.
/// </summary>
internal static class HeaderTokens
{
    private const int MaxWords = 4;

    private static readonly string[] Expected = ["from", "to", "subject", "date", "message-id", "mime-version", "content-type", "in-reply-to", "references", "x-mailer", "user-agent"];

    public static void Read(ReadOnlySpan<byte> message, MessageTokens tokens, TextBuffers buffers)
    {
        Passage passage = tokens.Passage;
        passage.Read(message, tokens.Limits.Fields);
        tokens.Relation.Begin(passage.Author);
        int fields = 0;
        var known = default(Known);
        Span<char> lower = stackalloc char[64];
        Span<char> before = stackalloc char[64];
        int beforeLength = 0;
        var reader = new HeaderReader(message);
        while (fields++ < tokens.Limits.Fields && reader.Read())
        {
            HeaderField field = reader.Field;
            ReadOnlySpan<char> name = NameOf(field, lower);
            if (name.IsEmpty)
            {
                continue;
            }

            known.Expected |= ExpectedBit(name);
            if (name.SequenceEqual("received"))
            {
                RouteTokens.Read(field.Body, tokens);
                continue;
            }

            if (ForeignFields.Is(name, passage.IsOfList))
            {
                continue;
            }

            tokens.Add(TokenKind.Field, name);
            ReadOrder(before[..beforeLength], name, tokens);
            name.CopyTo(before);
            beforeLength = name.Length;
            ReadCase(field.Name, name, tokens);
            ReadField(field, name, ref known, tokens, buffers);
        }

        tokens.AddCount(TokenKind.FieldForm, "malformed fields ", Math.Min(reader.Malformed, 4));
        Tell(known, tokens, buffers);
    }

    private static void ReadField(HeaderField field, scoped ReadOnlySpan<char> name, ref Known known, MessageTokens tokens, TextBuffers buffers)
    {
        switch (name)
        {
            case "subject":
                known.Subject = field.Body;
                known.HasSubject = true;
                break;
            case "from":
                known.From ??= AddressTokens.ReadAuthor(field.Body, tokens, buffers);
                break;
            case "reply-to":
                AddressField.TryReadFirst(field.Body, 200, out _, out known.Reply);
                break;
            case "sender":
                AddressField.TryReadFirst(field.Body, 200, out _, out known.Sender);
                break;
            case "message-id":
                known.MessageId = field.Body;
                break;
            case "to":
                AddressTokens.ReadRecipients(field.Body, name, tokens);
                AddressField.TryReadFirst(field.Body, 200, out _, out known.To);
                break;
            case "cc":
                AddressTokens.ReadRecipients(field.Body, name, tokens);
                break;
            case "date":
                FieldForms.ReadDate(field.Body, tokens.Passage, tokens);
                break;
            case "mime-version":
                break;
            case "x-mailer" or "user-agent" or "mailer":
                known.Program = field.Body;
                ReadProgram(field.Body, tokens, buffers);
                break;
            case "x-mimeole":
                break;
            case "content-type":
                FieldForms.ReadType(field.Body, tokens);
                break;
            case "references" or "in-reply-to" or "thread-index" or "dkim-signature" or "domainkey-signature" or "x-sg-eid" or "feedback-id" or "x-msg-eid" or "x-originalarrivaltime" or "x-antiabuse":
                break;
            default:
                ReadWords(field.Body, name, tokens, buffers);
                break;
        }
    }

    // What can only be said when all fields are known.
    private static void Tell(in Known known, MessageTokens tokens, TextBuffers buffers)
    {
        if (known.HasSubject)
        {
            SubjectTokens.Read(known.Subject, known.To, tokens.Passage, tokens, buffers);
        }

        for (int i = 0; i < Expected.Length; i++)
        {
            if ((known.Expected & (1 << i)) == 0)
            {
                tokens.Add(TokenKind.Field, "no ", Expected[i]);
            }
        }

        AddressTokens.Compare(known.From, known.Reply, "reply-to", tokens);
        AddressTokens.Compare(known.From, known.Sender, "sender", tokens);
        if (known is { From: { } from, To: { } to } && from.LocalPart.Equals(to.LocalPart, StringComparison.OrdinalIgnoreCase))
        {
            tokens.Add(TokenKind.FieldForm, from.Domain.Equals(to.Domain, StringComparison.OrdinalIgnoreCase) ? "to the author" : "to one named as the author");
        }

        if (known.Program.IndexOf("Outlook"u8) >= 0 && !tokens.Passage.HasMimeOle)
        {
            tokens.Add(TokenKind.FieldForm, "Outlook without its mark");
        }

        FieldForms.ReadMessageId(known.MessageId, known.From, tokens.Passage, tokens);
    }

    private static int ExpectedBit(ReadOnlySpan<char> name)
    {
        for (int i = 0; i < Expected.Length; i++)
        {
            if (name.SequenceEqual(Expected[i]))
            {
                return 1 << i;
            }
        }

        return 0;
    }

    /// <summary>The token says that a field is there, or is not, that most messages have.</summary>
    internal static bool IsExpected(ReadOnlySpan<char> token) => ExpectedBit(token.StartsWith("no ") ? token[3..] : token) != 0;

    /// <summary>A field's name in lower case; empty for one that is too long.</summary>
    internal static ReadOnlySpan<char> NameOf(HeaderField field, Span<char> lower) =>
        field.Name.Length <= lower.Length && Ascii.ToLower(field.Name, lower, out int length) == System.Buffers.OperationStatus.Done ? lower[..length] : default;

    // Programs write their fields in an order of their own.
    private static void ReadOrder(ReadOnlySpan<char> before, ReadOnlySpan<char> name, MessageTokens tokens)
    {
        Span<char> both = stackalloc char[64];
        int head = Math.Min(before.Length, 30), tail = Math.Min(name.Length, 30);
        before[..head].CopyTo(both);
        both[head] = '>';
        name[..tail].CopyTo(both[(head + 1)..]);
        tokens.Add(TokenKind.FieldOrder, both[..(head + 1 + tail)]);
    }

    private static void ReadCase(ReadOnlySpan<byte> written, ReadOnlySpan<char> name, MessageTokens tokens)
    {
        if (name is "message-id" or "mime-version" or "reply-to" or "cc" or "content-transfer-encoding" or "x-mailer" or "content-type" or "date" or "x-mimeole" or "x-msmail-priority")
        {
            Span<char> text = stackalloc char[64];
            tokens.Add(TokenKind.FieldOrder, "written ", text[..Encoding.Latin1.GetChars(written, text)]);
        }
    }

    // The program's name, and with its version: each once, since its words say the same.
    private static void ReadProgram(ReadOnlySpan<byte> body, MessageTokens tokens, TextBuffers buffers)
    {
        Span<char> name = stackalloc char[48];
        Span<char> text = name[..TextTokens.Fold(HeaderText.Of(body, buffers), name)];
        tokens.Add(TokenKind.FieldWord, "program ", text);
        int digit = text.IndexOfAnyInRange('0', '9');
        if (digit > 0)
        {
            tokens.Add(TokenKind.FieldWord, "program ", text[..digit].TrimEnd(" ./-v(["));
        }
    }

    // Of a field that is not known a few words: some write whole sentences, the same in every message.
    private static void ReadWords(ReadOnlySpan<byte> body, ReadOnlySpan<char> name, MessageTokens tokens, TextBuffers buffers)
    {
        Span<char> word = stackalloc char[64];
        int head = Math.Min(name.Length, 24);
        name[..head].CopyTo(word);
        word[head] = ' ';
        ReadOnlySpan<char> text = HeaderText.Of(body, buffers);
        int words = 0;
        for (int at = 0; at < text.Length && words < MaxWords;)
        {
            int start = at;
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '.' or '-' or '_'))
            {
                at++;
            }

            if (at == start)
            {
                at++;
                continue;
            }

            ReadOnlySpan<char> found = text[start..at].Trim(".-_");
            if (found.Length is > 1 and <= 32)
            {
                words++;
                int length = TextTokens.Fold(found, word[(head + 1)..]);
                tokens.Add(TokenKind.FieldWord, word[..(head + 1 + length)]);
            }
        }
    }

    private ref struct Known
    {
        public int Expected;
        public bool HasSubject;
        public Mailbox? From;
        public Mailbox? Reply;
        public Mailbox? Sender;
        public Mailbox? To;
        public ReadOnlySpan<byte> MessageId;
        public ReadOnlySpan<byte> Subject;
        public ReadOnlySpan<byte> Program;
    }
}
