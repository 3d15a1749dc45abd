using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Time;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Connectivity.Pages;

/// <summary>The list of leases of DHCP of both families.</summary>
internal sealed class LeaseTable(LeaseStore store, TimeProvider time) : Table<LeaseRow>
{
    public override LocalizedText Title => new("Leases", "リース");

    public override string Permission => ConnectivityPermissions.SessionRead;

    public override LocalizedText FilterHint => new("Address, prefix, DUID or client id, line or hardware address, whole", "アドレス、プレフィックス、DUIDまたはクライアントID、回線、MACアドレス(完全一致)");

    public override LocalizedText Empty => new("No lease", "リースはありません");

    public override LocalizedText EmptyHint => new("As soon as a router asks by DHCP, what it was given shows here.", "ルーターがDHCPで要求すると、割り当てがここに表示されます。");

    public override IReadOnlyList<Facet> Facets => [new("state", new("State", "状態"), [.. LeaseRow.States.Select(static state => new FacetChoice(state, LeaseWords.State(state)))])];

    public override IReadOnlyList<Column<LeaseRow>> Columns =>
    [
        Cell("prefix", new("Address or prefix", "アドレス/プレフィックス"), static row => LeaseWords.Shown(row), static (row, _) => Cells.NarrowLine(Cells.Link(Line(row), LeaseWords.Shown(row)), row.Pool)),
        Badge("state", new("State", "状態"), static row => row.State, (row, view) => LeaseWords.StatusOf(row, time.NowMicros(), view)),
        Cell("line", new("Line", "回線"), static row => row.LineId, static (row, _) => Cells.Link(Line(row), row.LineId)),
        Mono("duid", new("Router (DUID, client id)", "ルーター(DUID・クライアントID)"), static row => row.Duid) with { Grows = true, Minor = true },
        Text("pool", new("Pool", "プール"), static row => row.Pool.Length > 0 ? row.Pool : null) with { Minor = true },
        Text("relay", new("Heard through", "経由"), static row => row.Relay.Length > 0 ? row.Relay : null) with { Minor = true },
        Time("since", new("Since", "開始"), static row => row.SinceAt) with { Minor = true },
        Time("until", new("Until", "期限"), static row => row.EndedAt ?? row.ValidUntil),
    ];

    public override string HrefOf(LeaseRow row) => Line(row);

    public override async ValueTask<TablePage<LeaseRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(
            request.Caller, request.Filter ?? "", request["state"] ?? "", request["line"] ?? "", request["pool"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<LeaseRow>(rows) : new TablePage<LeaseRow>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static string Line(LeaseRow row) => "/console/connectivity/lines/" + row.LineId;
}
