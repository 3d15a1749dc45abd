using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Connectivity.Pages;

/// <summary>The list of lines.</summary>
internal sealed class LineTable(LineBook book) : Table<LineRow>
{
    public override LocalizedText Title => new("Lines", "回線");

    public override string Permission => ConnectivityPermissions.LineRead;

    public override LocalizedText FilterHint => new("User name, circuit, name, address or id", "ユーザー名、回線ID、名称、アドレス、ID");

    public override LocalizedText Empty => new("No line yet", "回線はまだありません");

    public override LocalizedText EmptyHint => new("A line is set up under a subscription to broadband or a dedicated line.", "ブロードバンドまたは専用線の契約の下に回線を登録します。");

    public override IReadOnlyList<Facet> Facets =>
    [
        new("state", new("State", "状態"), [
            new FacetChoice(LineState.Active, new("Active", "利用可")), new FacetChoice(LineState.Suspended, new("Suspended", "停止中")), new FacetChoice(LineState.Ended, new("Ended", "終了")),
        ]),
    ];

    public override IReadOnlyList<Column<LineRow>> Columns =>
    [
        Cell("user", new("Line", "回線"), static row => row.Title, static (row, _) => Cells.NarrowLine(Cells.Link(Page(row), row.Title), row.Name)) with { Sortable = true },
        Badge("state", new("State", "状態"), static row => row.State, static (row, view) => ConnectivityWords.StatusOf(row, view)),
        Text("name", new("Name", "名称"), static row => row.Name) with { Grows = true, Minor = true },
        Mono("circuit", new("Circuit", "回線ID"), static row => row.CircuitId.Length > 0 ? row.CircuitId : null) with { Minor = true },
        Mono("v4", new("IPv4", "IPv4"), static row => row.V4.Length > 0 ? row.V4 : null),
        Mono("delegated", new("Delegated prefix", "委任プレフィックス"), static row => row.DelegatedPrefix.Length > 0 ? row.DelegatedPrefix : null) with { Minor = true },
        Cell("password", new("Password serves", "認証方式"), static row => ConnectivityWords.Serves(row.Form), static (row, _) => Cells.Plain(ConnectivityWords.Serves(row.Form))) with { Minor = true },
        Time("since", new("Set up", "登録"), static row => row.CreatedAt) with { Minor = true },
    ];

    public override string HrefOf(LineRow row) => Page(row);

    public override async ValueTask<TablePage<LineRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var order = request.Sort == "user" ? request.Descending ? LineOrder.NameDescending : LineOrder.Name : LineOrder.Newest;
        var query = new LineQuery(request.Filter ?? "", request["state"] ?? "", request["tenant"] ?? "", request["subscription"] ?? "", order, request.After ?? "");
        var rows = await book.ListAsync(request.Caller, query, request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<LineRow>(rows) : new TablePage<LineRow>([.. rows.Take(request.Size)], query.PlaceOf(rows[request.Size - 1]));
    }

    private static string Page(LineRow row) => "/console/connectivity/lines/" + row.Id;
}
