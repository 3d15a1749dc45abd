using Tsunagi.Core.Modules;
using Tsunagi.Ddos.DryRun;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Ddos.Pages;

/// <summary>The list of dry runs that are over.</summary>
internal sealed class DryRunTable(DryRunStore store, DryRunDesk desk) : Table<DryRunRow>
{
    public override LocalizedText Title => new("Dry runs", "ドライラン");

    public override string Permission => DdosPermissions.DryRunRead;

    public override LocalizedText FilterHint => new("A contract, a tenant, an id, whole", "契約、テナント、ID(完全一致)");

    public override LocalizedText Empty => new("No dry run was made yet", "ドライランはまだ実行されていません");

    public override LocalizedText EmptyHint => new("A dry run says what would have been done about attacks in the last days. Rules may wait or go out by themselves only with one.", "過去の通信に対し、攻撃への対応がどう働いたかを確認します。「確認」「自動」への変更に必要です。");

    public override IReadOnlyList<Column<DryRunRow>> Columns =>
    [
        Time("made", new("Made", "実行"), static row => row.MadeAt),
        Badge("verdict", new("Verdict", "判定"), static row => row.Verdict, static (row, view) => StatusOf(row, view)),
        Cell("contract", new("Contract", "契約"), static row => row.SubscriptionId, static (row, _) => Cells.Link("/console/ddos/dry-runs/" + row.Id, row.SubscriptionId)) with { Grows = true },
        Cell("mode", new("As", "対応モード"), static row => row.Mode, static (row, view) => Cells.Plain(view[DdosWords.Mode(row.Mode)])),
        Number("days", new("Days", "日数"), static row => row.Days) with { Minor = true },
        Number("known", new("Known, %", "データ率(%)"), static row => row.CoverPercent),
        Number("attacks", new("Attacks", "攻撃"), static row => row.Opened),
        Number("rules", new("Rules", "ルール"), static row => row.RulesOut) with { Minor = true },
        Cell("holds", new("Holds", "有効"), row => desk.IsCurrent(row) ? "yes" : "no", (row, view) => Cells.Plain(view[desk.IsCurrent(row) ? new("as things are", "現在の設定") : new("no: things changed", "無効(設定変更)")])) with { Minor = true },
    ];

    public override string HrefOf(DryRunRow row) => "/console/ddos/dry-runs/" + row.Id;

    public override async ValueTask<TablePage<DryRunRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(request.Caller, request.Filter ?? request["subscription"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<DryRunRow>(rows) : new TablePage<DryRunRow>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    internal static Status StatusOf(DryRunRow row, ConsoleView view) =>
        row.State == DryRunRow.Failed ? new(Tone.Bad, view[new("Failed", "失敗")]) : new(ToneOf(row.Verdict), view[Short(row.Verdict)]);

    internal static Tone ToneOf(string verdict) => verdict switch
    {
        DryRunVerdict.Spares => Tone.Good,
        DryRunVerdict.Nothing => Tone.Neutral,
        DryRunVerdict.TakesOwn => Tone.Bad,
        _ => Tone.Warning,
    };

    private static LocalizedText Short(string verdict) => verdict switch
    {
        DryRunVerdict.Spares => new("Looks good", "良好"),
        DryRunVerdict.Nothing => new("Nothing would have happened", "影響なし"),
        DryRunVerdict.TakesOwn => new("Takes own traffic", "巻き添えあり"),
        DryRunVerdict.OverBudget => new("Too many rules", "ルール数超過"),
        DryRunVerdict.Waits => new("Waits for people", "担当者の判断"),
        _ => new("Too little data", "データ不足"),
    };
}
