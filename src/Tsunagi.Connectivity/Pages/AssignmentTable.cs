using System.Globalization;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Connectivity.Pages;

/// <summary>What is assigned of a pool.</summary>
internal sealed class AssignmentTable(PoolBook book) : Table<AssignmentRow>
{
    public override LocalizedText Title => new("Assignments", "割り当て");

    public override string Permission => ConnectivityPermissions.AddressRead;

    public override LocalizedText FilterHint => new("Address, line or tenant, whole", "アドレス、回線、テナント(完全一致)");

    public override LocalizedText Empty => new("Nothing is assigned", "割り当てはありません");

    public override IReadOnlyList<Column<AssignmentRow>> Columns =>
    [
        Mono("cidr", new("Address", "アドレス"), static row => row.Cidr),
        Badge("state", new("State", "状態"), static row => row.State, static (row, view) => AddressWords.StatusOf(row, view)),
        Cell("holder", new("To", "割り当て先"), static row => row.LineId.Length > 0 ? row.LineId : row.TenantId, static (row, _) => row.LineId.Length > 0
            ? Cells.Link("/console/connectivity/lines/" + row.LineId, row.LineId)
            : Cells.Link("/console/tenants/" + row.TenantId, row.TenantId)) with { Grows = true },
        Text("device", new("For", "用途"), static row => row.Device.Length > 0 ? row.Device : null) with { Minor = true },
        Time("since", new("Since", "開始"), static row => row.SinceAt),
        Time("free", new("Free again", "再利用可能"), static row => row.FreeAt) with { Minor = true },
    ];

    public override async ValueTask<TablePage<AssignmentRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var after = long.TryParse(request.After, NumberStyles.None, CultureInfo.InvariantCulture, out var slot) ? slot : -1;
        var rows = await book.AssignmentsAsync(request.Caller, request["pool"] ?? "", request.Filter ?? "", after, request.Size + 1, cancellationToken);
        return rows.Count <= request.Size
            ? new TablePage<AssignmentRow>(rows)
            : new TablePage<AssignmentRow>([.. rows.Take(request.Size)], rows[request.Size - 1].Slot.ToString(CultureInfo.InvariantCulture));
    }
}
