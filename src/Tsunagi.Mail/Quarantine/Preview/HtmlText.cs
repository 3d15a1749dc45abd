using System.Net;
using System.Text;

namespace Tsunagi.Mail.Quarantine.Preview;

/// <summary>
/// The words of an HTML body, with where its links lead written out behind them. Nothing of the markup is kept, nothing is fetched, nothing runs: what comes out is
/// text and is shown as text. Malformed markup is read as far as it goes; time and size are linear in what is given.
/// </summary>
internal static class HtmlText
{
    private const int MaxLink = 500;
    private const int MaxTag = 4_000;

    private static readonly HashSet<string> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "p", "div", "br", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "blockquote", "pre", "section", "article", "header", "footer", "form", "center", "dt", "dd",
    };

    // One below the other, with no blank line between.
    private static readonly HashSet<string> Rows = new(StringComparer.OrdinalIgnoreCase) { "li", "tr", "dt", "dd", "ul", "ol", "table" };

    // Their content is no text of the message.
    private static readonly HashSet<string> Silent = new(StringComparer.OrdinalIgnoreCase) { "script", "style", "title", "template", "noscript", "svg", "math", "textarea", "select", "object", "iframe" };

    public static string Read(string html, int maxCharacters)
    {
        var text = new Shown(maxCharacters);
        var link = "";
        var labelFrom = 0;
        var closed = true;
        for (var at = 0; at < html.Length && !text.IsFull;)
        {
            var tag = closed ? html.IndexOf('<', at) : -1;
            text.Add(WebUtility.HtmlDecode(html[at..(tag < 0 ? html.Length : tag)]));
            if (tag < 0)
            {
                break;
            }

            if (html.AsSpan(tag).StartsWith("<!--"))
            {
                at = Behind(html, "-->", tag + 4);
                continue;
            }

            var end = html.IndexOf('>', tag);
            if (end < 0)
            {
                // No tag ends any more: the rest is text.
                closed = false;
                text.Add("<");
                at = tag + 1;
                continue;
            }

            var (name, isEnd) = NameOf(html.AsSpan(tag + 1, end - tag - 1));
            at = end + 1;
            if (name.Length == 0)
            {
                if (!isEnd && html[tag + 1] is not ('!' or '?'))
                {
                    text.Add("<");
                    at = tag + 1;
                }

                continue;
            }

            if (!isEnd && Silent.Contains(name))
            {
                at = html[end - 1] == '/' ? at : Behind(html, "</" + name, at);
                at = at < html.Length ? Behind(html, ">", at) : at;
            }
            else if (Blocks.Contains(name))
            {
                text.Break(Rows.Contains(name) ? 1 : 2);
                if (!isEnd && name.Equals("li", StringComparison.OrdinalIgnoreCase))
                {
                    text.Add("• ");
                }
            }
            else if (name is "td" or "th" or "TD" or "TH")
            {
                text.Add(" ");
            }
            else if (name is "a" or "A")
            {
                if (link.Length > 0)
                {
                    text.AddLink(link, labelFrom);
                }

                link = isEnd ? "" : Attribute(html.AsSpan(tag, Math.Min(end - tag, MaxTag)), "href");
                labelFrom = text.Length;
            }
            else if (name is "img" or "IMG" && Attribute(html.AsSpan(tag, Math.Min(end - tag, MaxTag)), "alt") is { Length: > 0 } alt)
            {
                text.Add($"[{alt}]");
            }
        }

        if (link.Length > 0)
        {
            text.AddLink(link, labelFrom);
        }

        return text.ToString();
    }

    private static int Behind(string html, string what, int from)
    {
        var found = html.IndexOf(what, Math.Min(from, html.Length), StringComparison.OrdinalIgnoreCase);
        return found < 0 ? html.Length : found + what.Length;
    }

    private static (string Name, bool IsEnd) NameOf(ReadOnlySpan<char> tag)
    {
        var isEnd = tag.StartsWith("/");
        var rest = isEnd ? tag[1..] : tag;
        var length = 0;
        while (length < rest.Length && length < 20 && char.IsAsciiLetterOrDigit(rest[length]))
        {
            length++;
        }

        return length > 0 && char.IsAsciiLetter(rest[0]) ? (rest[..length].ToString(), isEnd) : ("", isEnd);
    }

    // <name *( WSP attribute [ "=" value ] ) ["/"] >; what stands in quotes is no attribute.
    private static string Attribute(ReadOnlySpan<char> tag, ReadOnlySpan<char> wanted)
    {
        var at = tag.IndexOfAny(" \t\r\n/");
        while (at >= 0 && at < tag.Length)
        {
            at += tag[at..].Length - tag[at..].TrimStart(" \t\r\n/").Length;
            var rest = tag[at..];
            var end = rest.IndexOfAny(" \t\r\n/=>");
            end = end < 0 ? rest.Length : end;
            var name = rest[..end];
            var after = rest[end..].TrimStart();
            if (!after.StartsWith("="))
            {
                at = end == 0 ? at + 1 : tag.Length - after.Length;
                continue;
            }

            var value = after[1..].TrimStart();
            if (name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            {
                return Value(value);
            }

            var quoted = value.Length > 0 && value[0] is '"' or '\'';
            var close = quoted ? value[1..].IndexOf(value[0]) + 2 : value.IndexOfAny(" \t\r\n>");
            at = close <= 0 || (quoted && close == 1) ? tag.Length : tag.Length - value.Length + close;
        }

        return "";
    }

    private static string Value(ReadOnlySpan<char> text)
    {
        var quoted = text.Length > 0 && text[0] is '"' or '\'';
        var value = quoted ? text[1..] : text;
        var end = quoted ? value.IndexOf(text[0]) : value.IndexOfAny(" \t\r\n>");
        value = end < 0 ? value : value[..end];
        var decoded = WebUtility.HtmlDecode(value[..Math.Min(value.Length, MaxLink)].ToString());
        return string.Concat(decoded.Where(static c => !char.IsControl(c) && !char.IsWhiteSpace(c)));
    }

    /// <summary>Text as it grows: runs of white space are one blank, runs of breaks are at most two.</summary>
    private sealed class Shown(int most)
    {
        private readonly StringBuilder _text = new();
        private int _breaks = 2;
        private bool _blank;

        public bool IsFull => _text.Length >= most;

        public int Length => _text.Length;

        public void Add(string text)
        {
            foreach (var c in text)
            {
                if (IsFull)
                {
                    return;
                }

                if (IsDirection(c))
                {
                    continue;
                }

                if (char.IsWhiteSpace(c) || char.IsControl(c))
                {
                    _blank = true;
                    continue;
                }

                if (_blank && _breaks == 0)
                {
                    _text.Append(' ');
                }

                _text.Append(c);
                (_blank, _breaks) = (false, 0);
            }
        }

        /// <param name="most">No more than so many in a row.</param>
        public void Break(int most)
        {
            if (_breaks < most && !IsFull)
            {
                _text.Append('\n');
                _breaks++;
            }

            _blank = false;
        }

        /// <summary>Where the text since <paramref name="from"/> leads, unless it says just that.</summary>
        public void AddLink(string target, int from)
        {
            var label = _text.ToString(from, _text.Length - from).Trim();
            if (label != target && !IsFull)
            {
                Add($" <{target}>");
            }
        }

        // The explicit directional formatting characters of UAX #9: they would turn what stands around them.
        private static bool IsDirection(char c) => c is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

        public override string ToString() => _text.ToString().Trim();
    }
}
