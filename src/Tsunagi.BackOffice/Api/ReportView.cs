using Tsunagi.BackOffice.Reports;

namespace Tsunagi.BackOffice.Api;

/// <summary>A report as the API shows it. Money is in minor units of the currency; percentages have one place and were rounded from exact figures.</summary>
/// <param name="From">The first month; absent where it tells how things stand today.</param>
/// <param name="Basis">"booked": counted as the ledger does, in the month in which it is earned; "service": in the month that is paid for.</param>
/// <param name="OtherCurrencies">Currencies there are invoices in besides.</param>
public sealed record ReportView(
    string Name, string Title, string Currency, string? From, string? To, string? Basis, IReadOnlyList<string> OtherCurrencies, ReportTie? Ledger, IReadOnlyList<ReportTableView> Tables,
    IReadOnlyList<string> Definitions, IReadOnlyList<string> Notes)
{
    internal static ReportView Of(ReportSheet sheet, string locale) => new(
        sheet.Name, sheet.Title.In(locale), sheet.Currency, sheet.Span?.From, sheet.Span?.To, sheet.Basis, sheet.Others, sheet.Tie, [.. sheet.Tables.Select(table => ReportTableView.Of(table, locale))],
        [.. sheet.Definitions.Select(each => each.In(locale))], [.. sheet.Notes.Select(each => each.In(locale))]);
}

/// <param name="Note">What is left out of it.</param>
public sealed record ReportTableView(string Key, string Title, IReadOnlyList<ReportColumnView> Columns, IReadOnlyList<ReportRowView> Rows, string? Note)
{
    internal static ReportTableView Of(ReportTable table, string locale) => new(
        table.Key, table.Title.In(locale), [.. table.Columns.Select(column => new ReportColumnView(column.Key, column.Title.In(locale), column.Kind))],
        [.. table.Rows.Select(row => new ReportRowView(row.Key, row.IsSum, [.. row.Cells.Select(cell => new ReportCellView(
            cell.Number, cell.Text?.In(locale), cell.Account, cell.Lines is { } lines ? "/api/v1/backoffice/report-lines" + lines.Query : null))]))],
        table.Note?.In(locale));
}

public sealed record ReportColumnView(string Key, string Title, ReportValue Kind);

/// <param name="IsSum">A sum of the rows above.</param>
public sealed record ReportRowView(string Key, bool IsSum, IReadOnlyList<ReportCellView> Cells);

/// <param name="Value">The figure: minor units, percent or a count, as its column says.</param>
/// <param name="Account">The billing account that is named.</param>
/// <param name="Lines">Where the invoices' lines are that it is the sum of.</param>
public sealed record ReportCellView(decimal? Value, string? Text, string? Account, string? Lines);

/// <summary>An issued line behind a figure.</summary>
/// <param name="Month">The month it pays for.</param>
/// <param name="Category">As it was kept when it was issued; absent of none, and of lines issued before they carried it.</param>
public sealed record ReportLineView(
    string InvoiceId, string Number, string Kind, long Line, string IssueDate, string Month, string AccountId, string Customer, string Service, string Label, string? Category, string? Nature, long AmountMinor)
{
    internal static ReportLineView Of(ReportLine line) => new(
        line.InvoiceId, line.Number, line.Kind, line.No, line.IssueDate, line.Month, line.AccountId, line.Counterparty, line.Revenue, line.Label, line.Category, line.Nature, line.AmountMinor);
}

/// <summary>A report that can be asked for.</summary>
public sealed record ReportNameView(string Name, string Title);
