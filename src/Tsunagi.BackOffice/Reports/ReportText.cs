using System.Globalization;
using System.Text;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Format;

namespace Tsunagi.BackOffice.Reports;

/// <summary>How figures of a sheet are written: for people, and for spreadsheets.</summary>
internal static class ReportText
{
    /// <summary>As people of either language read it; "–" where there is no figure.</summary>
    public static string Of(ReportCell cell, ReportValue kind, string currency, string locale) => cell.Number is not { } number
        ? cell.Text?.In(locale) ?? "–"
        : Of(number, kind, currency, locale);

    public static string Of(decimal number, ReportValue kind, string currency, string locale) => kind switch
    {
        ReportValue.Money => Formats.Money((long)number, currency, locale),
        ReportValue.Percent => number.ToString("0.0", CultureInfo.InvariantCulture).Replace('-', '−') + "%",
        _ => Formats.Number((long)number),
    };

    public static LocalizedText Months(MonthSpan span) => span.Count == 1 ? new(span.From, span.From) : new($"{span.From} to {span.To}", $"{span.From}〜{span.To}");

    /// <summary>
    /// Every table below its title, RFC 4180, with a mark at the head so that spreadsheets read Japanese. Money is in units of the currency, percentages are
    /// numbers, and a name that a spreadsheet would take for a formula gets an apostrophe before it.
    /// </summary>
    public static string Csv(ReportSheet sheet, string locale)
    {
        var text = new StringBuilder("\ufeff");
        foreach (var table in sheet.Tables)
        {
            Row(text, [table.Title.In(locale), sheet.Currency, sheet.Span is { } span ? span.From : "", sheet.Span is { } to ? to.To : ""]);
            Row(text, [.. table.Columns.Select(column => column.Title.In(locale))]);
            foreach (var row in table.Rows)
            {
                Row(text, [.. row.Cells.Zip(table.Columns, (cell, column) => Plain(cell, column.Kind, sheet.Currency, locale))]);
            }

            text.Append("\r\n");
        }

        if (sheet.Tie is { } tie)
        {
            string Money(long minor) => Plain(ReportCell.Of(minor), ReportValue.Money, sheet.Currency, locale);
            Row(text, [new LocalizedText("Sum of this report", "本表の合計").In(locale), Money(tie.ReportMinor)]);
            Row(text, [new LocalizedText("Revenue accounts of the ledger", "帳簿の売上勘定").In(locale), Money(tie.LedgerMinor)]);
            Row(text, [new LocalizedText("Difference", "差額").In(locale), Money(tie.DifferenceMinor)]);
        }

        foreach (var sentence in sheet.Definitions.Concat(sheet.Notes))
        {
            Row(text, [sentence.In(locale)]);
        }

        return text.ToString();
    }

    private static string Plain(ReportCell cell, ReportValue kind, string currency, string locale)
    {
        if (cell.Number is not { } number)
        {
            return Safe(cell.Text?.In(locale) ?? "");
        }

        var digits = Core.Rating.Currency.Find(currency)!;
        return kind == ReportValue.Money
            ? (number / digits.MinorPerUnit).ToString("F" + digits.MinorDigits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            : number.ToString(kind == ReportValue.Percent ? "0.0" : "0", CultureInfo.InvariantCulture);
    }

    private static string Safe(string text) => text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;

    private static void Row(StringBuilder text, IReadOnlyList<string> cells)
    {
        for (var i = 0; i < cells.Count; i++)
        {
            text.Append(i == 0 ? "" : ",");
            if (cells[i].AsSpan().IndexOfAny("\",\r\n") >= 0)
            {
                text.Append('"').Append(cells[i].Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            }
            else
            {
                text.Append(cells[i]);
            }
        }

        text.Append("\r\n");
    }
}
