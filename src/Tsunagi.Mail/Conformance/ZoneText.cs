using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tsunagi.Mail.Conformance;

/// <summary>
/// DNS answers as lines of text, close to what dig prints and zone files hold:
/// <code>
/// record  = name [ttl] ["IN"] type data          ; a line that begins with a blank goes on with the name before it
/// type    = "A" / "AAAA" / "CNAME" / "MX" / "PTR" / "TXT"
/// data    = of A and AAAA an address; of CNAME and PTR a name; of MX a number and a name; of TXT either quoted strings, joined, over several lines within
///           parentheses, or the rest of the line as it stands
/// marker  = name [type] ("SERVFAIL" / "TIMEOUT") / name "NODATA"
/// comment = ";" or "#" at the beginning of a line, or behind a record that is no unquoted text
/// </code>
/// A name of PTR may be an address. What stands nowhere does not exist.
/// </summary>
internal static class ZoneText
{
    public const string Types = "A, AAAA, CNAME, MX, PTR, TXT, or SERVFAIL, TIMEOUT, NODATA in its place";

    /// <summary>Most characters of a file.</summary>
    public const int MaxCharacters = 16 * 1024 * 1024;

    /// <summary>Most octets of one TXT record (RFC 1035 section 3.2.1: the length of data has 16 bits).</summary>
    public const int MaxText = 65_535;

    private const int MaxName = 253;
    private const int MaxLabel = 63;

    /// <exception cref="FormatException">A line is none: where, and what is allowed.</exception>
    public static IReadOnlyList<(string Name, string Type, string Value)> Read(string text)
    {
        if (text.Length > MaxCharacters)
        {
            throw new FormatException($"the file is longer than {MaxCharacters} characters");
        }

        var records = new List<(string, string, string)>();

        // One character an octet from here on: what is not ASCII is UTF-8, and \DDD is an octet by itself.
        var lines = new Lines(Ascii.IsValid(text) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)));
        var name = "";
        while (lines.MoveNext())
        {
            var goesOn = lines.Peek() is ' ' or '\t';
            lines.SkipBlanks();
            if (lines.IsOver)
            {
                continue;
            }

            if (!goesOn)
            {
                name = NameOf(ref lines);
            }
            else if (name.Length == 0)
            {
                throw lines.Wrong("this line goes on with the name before it, and there is none", "a name at the beginning of the line");
            }

            ReadRecord(ref lines, name, records);
        }

        return records;
    }

    private static void ReadRecord(ref Lines lines, string name, List<(string, string, string)> records)
    {
        var word = lines.Word();
        if (word.Length > 0 && word.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0)
        {
            word = lines.Word();
        }

        if (word.Equals("IN", StringComparison.OrdinalIgnoreCase))
        {
            word = lines.Word();
        }

        var type = word.ToUpperInvariant();
        switch (type)
        {
            case "SERVFAIL" or "TIMEOUT":
                records.Add((name, "TIMEOUT", ""));
                break;
            case "NODATA":
                records.Add((name, type, ""));
                break;
            case "A" or "AAAA" or "CNAME" or "MX" or "PTR" or "TXT":
                lines.SkipBlanks();
                var owner = type == "PTR" && IPAddress.TryParse(name, out var address) ? ZoneFile.Reverse(address) : name;
                records.Add((owner, type, lines.TryMarker() ? "TIMEOUT" : DataOf(ref lines, type)));
                break;
            default:
                throw lines.Wrong(word.Length == 0 ? $"behind '{name}' there is no type" : $"'{word}' is no type of record", Types, word.Length);
        }

        lines.SkipBlanks();
        if (!lines.IsOver)
        {
            throw lines.Wrong($"something stands behind the {type} record of {name}", "one record a line; a comment begins with ';' or '#'");
        }
    }

    private static string DataOf(ref Lines lines, string type)
    {
        switch (type)
        {
            case "TXT":
                return TextOf(ref lines);
            case "MX":
                var preference = lines.Word();
                if (!ushort.TryParse(preference, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    throw lines.Wrong($"'{preference}' is no preference", "0 to 65535 before the name of the host", preference.Length);
                }

                lines.SkipBlanks();
                return string.Create(CultureInfo.InvariantCulture, $"{number} {NameOf(ref lines, mayBeRoot: true)}");
            case "A" or "AAAA":
                var word = lines.Word();
                var family = type == "A" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
                return IPAddress.TryParse(word, out var address) && address.AddressFamily == family
                    ? word
                    : throw lines.Wrong($"'{word}' is no address of type {type}", type == "A" ? "an IPv4 address such as 192.0.2.1" : "an IPv6 address such as 2001:db8::1", word.Length);
            default:
                return NameOf(ref lines);
        }
    }

    private static string NameOf(ref Lines lines, bool mayBeRoot = false)
    {
        var word = lines.Word();
        if (mayBeRoot && word == ".")
        {
            return "";
        }

        var name = word.TrimEnd('.');
        if (name.Length is 0 or > MaxName || name.Split('.').Any(static label => label.Length is 0 or > MaxLabel) || name.AsSpan().ContainsAnyExceptInRange('!', '~') || name[0] == '$')
        {
            throw lines.Wrong(
                word.StartsWith('$') ? $"'{word}' is a directive, and none are read" : $"'{word}' is no name", "labels of 1 to 63 visible ASCII characters with dots between them, 253 together", word.Length);
        }

        return name;
    }

    private static string TextOf(ref Lines lines)
    {
        if (lines.Peek() is not ('"' or '('))
        {
            var rest = lines.Rest();
            return rest.Length > MaxText ? throw lines.Wrong($"the text has {rest.Length} octets", $"at most {MaxText}") : rest;
        }

        var text = new StringBuilder();
        var inParentheses = false;
        while (true)
        {
            lines.SkipBlanks();
            var c = lines.Peek();
            if (c == '"')
            {
                lines.String(text);
                if (text.Length > MaxText)
                {
                    throw lines.Wrong("the text is too long", $"at most {MaxText} octets");
                }
            }
            else if (c == '(' && !inParentheses)
            {
                inParentheses = true;
                lines.Skip();
            }
            else if (c == ')' && inParentheses)
            {
                lines.Skip();
                return text.ToString();
            }
            else if (!lines.IsOver)
            {
                throw lines.Wrong($"'{c}' is no beginning of a string", inParentheses ? "strings in quotes, and a closing parenthesis" : "strings in quotes");
            }
            else if (!inParentheses)
            {
                return text.ToString();
            }
            else if (!lines.MoveNext())
            {
                throw lines.Wrong("a parenthesis is not closed", "')' behind the last string");
            }
        }
    }

    /// <summary>The lines of a file, with the place in each.</summary>
    private ref struct Lines(string text)
    {
        private SpanLineEnumerator _lines = text.AsSpan().EnumerateLines();
        private ReadOnlySpan<char> _line;
        private int _number;
        private int _at;

        /// <summary>Nothing more stands in this line, or a comment.</summary>
        public readonly bool IsOver => _at >= _line.Length || _line[_at] is ';' or '#';

        public bool MoveNext()
        {
            if (!_lines.MoveNext())
            {
                return false;
            }

            _line = _lines.Current;
            _at = 0;
            _number++;
            return true;
        }

        public readonly char Peek() => _at < _line.Length ? _line[_at] : '\0';

        public void Skip() => _at++;

        public void SkipBlanks()
        {
            while (_at < _line.Length && _line[_at] is ' ' or '\t')
            {
                _at++;
            }
        }

        public string Word()
        {
            SkipBlanks();
            var start = _at;
            while (_at < _line.Length && _line[_at] is not (' ' or '\t'))
            {
                _at++;
            }

            return _line[start.._at].ToString();
        }

        public string Rest()
        {
            var rest = _line[_at..].TrimEnd(" \t").ToString();
            _at = _line.Length;
            return rest;
        }

        /// <summary>SERVFAIL or TIMEOUT alone in the place of data.</summary>
        public bool TryMarker()
        {
            var rest = _line[_at..].TrimEnd(" \t");
            if (!rest.Equals("SERVFAIL", StringComparison.OrdinalIgnoreCase) && !rest.Equals("TIMEOUT", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            _at = _line.Length;
            return true;
        }

        // <character-string> in quotes; \X is X, \DDD the octet (RFC 1035 section 5.1)
        public void String(StringBuilder to)
        {
            var opened = _at++;
            while (_at < _line.Length && _line[_at] != '"')
            {
                var c = _line[_at++];
                if (c == '\\' && _at + 3 <= _line.Length && byte.TryParse(_line.Slice(_at, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var octet))
                {
                    to.Append((char)octet);
                    _at += 3;
                }
                else
                {
                    to.Append(c == '\\' && _at < _line.Length ? _line[_at++] : c);
                }
            }

            if (_at >= _line.Length)
            {
                _at = opened;
                throw Wrong("a quote is not closed", "'\"' at the end of the string, in the same line");
            }

            _at++;
        }

        /// <param name="back">Characters behind which the place already is.</param>
        public readonly FormatException Wrong(string what, string allowed, int back = 0) =>
            new(string.Create(CultureInfo.InvariantCulture, $"line {_number}, column {_at - back + 1}: {what}; allowed: {allowed}"));
    }
}
