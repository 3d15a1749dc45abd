using Tsunagi.Core.Modules;
using Tsunagi.Ddos.Sharing;
using Tsunagi.Ui.Format;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Ddos.Pages;

/// <summary>Incidents that peers shared with us: the provider's operators' to see.</summary>
internal sealed class ForeignTable(ForeignStore store) : Table<ForeignIncident>
{
    public override LocalizedText Title => new("Shared with us", "受信した共有インシデント");

    public override string Permission => DdosPermissions.SharingRead;

    public override LocalizedText FilterHint => new("A peer, a vector, an id", "共有元、攻撃種別、ID");

    public override LocalizedText Empty => new("No peer has shared an incident with us", "受信した共有インシデントはありません");

    public override LocalizedText EmptyHint => new("What peers of our sharing groups tell shows here.", "共有グループの参加者から受信すると、ここに表示されます。");

    public override IReadOnlyList<Facet> Facets =>
        [new("state", new("State", "状態"), [new FacetChoice("open", new("Going on", "継続中")), new FacetChoice("closed", new("Over", "終息")), new FacetChoice("revoked", new("Withdrawn", "撤回"))])];

    public override IReadOnlyList<Column<ForeignIncident>> Columns =>
    [
        Time("opened", new("Began", "発生"), static row => row.OpenedAt),
        Badge("state", new("State", "状態"), static row => row.Revoked == 1 ? "revoked" : row.ClosedAt is null ? "open" : "closed", static (row, view) => SharingWords.StatusOf(row, view)),
        Cell("name", new("What it looks like", "攻撃種別"), static row => row.Name, static (row, view) => Cells.TwoLines(Cells.Link(Page(row), SharingWords.NameOf(row, view)), view.Say(new("Shared with us by {0}", "{0} から受信"), row.Peer))) with { Grows = true },
        Cell("tlp", new("TLP", "TLP"), static row => row.Tlp, static (row, _) => Cells.Plain("TLP:" + row.Tlp.ToUpperInvariant())) with { Minor = true },
        Cell("peak", new("Peak", "最大"), static row => row.PeakBits.ToString(System.Globalization.CultureInfo.InvariantCulture), static (row, _) => Cells.Plain(Formats.BitsPerSecond(row.PeakBits))) with { Align = ColumnAlign.End },
        Time("received", new("Received", "受信"), static row => row.ReceivedAt) with { Minor = true },
    ];

    public override string HrefOf(ForeignIncident row) => Page(row);

    public override async ValueTask<TablePage<ForeignIncident>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        if (!request.Caller.IsOperator)
        {
            return new TablePage<ForeignIncident>([]);
        }

        var rows = await store.ListAsync(request.Filter ?? "", request["state"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<ForeignIncident>(rows) : new TablePage<ForeignIncident>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static string Page(ForeignIncident row) => "/console/ddos/shared/" + row.Id;
}
