using System.Text;

namespace Tsunagi.BackOffice.Shadow;

/// <summary>Reads CSV as spreadsheets and billing systems write it (RFC 4180; semicolon or tab where the head line has no comma): rows by the names of their columns.</summary>
internal static class CsvRows
{
    public const int MaxRows = 500_000;
    public const int MaxColumns = 200;

    /// <summary>False with the line that cannot be read, and why.</summary>
    public static bool TryRead(string text, out IReadOnlyList<IReadOnlyDictionary<string, string>> rows, out (int Line, string Problem) error)
    {
        rows = [];
        error = default;
        text = text.TrimStart('\ufeff');
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var head = end < 0 ? text : text[..end];
        var separator = head.Contains(',', StringComparison.Ordinal) ? ',' : head.Contains(';', StringComparison.Ordinal) ? ';' : '\t';
        var read = new List<IReadOnlyDictionary<string, string>>();
        List<string>? names = null;
        var (at, line) = (0, 1);
        while (at < text.Length)
        {
            var begun = line;
            if (!TryReadRow(text, separator, ref at, ref line, out var cells))
            {
                error = (begun, "a quote is not closed");
                return false;
            }

            if (cells is [""])
            {
                continue;
            }

            if (names is null)
            {
                names = [.. cells.Select(static cell => cell.Trim())];
                if (names.Count > MaxColumns || names.Distinct(StringComparer.OrdinalIgnoreCase).Count() != names.Count)
                {
                    error = (begun, $"the head names a column twice, or more than {MaxColumns}");
                    return false;
                }

                continue;
            }

            if (cells.Count != names.Count || read.Count == MaxRows)
            {
                error = (begun, cells.Count != names.Count ? $"the row has {cells.Count} cells, the head {names.Count}" : $"there are more than {MaxRows} rows");
                return false;
            }

            read.Add(names.Zip(cells).ToDictionary(static pair => pair.First, static pair => pair.Second.Trim(), StringComparer.OrdinalIgnoreCase));
        }

        rows = read;
        return true;
    }

    private static bool TryReadRow(string text, char separator, ref int at, ref int line, out List<string> cells)
    {
        cells = [];
        var cell = new StringBuilder();
        var quoted = false;
        while (at < text.Length)
        {
            var c = text[at++];
            if (quoted)
            {
                line += c == '\n' ? 1 : 0;
                if (c != '"')
                {
                    cell.Append(c);
                }
                else if (at < text.Length && text[at] == '"')
                {
                    cell.Append(text[at++]);
                }
                else
                {
                    quoted = false;
                }
            }
            else if (c == '"' && cell.Length == 0)
            {
                quoted = true;
            }
            else if (c == separator)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else if (c == '\n')
            {
                line++;
                break;
            }
            else if (c != '\r')
            {
                cell.Append(c);
            }
        }

        cells.Add(cell.ToString());
        return !quoted;
    }
}
