using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Tsunagi.Protocols.Mail.AuthResults;

/// <summary>Reads the grammar of RFC 8601 section 2.2 from an unfolded body.</summary>
internal ref struct AuthenticationResultsReader
{
    private readonly ReadOnlySpan<char> _text;
    private int _at;
    private string? _comment;

    private AuthenticationResultsReader(ReadOnlySpan<char> text) => _text = text;

    private readonly bool AtEnd => _at >= _text.Length;

    // authres-payload = [CFWS] authserv-id [ CFWS authres-version ] ( no-result / 1*resinfo ) [CFWS] CRLF
    public static bool TryRead(string text, out AuthenticationResults? results, out string reason)
    {
        results = null;
        var reader = new AuthenticationResultsReader(text);
        if (!reader.TrySkip() || !reader.TryValue(out string id))
        {
            return Bad("the authserv-id can not be read", out reason);
        }

        if (!reader.TrySkip() || !reader.TryVersion(out int version))
        {
            return Bad("what follows the authserv-id can not be read", out reason);
        }

        var list = ImmutableArray.CreateBuilder<AuthenticationResult>();
        bool none = false;
        do
        {
            if (!reader.TryTake(';'))
            {
                return Bad(reader.AtEnd && !none && list.Count == 0 ? "there are no results" : $"a result can not be read at {reader._at}", out reason);
            }

            // A semicolon behind the last result is not in the grammar and often there.
            if (!reader.TrySkip())
            {
                return Bad("a comment is not closed", out reason);
            }

            if (reader.AtEnd && (list.Count > 0 || none))
            {
                break;
            }

            if (!reader.TryResult(list.Count == 0, out AuthenticationResult? result))
            {
                return Bad($"a result can not be read at {reader._at}", out reason);
            }

            none |= result is null;
            if (result is not null && !none)
            {
                list.Add(result);
            }
        }
        while (!reader.AtEnd);
        results = new AuthenticationResults { AuthservId = id, Version = version, Results = list.ToImmutable() };
        reason = "";
        return true;
    }

    public static string? ReadAuthservId(string text)
    {
        var reader = new AuthenticationResultsReader(text);
        return reader.TrySkip() && reader.TryValue(out string id) ? id : null;
    }

    private bool TryVersion(out int version)
    {
        version = 1;
        int start = _at;
        while (!AtEnd && char.IsAsciiDigit(_text[_at]))
        {
            _at++;
        }

        return start == _at || (int.TryParse(_text[start.._at], NumberStyles.None, CultureInfo.InvariantCulture, out version) && TrySkip());
    }

    // resinfo = [CFWS] ";" methodspec [ CFWS reasonspec ] *( CFWS propspec ) ; no-result = "none"
    private bool TryResult(bool first, out AuthenticationResult? result)
    {
        result = null;
        if (!TryKeyword(out string method) || !TrySkip())
        {
            return false;
        }

        if (first && AtEnd && method.Equals("none", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        int version = 1;
        if (TryTake('/') && !(TrySkip() && TryVersion(out version)))
        {
            return false;
        }

        _comment = null;
        if (!TryTake('=') || !TrySkip() || !TryKeyword(out string outcome) || !TrySkip())
        {
            return false;
        }

        string? comment = _comment;
        string? reason = null;
        var properties = ImmutableArray.CreateBuilder<AuthenticationProperty>();
        while (!AtEnd && _text[_at] != ';')
        {
            if (!TryKeyword(out string type) || !TrySkip())
            {
                return false;
            }

            if (TryTake('='))
            {
                // "reason" is the only one without a property; others are written by some and mean nothing here.
                if (!TrySkip() || !TryPropertyValue(out string value) || !TrySkip())
                {
                    return false;
                }

                reason ??= type.Equals("reason", StringComparison.OrdinalIgnoreCase) ? value : null;
                continue;
            }

            if (!TryTake('.') || !TrySkip() || !TryKeyword(out string name) || !TrySkip() || !TryTake('=') || !TrySkip()
                || !TryPropertyValue(out string pvalue) || !TrySkip())
            {
                return false;
            }

            properties.Add(new AuthenticationProperty(type.ToLowerInvariant(), name.ToLowerInvariant(), pvalue));
        }

        result = new AuthenticationResult
        {
            Method = method.ToLowerInvariant(),
            MethodVersion = version,
            Result = outcome.ToLowerInvariant(),
            Reason = reason,
            Comment = comment,
            Properties = properties.ToImmutable(),
        };
        return true;
    }

    private bool TryKeyword(out string word)
    {
        int start = _at;
        while (!AtEnd && AuthenticationText.IsKeyword(_text.Slice(_at, 1)))
        {
            _at++;
        }

        word = _text[start.._at].ToString();
        return _at > start;
    }

    // value = token / quoted-string
    private bool TryValue(out string value) => !AtEnd && _text[_at] == '"' ? TryQuoted(out value) : TryRun("", out value);

    // pvalue: what senders put there without quotes too, such as paths and base64.
    private bool TryPropertyValue(out string value)
    {
        if (AtEnd || _text[_at] != '"')
        {
            return TryRun("@/=:,<>[]?", out value);
        }

        if (!TryQuoted(out value))
        {
            return false;
        }

        // [ [ local-part ] "@" ] domain-name with a quoted local part
        if (!AtEnd && _text[_at] == '@')
        {
            if (!TryRun("@", out string domain))
            {
                return false;
            }

            value += domain;
        }

        return true;
    }

    private bool TryRun(string also, out string value)
    {
        int start = _at;
        while (!AtEnd && (AuthenticationText.Token.Contains(_text[_at]) || _text[_at] > '~' || also.Contains(_text[_at], StringComparison.Ordinal)))
        {
            _at++;
        }

        value = _text[start.._at].ToString();
        return _at > start;
    }

    private bool TryQuoted(out string value)
    {
        var plain = new StringBuilder();
        for (_at++; !AtEnd && _text[_at] != '"'; _at++)
        {
            if (_text[_at] == '\\' && ++_at >= _text.Length)
            {
                break;
            }

            plain.Append(_text[_at]);
        }

        value = plain.ToString();
        return _at++ < _text.Length;
    }

    private bool TryTake(char c)
    {
        if (AtEnd || _text[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    // CFWS; the first comment is kept.
    private bool TrySkip()
    {
        while (!AtEnd)
        {
            if (_text[_at] is ' ' or '\t')
            {
                _at++;
                continue;
            }

            if (_text[_at] != '(')
            {
                return true;
            }

            var comment = new StringBuilder();
            int depth = 0;
            for (; ; _at++)
            {
                if (AtEnd)
                {
                    return false;
                }

                char c = _text[_at];
                if (c == '\\' && _at + 1 < _text.Length)
                {
                    comment.Append(_text[++_at]);
                    continue;
                }

                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                if (depth == 0)
                {
                    _at++;
                    break;
                }

                if (depth > 1 || c != '(')
                {
                    comment.Append(c);
                }
            }

            _comment ??= comment.ToString();
        }

        return true;
    }

    private static bool Bad(string what, out string reason)
    {
        reason = what;
        return false;
    }
}
