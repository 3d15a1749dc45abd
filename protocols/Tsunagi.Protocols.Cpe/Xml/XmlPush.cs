using System.Text;

namespace Tsunagi.Protocols.Cpe.Xml;

/// <summary>What the reader met, in the order of the document. One that returns a sentence ends the reading with it.</summary>
internal interface IXmlSink
{
    string? OnStart(string name, IReadOnlyList<XmlMark> marks);

    string? OnText(string text);

    string? OnEnd(string name);
}

/// <summary>An attribute: local name (an <c>xmlns:x</c> is named <c>xmlns</c>) and value.</summary>
internal readonly record struct XmlMark(string Name, string Value);

/// <summary>How far the document is read.</summary>
internal enum XmlStatus
{
    NeedMore,
    Done,
    Bad,
}

/// <summary>
/// Reads the XML that routers write, piece by piece, as octets come in: (1) the character set is found (UTF-8, UTF-16 by its mark, ISO-8859-1 by its declaration),
/// (2) whole tokens are taken off the front, (3) each is told to the sink, (4) what is left of a token waits for the next piece. Elements go by their local names,
/// whatever prefix stands before them, declared or not. Bare ampersands and less-than signs that begin no tag are text, octets that are no UTF-8 are ISO-8859-1,
/// NUL is left out. A document type declaration ends the reading: no entity but the five of XML and numbers is known, so nothing can expand.
/// </summary>
internal sealed class XmlPush(IXmlSink sink, int maxDepth, int maxMarks, int maxTagOctets, int maxTextOctets)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<XmlMark> _marks = [];
    private readonly List<string> _open = [];
    private byte[] _rest = [];
    private int _length;
    private int _searched;
    private long _before;
    private bool _sniffed;
    private bool _latin;
    private Decoder? _utf16;
    private bool _ended;

    /// <summary>What is wrong, once <see cref="Feed"/> said so.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Octets of whole tokens that were read.</summary>
    public long Offset => _before;

    /// <summary>Whether the root element is closed.</summary>
    public bool IsWhole => _ended;

    public XmlStatus Feed(ReadOnlySpan<byte> octets)
    {
        if (Problem.Length > 0)
        {
            return XmlStatus.Bad;
        }

        // (1)
        if (!_sniffed)
        {
            Keep(octets);
            if (_length < 2)
            {
                return XmlStatus.NeedMore;
            }

            octets = _rest.AsSpan(0, _length).ToArray();
            _length = 0;
            Sniff(octets);
        }

        if (_utf16 is not null)
        {
            var characters = new char[_utf16.GetCharCount(octets, flush: false)];
            var count = _utf16.GetChars(octets, characters, flush: false);
            octets = Encoding.UTF8.GetBytes(characters, 0, count);
        }

        // (2) (4)
        if (_length == 0)
        {
            var used = Take(octets);
            Keep(octets[Math.Max(0, used)..]);
        }
        else
        {
            Keep(octets);
            var used = Take(_rest.AsSpan(0, _length));
            if (used > 0)
            {
                _rest.AsSpan(used, _length - used).CopyTo(_rest);
                _length -= used;
            }
        }

        return Problem.Length > 0 ? XmlStatus.Bad : _ended ? XmlStatus.Done : XmlStatus.NeedMore;
    }

    private void Sniff(ReadOnlySpan<byte> octets)
    {
        _sniffed = true;
        _utf16 = (octets[0], octets[1]) switch
        {
            (0xFF, 0xFE) or ((byte)'<', 0) => Encoding.Unicode.GetDecoder(),
            (0xFE, 0xFF) or (0, (byte)'<') => Encoding.BigEndianUnicode.GetDecoder(),
            _ => null,
        };
    }

    private void Keep(ReadOnlySpan<byte> octets)
    {
        if (_rest.Length < _length + octets.Length)
        {
            Array.Resize(ref _rest, Math.Max(_length + octets.Length, _rest.Length * 2));
        }

        octets.CopyTo(_rest.AsSpan(_length));
        _length += octets.Length;
    }

    /// <summary>Takes whole tokens; how many octets they had.</summary>
    private int Take(ReadOnlySpan<byte> octets)
    {
        var at = 0;
        while (at < octets.Length)
        {
            var rest = octets[at..];
            var used = rest[0] == (byte)'<' ? Markup(rest) : Text(rest);
            if (Problem.Length > 0 || used == 0)
            {
                break;
            }

            at += used;
            _before += used;
            _searched = 0;
        }

        return at;
    }

    private int Bad(string problem)
    {
        Problem = problem;
        return 0;
    }

    private int Text(ReadOnlySpan<byte> rest)
    {
        var end = rest[_searched..].IndexOf((byte)'<');
        end = end < 0 ? rest.Length : end + _searched;
        if (_open.Count == 0)
        {
            // Marks of the byte order, blanks and NUL before and after the document.
            var strange = Strange(rest[..end]);
            _before += Math.Max(0, strange);
            return strange < 0 ? end : Bad(_ended ? "text after the end of the document" : "this is no XML");
        }

        if (end > maxTextOctets)
        {
            return Bad($"a text is longer than {maxTextOctets} octets");
        }

        if (end == rest.Length)
        {
            _searched = end;
            return 0;
        }

        return Tell(rest[..end], escaped: true) ? end : 0;
    }

    private static int Strange(ReadOnlySpan<byte> octets)
    {
        for (var i = 0; i < octets.Length; i++)
        {
            if (octets[i] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or 0 or 0xEF or 0xBB or 0xBF))
            {
                return i;
            }
        }

        return -1;
    }

    private bool Tell(ReadOnlySpan<byte> octets, bool escaped)
    {
        if (sink.OnText(Decode(octets, escaped)) is not { } wrong)
        {
            return true;
        }

        Problem = wrong;
        return false;
    }

    private int Markup(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 2)
        {
            return 0;
        }

        return rest[1] switch
        {
            (byte)'?' => Skip(rest, "?>"u8, 2),
            (byte)'!' => Declaration(rest),
            (byte)'/' => Close(rest),
            var octet when IsNameStart(octet) => Open(rest),
            _ when _open.Count == 0 => Bad("this is no XML"),

            // A less-than sign that begins no tag.
            _ => Tell("<"u8, escaped: false) ? 1 : 0,
        };
    }

    private int Skip(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> end, int begin)
    {
        var from = Math.Max(begin, _searched);
        var found = rest[from..].IndexOf(end);
        if (found >= 0)
        {
            if (rest[1] == (byte)'?' && _open.Count == 0)
            {
                _latin |= IsLatin(rest[..(from + found)]);
            }

            return from + found + end.Length;
        }

        _searched = Math.Max(begin, rest.Length - end.Length + 1);
        return rest.Length > maxTextOctets ? Bad($"a comment or instruction is longer than {maxTextOctets} octets") : 0;
    }

    private static bool IsLatin(ReadOnlySpan<byte> declaration)
    {
        var text = Encoding.Latin1.GetString(declaration);
        return text.Contains("8859-1", StringComparison.OrdinalIgnoreCase) || text.Contains("latin", StringComparison.OrdinalIgnoreCase) || text.Contains("1252", StringComparison.Ordinal);
    }

    private int Declaration(ReadOnlySpan<byte> rest)
    {
        if (rest.StartsWith("<!--"u8))
        {
            return Skip(rest, "-->"u8, 4);
        }

        if (rest.StartsWith("<![CDATA["u8))
        {
            var length = Skip(rest, "]]>"u8, 9);
            return length == 0 ? 0 : _open.Count == 0 ? Bad("text outside the root element") : Tell(rest[9..(length - 3)], escaped: false) ? length : 0;
        }

        return "<!--"u8.StartsWith(rest) || "<![CDATA["u8.StartsWith(rest) ? 0 : Bad("a document type declaration is not read");
    }

    private int Close(ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'>');
        if (end < 0)
        {
            return rest.Length > maxTagOctets ? Bad($"a tag is longer than {maxTagOctets} octets") : 0;
        }

        var name = Local(rest[2..end].Trim(" \t\r\n"u8));
        if (_open.Count == 0 || _open[^1] != name)
        {
            return Bad(_open.Count == 0 ? $"</{name}> closes nothing" : $"</{name}> closes <{_open[^1]}>");
        }

        return End() ? end + 1 : 0;
    }

    private bool End()
    {
        var name = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        _ended = _open.Count == 0;
        if (sink.OnEnd(name) is not { } wrong)
        {
            return true;
        }

        Problem = wrong;
        return false;
    }

    private int Open(ReadOnlySpan<byte> rest)
    {
        var end = TagEnd(rest);
        if (end < 0)
        {
            return rest.Length > maxTagOctets ? Bad($"a tag is longer than {maxTagOctets} octets") : 0;
        }

        if (_ended)
        {
            return Bad("a second document");
        }

        if (_open.Count == maxDepth)
        {
            return Bad($"elements are nested deeper than {maxDepth}");
        }

        var tag = rest[1..end];
        var empty = tag[^1] == (byte)'/';
        tag = empty ? tag[..^1] : tag;
        var nameEnd = tag.IndexOfAny(" \t\r\n"u8);
        var name = Local(nameEnd < 0 ? tag : tag[..nameEnd]);
        if (name.Length == 0 || name.AsSpan().IndexOfAny("<&\"'=\0") >= 0)
        {
            return Bad("an element has no name");
        }

        if (nameEnd >= 0 && !Marks(tag[nameEnd..]))
        {
            return 0;
        }

        _open.Add(name);
        if (sink.OnStart(name, nameEnd < 0 ? [] : _marks) is { } wrong)
        {
            return Bad(wrong);
        }

        return !empty || End() ? end + 1 : 0;
    }

    // The end of a tag is the first > outside quotes.
    private static int TagEnd(ReadOnlySpan<byte> rest)
    {
        byte quote = 0;
        for (var i = 1; i < rest.Length; i++)
        {
            var octet = rest[i];
            if (quote == 0 && octet == (byte)'>')
            {
                return i;
            }

            if (octet is (byte)'"' or (byte)'\'' && (quote == 0 || quote == octet))
            {
                quote = quote == 0 ? octet : (byte)0;
            }
        }

        return -1;
    }

    private bool Marks(ReadOnlySpan<byte> rest)
    {
        _marks.Clear();
        while (!(rest = rest.TrimStart(" \t\r\n"u8)).IsEmpty)
        {
            var equals = rest.IndexOf((byte)'=');
            var name = rest[..(equals < 0 ? rest.Length : equals)].Trim(" \t\r\n"u8);
            rest = equals < 0 ? [] : rest[(equals + 1)..].TrimStart(" \t\r\n"u8);
            var quoted = !rest.IsEmpty && rest[0] is (byte)'"' or (byte)'\'';
            var quote = quoted ? rest[0] : (byte)0;
            rest = quoted ? rest[1..] : rest;
            var end = quoted ? rest.IndexOf(quote) : rest.IndexOfAny(" \t\r\n"u8);
            var value = rest[..(end < 0 ? rest.Length : end)];
            rest = rest[Math.Min(rest.Length, value.Length + (quoted ? 1 : 0))..];
            if (_marks.Count == maxMarks)
            {
                Problem = $"an element has more than {maxMarks} attributes";
                return false;
            }

            _marks.Add(new XmlMark(name.StartsWith("xmlns"u8) ? "xmlns" : Local(name), Decode(value, escaped: true)));
        }

        return true;
    }

    private string Local(ReadOnlySpan<byte> name)
    {
        var colon = name.LastIndexOf((byte)':');
        name = name[(colon + 1)..];
        Span<char> characters = stackalloc char[64];
        if (name.Length > characters.Length || name.ContainsAnyExceptInRange((byte)0, (byte)127))
        {
            return Decode(name, escaped: false);
        }

        // The few names of a message come again thousands of times.
        characters = characters[..Encoding.Latin1.GetChars(name, characters)];
        var known = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.TryGetValue(characters, out var same))
        {
            return same;
        }

        var made = new string(characters);
        if (_names.Count < 256)
        {
            _names.Add(made);
        }

        return made;
    }

    private string Decode(ReadOnlySpan<byte> octets, bool escaped)
    {
        string text;
        try
        {
            text = (_latin && _utf16 is null ? Encoding.Latin1 : Strict).GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            text = Encoding.Latin1.GetString(octets);
        }

        return text.AsSpan().IndexOfAny("&\r\0") < 0 ? text : Resolve(text, escaped);
    }

    private static string Resolve(string text, bool escaped)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\0':
                    break;

                // Ends of lines (XML 1.0 section 2.11).
                case '\r':
                    result.Append('\n');
                    i += i + 1 < text.Length && text[i + 1] == '\n' ? 1 : 0;
                    break;
                case '&' when escaped && Reference(text.AsSpan(i), out var length) is { } character:
                    result.Append(character);
                    i += length - 1;
                    break;
                default:
                    result.Append(text[i]);
                    break;
            }
        }

        return result.ToString();
    }

    /// <summary>&amp;name; or &amp;#number; at the front; null when it is none, and the ampersand stands for itself.</summary>
    private static string? Reference(ReadOnlySpan<char> text, out int length)
    {
        length = text[..Math.Min(text.Length, 12)].IndexOf(';') + 1;
        if (length < 3)
        {
            return null;
        }

        var name = text[1..(length - 1)];
        if (name[0] != '#')
        {
            return name switch { "amp" => "&", "lt" => "<", "gt" => ">", "quot" => "\"", "apos" => "'", _ => null };
        }

        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var known = name.Length > 1 && name[1] is 'x' or 'X'
            ? int.TryParse(name[2..], System.Globalization.NumberStyles.AllowHexSpecifier, culture, out var number)
            : int.TryParse(name[1..], System.Globalization.NumberStyles.None, culture, out number);
        return !known || number == 0 || !Rune.TryCreate(number, out var rune) ? null : rune.ToString();
    }

    private static bool IsNameStart(byte octet) => octet is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z') or (byte)'_' or (byte)':' or >= 0x80;
}
