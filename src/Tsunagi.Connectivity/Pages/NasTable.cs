using Tsunagi.Connectivity.AccessServers;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Connectivity.Pages;

/// <summary>The list of access servers.</summary>
internal sealed class NasTable(NasBook book, NasHealth health) : Table<NasRow>
{
    public override LocalizedText Title => new("Access servers", "アクセスサーバー");

    public override string Permission => ConnectivityPermissions.NasRead;

    public override bool Filters => false;

    public override LocalizedText Empty => new("No access server yet", "アクセスサーバーはまだありません");

    public override LocalizedText EmptyHint => new("Add your BRAS, BNG or hotspots here: requests from elsewhere are not answered.", "BRASやBNGを登録してください。登録のない送信元には応答しません。");

    public override IReadOnlyList<Column<NasRow>> Columns =>
    [
        Cell("name", new("Name", "名称"), static row => row.Name, static (row, _) => Cells.NarrowLine(Cells.Link(Page(row), row.Name), string.Join(", ", row.SourceList))),
        Mono("sources", new("Sends from", "送信元"), static row => string.Join(", ", row.SourceList)) with { Grows = true, Minor = true },
        Cell(
            "health", new("On this node", "このノードでの状態"), row => ConnectivityWords.Health(health.StateOf(row.Id)).Label.En, (row, view) =>
            {
                var (tone, label) = ConnectivityWords.Health(health.StateOf(row.Id));
                return Cells.Badge(new Status(tone, view[label]));
            }),
        Time("heard", new("Last heard", "最終受信"), row => health.StateOf(row.Id) is { LastMicros: > 0 and var last } ? last : null) with { Minor = true },
        Text("dialect", new("Dialect", "ベンダー属性"), static row => ConnectivityWords.Dialect(row.Dialect)) with { Minor = true },
        Cell("authenticator", new("Message-Authenticator", "Message-Authenticator"), static row => row.MessageAuthenticator, static (row, view) => Cells.Plain(view[ConnectivityWords.Rule(row)])) with { Minor = true },
        Time("secret", new("Secret set", "共有鍵の設定"), static row => row.SecretSetAt) with { Minor = true },
    ];

    public override string HrefOf(NasRow row) => Page(row);

    public override async ValueTask<TablePage<NasRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.ListAsync(request.Caller, request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<NasRow>(rows) : new TablePage<NasRow>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static string Page(NasRow row) => "/console/connectivity/nas/" + row.Id;
}
