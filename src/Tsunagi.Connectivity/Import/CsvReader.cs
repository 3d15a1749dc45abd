using System.Text;

namespace Tsunagi.Connectivity.Import;

/// <summary>RFC 4180, with the delimiter of the head line (comma, semicolon or tab) and quoted fields that may hold line ends. Never throws: an open quote ends with the file and is told.</summary>
internal static class CsvReader
{
    /// <summary>Rows with the number of the line each begins on; the head first.</summary>
    public static List<(int Line, List<string> Fields)> Read(string file, string text, int mostLines, List<ImportProblem> problems)
    {
        var rows = new List<(int, List<string>)>();
        var delimiter = DelimiterOf(text);
        var (at, line) = (text.Length > 0 && text[0] == '\ufeff' ? 1 : 0, 1);
        while (at < text.Length)
        {
            if (rows.Count > mostLines)
            {
                problems.Add(new ImportProblem(file, line, $"the file has more than {mostLines} lines; the rest is not read", true));
                break;
            }

            var began = line;
            var fields = ReadRow(text, ref at, ref line, delimiter, out var isOpen);
            if (isOpen)
            {
                problems.Add(new ImportProblem(file, began, "a quoted field is not closed", true));
            }

            if (fields.Count > 1 || fields[0].Length > 0)
            {
                rows.Add((began, fields));
            }
        }

        return rows;
    }

    private static char DelimiterOf(string text)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var head = end < 0 ? text : text[..end];
        return ((char[])[',', ';', '\t']).MaxBy(each => head.Count(c => c == each));
    }

    private static List<string> ReadRow(string text, ref int at, ref int line, char delimiter, out bool isOpen)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        isOpen = false;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (quoted)
            {
                if (c == '"' && at + 1 < text.Length && text[at + 1] == '"')
                {
                    field.Append('"');
                    at++;
                }
                else if (c == '"')
                {
                    quoted = false;
                }
                else
                {
                    line += c == '\n' ? 1 : 0;
                    field.Append(c);
                }
            }
            else if (c == '"' && field.Length == 0)
            {
                quoted = true;
            }
            else if (c == delimiter)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else if (c == '\n')
            {
                at++;
                line++;
                break;
            }
            else if (c != '\r')
            {
                field.Append(c);
            }
        }

        isOpen = quoted;
        fields.Add(field.ToString());
        return fields;
    }
}
