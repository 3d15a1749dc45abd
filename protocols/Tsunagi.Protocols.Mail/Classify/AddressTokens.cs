using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>Who it is from, and how it is addressed; never to whom.</summary>
internal static class AddressTokens
{
    /// <summary>The author's name and address.</summary>
    public static Mailbox? ReadAuthor(ReadOnlySpan<byte> body, MessageTokens tokens, TextBuffers buffers)
    {
        if (!AddressField.TryReadFirst(body, 200, out string name, out Mailbox? mailbox) || mailbox is null)
        {
            tokens.Add(TokenKind.FromAddress, "unreadable");
            ReadWordsOf(HeaderText.Of(body, buffers), TokenKind.FromName, tokens);
            return null;
        }

        ReadWordsOf(name, TokenKind.FromName, tokens);
        tokens.Add(TokenKind.FieldForm, body.TrimStart(" \t"u8).StartsWith("\""u8) ? "from quoted" : body.IndexOf((byte)'(') >= 0 ? "from with comment" : body.IndexOf((byte)'<') >= 0 ? "from plain" : "from bare");
        if (name.Length == 0)
        {
            tokens.Add(TokenKind.FromAddress, "no name");
        }
        else if (name.Contains('@', StringComparison.Ordinal))
        {
            tokens.Add(TokenKind.FromAddress, "address as name");
        }

        Span<char> lower = stackalloc char[64];
        ReadOnlySpan<char> domain = HeaderText.Lower(mailbox.Domain, lower);
        LinkTokens.AddDomain(domain, TokenKind.FromAddress, tokens);
        Span<char> shape = stackalloc char[24];
        tokens.Add(TokenKind.FromAddress, "local ", HeaderText.Shape(mailbox.LocalPart, shape));
        Span<char> local = stackalloc char[32];
        tokens.Add(TokenKind.FromAddress, HeaderText.Lower(mailbox.LocalPart, local), "@");
        return mailbox;
    }

    /// <summary>How many recipients a field names, and how.</summary>
    public static void ReadRecipients(ReadOnlySpan<byte> body, ReadOnlySpan<char> name, MessageTokens tokens)
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

    /// <summary>Whether another field's address is of the author's domain.</summary>
    public static void Compare(Mailbox? from, Mailbox? other, ReadOnlySpan<char> what, MessageTokens tokens)
    {
        if (from is not null && other is not null)
        {
            bool same = LinkTokens.Registered(from.Domain).Equals(LinkTokens.Registered(other.Domain), StringComparison.OrdinalIgnoreCase);
            tokens.Add(TokenKind.FieldForm, what, same ? " of the author's domain" : " of another domain");
        }
    }

    private static void ReadWordsOf(ReadOnlySpan<char> text, TokenKind kind, MessageTokens tokens)
    {
        tokens.StartRun();
        TextTokens.ReadWords(text, kind, tokens);
    }
}
