using Tsunagi.BackOffice.Dunning;
using Tsunagi.BackOffice.Letters;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.BackOffice.Pages;

/// <summary>The steps of dunning that were taken or skipped.</summary>
internal sealed class DunningStepTable(DunningBook book) : Table<DunningStep>
{
    public override LocalizedText Title => new("What was done", "実施履歴");

    public override string Permission => BackOfficePermissions.DunningRead;

    public override LocalizedText FilterHint => new("Customer, invoice number", "請求先、請求番号");

    public override LocalizedText Empty => new("No step was taken yet", "督促の実施履歴はありません");

    public override IReadOnlyList<Facet> Facets =>
    [
        new Facet("state", new("State", "状態"), [new FacetChoice("done", new("Done", "実施")), new FacetChoice("skipped", new("Skipped", "見送り")), new FacetChoice("suspended", new("Suspended now", "利用停止中"))]),
    ];

    public override IReadOnlyList<Column<DunningStep>> Columns =>
    [
        Text("day", new("Day", "実施日"), static row => row.OnDay),
        Cell("customer", new("Customer", "請求先"), static row => row.AccountName, static (row, _) => Cells.TwoLines(Cells.Link("/console/backoffice/accounts/" + row.AccountId, row.AccountName), row.Invoices)) with { Grows = true },
        Cell("stage", new("Stage", "段階"), static row => row.Stage, static (row, view) => Cells.TwoLines(Cells.Plain(view[DunningActions.Parse(row.Action).Name()]), row.Reason ?? row.Stage)),
        Badge("state", new("State", "状態"), static row => row.State, static (row, view) => StateOf(row, view)),
        Cell("letter", new("Letter", "通知"), static row => row.LetterState, static (row, view) => row.LetterId is null ? Cells.Plain("–") : Cells.Link("/console/backoffice/letters/" + row.LetterId, view[LetterOf(row.LetterState!)])),
        Cell("amount", new("Amount", "金額"), static row => row.AmountMinor.ToString(System.Globalization.CultureInfo.InvariantCulture), static (row, view) => Cells.Plain(view.Money(row.AmountMinor, row.Currency))) with { Align = ColumnAlign.End },
        Cell("by", new("By", "実施者"), static row => row.DecidedBy, static (row, view) => Cells.Plain(row.Automatic != 0 ? view[new("automatic", "自動")] : row.DecidedBy)) with { Minor = true },
    ];

    public override async ValueTask<TablePage<DunningStep>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.StepsAsync(request.Caller, new StepFilter(request["account"], null, request["state"], request.Filter), request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<DunningStep>(rows) : new TablePage<DunningStep>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    internal static Status StateOf(DunningStep row, ConsoleView view) => row switch
    {
        { State: DunningStepState.Skipped } => new(Tone.Neutral, view[new("Skipped", "見送り")]),
        { Action: "suspend", EndedAt: null } => new(Tone.Bad, view.Say(new("Suspended; data kept until {0}", "利用停止中(データ保管 {0} まで)"), row.DataKeptUntil ?? "")),
        { Action: "suspend" } => new(Tone.Good, view[new("Paid; services go on", "入金確認・再開済")]),
        _ => new(Tone.Info, view[new("Done", "実施")]),
    };

    internal static LocalizedText LetterOf(string state) => state switch
    {
        LetterState.Waiting => new("waits", "送信待ち"),
        LetterState.Handing => new("being sent", "送信中"),
        LetterState.Sent => new("sent", "送信済"),
        LetterState.Failed => new("failed", "送信失敗"),
        _ => new("perhaps sent", "送信結果不明"),
    };
}
