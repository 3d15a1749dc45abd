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
    private const int MaxField = 2_000;

    // Written by those who receive, store or filter.
    private static readonly string[] Foreign =
    [
        "received", "return-path", "delivered-to", "delivery-date", "x-original-to", "envelope-to", "x-envelope-to", "x-envelope-from", "x-delivered-to", "status", "x-status", "x-uid", "x-uidl", "x-keywords", "x-mozilla-status", "x-mozilla-status2",
        "x-mozilla-keys", "lines", "content-length", "authentication-results", "received-spf", "x-received", "x-gmail-labels", "x-gm-thrid", "xref", "x-folder", "x-evolution-source", "x-imap", "x-imapbase", "x-fetchmail-warning", "x-from-line",
        "x-pyzor", "x-bogosity", "x-dcc-metrics", "x-rcpt-to", "x-virus-scanned", "x-virus-status", "x-md5sum", "replied", "forwarded", "x-quarantine-id", "x-amavis-alert", "x-barracuda-spam-score",
    ];

    private static readonly string[] ForeignHeads = ["x-spam", "x-tsunagi", "x-rspamd", "x-ms-exchange", "x-forefront", "x-google", "x-gm-", "arc-", "x-apparently", "x-antivirus", "x-scanned", "x-mailscanner", "x-barracuda", "x-ironport", "x-proofpoint", "x-amavis", "x-habeas", "resent-"];

    private static readonly string[] Expected = ["from", "to", "subject", "date", "message-id", "mime-version", "content-type", "in-reply-to", "references", "reply-to", "list-unsubscribe", "x-mailer", "user-agent"];

    public static void Read(ReadOnlySpan<byte> message, MessageTokens tokens, TextBuffers buffers)
    {
        int expected = 0, hops = 0, fields = 0;
        Mailbox? from = null, reply = null, sender = null;
        ReadOnlySpan<byte> messageId = default;
        Span<char> lower = stackalloc char[64];
        var reader = new HeaderReader(message);
        while (fields++ < tokens.Limits.Fields && reader.Read())
        {
            HeaderField field = reader.Field;
            if (field.Name.Length > lower.Length || Ascii.ToLower(field.Name, lower, out int length) != System.Buffers.OperationStatus.Done)
            {
                continue;
            }

            ReadOnlySpan<char> name = lower[..length];
            for (int i = 0; i < Expected.Length; i++)
            {
                expected |= name.SequenceEqual(Expected[i]) ? 1 << i : 0;
            }

            if (name.SequenceEqual("received"))
            {
                hops++;
                RouteTokens.Read(field.Body, tokens);
                continue;
            }

            if (IsForeign(name))
            {
                continue;
            }

            tokens.Add(TokenKind.Field, name);
            switch (name)
            {
                case "subject":
                    ReadSubject(field.Body, tokens, buffers);
                    break;
                case "from":
                    from ??= ReadAuthor(field.Body, tokens, buffers);
                    break;
                case "reply-to":
                    AddressField.TryReadFirst(field.Body, 200, out _, out reply);
                    break;
                case "sender":
                    AddressField.TryReadFirst(field.Body, 200, out _, out sender);
                    break;
                case "message-id":
                    messageId = field.Body;
                    break;
                case "to" or "cc":
                    ReadRecipients(field.Body, name, tokens);
                    break;
                case "date":
                    ReadDate(field.Body, tokens);
                    break;
                case "mime-version":
                    break;
                case "x-mailer" or "user-agent" or "mailer" or "x-mimeole":
                    ReadWords(field.Body, "program", tokens, buffers);
                    break;
                case "content-type":
                    ReadType(field.Body, tokens);
                    break;
                case "references" or "in-reply-to" or "thread-index" or "dkim-signature" or "domainkey-signature" or "x-sg-eid" or "feedback-id" or "x-msg-eid":
                    break;
                default:
                    ReadWords(field.Body, name, tokens, buffers);
                    break;
            }
        }

        for (int i = 0; i < Expected.Length; i++)
        {
            if ((expected & (1 << i)) == 0)
            {
                tokens.Add(TokenKind.Field, "no ", Expected[i]);
            }
        }

        tokens.AddCount(TokenKind.Route, "hops ", hops);
        tokens.AddCount(TokenKind.FieldForm, "malformed fields ", Math.Min(reader.Malformed, 4));
        Compare(from, reply, "reply-to", tokens);
        Compare(from, sender, "sender", tokens);
        ReadMessageId(messageId, from, tokens);
    }

    private static bool IsForeign(ReadOnlySpan<char> name)
    {
        foreach (string head in ForeignHeads)
        {
            if (name.StartsWith(head, StringComparison.Ordinal))
            {
                return true;
            }
        }

        foreach (string foreign in Foreign)
        {
            if (name.SequenceEqual(foreign))
            {
                return true;
            }
        }

        return false;
    }

    private static void ReadSubject(ReadOnlySpan<byte> body, MessageTokens tokens, TextBuffers buffers)
    {
        ReadOnlySpan<char> subject = Text(body, buffers);
        tokens.StartRun();
        TextTokens.ReadWords(subject, TokenKind.Subject, tokens);
        if (subject.IsEmpty)
        {
            tokens.Add(TokenKind.FieldForm, "empty subject");
        }

        if (subject.IndexOf("     ") >= 0)
        {
            tokens.Add(TokenKind.FieldForm, "gap in subject");
        }

        int letters = 0, capitals = 0;
        foreach (char c in subject)
        {
            letters += char.IsAsciiLetter(c) ? 1 : 0;
            capitals += char.IsAsciiLetterUpper(c) ? 1 : 0;
        }

        if (letters >= 6 && capitals == letters)
        {
            tokens.Add(TokenKind.FieldForm, "subject in capitals");
        }

        if (body.IndexOf("=?"u8) >= 0)
        {
            tokens.Add(TokenKind.FieldForm, "encoded subject");
        }
        else if (!Ascii.IsValid(body))
        {
            tokens.Add(TokenKind.FieldForm, "bare octets in subject");
        }
    }

    private static Mailbox? ReadAuthor(ReadOnlySpan<byte> body, MessageTokens tokens, TextBuffers buffers)
    {
        if (!AddressField.TryReadFirst(body, 200, out string name, out Mailbox? mailbox) || mailbox is null)
        {
            tokens.Add(TokenKind.FromAddress, "unreadable");
            ReadWordsOf(Text(body, buffers), TokenKind.FromName, tokens);
            return null;
        }

        ReadWordsOf(name, TokenKind.FromName, tokens);
        if (name.Length == 0)
        {
            tokens.Add(TokenKind.FromAddress, "no name");
        }
        else if (name.Contains('@', StringComparison.Ordinal))
        {
            tokens.Add(TokenKind.FromAddress, "address as name");
        }

        Span<char> lower = stackalloc char[64];
        ReadOnlySpan<char> domain = Lower(mailbox.Domain, lower);
        LinkTokens.AddDomain(domain, TokenKind.FromAddress, tokens);
        Span<char> shape = stackalloc char[24];
        tokens.Add(TokenKind.FromAddress, "local ", Shape(mailbox.LocalPart, shape));
        Span<char> local = stackalloc char[32];
        tokens.Add(TokenKind.FromAddress, Lower(mailbox.LocalPart, local), "@");
        return mailbox;
    }

    private static void ReadRecipients(ReadOnlySpan<byte> body, ReadOnlySpan<char> name, MessageTokens tokens)
    {
        tokens.AddCount(TokenKind.FieldForm, name.SequenceEqual("to") ? "to " : "cc ", body.Count((byte)'@'));
        if (body.IndexOf((byte)'<') < 0)
        {
            tokens.Add(TokenKind.FieldForm, name, " bare");
        }

        if (body.IndexOf("undisclosed"u8) >= 0 || body.IndexOf("Undisclosed"u8) >= 0)
        {
            tokens.Add(TokenKind.FieldForm, name, " undisclosed");
        }
    }

    // Only its form: the hours' offset, and what mail programs never leave away.
    private static void ReadDate(ReadOnlySpan<byte> body, MessageTokens tokens)
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

        if (!MailDate.TryParse(body, out _))
        {
            tokens.Add(TokenKind.FieldForm, "date unreadable");
        }
    }

    private static void ReadType(ReadOnlySpan<byte> body, MessageTokens tokens)
    {
        int at = body.IndexOf("boundary="u8);
        if (at >= 0)
        {
            Span<char> text = stackalloc char[80];
            Span<char> shape = stackalloc char[24];
            ReadOnlySpan<byte> boundary = body[(at + 9)..].Trim("\" \t\r\n"u8);
            tokens.Add(TokenKind.FieldForm, "boundary ", Shape(text[..Encoding.Latin1.GetChars(boundary[..Math.Min(boundary.Length, 80)], text)], shape));
        }
    }

    private static void ReadMessageId(ReadOnlySpan<byte> body, Mailbox? from, MessageTokens tokens)
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
        tokens.Add(TokenKind.FieldForm, "message-id ", Shape(text[..sign], shape));
        ReadOnlySpan<char> domain = text[(sign + 1)..length];
        if (from is not null)
        {
            bool same = domain.EndsWith(LinkTokens.Registered(from.Domain), StringComparison.OrdinalIgnoreCase);
            tokens.Add(TokenKind.FieldForm, same ? "message-id of the author's domain" : "message-id of another domain");
        }

        if (domain.IndexOf('.') < 0)
        {
            tokens.Add(TokenKind.FieldForm, "message-id of no domain");
        }
    }

    private static void Compare(Mailbox? from, Mailbox? other, ReadOnlySpan<char> what, MessageTokens tokens)
    {
        if (from is not null && other is not null)
        {
            bool same = LinkTokens.Registered(from.Domain).Equals(LinkTokens.Registered(other.Domain), StringComparison.OrdinalIgnoreCase);
            tokens.Add(TokenKind.FieldForm, what, same ? " of the author's domain" : " of another domain");
        }
    }

    private static void ReadWords(ReadOnlySpan<byte> body, ReadOnlySpan<char> name, MessageTokens tokens, TextBuffers buffers)
    {
        Span<char> word = stackalloc char[64];
        int head = Math.Min(name.Length, 24);
        name[..head].CopyTo(word);
        word[head] = ' ';
        ReadOnlySpan<char> text = Text(body, buffers);
        int words = 0;
        for (int at = 0; at < text.Length && words < 24;)
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

    private static void ReadWordsOf(ReadOnlySpan<char> text, TokenKind kind, MessageTokens tokens)
    {
        tokens.StartRun();
        TextTokens.ReadWords(text, kind, tokens);
    }

    // ASCII without a copy of its own; everything else as people read it.
    private static ReadOnlySpan<char> Text(ReadOnlySpan<byte> body, TextBuffers buffers)
    {
        body = body[..Math.Min(body.Length, MaxField)];
        if (body.IndexOf("=?"u8) >= 0 || !Ascii.IsValid(body) || body.IndexOf((byte)27) >= 0)
        {
            return EncodedWord.Decode(body);
        }

        body = HeaderField.UnfoldOctets(body);
        Span<char> to = buffers.Characters(body.Length);
        return to[..Encoding.Latin1.GetChars(body, to)];
    }

    private static ReadOnlySpan<char> Lower(ReadOnlySpan<char> text, Span<char> to)
    {
        text = text[..Math.Min(text.Length, to.Length)];
        int length = text.ToLowerInvariant(to);
        return to[..Math.Max(0, length)];
    }

    // "----=_NextPart_000_01C2" is "-=_a_9_9a9": runs of one kind are told once.
    internal static ReadOnlySpan<char> Shape(ReadOnlySpan<char> text, Span<char> to)
    {
        int length = 0;
        char before = '\0';
        foreach (char c in text)
        {
            char shape = char.IsAsciiDigit(c) ? '9' : char.IsAsciiLetterLower(c) ? 'a' : char.IsAsciiLetterUpper(c) ? 'A' : c < 128 ? c : 'x';
            if (shape == before)
            {
                continue;
            }

            if (length == to.Length)
            {
                break;
            }

            to[length++] = before = shape;
        }

        return to[..length];
    }
}
