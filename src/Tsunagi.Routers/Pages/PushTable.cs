using Tsunagi.Core.Modules;
using Tsunagi.Routers.Push;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Routers.Pages;

/// <summary>The list of pushes.</summary>
internal sealed class PushTable(PushBook book) : Table<RouterPush>
{
    public override LocalizedText Title => new("Pushes", "設定配信");

    public override string Permission => RoutersPermissions.DeviceRead;

    public override bool Filters => false;

    public override LocalizedText Empty => new("Nothing was pushed yet", "配信はまだありません");

    public override LocalizedText EmptyHint => new("Write a new version of a site's configuration, then plan its push here.", "拠点の設定の新しい版を登録し、ここで配信を計画してください。");

    public override IReadOnlyList<Facet> Facets =>
    [
        new("state", new("State", "状態"), [
            new FacetChoice("planned", new("Planned", "計画済み")), new FacetChoice("running", new("Running", "実行中")), new FacetChoice("done", new("Over", "完了")), new FacetChoice("stopped", new("Stopped", "停止")),
            new FacetChoice("discarded", new("Given up", "破棄")),
        ]),
    ];

    public override IReadOnlyList<Column<RouterPush>> Columns =>
    [
        Cell("why", new("Push", "配信"), static push => push.Why, static (push, view) => Cells.TwoLines(Cells.Link(Page(push), push.Why.Length > 0 ? push.Why : push.Id), push.Cause.Length > 0 ? push.Cause : push.MadeBy)) with { Grows = true },
        Badge("state", new("State", "状態"), static push => push.State, static (push, view) => PushWords.StatusOf(push, view)),
        Number("boxes", new("Boxes", "台数"), static push => push.Boxes),
        Text("rings", new("Rings", "リング"), static push => push.Rings.Replace(",", " · ", StringComparison.Ordinal)) with { Minor = true },
        Time("made", new("Made", "作成"), static push => push.MadeAt),
        Time("ended", new("Ended", "終了"), static push => push.EndedAt > 0 ? push.EndedAt : null) with { Minor = true },
    ];

    public override string HrefOf(RouterPush row) => Page(row);

    public override async ValueTask<TablePage<RouterPush>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.ListAsync(request.Caller, request["state"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<RouterPush>(rows) : new TablePage<RouterPush>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static string Page(RouterPush row) => "/console/routers/pushes/" + row.Id;
}
