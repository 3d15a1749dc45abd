using System.Buffers;
using System.Text;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.AuthResults;

/// <summary>Makes any text fit for its place in the field: values come from strangers, and none of them may end the field, a comment or a quoted string.</summary>
internal static class AuthenticationText
{
    // With its name, its escapes and three octets a character each piece stays on a line of 998 octets (RFC 5322 section 2.1.1).
    private const int MostCharacters = 300;
    private const int MostKeyword = 40;

    // RFC 2045 section 5.1: a token holds neither spaces nor controls nor tspecials.
    public static readonly SearchValues<char> Token =
        SearchValues.Create([.. Enumerable.Range(33, 94).Select(c => (char)c).Where(c => !"()<>@,;:\\\"/[]?=".Contains(c, StringComparison.Ordinal))]);

    private static readonly SearchValues<char> KeywordOctets = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static bool IsKeyword(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(KeywordOctets);

    public static string Keyword(string text) => text.Length <= MostKeyword && IsKeyword(text) ? text : "unknown";

    // value = token / quoted-string
    public static string Value(string text, bool utf8) => Whole(Fit(text, utf8));

    // pvalue = value / [ [ local-part ] "@" ] domain-name
    public static string PropertyValue(string text, bool utf8)
    {
        text = Fit(text, utf8);
        int at = text.LastIndexOf('@');
        bool address = at >= 0 && at < text.Length - 1 && !text.AsSpan(0, at).ContainsAnyExcept(Token) && !text.AsSpan(at + 1).ContainsAnyExcept(Token);
        return address ? text : Whole(text);
    }

    public static string Quote(string text, bool utf8) => Escape('"', Fit(text, utf8), '"');

    public static string Comment(string text, bool utf8) => Escape('(', Fit(text, utf8), ')');

    private static string Whole(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Token) ? text : Escape('"', text, '"');

    // A header section is ASCII unless the message is one of RFC 6532.
    private static string Fit(string text, bool utf8)
    {
        string clean = DisplayText.Clean(text, MostCharacters);
        return utf8 || Ascii.IsValid(clean) ? clean : string.Concat(clean.EnumerateRunes().Select(static rune => rune.IsAscii ? (char)rune.Value : '?'));
    }

    private static string Escape(char open, string text, char close)
    {
        var escaped = new StringBuilder(text.Length + 2).Append(open);
        foreach (char c in text)
        {
            escaped.Append(c == '\\' || c == open || c == close ? "\\" : "").Append(c);
        }

        return escaped.Append(close).ToString();
    }
}
