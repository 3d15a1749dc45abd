using Tsunagi.Core.Modules;
using Tsunagi.Routers.Push;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Routers.Pages;

/// <summary>What became of the boxes of a push.</summary>
internal sealed class PushBoxTable(PushBook book) : Table<PushBox>
{
    public override LocalizedText Title => new("Boxes of a push", "配信対象の機器");

    public override string Permission => RoutersPermissions.DeviceRead;

    public override bool Filters => false;

    public override LocalizedText Empty => new("No such box", "該当する機器はありません");

    public override IReadOnlyList<Facet> Facets =>
    [
        new("state", new("Outcome", "結果"), [
            new FacetChoice("silent", new("Silent", "応答なし")), new FacetChoice("rolled-back", new("Rolled back", "復元済み")), new FacetChoice("confirmed", new("Confirmed", "確認済み")),
            new FacetChoice("accepted", new("To come back", "確認待ち")), new FacetChoice("asked", new("Asked", "送信済み")), new FacetChoice("waiting", new("Waits", "待機中")), new FacetChoice("skipped", new("Never begun", "未実行")),
        ]),
    ];

    public override IReadOnlyList<Column<PushBox>> Columns =>
    [
        Cell("site", new("Site", "拠点"), static box => box.SiteName, static (box, _) => Cells.TwoLines(Cells.Link("/console/routers/sites/" + box.SiteId, box.SiteName), box.Cause)) with { Grows = true },
        Badge("state", new("Outcome", "結果"), static box => box.State, static (box, view) => PushWords.StatusOf(box, view)),
        Number("ring", new("Ring", "リング"), static box => box.Ring + 1),
        Number("number", new("Version", "版"), static box => box.Number),
        Number("formerly", new("Before", "配信前"), static box => box.Formerly > 0 ? box.Formerly : null) with { Minor = true },
        Time("ended", new("Known since", "確定日時"), static box => box.EndedAt > 0 ? box.EndedAt : null),
        Mono("identity", new("Identity", "識別子"), static box => box.Identity) with { Minor = true },
    ];

    public override string HrefOf(PushBox row) => "/console/routers/sites/" + row.SiteId;

    public override async ValueTask<TablePage<PushBox>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.BoxesAsync(request.Caller, request["push"] ?? "", request["state"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<PushBox>(rows) : new TablePage<PushBox>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }
}
