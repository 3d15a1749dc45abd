using System.Globalization;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Api;
using Tsunagi.Mail.Shadow;
using Tsunagi.Mail.Verdict;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Mail.Pages;

/// <summary>Messages that were only watched, newest first: what both filters said of each. <c>["days"]</c> and <c>["domain"]</c> narrow it.</summary>
internal sealed class ShadowTable(ShadowStore store, TimeProvider time) : Table<ShadowRow>
{
    public override LocalizedText Title => new("Messages that were only watched", "判定のみのメール");

    public override string Permission => MailPermissions.TraceRead;

    public override LocalizedText FilterHint => new("Domain, whole", "ドメイン(完全一致)");

    public override LocalizedText Empty => new("No message was only watched", "判定のみのメールはありません");

    public override LocalizedText EmptyHint => new(
        "Set \"shadow\" in a policy, or on the listener that your mail server asks; its mail then shows here.", "ポリシーまたは接続受付で「判定のみ」を有効にすると、ここに表示されます。");

    public override IReadOnlyList<Facet> Facets =>
        [new("cell", new("Verdicts", "判定の組み合わせ"), [.. ShadowCell.All.Select(static cell => new FacetChoice(cell, ShadowCell.NameOf(cell)))])];

    public override IReadOnlyList<Column<ShadowRow>> Columns =>
    [
        Time("judged", new("Judged", "判定"), static row => row.JudgedAt),
        Badge("cell", new("Verdicts", "判定の組み合わせ"), static row => CellOf(row), static (row, view) => new(ToneOf(CellOf(row)), view[ShadowCell.NameOf(CellOf(row))])),
        Cell("to", new("To", "宛先"), static row => row.Recipient, static (row, _) => Cells.Link(PageOf(row), row.Recipient.Length > 0 ? row.Recipient : row.MessageId)),
        Cell("from", new("From", "送信者"), static row => row.Sender, static (row, view) => Cells.Plain(MailWords.Sender(row.Sender, view))) with { Minor = true },
        Cell("ours", new("We would have", "当社の判定"), static row => row.Action, static (row, view) => Cells.TwoLines(Cells.Plain(view[OurWord(row.Action)]), row.Reason)),
        Cell("theirs", new("They said", "既存フィルターの記載"), static row => row.Field, static (row, _) => Cells.Plain(row.Field)) with { Grows = true, Minor = true },
    ];

    public override string HrefOf(ShadowRow row) => PageOf(row);

    public override async ValueTask<TablePage<ShadowRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var days = int.TryParse(request["days"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked is >= 1 and <= 366 ? asked : (int?)null;
        var domain = (request.Filter is { Length: > 0 } filter ? filter : request["domain"] ?? "").Trim().ToLowerInvariant();
        var rows = await store.ListAsync(request.Caller, ShadowApi.From(time, days), domain, request["cell"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<ShadowRow>(rows) : new TablePage<ShadowRow>([.. rows.Take(request.Size)], rows[request.Size - 1].MessageId);
    }

    internal static Tone ToneOf(string cell) => cell switch
    {
        ShadowCell.BothSpam or ShadowCell.BothClean => Tone.Good,
        ShadowCell.OnlyOurs or ShadowCell.OnlyTheirs => Tone.Warning,
        _ => Tone.Neutral,
    };

    private static LocalizedText OurWord(string action) => action switch
    {
        "accept" => VerdictStory.Name(PolicyAction.Accept),
        "tag" => VerdictStory.Name(PolicyAction.Tag),
        "quarantine" => VerdictStory.Name(PolicyAction.Quarantine),
        "defer" => VerdictStory.Name(PolicyAction.Defer),
        _ => VerdictStory.Name(PolicyAction.Reject),
    };

    private static string CellOf(ShadowRow row) => ShadowCell.Of(row.Ours, row.Theirs);

    private static string PageOf(ShadowRow row) => "/console/mail/messages/" + row.MessageId;
}
