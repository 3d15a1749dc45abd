using System.Collections.Immutable;
using System.Text;

namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>A macro-string, taken apart and not yet expanded (RFC 7208 section 7.1).</summary>
public sealed class SpfMacroString
{
    // Digits beyond what any name has labels mean all of them; RFC 7208 section 7.3 asks for 127 at least.
    private const int MostParts = 1000;

    private SpfMacroString(string text, ImmutableArray<SpfMacroPart> parts)
    {
        Text = text;
        Parts = parts;
    }

    /// <summary>As published.</summary>
    public string Text { get; }

    internal ImmutableArray<SpfMacroPart> Parts { get; }

    /// <summary>As published.</summary>
    public override string ToString() => Text;

    /// <summary>Reads a macro-string.</summary>
    /// <param name="text">The text.</param>
    /// <param name="explanation">It is an explanation, so spaces and the letters c, r and t may stand in it.</param>
    /// <param name="macro">What was read.</param>
    /// <param name="reason">What is wrong with it.</param>
    // macro-string = *( macro-expand / macro-literal ) ; macro-literal = %x21-24 / %x26-7E ; explain-string = *( macro-string / SP )
    public static bool TryParse(ReadOnlySpan<char> text, bool explanation, out SpfMacroString? macro, out string reason)
    {
        macro = null;
        var parts = ImmutableArray.CreateBuilder<SpfMacroPart>();
        var literal = new StringBuilder();
        for (int at = 0; at < text.Length;)
        {
            char c = text[at];
            if (c != '%')
            {
                if (c is < '!' or > '~' && !(explanation && c == ' '))
                {
                    return Bad(c > '~' ? "a character outside ASCII" : "a space or control character", out reason);
                }

                literal.Append(c);
                at++;
                continue;
            }

            char next = at + 1 < text.Length ? text[at + 1] : '\0';
            if (next == '{')
            {
                int close = text[at..].IndexOf('}');
                if (close < 0 || !TryReadExpand(text.Slice(at + 2, close - 2), explanation, out SpfMacroPart part))
                {
                    return Bad("a macro that is none: " + text[at..(close < 0 ? text.Length : at + close + 1)].ToString(), out reason);
                }

                Flush(parts, literal);
                parts.Add(part);
                at += close + 1;
                continue;
            }

            // "%%" / "%_" / "%-"
            string? plain = next switch { '%' => "%", '_' => " ", '-' => "%20", _ => null };
            if (plain is null)
            {
                return Bad("a '%' that begins no macro", out reason);
            }

            literal.Append(plain);
            at += 2;
        }

        Flush(parts, literal);
        macro = new SpfMacroString(text.ToString(), parts.ToImmutable());
        reason = "";
        return true;
    }

    /// <summary>Reads a domain-spec: a macro-string that ends in a macro or in a top label that is none of digits only.</summary>
    // domain-spec = macro-string domain-end ; domain-end = ( "." toplabel [ "." ] ) / macro-expand
    internal static bool TryParseDomain(ReadOnlySpan<char> text, out SpfMacroString? macro, out string reason)
    {
        if (!TryParse(text, explanation: false, out macro, out reason))
        {
            return false;
        }

        if (EndsInMacro(text) || EndsInTopLabel(text))
        {
            return true;
        }

        macro = null;
        return Bad(text.IsEmpty ? "a domain is missing" : $"'{text}' ends in no top-level domain", out reason);
    }

    private static bool EndsInMacro(ReadOnlySpan<char> text)
    {
        if (text.Length < 2)
        {
            return false;
        }

        // Read from the front, since "%%_" is no "%_".
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] == '%')
            {
                int length = text[at + 1] == '{' ? text[at..].IndexOf('}') + 1 : 2;
                if (at + length == text.Length)
                {
                    return true;
                }

                at += length - 1;
            }
        }

        return false;
    }

    // toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
    private static bool EndsInTopLabel(ReadOnlySpan<char> text)
    {
        if (text.EndsWith("."))
        {
            text = text[..^1];
        }

        int dot = text.LastIndexOf('.');
        ReadOnlySpan<char> label = text[(dot + 1)..];
        if (dot < 0 || label.IsEmpty || label[0] == '-' || label[^1] == '-')
        {
            return false;
        }

        bool more = false;
        foreach (char c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
            {
                return false;
            }

            more |= !char.IsAsciiDigit(c);
        }

        return more;
    }

    // "%{" macro-letter transformers *delimiter "}" ; transformers = *DIGIT [ "r" ]
    private static bool TryReadExpand(ReadOnlySpan<char> text, bool explanation, out SpfMacroPart part)
    {
        part = default;
        if (text.IsEmpty)
        {
            return false;
        }

        char letter = char.ToLowerInvariant(text[0]);
        if (!"slodiphv".Contains(letter, StringComparison.Ordinal) && !(explanation && letter is 'c' or 'r' or 't'))
        {
            return false;
        }

        int at = 1;
        int digits = 0;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            digits = Math.Min(MostParts, digits * 10 + text[at++] - '0');
        }

        if (at > 1 && digits == 0) // RFC 7208 section 7.3: the value must not be zero
        {
            return false;
        }

        bool reverse = at < text.Length && text[at] is 'r' or 'R';
        at += reverse ? 1 : 0;
        ReadOnlySpan<char> delimiters = text[at..];
        if (delimiters.ContainsAnyExcept(".-+,/_="))
        {
            return false;
        }

        part = new SpfMacroPart("", letter, char.IsAsciiLetterUpper(text[0]), digits, reverse, delimiters.IsEmpty ? "." : delimiters.ToString());
        return true;
    }

    private static void Flush(ImmutableArray<SpfMacroPart>.Builder parts, StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            parts.Add(new SpfMacroPart(literal.ToString(), '\0', false, 0, false, ""));
            literal.Clear();
        }
    }

    private static bool Bad(string what, out string reason)
    {
        reason = what;
        return false;
    }
}

/// <summary>Text as it stands, or one macro-expand.</summary>
/// <param name="Literal">The text; empty for a macro.</param>
/// <param name="Letter">The macro's letter in lower case; NUL for text.</param>
/// <param name="Escape">The letter was upper case, so the value is URL-escaped.</param>
/// <param name="Digits">How many right-hand parts are kept; 0 for all.</param>
/// <param name="Reverse">The parts are put in reverse order.</param>
/// <param name="Delimiters">What splits the value.</param>
internal readonly record struct SpfMacroPart(string Literal, char Letter, bool Escape, int Digits, bool Reverse, string Delimiters);
