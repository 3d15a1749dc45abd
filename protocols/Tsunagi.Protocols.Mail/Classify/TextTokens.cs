using System.Globalization;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// Step (4): words of a text. Scripts with spaces give words in lower case; Japanese and Chinese give pieces of two letters, and runs of one script whole; links and
/// mail addresses are taken apart; numbers are told by their form, since the same sum or date never comes twice.
/// </summary>
internal static class TextTokens
{
    private const int MaxJapaneseRun = 8;
    private const int FooterCharacters = 600;

    private enum Script
    {
        Other,
        Letter,
        Kanji,
        Kana,
        Katakana,
    }

    /// <summary>Reads a body's text, links included.</summary>
    public static void ReadText(ReadOnlySpan<char> text, MessageTokens tokens)
    {
        text = tokens.Passage.IsOfList ? WithoutFooter(text) : text;
        for (int at = 0; at < text.Length;)
        {
            int end = RunOfLines(text, at, out bool isQuoted);
            isQuoted &= tokens.Passage.LooksLikeReply;
            tokens.StartRun();
            ReadWords(text[at..end], isQuoted ? TokenKind.Quoted : TokenKind.Word, tokens);
            if (isQuoted)
            {
                tokens.Add(TokenKind.TextForm, "quoted text");
            }

            at = end;
        }

        ReadForm(text, tokens);
    }

    // Lines that begin with ">" are another's words: an answer to a piece of spam is none.
    private static int RunOfLines(ReadOnlySpan<char> text, int at, out bool isQuoted)
    {
        isQuoted = IsQuoted(text[at..]);
        while (true)
        {
            int line = text[at..].IndexOf('\n');
            at = line < 0 ? text.Length : at + line + 1;
            if (at == text.Length || IsQuoted(text[at..]) != isQuoted)
            {
                return at;
            }
        }
    }

    private static bool IsQuoted(ReadOnlySpan<char> line)
    {
        for (int i = 0; i < line.Length && i < 6; i++)
        {
            if (line[i] == '>')
            {
                return true;
            }

            if (line[i] is not (' ' or '\t'))
            {
                return false;
            }
        }

        return false;
    }

    // What list programs write below a message begins with a rule of underscores, or as a signature does (RFC 3676 section 4.3); what their hosts advertise stands between two rules.
    private static ReadOnlySpan<char> WithoutFooter(ReadOnlySpan<char> text)
    {
        int rule = Math.Max(text.LastIndexOf("\n____________________"), Math.Max(text.LastIndexOf("\n-- \n"), text.LastIndexOf("\n-- \r\n")));
        text = rule >= 0 && text.Length - rule < FooterCharacters ? text[..(rule + 1)] : text;
        int above = text.LastIndexOf("\n----------------------------------------");
        return rule >= 0 && above >= 0 && text.Length - above < FooterCharacters ? text[..(above + 1)] : text;
    }

    /// <summary>Reads words in a run that was begun.</summary>
    public static void ReadWords(ReadOnlySpan<char> text, TokenKind kind, MessageTokens tokens)
    {
        for (int at = 0; at < text.Length;)
        {
            char c = text[at];
            if (c <= ' ')
            {
                at++;
                continue;
            }

            bool goesOn = true;
            switch (ScriptOf(c))
            {
                case Script.Letter:
                    at += ReadWord(text[at..], kind, tokens, out goesOn);
                    break;
                case Script.Kanji or Script.Kana or Script.Katakana:
                    at += ReadJapanese(text[at..], kind, tokens, out goesOn);
                    break;
                default:
                    at += ReadMark(text[at..], kind, tokens);
                    break;
            }

            if (!goesOn)
            {
                return;
            }
        }
    }

    /// <summary>Lower case, full-width forms as narrow ones.</summary>
    public static int Fold(ReadOnlySpan<char> word, Span<char> to)
    {
        int length = 0;
        foreach (char c in word)
        {
            if (length == to.Length)
            {
                break;
            }

            char narrow = c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - 0xFEE0) : c;
            if (!IsInvisible(narrow))
            {
                to[length++] = narrow < 128 ? (char.IsAsciiLetterUpper(narrow) ? (char)(narrow | 0x20) : narrow) : char.ToLowerInvariant(narrow);
            }
        }

        return length;
    }

    // Shown as nothing: what is put between letters to keep filters from reading them.
    internal static bool IsInvisible(char c) => c is '\u00AD' or '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF' or '\u034F';

    private static int ReadWord(ReadOnlySpan<char> text, TokenKind kind, MessageTokens tokens, out bool goesOn)
    {
        if (kind is TokenKind.Word or TokenKind.Quoted && LinkLength(text) is > 0 and int linkLength)
        {
            if (kind == TokenKind.Word)
            {
                LinkTokens.Read(text[..linkLength], tokens);
            }

            goesOn = tokens.AddWord(kind, "(link)");
            return linkLength;
        }

        int end = 0, digits = 0, upper = 0, letters = 0, hidden = 0, sign = -1;
        while (end < text.Length)
        {
            char c = text[end];
            if (ScriptOf(c) == Script.Letter)
            {
                digits += char.IsDigit(c) ? 1 : 0;
                upper += char.IsUpper(c) ? 1 : 0;
                letters += char.IsLetter(c) ? 1 : 0;
            }
            else if (IsInvisible(c))
            {
                hidden++;
            }
            else if (c is '\'' or '\u2019' or '-' or '.' or '_' or '@' or ',' or '&' && end + 1 < text.Length && ScriptOf(text[end + 1]) == Script.Letter
                && (c is not ',' || (char.IsDigit(text[end - 1]) && char.IsDigit(text[end + 1]))))
            {
                sign = c == '@' ? end : sign;
            }
            else
            {
                break;
            }

            end++;
        }

        ReadOnlySpan<char> word = text[..end];
        if (hidden > 0)
        {
            tokens.Add(TokenKind.TextForm, "hidden characters in a word");
        }

        if (sign > 0)
        {
            if (kind != TokenKind.Quoted)
            {
                LinkTokens.AddDomainOf(word[(sign + 1)..], TokenKind.Address, tokens);
            }

            goesOn = tokens.AddWord(kind, "(address)");
            return end;
        }

        if (digits == end - hidden || (digits > 0 && letters == 0))
        {
            goesOn = AddNumber(kind, default, word, text[end..], tokens);
            return end;
        }

        Span<char> folded = stackalloc char[96];
        int most = Math.Min(tokens.Limits.TokenCharacters, 90);
        if (end - hidden > most)
        {
            tokens.AddCount(TokenKind.TextForm, "word of ", end);
            goesOn = tokens.AddWord(kind, "(long word)");
            return end;
        }

        int length = Fold(word, folded);
        if (digits > 0)
        {
            // Codes: letters stay, digits are told as digits, unless it is something like "mp3".
            for (int i = 0; i < length && digits > 2; i++)
            {
                folded[i] = char.IsDigit(folded[i]) ? '#' : folded[i];
            }
        }

        goesOn = tokens.AddWord(kind, folded[..length]);
        if (upper == letters && letters >= 2 && kind is TokenKind.Word && goesOn)
        {
            tokens.AddAside(TokenKind.Capitals, folded[..length]);
        }

        return end;
    }

    // "$1,000,000" is "$#,###,###" to people; here it is the sign, how many digits, and a percent sign behind.
    private static bool AddNumber(TokenKind kind, ReadOnlySpan<char> sign, ReadOnlySpan<char> number, ReadOnlySpan<char> behind, MessageTokens tokens)
    {
        Span<char> form = stackalloc char[40];
        int length = 0;
        sign[..Math.Min(sign.Length, 2)].CopyTo(form);
        length += Math.Min(sign.Length, 2);
        bool percent = behind.Length > 0 && behind[0] is '%' or '\uFF05';
        foreach (char c in number[..Math.Min(number.Length, 24)])
        {
            form[length++] = char.IsDigit(c) ? (percent && c < 128 ? c : '#') : c;
        }

        if (percent)
        {
            form[length++] = '%';
        }

        return tokens.AddWord(kind, form[..length]);
    }

    private static int ReadMark(ReadOnlySpan<char> text, TokenKind kind, MessageTokens tokens)
    {
        char c = text[0];
        int run = 1;
        while (run < text.Length && text[run] == c)
        {
            run++;
        }

        Span<char> mark = stackalloc char[4];
        switch (c)
        {
            case '!' or '?' or '\uFF01' or '\uFF1F':
                mark.Fill(c is '!' or '\uFF01' ? '!' : '?');
                tokens.AddWord(kind, mark[..Math.Min(run, 3)]);
                break;
            case '$' or '\u00A3' or '\u20AC' or '\u00A5' or '\uFFE5':
                if (run < text.Length && char.IsDigit(text[run]))
                {
                    int end = run;
                    while (end < text.Length && (char.IsDigit(text[end]) || (text[end] is ',' or '.' && end + 1 < text.Length && char.IsDigit(text[end + 1]))))
                    {
                        end++;
                    }

                    AddNumber(kind, text[..1], text[run..end], text[end..], tokens);
                    return end;
                }

                mark.Fill('$');
                tokens.AddWord(kind, mark[..Math.Min(run, 3)]);
                break;
            case '-' or '=' or '_' or '*' or '#' or '~' or '+' or '.' when run >= 4 && kind == TokenKind.Word:
                mark.Fill(c);
                tokens.Add(TokenKind.TextForm, "rule of ", mark[..1]);
                break;
            default:
                if (IsInvisible(c))
                {
                    tokens.Add(TokenKind.TextForm, "hidden characters");
                }

                break;
        }

        return run;
    }

    private static int ReadJapanese(ReadOnlySpan<char> text, TokenKind kind, MessageTokens tokens, out bool goesOn)
    {
        goesOn = true;
        int end = 0;
        for (Script script; end < text.Length && (script = ScriptOf(text[end])) is Script.Kanji or Script.Kana or Script.Katakana;)
        {
            int start = end;
            while (end < text.Length && ScriptOf(text[end]) == script)
            {
                end++;
            }

            if (end - start is > 2 and <= MaxJapaneseRun && script != Script.Kana)
            {
                if (kind == TokenKind.Word)
                {
                    tokens.AddAside(kind, text[start..end]);
                }
                else
                {
                    tokens.Add(kind, text[start..end]);
                }
            }
        }

        for (int at = 0; at < end && goesOn; at += 1)
        {
            if (at + 2 <= end || end == 1)
            {
                goesOn = tokens.AddWord(kind, text[at..Math.Min(at + 2, end)]);
            }
        }

        return end;
    }

    // http://, https://, ftp:// and www. as people write them in text; up to white space and what closes a quotation.
    private static int LinkLength(ReadOnlySpan<char> text)
    {
        bool isLink = text[0] is 'h' or 'H' or 'f' or 'F' or 'w' or 'W'
            && (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
                || text.StartsWith("ftp://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("www.", StringComparison.OrdinalIgnoreCase));
        if (!isLink)
        {
            return 0;
        }

        int end = 0;
        while (end < text.Length && text[end] > ' ' && text[end] is not ('<' or '>' or '"' or ')' or ']' or '\u3000' or '\u3001' or '\u3002' or '\u300D'))
        {
            end++;
        }

        return end;
    }

    private static void ReadForm(ReadOnlySpan<char> text, MessageTokens tokens)
    {
        int letters = 0, upper = 0, lines = 0, marks = 0, wide = 0;
        text = text[..Math.Min(text.Length, 20_000)];
        foreach (char c in text)
        {
            letters += char.IsAsciiLetter(c) ? 1 : 0;
            upper += char.IsAsciiLetterUpper(c) ? 1 : 0;
            lines += c == '\n' ? 1 : 0;
            marks += c == '!' ? 1 : 0;
            wide += c >= '\u3000' ? 1 : 0;
        }

        tokens.AddCount(TokenKind.TextForm, "lines ", lines);
        tokens.AddCount(TokenKind.TextForm, "exclamation marks ", Math.Min(marks, 32));
        if (letters >= 40)
        {
            Span<char> share = stackalloc char[4];
            int tenths = upper * 20 / letters;
            tenths.TryFormat(share, out int written, provider: CultureInfo.InvariantCulture);
            tokens.Add(TokenKind.TextForm, "capitals, twentieths ", share[..written]);
        }

        if (wide > 20)
        {
            tokens.Add(TokenKind.TextForm, "East Asian text");
        }
    }

    private static Script ScriptOf(char c)
    {
        if (c < 128)
        {
            return char.IsAsciiLetterOrDigit(c) ? Script.Letter : Script.Other;
        }

        return c switch
        {
            >= '\u3041' and <= '\u309F' => Script.Kana,
            >= '\u30A1' and <= '\u30FF' or >= '\uFF66' and <= '\uFF9F' => Script.Katakana,
            >= '\u3400' and <= '\u9FFF' or >= '\uF900' and <= '\uFAFF' or '\u3005' => Script.Kanji,
            >= '\uAC00' and <= '\uD7AF' => Script.Kanji, // Korean syllables: pieces serve as well
            >= '\uFF10' and <= '\uFF19' or >= '\uFF21' and <= '\uFF3A' or >= '\uFF41' and <= '\uFF5A' => Script.Letter,
            _ => char.IsLetterOrDigit(c) ? Script.Letter : Script.Other,
        };
    }
}
