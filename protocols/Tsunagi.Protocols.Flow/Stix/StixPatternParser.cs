using System.Collections.Immutable;
using System.Text;

namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>
/// Recursive descent over the grammar of STIX 2.1 section 9.8:
/// <code>
/// observations = "[" comparison "]" *( "OR" "[" comparison "]" )
/// comparison   = all *( "OR" all )
/// all          = test *( "AND" test )
/// test         = "(" comparison ")" / type ":" path ["NOT"] operator constant
/// </code>
/// </summary>
internal ref struct StixPatternParser(string text, StixLimits limits)
{
    private const int MostDepth = 32;
    private readonly string _text = text;
    private readonly StixLimits _limits = limits;
    private int _at;
    private int _tests;
    private int _depth;

    public string? Problem { get; private set; }

    public StixPattern? Parse()
    {
        if (_text.Length > _limits.MaxPattern)
        {
            return Fail<StixPattern>($"a pattern is at most {_limits.MaxPattern} characters long");
        }

        var observations = ImmutableArray.CreateBuilder<StixComparison>();
        do
        {
            if (!Take('['))
            {
                return Fail<StixPattern>("an observation begins with [");
            }

            if (Comparison() is not { } comparison)
            {
                return null;
            }

            if (!Take(']'))
            {
                return Fail<StixPattern>("an observation ends with ]");
            }

            observations.Add(comparison);
        }
        while (TakeWord("OR"));
        Skip();
        return _at < _text.Length ? Fail<StixPattern>("what follows is not understood: only observations that are joined by OR are read") : new StixPattern(observations.ToImmutable());
    }

    private StixComparison? Comparison()
    {
        if (++_depth > MostDepth)
        {
            return Fail<StixComparison>("too many parentheses");
        }

        var parts = ImmutableArray.CreateBuilder<StixComparison>();
        do
        {
            if (All() is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }
        while (TakeWord("OR"));
        _depth--;
        return parts.Count == 1 ? parts[0] : new StixJunction(IsAny: true, parts.ToImmutable());
    }

    private StixComparison? All()
    {
        var parts = ImmutableArray.CreateBuilder<StixComparison>();
        do
        {
            if (Part() is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }
        while (TakeWord("AND"));
        return parts.Count == 1 ? parts[0] : new StixJunction(IsAny: false, parts.ToImmutable());
    }

    private StixComparison? Part()
    {
        if (!Take('('))
        {
            return Test();
        }

        var inner = Comparison();
        return inner is null ? null : Take(')') ? inner : Fail<StixComparison>(") is asked for");
    }

    private StixComparison? Test()
    {
        if (++_tests > _limits.MaxComparisons)
        {
            return Fail<StixComparison>($"a pattern has at most {_limits.MaxComparisons} comparisons");
        }

        Skip();
        var type = While(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
        if (type.Length == 0 || !TakeRaw(':'))
        {
            return Fail<StixComparison>("a type and : are asked for");
        }

        if (Path() is not { Length: > 0 } path)
        {
            return Fail<StixComparison>("a path is asked for");
        }

        var not = TakeWord("NOT");
        if (Operator() is not { } @operator)
        {
            return Fail<StixComparison>("an operator is asked for");
        }

        return @operator == "IN" ? Set(type, path, not) : Literal() is { } value ? new StixTest(type, path, @operator, not, [value]) : null;
    }

    private StixComparison? Set(string type, string path, bool not)
    {
        if (!Take('('))
        {
            return Fail<StixComparison>("IN is followed by (");
        }

        var values = ImmutableArray.CreateBuilder<StixLiteral>();
        do
        {
            if (++_tests > _limits.MaxComparisons)
            {
                return Fail<StixComparison>($"a pattern has at most {_limits.MaxComparisons} comparisons");
            }

            if (Literal() is not { } value)
            {
                return null;
            }

            values.Add(value);
        }
        while (Take(','));
        return Take(')') ? new StixTest(type, path, "IN", not, values.ToImmutable()) : Fail<StixComparison>(") is asked for");
    }

    // Names, indexes, dots, and quoted names: extensions.'a-b'.c[*].d
    private string? Path()
    {
        var start = _at;
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            {
                _at++;
            }
            else if (c == '[')
            {
                var end = _text.IndexOf(']', _at);
                var index = end < 0 ? [] : _text.AsSpan(_at + 1, end - _at - 1);
                if (index is not "*" && (index.IsEmpty || index.ContainsAnyExceptInRange('0', '9')))
                {
                    return null;
                }

                _at = end + 1;
            }
            else if (c == '\'')
            {
                if (Quoted() is null)
                {
                    return null;
                }
            }
            else
            {
                break;
            }
        }

        return _text[start.._at];
    }

    private string? Operator()
    {
        Skip();
        foreach (var sign in (ReadOnlySpan<string>)["!=", "<=", ">=", "<", ">"])
        {
            if (_text.AsSpan(_at).StartsWith(sign, StringComparison.Ordinal))
            {
                _at += sign.Length;
                return sign;
            }
        }

        if (_at < _text.Length && _text[_at] == '=')
        {
            _at += _text.AsSpan(_at).StartsWith("==", StringComparison.Ordinal) ? 2 : 1;
            return "=";
        }

        return TakeWord("IN") ? "IN" : TakeWord("LIKE") ? "LIKE" : TakeWord("MATCHES") ? "MATCHES" : TakeWord("ISSUBSET") ? "ISSUBSET" : TakeWord("ISSUPERSET") ? "ISSUPERSET" : null;
    }

    private StixLiteral? Literal()
    {
        Skip();
        if (_at >= _text.Length)
        {
            return Wrong();
        }

        var c = _text[_at];
        if (c == '\'')
        {
            return Quoted() is { } text ? new StixLiteral(StixLiteralKind.Text, text) : Wrong();
        }

        if (_at + 1 < _text.Length && _text[_at + 1] == '\'' && c is 't' or 'b' or 'h')
        {
            _at++;
            return Quoted() is { } text ? new StixLiteral(c == 't' ? StixLiteralKind.Time : c == 'b' ? StixLiteralKind.Binary : StixLiteralKind.Hex, text) : Wrong();
        }

        if (TakeWord("true"))
        {
            return new StixLiteral(StixLiteralKind.Boolean, "true");
        }

        if (TakeWord("false"))
        {
            return new StixLiteral(StixLiteralKind.Boolean, "false");
        }

        var number = While(static c => char.IsAsciiDigit(c) || c is '-' or '+' or '.');
        return number.Length is > 0 and <= 40 && double.TryParse(number, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _)
            ? new StixLiteral(StixLiteralKind.Number, number) : Wrong();
    }

    private StixLiteral? Wrong()
    {
        Problem ??= $"a constant is asked for at {_at}";
        return null;
    }

    // Null when it does not end.
    private string? Quoted()
    {
        var quoted = new StringBuilder();
        for (_at++; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c == '\'')
            {
                _at++;
                return quoted.ToString();
            }

            if (c == '\\')
            {
                // Section 9.6.1: only the quote and the backslash are escaped.
                if (_at + 1 >= _text.Length || _text[_at + 1] is not ('\'' or '\\'))
                {
                    return null;
                }

                c = _text[++_at];
            }

            quoted.Append(c);
        }

        return null;
    }

    private string While(Func<char, bool> isPart)
    {
        var start = _at;
        while (_at < _text.Length && isPart(_text[_at]))
        {
            _at++;
        }

        return _text[start.._at];
    }

    private void Skip()
    {
        while (_at < _text.Length && _text[_at] is (' ' or '\t' or '\r' or '\n'))
        {
            _at++;
        }
    }

    private bool Take(char c)
    {
        Skip();
        return TakeRaw(c);
    }

    private bool TakeRaw(char c)
    {
        if (_at >= _text.Length || _text[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool TakeWord(string word)
    {
        Skip();
        var end = _at + word.Length;
        if (!_text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal) || (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] == '_')))
        {
            return false;
        }

        _at = end;
        return true;
    }

    private T? Fail<T>(string what)
        where T : class
    {
        Problem ??= $"{what} (at {_at})";
        return null;
    }
}
