using System.Text;
using Spectre.Console;

namespace Tsunagi.Host.Cli;

/// <summary>Rows for people: with lines and colours on a terminal, in plain columns anywhere else. Control characters of the data never reach a terminal.</summary>
internal static class TextTable
{
    private const int Gap = 2;

    public static void Print(CliEnvironment environment, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var hasHeader = columns.Any(static c => c.Length > 0);
        if (rows.Count == 0 && !hasHeader)
        {
            return;
        }

        if (environment.IsTerminal)
        {
            PrintBoxed(environment, columns, rows, hasHeader);
        }
        else
        {
            PrintPlain(environment.Out, columns, rows, hasHeader);
        }
    }

    /// <summary>The text without what would move the cursor, colour the screen or turn the writing round.</summary>
    public static string Safe(string text)
    {
        if (!text.Any(IsUnsafe))
        {
            return text;
        }

        return string.Concat(text.Select(static c => c is '\n' or '\t' ? ' ' : IsUnsafe(c) ? '·' : c));
    }

    /// <summary>Columns a text takes on a terminal: ideographs, kana and full-width forms take two.</summary>
    public static int WidthOf(string text) => text.EnumerateRunes().Sum(static rune => rune.Value switch
    {
        < 0x300 => 1,
        <= 0x36f => 0,
        >= 0x1100 and <= 0x115f or >= 0x2e80 and <= 0xa4cf or >= 0xac00 and <= 0xd7a3 or >= 0xf900 and <= 0xfaff or >= 0xfe30 and <= 0xfe6f or >= 0xff00 and <= 0xff60
            or >= 0xffe0 and <= 0xffe6 or >= 0x1f300 and <= 0x1faff or >= 0x20000 and <= 0x3fffd => 2,
        _ => 1,
    });

    private static bool IsUnsafe(char c) => char.IsControl(c) || c is >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069';

    private static void PrintBoxed(CliEnvironment environment, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, bool hasHeader)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(environment.Out), Interactive = InteractionSupport.No });
        console.Profile.Width = environment.Width;
        var table = new Table { Border = TableBorder.Rounded, ShowHeaders = hasHeader };
        table.BorderColor(Color.Grey);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Markup("[bold]" + Markup.Escape(Safe(column)) + "[/]")));
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(static cell => new Text(Safe(cell))));
        }

        console.Write(table);
    }

    private static void PrintPlain(TextWriter output, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, bool hasHeader)
    {
        var cells = rows.Select(row => (IReadOnlyList<string>)[.. row.Select(Safe)]).ToList();
        if (hasHeader)
        {
            cells.Insert(0, columns);
        }

        var widths = Enumerable.Range(0, columns.Count).Select(i => cells.Max(row => i < row.Count ? WidthOf(row[i]) : 0)).ToList();
        var line = new StringBuilder();
        foreach (var row in cells)
        {
            line.Clear();
            for (var i = 0; i < row.Count; i++)
            {
                line.Append(row[i]).Append(' ', i == row.Count - 1 ? 0 : widths[i] - WidthOf(row[i]) + Gap);
            }

            output.WriteLine(line.ToString().TrimEnd());
        }
    }
}
