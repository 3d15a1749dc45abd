using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Connectivity.Pages;

/// <summary>Questions that were asked who held an address.</summary>
internal sealed class QuestionTable(HolderDesk desk) : Table<AskedHolder>
{
    public override LocalizedText Title => new("Questions asked", "照会の記録");

    public override string Permission => ConnectivityPermissions.HolderRead;

    public override bool Filters => false;

    public override LocalizedText Empty => new("Nobody has asked yet", "照会の記録はありません");

    public override IReadOnlyList<Column<AskedHolder>> Columns =>
    [
        Time("asked", new("Asked", "照会日時"), static row => row.AskedAt),
        Cell("address", new("Address", "アドレス"), static row => row.Address, static (row, _) => Cells.Link(Page(row), row.Address)),
        Text("purpose", new("Purpose", "目的"), static row => row.Purpose) with { Grows = true },
        Text("by", new("By", "照会者"), static row => row.AskedBy) with { Minor = true },
    ];

    public override string HrefOf(AskedHolder row) => Page(row);

    public override async ValueTask<TablePage<AskedHolder>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await desk.QuestionsAsync(request.Caller, request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<AskedHolder>(rows) : new TablePage<AskedHolder>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static string Page(AskedHolder row) => "/console/connectivity/holders/" + row.Id;
}
