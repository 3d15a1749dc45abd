using System.Globalization;
using System.Net;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// Step (3): HTML becomes the text that people see, and leaves tokens of what is peculiar: elements, links, colours, what is hidden. It reads tags as browsers
/// do where they are broken; one pass, no tree.
/// </summary>
internal static class HtmlTokens
{
    private const int MaxTag = 2_000;

    // What stands between these is not shown.
    private static readonly string[] Silent = ["script", "style", "title", "noscript"];
    private static readonly string[] Inline = ["a", "b", "i", "u", "em", "strong", "font", "span", "big", "small", "sup", "sub", "s", "tt", "code", "abbr", "ins", "del", "strike", "blink", "nobr", "wbr", "label", "mark"];

    /// <summary>Reads one part.</summary>
    /// <param name="html">The part's characters.</param>
    /// <param name="plain">Room for its text: as long as it.</param>
    /// <param name="tokens">Take what is found.</param>
    /// <returns>Characters written to <paramref name="plain"/>.</returns>
    public static int Read(ReadOnlySpan<char> html, Span<char> plain, MessageTokens tokens)
    {
        int length = 0, tags = 0, images = 0, links = 0, broken = 0, comments = 0;
        int linkFrom = -1;
        ReadOnlySpan<char> linkHost = default;
        Span<char> lower = stackalloc char[16];
        for (int at = 0; at < html.Length;)
        {
            int open = html[at..].IndexOfAny('<', '&');
            ReadOnlySpan<char> text = open < 0 ? html[at..] : html.Slice(at, open);
            text.CopyTo(plain[length..]);
            length += text.Length;
            if (open < 0)
            {
                break;
            }

            at += open;
            if (html[at] == '&')
            {
                at += ReadEntity(html[at..], plain, ref length, tokens);
                continue;
            }

            if (html[at..].StartsWith("<!--"))
            {
                int end = html[(at + 4)..].IndexOf("-->");
                // Between the letters of a word it hides the word.
                if (at > 0 && char.IsAsciiLetter(html[at - 1]) && end >= 0 && at + 7 + end < html.Length && char.IsAsciiLetter(html[at + 7 + end]))
                {
                    tokens.Add(TokenKind.Html, "comment within a word");
                }

                comments++;
                at = end < 0 ? html.Length : at + 4 + end + 3;
                continue;
            }

            int close = html[at..].IndexOf('>');
            if (close < 0 || at + 1 >= html.Length || (!char.IsAsciiLetter(html[at + 1]) && html[at + 1] is not ('/' or '!' or '?')))
            {
                plain[length++] = '<';
                at++;
                continue;
            }

            ReadOnlySpan<char> tag = html.Slice(at + 1, Math.Min(close - 1, MaxTag));
            at += close + 1;
            tags++;
            ReadOnlySpan<char> name = NameOf(tag, lower, out bool isEnd);
            if (name.IsEmpty)
            {
                broken++;
                continue;
            }

            if (!isEnd)
            {
                tokens.Add(TokenKind.Html, "<", name);
                images += name is "img" ? 1 : 0;
                links += name is "a" ? 1 : 0;
                ReadAttributes(name, tag, tokens, ref linkHost);
                if (name is "a")
                {
                    linkFrom = length;
                }
            }
            else if (name is "a" && linkFrom >= 0)
            {
                ReadLabel(plain[linkFrom..length], linkHost, tokens);
                linkFrom = -1;
                linkHost = default;
            }

            if (!isEnd && Contains(Silent, name))
            {
                at = Behind(html, at, name);
            }
            else if (!Contains(Inline, name) && length < plain.Length)
            {
                plain[length++] = name is "td" or "th" or "img" ? ' ' : '\n';
            }
        }

        tokens.AddCount(TokenKind.Html, "tags ", tags);
        tokens.AddCount(TokenKind.Html, "images ", images);
        tokens.AddCount(TokenKind.Html, "links ", links);
        tokens.AddCount(TokenKind.Html, "broken tags ", Math.Min(broken, 8));
        tokens.AddCount(TokenKind.Html, "comments ", Math.Min(comments, 16));
        tokens.AddCount(TokenKind.Html, "octets a letter of text ", Math.Min(html.Length / Math.Max(1, length), 32));
        return length;
    }

    // &name; &#1; &#x1; what is none stays as it is.
    private static int ReadEntity(ReadOnlySpan<char> text, Span<char> plain, ref int length, MessageTokens tokens)
    {
        int end = text[..Math.Min(text.Length, 12)].IndexOf(';');
        if (end < 2)
        {
            plain[length++] = '&';
            return 1;
        }

        ReadOnlySpan<char> name = text[1..end];
        if (name[0] == '#')
        {
            bool hex = name.Length > 1 && name[1] is 'x' or 'X';
            if (uint.TryParse(hex ? name[2..] : name[1..], hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number is > 0 and < 0x10000)
            {
                if (number is > 32 and < 127 && char.IsAsciiLetterOrDigit((char)number))
                {
                    tokens.Add(TokenKind.Html, "letters written as numbers");
                }

                plain[length++] = (char)number;
                return end + 1;
            }

            plain[length++] = ' ';
            return end + 1;
        }

        char known = name switch
        {
            "nbsp" => ' ',
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            "yen" => '\u00A5',
            "copy" => '\u00A9',
            "zwnj" => '\u200C',
            "shy" => '\u00AD',
            _ => '\0',
        };
        if (known == '\0')
        {
            string decoded = WebUtility.HtmlDecode(text[..(end + 1)].ToString());
            known = decoded.Length == 1 ? decoded[0] : ' ';
        }

        plain[length++] = known;
        return end + 1;
    }

    private static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> tag, Span<char> lower, out bool isEnd)
    {
        isEnd = tag.StartsWith("/");
        ReadOnlySpan<char> rest = isEnd ? tag[1..] : tag;
        int length = 0;
        while (length < rest.Length && length < lower.Length && char.IsAsciiLetterOrDigit(rest[length]))
        {
            lower[length] = (char)(rest[length] | 0x20);
            length++;
        }

        return length > 0 && char.IsAsciiLetter(rest[0]) ? lower[..length] : default;
    }

    // <name *( WSP attribute [ "=" value ] ) ["/"] >
    private static void ReadAttributes(scoped ReadOnlySpan<char> name, ReadOnlySpan<char> tag, MessageTokens tokens, ref ReadOnlySpan<char> linkHost)
    {
        Span<char> lower = stackalloc char[16];
        int at = name.Length;
        for (int count = 0; count < 30; count++)
        {
            while (at < tag.Length && (tag[at] <= ' ' || tag[at] == '/'))
            {
                at++;
            }

            int start = at;
            while (at < tag.Length && tag[at] > ' ' && tag[at] is not ('=' or '/'))
            {
                at++;
            }

            if (at == start)
            {
                if (at >= tag.Length)
                {
                    return;
                }

                at++;
                continue;
            }

            ReadOnlySpan<char> attribute = lower[..Math.Max(0, tag[start..Math.Min(at, start + lower.Length)].ToLowerInvariant(lower))];
            while (at < tag.Length && tag[at] <= ' ')
            {
                at++;
            }

            if (at >= tag.Length || tag[at] != '=')
            {
                continue;
            }

            at++;
            ReadOnlySpan<char> value = ReadValue(tag, ref at);
            ReadAttribute(name, attribute, value, tokens, ref linkHost);
        }
    }

    private static ReadOnlySpan<char> ReadValue(ReadOnlySpan<char> tag, scoped ref int at)
    {
        while (at < tag.Length && tag[at] <= ' ')
        {
            at++;
        }

        if (at >= tag.Length)
        {
            return default;
        }

        ReadOnlySpan<char> value;
        if (tag[at] is '"' or '\'')
        {
            int end = tag[(at + 1)..].IndexOf(tag[at]);
            value = end < 0 ? tag[(at + 1)..] : tag.Slice(at + 1, end);
            at = end < 0 ? tag.Length : at + end + 2;
            return value;
        }

        int start = at;
        while (at < tag.Length && tag[at] > ' ')
        {
            at++;
        }

        return tag[start..at];
    }

    private static void ReadAttribute(scoped ReadOnlySpan<char> name, scoped ReadOnlySpan<char> attribute, ReadOnlySpan<char> value, MessageTokens tokens, ref ReadOnlySpan<char> linkHost)
    {
        Span<char> lower = stackalloc char[40];
        switch (attribute)
        {
            case "href" or "src" or "background" or "action":
                tokens.Add(TokenKind.LinkForm, attribute);
                ReadOnlySpan<char> host = LinkTokens.Read(value, tokens);
                linkHost = name is "a" ? host : linkHost;
                break;
            case "width" or "height" when value is "1" or "0" or "1px" or "0px":
                tokens.Add(TokenKind.Html, "a picture of one point");
                break;
            case "color" or "bgcolor" or "face" or "size" or "align" or "type" or "method" or "target" or "http-equiv" or "border" or "width" or "lang" or "name":
                Span<char> head = stackalloc char[16];
                attribute.CopyTo(head);
                head[attribute.Length] = '=';
                tokens.Add(TokenKind.Html, head[..(attribute.Length + 1)], lower[..TextTokens.Fold(value, lower)]);
                break;
            case "style":
                ReadStyle(value, tokens);
                break;
            case "onload" or "onclick" or "onmouseover" or "onerror":
                tokens.Add(TokenKind.Html, "script in an attribute");
                break;
        }
    }

    private static void ReadStyle(ReadOnlySpan<char> style, MessageTokens tokens)
    {
        if (style.IndexOf("display:none", StringComparison.OrdinalIgnoreCase) >= 0 || style.IndexOf("display: none", StringComparison.OrdinalIgnoreCase) >= 0
            || style.IndexOf("visibility:hidden", StringComparison.OrdinalIgnoreCase) >= 0)
        {
            tokens.Add(TokenKind.Html, "not displayed");
        }

        if (style.IndexOf("font-size:0", StringComparison.OrdinalIgnoreCase) >= 0 || style.IndexOf("font-size: 0", StringComparison.OrdinalIgnoreCase) >= 0
            || style.IndexOf("font-size:1px", StringComparison.OrdinalIgnoreCase) >= 0)
        {
            tokens.Add(TokenKind.Html, "letters of no size");
        }
    }

    // A label that names another host than the link leads to.
    private static void ReadLabel(ReadOnlySpan<char> label, ReadOnlySpan<char> host, MessageTokens tokens)
    {
        label = label.Trim();
        int scheme = label.IndexOf("://");
        if (scheme is > 0 and < 8)
        {
            label = label[(scheme + 3)..];
        }
        else if (!label.StartsWith("www.", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        int end = label.IndexOfAny("/ ?#\n");
        label = end < 0 ? label : label[..end];
        if (host.Length > 0 && label.IndexOf('.') > 0)
        {
            bool same = LinkTokens.Registered(label).Equals(LinkTokens.Registered(host), StringComparison.OrdinalIgnoreCase);
            tokens.Add(TokenKind.LinkForm, same ? "the label names the host" : "the label names another host");
        }
    }

    private static int Behind(ReadOnlySpan<char> html, int at, ReadOnlySpan<char> name)
    {
        while (true)
        {
            int end = html[at..].IndexOf("</");
            if (end < 0)
            {
                return html.Length;
            }

            at += end + 2;
            if (html[at..].StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                int close = html[at..].IndexOf('>');
                return close < 0 ? html.Length : at + close + 1;
            }
        }
    }

    private static bool Contains(string[] names, ReadOnlySpan<char> name)
    {
        foreach (string known in names)
        {
            if (name.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }
}
