using Tsunagi.Core.Modules;
using Tsunagi.Core.Nodes;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Host.Console.Nodes;

/// <summary>The provider's nodes by name. There are as many as there are machines, so they are one page.</summary>
internal sealed class NodeTable(NodeBook book, ReadinessCatalogue reasons) : Table<NodeView>
{
    public override LocalizedText Title => new("Nodes", "ノード");

    public override string Permission => NodeApi.Read;

    public override bool Filters => false;

    public override LocalizedText Empty => new("No node has told of itself yet", "まだ報告がありません");

    public override IReadOnlyList<Column<NodeView>> Columns =>
    [
        Cell("name", new("Node", "ノード"), static row => row.Name, static (row, _) => Cells.TwoLines(Cells.Plain(row.Name), row.Boot)),
        Badge("state", new("State", "状態"), static row => row.State.ToString(), static (row, view) => row.State switch
        {
            NodeState.Ready => new(Tone.Good, view[new("Ready", "正常")]),
            NodeState.NotReady => new(Tone.Bad, view[new("Not ready", "受付停止")]),
            NodeState.Away => new(Tone.Bad, view[new("Away", "応答なし")]),
            _ => new(Tone.Neutral, view[new("Stopped", "停止中")]),
        }),
        Cell("why", new("Why", "理由"), static row => string.Join("; ", row.Reasons.Select(static reason => $"{reason.Code}: {reason.Detail}")), Why) with { Grows = true },
        Text("modules", new("Runs", "稼働サービス"), static row => string.Join(", ", row.Modules)),
        Mono("version", new("Version", "バージョン"), static row => row.Version) with { Minor = true },
        Time("seen", new("Last heard of", "最終確認"), static row => row.SeenAt, MomentForm.Relative),
        Time("started", new("Started", "起動"), static row => row.StartedAt) with { Minor = true },
    ];

    public override async ValueTask<TablePage<NodeView>> ReadAsync(TableRequest request, CancellationToken cancellationToken) =>
        request.Caller.IsOperator ? new(await book.ListAsync(code => reasons.Find(code)?.NextStep.In(request.Caller.Locale), cancellationToken)) : new([]);

    private Microsoft.AspNetCore.Components.RenderFragment Why(NodeView row, Ui.Layout.ConsoleView view) =>
        row.State is NodeState.Away ? Cells.Plain(view[new("It died, hangs, or cannot reach the database: look at its machine", "停止、無応答、またはデータベースに接続できない状態です。該当機器を確認してください")])
        : row.Reasons is [var reason, ..] ? Cells.TwoLines(Cells.Plain(reasons.Find(reason.Code) is { } known ? view[known.Meaning] : reason.Detail), reason.NextStep)
        : Cells.None;
}
