using System.Text;

namespace Tsunagi.Connectivity.Import;

/// <summary>
/// Tables of a SQL dump: INSERT statements of mysqldump and pg_dump (with a column list, or with the columns of the CREATE TABLE before), and pg_dump's COPY blocks. Everything else of the
/// dump is passed over. Never throws.
/// </summary>
internal static class SqlDump
{
    private const int LongestName = 100;

    public static List<ImportTable> Read(string file, string text, int mostRows, List<ImportProblem> problems)
    {
        var tables = new Dictionary<string, List<ImportRow>>(StringComparer.Ordinal);
        var columns = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var scan = new Scan(text);
        var total = 0;
        while (scan.Next())
        {
            if (scan.TakeWords("CREATE", "TABLE"))
            {
                scan.TakeWords("IF", "NOT", "EXISTS");
                if (scan.TakeName() is { } created && scan.ColumnsOfCreate() is { } defined)
                {
                    columns[created] = defined;
                }
            }
            else if (scan.TakeWords("INSERT", "INTO") || scan.TakeWords("INSERT", "IGNORE", "INTO") || scan.TakeWords("REPLACE", "INTO"))
            {
                total += Insert(file, scan, tables, columns, mostRows - total, problems);
            }
            else if (scan.TakeWords("COPY"))
            {
                total += Copy(file, scan, tables, mostRows - total, problems);
            }
            else
            {
                scan.SkipStatement();
            }
        }

        return [.. tables.Select(table => new ImportTable(table.Key, file, table.Value))];
    }

    private static int Insert(string file, Scan scan, Dictionary<string, List<ImportRow>> tables, Dictionary<string, List<string>> created, int most, List<ImportProblem> problems)
    {
        var line = scan.Line;
        if (scan.TakeName() is not { } name)
        {
            problems.Add(new ImportProblem(file, line, "an INSERT names no table", true));
            scan.SkipStatement();
            return 0;
        }

        var columns = scan.TakeList() ?? created.GetValueOrDefault(name);
        if (columns is null || !scan.TakeWords("VALUES"))
        {
            problems.Add(new ImportProblem(file, line, columns is null ? $"an INSERT into {name} names no columns, and no CREATE TABLE before it does" : $"an INSERT into {name} gives no VALUES", true));
            scan.SkipStatement();
            return 0;
        }

        var rows = tables.TryGetValue(name, out var there) ? there : tables[name] = [];
        var taken = 0;
        do
        {
            line = scan.LineOfNext();
            if (scan.TakeValues() is not { } values || values.Count != columns.Count)
            {
                problems.Add(new ImportProblem(file, line, $"a row of {name} has not the {columns.Count} values of its columns", true));
                break;
            }

            if (taken >= most)
            {
                problems.Add(new ImportProblem(file, line, "the files have more rows than are read", true));
                break;
            }

            rows.Add(Row(line, columns, values));
            taken++;
        }
        while (scan.Take(','));
        scan.SkipStatement();
        return taken;
    }

    private static int Copy(string file, Scan scan, Dictionary<string, List<ImportRow>> tables, int most, List<ImportProblem> problems)
    {
        var line = scan.Line;
        if (scan.TakeName() is not { } name || scan.TakeList() is not { } columns)
        {
            problems.Add(new ImportProblem(file, line, "a COPY names no table or no columns", true));
            scan.SkipStatement();
            return 0;
        }

        scan.SkipLine();
        var rows = tables.TryGetValue(name, out var there) ? there : tables[name] = [];
        var taken = 0;
        while (scan.TakeLine(out line) is { } text && text != "\\.")
        {
            var fields = text.Split('\t');
            if (fields.Length != columns.Count || taken >= most)
            {
                problems.Add(new ImportProblem(file, line, taken >= most ? "the files have more rows than are read" : $"a row of {name} has not the {columns.Count} values of its columns", true));
                continue;
            }

            rows.Add(Row(line, columns, [.. fields.Select(static field => field == "\\N" ? null : Unescape(field))]));
            taken++;
        }

        return taken;
    }

    private static ImportRow Row(int line, List<string> columns, List<string?> values)
    {
        var row = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < columns.Count; i++)
        {
            row[columns[i]] = values[i];
        }

        return new ImportRow(line, row);
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            plain.Append(text[i] == '\\' && i + 1 < text.Length ? text[++i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', '0' => '\0', var c => c } : text[i]);
        }

        return plain.ToString();
    }

    /// <summary>A place in the dump.</summary>
    private sealed class Scan(string text)
    {
        private int _at;

        public int Line { get; private set; } = 1;

        /// <summary>To the next statement; false at the end.</summary>
        public bool Next()
        {
            while (true)
            {
                Blanks();
                if (_at >= text.Length)
                {
                    return false;
                }

                // psql's own commands.
                if (text[_at] == '\\')
                {
                    SkipLine();
                }
                else if (text[_at] == ';')
                {
                    _at++;
                }
                else
                {
                    return true;
                }
            }
        }

        public bool TakeWords(params ReadOnlySpan<string> words)
        {
            var (at, line) = (_at, Line);
            foreach (var word in words)
            {
                Blanks();
                if (string.Compare(text, _at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) != 0 || (_at + word.Length < text.Length && char.IsAsciiLetterOrDigit(text[_at + word.Length])))
                {
                    (_at, Line) = (at, line);
                    return false;
                }

                _at += word.Length;
            }

            return true;
        }

        public bool Take(char c)
        {
            Blanks();
            if (_at >= text.Length || text[_at] != c)
            {
                return false;
            }

            _at++;
            return true;
        }

        /// <summary>The last part of a name with its quotes taken off: "public.radcheck" is "radcheck".</summary>
        public string? TakeName()
        {
            string? name = null;
            do
            {
                Blanks();
                if (_at >= text.Length)
                {
                    return name;
                }

                if (text[_at] is '`' or '"' or '[')
                {
                    var end = text.IndexOf(text[_at] == '[' ? ']' : text[_at], _at + 1);
                    if (end < 0 || end - _at > LongestName)
                    {
                        return null;
                    }

                    name = text[(_at + 1)..end];
                    _at = end + 1;
                }
                else
                {
                    var start = _at;
                    while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_') && _at - start <= LongestName)
                    {
                        _at++;
                    }

                    name = _at == start ? null : text[start.._at];
                }
            }
            while (name is not null && Take('.'));
            return name?.ToLowerInvariant();
        }

        /// <summary>"(a, b, c)"; null, and nothing taken, when there is none.</summary>
        public List<string>? TakeList()
        {
            var (at, line) = (_at, Line);
            if (!Take('('))
            {
                return null;
            }

            var names = new List<string>();
            do
            {
                if (TakeName() is not { } name)
                {
                    (_at, Line) = (at, line);
                    return null;
                }

                names.Add(name);
            }
            while (Take(','));
            return Take(')') ? names : null;
        }

        /// <summary>Names of the columns of a CREATE TABLE: what stands first in each part and is no key or constraint.</summary>
        public List<string>? ColumnsOfCreate()
        {
            if (!Take('('))
            {
                return null;
            }

            var names = new List<string>();
            do
            {
                if (TakeName() is { } name && name is not ("primary" or "unique" or "key" or "index" or "constraint" or "foreign" or "check" or "fulltext"))
                {
                    names.Add(name);
                }

                SkipPart();
            }
            while (Take(','));
            SkipStatement();
            return names;
        }

        public List<string?>? TakeValues()
        {
            if (!Take('('))
            {
                return null;
            }

            var values = new List<string?>();
            do
            {
                Blanks();
                if (_at >= text.Length)
                {
                    return null;
                }

                if (text[_at] == '\'' || (text[_at] is 'E' or 'e' or 'N' or '_' && _at + 1 < text.Length && text[_at + 1] == '\''))
                {
                    values.Add(TakeText());
                }
                else
                {
                    var start = _at;
                    SkipPart();
                    var word = text[start.._at].Trim();
                    values.Add(word.Equals("NULL", StringComparison.OrdinalIgnoreCase) ? null : word);
                }
            }
            while (Take(','));
            return Take(')') ? values : null;
        }

        public string? TakeLine(out int line)
        {
            line = Line;
            if (_at >= text.Length)
            {
                return null;
            }

            var end = text.IndexOf('\n', _at);
            var found = text[_at..(end < 0 ? text.Length : end)].TrimEnd('\r');
            _at = end < 0 ? text.Length : end + 1;
            Line++;
            return found;
        }

        public void SkipLine() => TakeLine(out _);

        /// <summary>Past the next semicolon that stands in no text.</summary>
        public void SkipStatement()
        {
            while (_at < text.Length)
            {
                if (text[_at] is '\'' or '"' or '`')
                {
                    SkipQuoted();
                    continue;
                }

                Line += text[_at] == '\n' ? 1 : 0;
                if (text[_at++] == ';')
                {
                    return;
                }
            }
        }

        private string TakeText()
        {
            if (text[_at] != '\'')
            {
                _at++;
            }

            var value = new StringBuilder();
            for (_at++; _at < text.Length; _at++)
            {
                var c = text[_at];
                if (c == '\\' && _at + 1 < text.Length)
                {
                    _at++;
                    value.Append(text[_at] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', '0' => '\0', var other => other });
                }
                else if (c == '\'' && _at + 1 < text.Length && text[_at + 1] == '\'')
                {
                    value.Append('\'');
                    _at++;
                }
                else if (c == '\'')
                {
                    _at++;
                    break;
                }
                else
                {
                    Line += c == '\n' ? 1 : 0;
                    value.Append(c);
                }
            }

            return value.ToString();
        }

        private void SkipQuoted()
        {
            var quote = text[_at++];
            while (_at < text.Length && text[_at] != quote)
            {
                Line += text[_at] == '\n' ? 1 : 0;
                _at += text[_at] == '\\' && _at + 1 < text.Length ? 2 : 1;
            }

            _at = Math.Min(text.Length, _at + 1);
        }

        /// <summary>To the comma or bracket that ends this part, past brackets and texts inside it.</summary>
        private void SkipPart()
        {
            var depth = 0;
            while (_at < text.Length)
            {
                var c = text[_at];
                if (c is '\'' or '"' or '`')
                {
                    SkipQuoted();
                    continue;
                }

                if (depth == 0 && c is ',' or ')' or ';' && depth == 0)
                {
                    return;
                }

                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                Line += c == '\n' ? 1 : 0;
                _at++;
            }
        }

        /// <summary>The line of what comes after blanks and comments.</summary>
        public int LineOfNext()
        {
            Blanks();
            return Line;
        }

        /// <summary>Blanks and comments: "-- …", "# …", "/* … */". What mysqldump hides in "/*! … */" is no row.</summary>
        private void Blanks()
        {
            while (_at < text.Length)
            {
                if (char.IsWhiteSpace(text[_at]))
                {
                    Line += text[_at] == '\n' ? 1 : 0;
                    _at++;
                }
                else if (text[_at] == '#' || (text[_at] == '-' && _at + 1 < text.Length && text[_at + 1] == '-'))
                {
                    SkipLine();
                }
                else if (text[_at] == '/' && _at + 1 < text.Length && text[_at + 1] == '*')
                {
                    var end = text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                    var stop = end < 0 ? text.Length : end + 2;
                    Line += text.AsSpan(_at, stop - _at).Count('\n');
                    _at = stop;
                }
                else
                {
                    return;
                }
            }
        }
    }
}
