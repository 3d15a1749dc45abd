using Tsunagi.Core.Modules;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Devices;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Routers.Pages;

/// <summary>The list of routers.</summary>
internal sealed class RouterTable(DeviceStore store, TimeProvider time) : Table<RouterDevice>
{
    public override LocalizedText Title => new("Routers", "ルーター");

    public override string Permission => RoutersPermissions.DeviceRead;

    public override LocalizedText FilterHint => new("Site, model, identity, tag; address or serial number, whole", "拠点、機種、識別子、タグの一部。アドレスとシリアル番号は完全一致");

    public override LocalizedText Empty => new("No router has called", "接続したルーターはありません");

    public override LocalizedText EmptyHint => new("Point the routers' ACS address to a listener of routers.cwmp.listen, or their location server to one of routers.arms.listen.", "ルーターのACS URLを routers.cwmp.listen の受信口に、ARMS対応機のLSを routers.arms.listen の受信口に向けてください。");

    public override IReadOnlyList<Facet> Facets =>
    [
        new("state", new("State", "状態"), [
            new FacetChoice("observed", new("Observed", "監視中")), new FacetChoice("configured", new("Configured", "設定適用済み")), new FacetChoice("silent", new("Silent", "接続途絶")),
            new FacetChoice("adopting", new("To be read", "読み取り待ち")), new FacetChoice("waiting", new("Waits for its pull", "設定取得待ち")), new FacetChoice("given", new("Given, not confirmed", "配布済み・未確認")),
            new FacetChoice("unclaimed", new("Unclaimed", "未登録")),
        ]),
    ];

    public override IReadOnlyList<Column<RouterDevice>> Columns =>
    [
        Cell("site", new("Site", "拠点"), static row => row.SiteName, static (row, view) => Cells.TwoLines(Cells.Link(Page(row), row.SiteName.Length > 0 ? row.SiteName : view[new("nobody's", "未割り当て")]), row.Serial)) with { Grows = true },
        Badge("state", new("State", "状態"), static row => row.State, static (row, view) => RouterWords.StatusOf(row, view)),
        Cell("model", new("Model", "機種"), static row => row.Title, static (row, _) => Cells.TwoLines(Cells.Plain(row.Title), row.Manufacturer)) with { Minor = true },
        Text("software", new("Software", "ソフトウェア"), static row => row.Software) with { Minor = true },
        Mono("address", new("Address", "アドレス"), static row => row.Address.Length > 0 ? row.Address : null) with { Minor = true },
        Time("informed", new("Last call", "最終接続"), static row => row.InformedAt > 0 ? row.InformedAt : null),
        Text("identity", new("Identity", "識別子"), static row => row.Identity) with { Minor = true },
    ];

    public override string HrefOf(RouterDevice row) => Page(row);

    public override async ValueTask<TablePage<RouterDevice>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var filter = new DeviceFilter(request.Filter ?? request["subscription"] ?? "", request["state"] ?? "", request["site"] ?? "");
        var rows = await store.ListAsync(request.Caller, filter, request.After ?? "", request.Size + 1, time.NowMicros(), cancellationToken);
        return rows.Count <= request.Size ? new TablePage<RouterDevice>(rows) : new TablePage<RouterDevice>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static string Page(RouterDevice row) => "/console/routers/devices/" + row.Id;
}
