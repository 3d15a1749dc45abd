using System.Globalization;
using Microsoft.AspNetCore.Components;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Time;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Ui.Tables;

/// <summary>
/// A list of the console: its columns, its filters and where its rows come from. Register it with <c>services.AddTable&lt;MessageTable&gt;()</c> and
/// show it with <c>&lt;DataTable Source="messages" /&gt;</c>; filtering, sorting, paging, export and the states of trouble come with it.
/// </summary>
public abstract class Table<TRow> : ITable
{
    /// <summary>"message" for MessageTable: in the URL of the export and the ids of the page.</summary>
    public string Id => TableId.Of(GetType());

    /// <summary>What the rows are, in the plural ("Messages").</summary>
    public abstract LocalizedText Title { get; }

    public abstract IReadOnlyList<Column<TRow>> Columns { get; }

    public virtual IReadOnlyList<Facet> Facets => [];

    /// <summary>The permission to see it, or null when every signed-in caller may.</summary>
    public virtual string? Permission => null;

    /// <summary>The page of a row: opened by click or Enter.</summary>
    public virtual string? HrefOf(TRow row) => null;

    /// <summary>Said when there are no rows and no filter.</summary>
    public virtual LocalizedText? Empty => null;

    public virtual LocalizedText? EmptyHint => null;

    /// <summary>What the filter box looks in.</summary>
    public virtual LocalizedText? FilterHint => null;

    /// <summary>False when the rows cannot be filtered by text.</summary>
    public virtual bool Filters => true;

    public virtual int PageSize => 50;

    public abstract ValueTask<TablePage<TRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken);

    IReadOnlyList<string> ITable.Heads(string locale) => [.. Columns.Select(static column => column.Key)];

    async ValueTask<(IReadOnlyList<IReadOnlyList<string?>> Rows, string? Next)> ITable.ReadTextAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var page = await ReadAsync(request, cancellationToken);
        var columns = Columns;
        return ([.. page.Rows.Select(row => (IReadOnlyList<string?>)[.. columns.Select(column => column.Text(row))])], page.Next);
    }

    protected static Column<TRow> Text(string key, LocalizedText title, Func<TRow, string?> text) => new(key, title, text);

    protected static Column<TRow> Mono(string key, LocalizedText title, Func<TRow, string?> text) => new(key, title, text, (row, _) => Cells.Code(text(row)));

    protected static Column<TRow> Link(string key, LocalizedText title, Func<TRow, string?> text, Func<TRow, string?> href) =>
        new(key, title, text, (row, _) => Cells.Link(href(row), text(row)));

    protected static Column<TRow> Number(string key, LocalizedText title, Func<TRow, long?> value) =>
        new(key, title, row => value(row)?.ToString(CultureInfo.InvariantCulture), (row, _) => Cells.Number(value(row))) { Align = ColumnAlign.End };

    protected static Column<TRow> Bytes(string key, LocalizedText title, Func<TRow, long?> value) =>
        new(key, title, row => value(row)?.ToString(CultureInfo.InvariantCulture), (row, _) => Cells.Bytes(value(row))) { Align = ColumnAlign.End };

    protected static Column<TRow> Time(string key, LocalizedText title, Func<TRow, long?> micros, MomentForm form = MomentForm.Brief) =>
        new(key, title, row => micros(row) is { } at ? UnixMicros.ToDateTimeOffset(at).ToString("O", CultureInfo.InvariantCulture) : null, (row, _) => Cells.Time(micros(row), form));

    protected static Column<TRow> Badge(string key, LocalizedText title, Func<TRow, string?> text, Func<TRow, ConsoleView, Status?> status) =>
        new(key, title, text, (row, view) => Cells.Badge(status(row, view)));

    protected static Column<TRow> Cell(string key, LocalizedText title, Func<TRow, string?> text, Func<TRow, ConsoleView, RenderFragment> cell) => new(key, title, text, cell);
}
