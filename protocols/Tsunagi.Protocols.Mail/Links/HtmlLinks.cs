namespace Tsunagi.Protocols.Mail.Links;

/// <summary>
/// Links of HTML: attributes that lead somewhere, refreshes, styles, and those in the text that people see; one pass, no tree, linear in time. Tags are read as browsers read them where they are broken. The text of an anchor is kept until its
/// end, to see whether it shows a host.
/// </summary>
internal ref struct HtmlLinks
{
    private const int MaxCondition = 200;

    // Places in Attributes.
    private const int Href = 0;
    private const int XlinkHref = 1;
    private const int Action = 6;
    private const int Formaction = 7;
    private const int Style = 8;
    private const int HttpEquiv = 9;
    private const int Content = 10;

    private static readonly string[] Attributes = ["href", "xlink:href", "src", "background", "poster", "data", "action", "formaction", "style", "http-equiv", "content"];

    private readonly ReadOnlySpan<char> _html;
    private readonly Span<char> _plain;
    private readonly Span<char> _href;
    private readonly MessageLinks _links;
    private int _length;
    private int _labelFrom = -1;
    private int _hrefLength;
    private bool _noMoreTags;
    private int _lastQuote = int.MaxValue;
    private int _lastApostrophe = int.MaxValue;

    private HtmlLinks(ReadOnlySpan<char> html, Span<char> plain, Span<char> href, MessageLinks links)
    {
        _html = html;
        _plain = plain;
        _href = href;
        _links = links;
    }

    /// <summary>Reads one part.</summary>
    /// <param name="html">Its characters.</param>
    /// <param name="plain">Room for its text: as long as it, and 16 more.</param>
    /// <param name="href">Room for two links.</param>
    /// <param name="links">Take what is found.</param>
    public static void Read(ReadOnlySpan<char> html, Span<char> plain, Span<char> href, MessageLinks links)
    {
        var reader = new HtmlLinks(html, plain, href, links);
        reader.Read();
        reader.EndAnchor();
        TextLinks.Read(plain[..reader._length], links);
    }

    private void Read()
    {
        for (int at = 0; at < _html.Length && !_links.IsFull;)
        {
            int next = _noMoreTags ? _html[at..].IndexOf('&') : _html[at..].IndexOfAny('<', '&');
            ReadOnlySpan<char> text = next < 0 ? _html[at..] : _html.Slice(at, next);
            text.CopyTo(_plain[_length..]);
            _length += text.Length;
            if (next < 0)
            {
                return;
            }

            at += next;
            if (_html[at] == '&')
            {
                at += CharacterReference.Read(_html[at..], _plain[_length..], out int written);
                _length += written;
            }
            else
            {
                at = ReadMarkup(at);
            }
        }
    }

    private int ReadMarkup(int at)
    {
        if (_html[at..].StartsWith("<!--"))
        {
            // Outlook shows what stands in a comment for it.
            if (_html[at..].StartsWith("<!--[if"))
            {
                int open = _html.Slice(at, Math.Min(MaxCondition, _html.Length - at)).IndexOf("]>");
                return open < 0 ? at + 4 : at + open + 2;
            }

            return EndOfComment(at);
        }

        bool isEnd = at + 1 < _html.Length && _html[at + 1] == '/';
        int from = at + (isEnd ? 2 : 1);
        if (from >= _html.Length || !(char.IsAsciiLetter(_html[from]) || (!isEnd && _html[from] is '!' or '?')))
        {
            _plain[_length++] = '<';
            return at + 1;
        }

        int nameEnd = from;
        while (nameEnd < _html.Length && (char.IsAsciiLetterOrDigit(_html[nameEnd]) || _html[nameEnd] is ':' or '-'))
        {
            nameEnd++;
        }

        ReadOnlySpan<char> name = _html[from..nameEnd];
        if (isEnd && IsName(name, "a"))
        {
            EndAnchor();
        }

        int close = ReadAttributes(name, nameEnd, isEnd || name.IsEmpty);
        if (close < 0)
        {
            // No tag ends behind here: all of it is text.
            _noMoreTags = true;
            _plain[_length++] = '<';
            return at + 1;
        }

        if (!isEnd && (IsName(name, "script") || IsName(name, "title")))
        {
            return Behind(close, name, out _);
        }

        if (!isEnd && IsName(name, "style"))
        {
            int behind = Behind(close, name, out int end);
            ReadStyle(_html[close..end]);
            return behind;
        }

        if (!IsInline(name))
        {
            _plain[_length++] = IsName(name, "td") || IsName(name, "th") || IsName(name, "img") ? ' ' : '\n';
        }

        return close;
    }

    // attribute = name [ *WSP "=" *WSP ( '"' *char '"' / "'" *char "'" / *char ) ]; ends at the first ">" that is in no quotes. The first of a name counts, as in browsers; none does in a tag that never ends.
    private int ReadAttributes(ReadOnlySpan<char> element, int at, bool isSkipped)
    {
        Span<Range> values = stackalloc Range[Attributes.Length];
        int seen = 0;
        while (at < _html.Length)
        {
            char c = _html[at];
            if (c == '>')
            {
                Take(element, values, isSkipped ? 0 : seen);
                return at + 1;
            }

            if (c <= ' ' || c is '/' or '"' or '\'' or '=')
            {
                at++;
                continue;
            }

            int length = _html[at..].IndexOfAny(" \t\r\n\f/>=");
            if (length < 0)
            {
                return -1;
            }

            length = Math.Max(length, 1);
            int slot = SlotOf(_html.Slice(at, length));
            at = SkipWhite(at + length);
            Range value = default;
            if (at < _html.Length && _html[at] == '=')
            {
                at = SkipWhite(at + 1);
                value = ReadValue(ref at);
            }

            if (slot >= 0 && (seen & (1 << slot)) == 0)
            {
                seen |= 1 << slot;
                values[slot] = value;
            }
        }

        return -1;
    }

    private Range ReadValue(scoped ref int at)
    {
        if (at >= _html.Length)
        {
            return default;
        }

        int start = at;
        char quote = _html[at];
        if (quote is '"' or '\'')
        {
            int end = FindQuote(quote, at + 1);
            if (end >= 0)
            {
                at = end + 1;
                return (start + 1)..end;
            }

            start = ++at;
        }

        int length = _html[at..].IndexOfAny(" \t\r\n\f>");
        at = length < 0 ? _html.Length : at + length;
        return start..at;
    }

    // A quote that is not there is looked for once.
    private int FindQuote(char quote, int from)
    {
        if (from > (quote == '"' ? _lastQuote : _lastApostrophe))
        {
            return -1;
        }

        int found = _html[from..].IndexOf(quote);
        if (found >= 0)
        {
            return from + found;
        }

        (_lastQuote, _lastApostrophe) = quote == '"' ? (from - 1, _lastApostrophe) : (_lastQuote, from - 1);
        return -1;
    }

    // In the order of Attributes.
    private void Take(ReadOnlySpan<char> element, scoped ReadOnlySpan<Range> values, int seen)
    {
        for (int slot = 0; seen >> slot != 0; slot++)
        {
            ReadOnlySpan<char> value = _html[values[slot]];
            if (value.IsEmpty)
            {
                continue;
            }

            switch (slot)
            {
                case Href:
                case XlinkHref when (seen & (1 << Href)) == 0:
                    ReadHref(element, value);
                    break;
                case > XlinkHref and < Action:
                    Add(value, LinkPlace.Resource);
                    break;
                case Action or Formaction:
                    Add(value, LinkPlace.Form);
                    break;
                case Style:
                    ReadStyle(value);
                    break;
                case Content when IsName(_html[values[HttpEquiv]].Trim(), "refresh"):
                    ReadRefresh(value);
                    break;
            }
        }
    }

    private void ReadHref(ReadOnlySpan<char> element, ReadOnlySpan<char> value)
    {
        if (IsName(element, "base"))
        {
            // Where no anchor's link waits for its text.
            Span<char> room = _href[(_href.Length / 2)..];
            _links.SetBase(room[..Clean(value, room)]);
        }
        else if (IsName(element, "a"))
        {
            // An anchor that was not ended ends where the next begins.
            EndAnchor();
            _hrefLength = Clean(value, _href);
            _labelFrom = _length;
        }
        else
        {
            Add(value, IsName(element, "link") ? LinkPlace.Resource : LinkPlace.Anchor);
        }
    }

    // The text of an anchor leads where the anchor does: it is no link of its own.
    private void EndAnchor()
    {
        if (_labelFrom < 0)
        {
            return;
        }

        _links.Add(_href[.._hrefLength], LinkPlace.Anchor, _plain[_labelFrom.._length]);
        _length = _labelFrom;
        _labelFrom = -1;
        if (_length < _plain.Length)
        {
            _plain[_length++] = ' ';
        }
    }

    private void Add(ReadOnlySpan<char> value, LinkPlace place)
    {
        Span<char> room = _href[(_href.Length / 2)..];
        _links.Add(room[..Clean(value, room)], place, default);
    }

    // content="0; url=https://…"
    private void ReadRefresh(ReadOnlySpan<char> content)
    {
        int url = content.IndexOf("url", StringComparison.OrdinalIgnoreCase);
        int sign = url < 0 ? -1 : content[url..].IndexOf('=');
        if (sign > 0)
        {
            Add(content[(url + sign + 1)..].Trim(" \t\r\n'\""), LinkPlace.Refresh);
        }
    }

    // url( "…" ), @import "…" (CSS)
    private void ReadStyle(ReadOnlySpan<char> style)
    {
        for (int at = 0; !_links.IsFull;)
        {
            int found = style[at..].IndexOf("//");
            if (found < 0)
            {
                return;
            }

            at += found;
            int start = at;
            while (start > 0 && at - start < 8 && (char.IsAsciiLetter(style[start - 1]) || style[start - 1] == ':'))
            {
                start--;
            }

            int length = style[at..].IndexOfAny("\"') \t\r\n;");
            int end = length < 0 ? style.Length : at + length;
            if (start > 0 && style[start - 1] is '(' or '"' or '\'' or ' ' or '&' or ';')
            {
                Add(style[start..end], LinkPlace.Resource);
            }

            at = Math.Max(end, at + 2);
            if (at >= style.Length)
            {
                return;
            }
        }
    }

    // What an attribute says: without references, controls and spaces around, and line ends within (URL standard, "C0 control or space", "remove all ASCII tab or newline"). What is longer than the room loses the end of its path or the
    // middle of its user information, never its host.
    private readonly int Clean(ReadOnlySpan<char> value, Span<char> to)
    {
        value = LinkText.Trim(value);
        to = to[..Math.Min(to.Length, _links.Limits.LinkCharacters)];
        if (value.Length <= to.Length && value.IndexOfAny("&\t\r\n") < 0)
        {
            value.CopyTo(to);
            return value.Length;
        }

        int length = 0;
        Span<char> two = stackalloc char[2];
        for (int at = 0; at < value.Length;)
        {
            if (length + 2 > to.Length)
            {
                int kept = LinkText.ShortenUser(to[..length]);
                if (kept == length)
                {
                    break;
                }

                length = kept;
            }

            int used = 1, written = 1;
            two[0] = value[at];
            if (value[at] == '&')
            {
                used = CharacterReference.Read(value[at..], two, out written);
            }

            for (int i = 0; i < written; i++)
            {
                // What stands before the first letter is not there, so that it takes no room either.
                if (two[i] is not ('\t' or '\r' or '\n') && (length > 0 || two[i] > ' '))
                {
                    to[length++] = two[i];
                }
            }

            at += used;
        }

        return LinkText.Trim(to[..length]).Length;
    }

    private readonly int SkipWhite(int at)
    {
        while (at < _html.Length && _html[at] <= ' ')
        {
            at++;
        }

        return at;
    }

    private readonly int Behind(int at, ReadOnlySpan<char> name, out int end)
    {
        while (true)
        {
            int found = _html[at..].IndexOf("</");
            if (found < 0)
            {
                end = _html.Length;
                return end;
            }

            end = at + found;
            at = end + 2;
            if (_html[at..].StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                int close = _html[at..].IndexOf('>');
                return close < 0 ? _html.Length : at + close + 1;
            }
        }
    }

    // comment = "<!--" *char ( "-->" / "--!>" ); "<!-->" and "<!--->" are whole ones (HTML standard, "comment start state"). One that never ends reaches to the end.
    private readonly int EndOfComment(int start)
    {
        for (int at = start + 2; _html[at..].IndexOf("--") is >= 0 and var found; at++)
        {
            at += found;
            ReadOnlySpan<char> behind = _html[(at + 2)..];
            if (behind.StartsWith(">"))
            {
                return at + 3;
            }

            if (at >= start + 4 && behind.StartsWith("!>"))
            {
                return at + 4;
            }
        }

        return _html.Length;
    }

    private static int SlotOf(ReadOnlySpan<char> name)
    {
        for (int slot = 0; slot < Attributes.Length; slot++)
        {
            if (IsName(name, Attributes[slot]))
            {
                return slot;
            }
        }

        return -1;
    }

    // What stands within a word without ending it.
    private static bool IsInline(ReadOnlySpan<char> name) => name.Length switch
    {
        0 => true,
        1 => char.ToLowerInvariant(name[0]) is 'a' or 'b' or 'i' or 'u' or 's',
        2 => IsName(name, "em") || IsName(name, "tt"),
        3 => IsName(name, "big") || IsName(name, "sup") || IsName(name, "sub") || IsName(name, "wbr") || IsName(name, "ins") || IsName(name, "del"),
        4 => IsName(name, "span") || IsName(name, "font") || IsName(name, "nobr") || IsName(name, "mark") || IsName(name, "code") || IsName(name, "abbr"),
        5 => IsName(name, "small") || IsName(name, "label") || IsName(name, "strike") || IsName(name, "blink"),
        6 => IsName(name, "strong") || IsName(name, "strike"),
        _ => false,
    };

    private static bool IsName(ReadOnlySpan<char> name, ReadOnlySpan<char> other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
