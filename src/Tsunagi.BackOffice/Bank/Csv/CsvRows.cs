namespace Tsunagi.BackOffice.Bank.Csv;

/// <summary>
/// RFC 4180 with any delimiter: a field in quotes may hold the delimiter, line ends and doubled quotes. Lines end with CRLF, LF or CR. Tells where each field began.
/// </summary>
internal sealed class CsvRows(string text, char delimiter, BankReading reading)
{
    private int _at, _line = 1, _lineStart;

    /// <summary>The line on which the last row began.</summary>
    public int Line { get; private set; }

    /// <summary>The next row's fields with their columns; false at the end of the file or behind a fault.</summary>
    public bool TryRead(List<(string Text, int Column)> fields)
    {
        fields.Clear();
        if (_at >= text.Length || reading.IsOver)
        {
            return false;
        }

        Line = _line;
        while (true)
        {
            if (!TryReadField(out var field, out var column))
            {
                return false;
            }

            fields.Add((field, column));
            if (_at >= text.Length)
            {
                return true;
            }

            var c = text[_at++];
            if (c == delimiter)
            {
                continue;
            }

            EndLine(c);
            return true;
        }
    }

    private bool TryReadField(out string field, out int column)
    {
        column = _at - _lineStart + 1;
        field = "";
        if (_at < text.Length && text[_at] == '"')
        {
            return TryReadQuoted(out field, column);
        }

        var start = _at;
        while (_at < text.Length && text[_at] != delimiter && text[_at] is not ('\r' or '\n'))
        {
            _at++;
        }

        field = text[start.._at];
        return IsShort(field.Length, column);
    }

    private bool TryReadQuoted(out string field, int column)
    {
        field = "";
        var read = new System.Text.StringBuilder();
        int line = _line;
        for (_at++; _at < text.Length; _at++)
        {
            var c = text[_at];
            if (c == '"')
            {
                if (_at + 1 >= text.Length || text[_at + 1] != '"')
                {
                    _at++;
                    field = read.ToString();
                    if (_at < text.Length && text[_at] != delimiter && text[_at] is not ('\r' or '\n'))
                    {
                        reading.End(_line, _at - _lineStart + 1, "text behind a closing quote");
                        return false;
                    }

                    return IsShort(field.Length, column);
                }

                _at++;
            }
            else if (c == '\n' || (c == '\r' && (_at + 1 >= text.Length || text[_at + 1] != '\n')))
            {
                _line++;
                _lineStart = _at + 1;
            }

            read.Append(c);
            if (!IsShort(read.Length, column))
            {
                return false;
            }
        }

        reading.End(line, column, "a quoted field is not closed");
        return false;
    }

    private void EndLine(char c)
    {
        if (c == '\r' && _at < text.Length && text[_at] == '\n')
        {
            _at++;
        }

        _line++;
        _lineStart = _at;
    }

    private bool IsShort(int length, int column)
    {
        if (length <= reading.Limits.MaxFieldLength)
        {
            return true;
        }

        reading.End(_line, column, $"a field has more than {reading.Limits.MaxFieldLength} characters");
        return false;
    }
}
