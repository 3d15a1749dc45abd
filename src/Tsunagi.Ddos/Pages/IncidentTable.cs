using Tsunagi.Core.Modules;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ui.Format;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Ddos.Pages;

/// <summary>The list of incidents.</summary>
internal sealed class IncidentTable(IncidentStore store) : Table<IncidentRow>
{
    public override LocalizedText Title => new("Incidents", "インシデント");

    public override string Permission => DdosPermissions.IncidentRead;

    public override LocalizedText FilterHint => new("Address, prefix, vector or id, whole", "アドレス、プレフィックス、攻撃種別、ID(完全一致)");

    public override LocalizedText Empty => new("No attack so far", "攻撃はまだ検知されていません");

    public override LocalizedText EmptyHint => new("As soon as traffic to a protected prefix passes its limit, it shows here with its figures.", "保護対象への通信量が上限を超えると、ここに表示されます。");

    public override IReadOnlyList<Facet> Facets =>
        [new("state", new("State", "状態"), [new FacetChoice("open", new("Under attack", "攻撃中")), new FacetChoice("closed", new("Over", "終息"))])];

    public override IReadOnlyList<Column<IncidentRow>> Columns =>
    [
        Time("opened", new("Opened", "発生"), static row => row.OpenedAt),
        Badge("state", new("State", "状態"), static row => row.ClosedAt is null ? "open" : "closed", static (row, view) => DdosWords.StatusOf(row, view)),
        Cell("target", new("Target", "対象"), static row => row.Target, static (row, view) => Cells.NarrowLine(Cells.Link(Page(row), row.Target), view[DdosWords.Vector(row.Vector)])),
        Cell("vector", new("What it looks like", "攻撃種別"), static row => row.Vector, static (row, view) => Cells.Plain(view[DdosWords.Vector(row.Vector)])) with { Grows = true, Minor = true },
        Cell("peak", new("Peak", "最大"), static row => row.PeakBits.ToString(System.Globalization.CultureInfo.InvariantCulture), static (row, _) => Cells.Plain(Formats.BitsPerSecond(row.PeakBits))) with { Align = ColumnAlign.End },
        Number("packets", new("Peak packets/s", "最大パケット/秒"), static row => row.PeakPackets) with { Minor = true },
        Time("closed", new("Over since", "終息"), static row => row.ClosedAt) with { Minor = true },
    ];

    public override string HrefOf(IncidentRow row) => Page(row);

    public override async ValueTask<TablePage<IncidentRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(request.Caller, request.Filter ?? request["subscription"] ?? "", request["state"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<IncidentRow>(rows) : new TablePage<IncidentRow>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static string Page(IncidentRow row) => "/console/ddos/incidents/" + row.Id;
}
