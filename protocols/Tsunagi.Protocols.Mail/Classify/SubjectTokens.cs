using System.Text;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>The subject: its words, how it is written, and what is put into it so that no two are the same or so that it looks like an answer.</summary>
internal static class SubjectTokens
{
    public static void Read(ReadOnlySpan<byte> body, Mailbox? to, Passage passage, MessageTokens tokens, TextBuffers buffers)
    {
        ReadOnlySpan<char> subject = HeaderText.Of(body, buffers).Trim();
        subject = passage.IsOfList ? WithoutListName(subject) : subject;
        if (!passage.IsReply && subject.StartsWith("re:", StringComparison.OrdinalIgnoreCase))
        {
            tokens.Add(TokenKind.FieldForm, "answer to nothing");
        }

        if (to is { LocalPart.Length: > 1 } && subject.Contains(to.LocalPart, StringComparison.OrdinalIgnoreCase))
        {
            tokens.Add(TokenKind.FieldForm, "recipient named in subject");
        }

        ReadEnd(subject, tokens);
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

    // "[list] ", also behind "Re: ".
    private static ReadOnlySpan<char> WithoutListName(ReadOnlySpan<char> subject)
    {
        int open = subject.IndexOf('[');
        int close = subject.IndexOf(']');
        if (open < 0 || open > 8 || close < open || close - open > 40)
        {
            return subject;
        }

        return open == 0 ? subject[(close + 1)..].TrimStart() : string.Concat(subject[..open], subject[(close + 1)..].TrimStart());
    }

    // "Buy now      xkqzv83": what is put behind so that no two subjects are the same.
    private static void ReadEnd(ReadOnlySpan<char> subject, MessageTokens tokens)
    {
        int last = subject.LastIndexOfAny(" \t");
        if (last <= 0)
        {
            return;
        }

        ReadOnlySpan<char> word = subject[(last + 1)..];
        int digits = 0, letters = 0, vowels = 0;
        foreach (char c in word)
        {
            digits += char.IsAsciiDigit(c) ? 1 : 0;
            letters += char.IsAsciiLetter(c) ? 1 : 0;
            vowels += c is 'a' or 'e' or 'i' or 'o' or 'u' or 'y' or 'A' or 'E' or 'I' or 'O' or 'U' or 'Y' ? 1 : 0;
        }

        if (word.Length >= 4 && ((digits > 0 && letters > 0) || (letters >= 5 && vowels == 0)))
        {
            tokens.Add(TokenKind.FieldForm, "subject ends in a code");
        }

        if (subject[last - 1] is ' ' or '\t')
        {
            tokens.Add(TokenKind.FieldForm, "subject ends apart");
        }
    }
}
