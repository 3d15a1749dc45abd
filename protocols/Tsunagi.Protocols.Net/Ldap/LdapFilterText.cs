using System.Globalization;
using System.Text;

namespace Tsunagi.Protocols.Net.Ldap;

/// <summary>Reads the text of filters, RFC 4515 section 3.</summary>
internal ref struct LdapFilterText
{
    private readonly string _text;
    private int _at;
    private string _error;

    private LdapFilterText(string text)
    {
        _text = text;
        _error = "";
    }

    private readonly char Next => _at < _text.Length ? _text[_at] : '\0';

    public static bool TryParse(string text, out LdapFilter? filter, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        filter = null;
        if (text.Length > LdapFilter.LongestText)
        {
            error = $"longer than {LdapFilter.LongestText} characters";
            return false;
        }

        var reader = new LdapFilterText(text);
        filter = reader.Read(0);
        if (filter is not null && reader._at != text.Length)
        {
            filter = reader.Bad("more follows the filter's last parenthesis");
        }

        error = reader._error;
        return filter is not null;
    }

    // filter = LPAREN filtercomp RPAREN
    private LdapFilter? Read(int depth)
    {
        if (depth > LdapFilter.Deepest)
        {
            return Bad($"deeper than {LdapFilter.Deepest}");
        }

        if (Next != '(')
        {
            return Bad("a '(' is missing");
        }

        _at++;
        var filter = Next is '&' or '|' or '!' ? ReadGroup(depth) : ReadItem();
        if (filter is null)
        {
            return null;
        }

        if (Next != ')')
        {
            return Bad("a ')' is missing");
        }

        _at++;
        return filter;
    }

    // and = AMPERSAND filterlist, or = VERTBAR filterlist, not = EXCLAMATION filter
    private LdapFilter? ReadGroup(int depth)
    {
        var sign = Next;
        _at++;
        var parts = new List<LdapFilter>();
        while (Next == '(')
        {
            if (Read(depth + 1) is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }

        // Empty lists are the filters that are always true and never (RFC 4526).
        return sign == '!' && parts.Count != 1 ? Bad("'!' takes one filter") : new LdapFilter.Group(sign, parts);
    }

    // item = attr filtertype assertionvalue / attr "=*" / attr "=" [initial] any [final] / attr [":dn"] [":" rule] ":=" value
    private LdapFilter? ReadItem()
    {
        var attribute = ReadName();
        if (Next == ':')
        {
            return ReadExtensible(attribute);
        }

        if (attribute.Length == 0)
        {
            return Bad("the name of an attribute is missing");
        }

        var sign = Next == '=' ? "=" : _at + 1 < _text.Length && _text[_at + 1] == '=' && Next is '>' or '<' or '~' ? $"{Next}=" : "";
        if (sign.Length == 0)
        {
            return Bad("'=', '>=', '<=' or '~=' is missing");
        }

        _at += sign.Length;
        var pieces = ReadPieces();
        return pieces switch
        {
            null => null,
            [var value] => new LdapFilter.Compare(attribute, sign, value),
            _ when sign != "=" => Bad("'*' stands in a comparison by order"),
            ["", ""] => new LdapFilter.Present(attribute),
            _ when pieces.Skip(1).SkipLast(1).Any(static piece => piece.Length == 0) => Bad("nothing stands between two '*'"),
            _ => new LdapFilter.Substrings(attribute, pieces),
        };
    }

    private LdapFilter? ReadExtensible(string attribute)
    {
        var withDn = false;
        if (string.Compare(_text, _at, ":dn:", 0, 4, StringComparison.OrdinalIgnoreCase) == 0)
        {
            (withDn, _at) = (true, _at + 3);
        }

        _at++;
        var rule = ReadName();
        if (rule.Length > 0)
        {
            if (Next != ':')
            {
                return Bad("':=' is missing");
            }

            _at++;
        }

        if (Next != '=' || (rule.Length == 0 && attribute.Length == 0))
        {
            return Bad("':=' is missing, or both the attribute and the rule");
        }

        _at++;
        return ReadPieces() switch
        {
            null => null,
            [var value] => new LdapFilter.Extensible(attribute, withDn, rule, value),
            _ => Bad("'*' stands in a comparison by a rule"),
        };
    }

    // attributedescription: a name or an object identifier, and options behind semicolons (RFC 4512 section 2.5)
    private string ReadName()
    {
        var start = _at;
        while (char.IsAsciiLetterOrDigit(Next) || Next is '-' or '.' or ';' or '_')
        {
            _at++;
        }

        return _text[start.._at];
    }

    // The octets between the asterisks, with "\xx" read.
    private List<string>? ReadPieces()
    {
        var pieces = new List<string>();
        var piece = new StringBuilder();
        for (; Next is not ')' and not '\0'; _at++)
        {
            switch (Next)
            {
                case '*':
                    pieces.Add(piece.ToString());
                    piece.Clear();
                    break;
                case '(':
                    Bad("'(' stands in a value; write \\28");
                    return null;
                case '\\':
                    if (_at + 2 >= _text.Length || !byte.TryParse(_text.AsSpan(_at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
                    {
                        Bad("two hexadecimal digits are missing after '\\'");
                        return null;
                    }

                    piece.Append((char)octet);
                    _at += 2;
                    break;
                default:
                    _ = char.IsAscii(Next) ? piece.Append(Next) : piece.Append(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(ReadRune())));
                    break;
            }
        }

        pieces.Add(piece.ToString());
        return pieces;
    }

    // One character outside ASCII, both halves of it.
    private string ReadRune()
    {
        if (char.IsHighSurrogate(Next) && _at + 1 < _text.Length && char.IsLowSurrogate(_text[_at + 1]))
        {
            _at++;
            return _text.Substring(_at - 1, 2);
        }

        return Next.ToString();
    }

    private LdapFilter? Bad(string reason)
    {
        _error = $"at character {_at + 1}: {reason}";
        return null;
    }
}
