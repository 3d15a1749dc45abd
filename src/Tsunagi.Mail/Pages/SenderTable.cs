using Microsoft.AspNetCore.Components;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Ui.Forms;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Mail.Pages;

/// <summary>Senders that are allowed or blocked.</summary>
internal sealed class SenderTable(SenderBook book) : Table<SenderEntry>
{
    public override LocalizedText Title => new("Senders", "送信者ルール");

    public override string Permission => MailPermissions.QuarantineRead;

    public override LocalizedText FilterHint => new("Sender, recipient or domain, whole", "送信者、受信者、ドメイン(完全一致)");

    public override LocalizedText Empty => new("Nothing was said of any sender", "ルールはまだありません");

    public override LocalizedText EmptyHint => new("Allow or block a sender here, or from a held message.", "ここ、または隔離メールの画面から、送信者を許可または拒否できます。");

    public override IReadOnlyList<Column<SenderEntry>> Columns =>
    [
        Badge("rule", new("Rule", "ルール"), static entry => entry.Rule, static (entry, view) =>
            entry.Rule == "allow" ? new(Ui.Parts.Tone.Good, view[new("Allowed", "許可")]) : new(Ui.Parts.Tone.Bad, view[new("Blocked", "拒否")])),
        Cell("sender", new("Sender", "送信者"), static entry => entry.Sender, static (entry, view) => Cells.NarrowLine(Cells.Code(entry.Sender), view[WhoOf(entry)])),
        Cell("for", new("For", "対象"), static entry => entry.Scope == "tenant" ? "tenant" : entry.Owner, static (entry, view) => Cells.Plain(view[WhoOf(entry)])) with { Grows = true, Minor = true },
        Text("by", new("Changed by", "変更者"), static entry => entry.ChangedBy) with { Minor = true },
        Time("changed", new("Changed", "変更"), static entry => entry.ChangedAt) with { Minor = true },
        Cell("remove", new("", ""), static entry => entry.Id, static (entry, view) => view.May(MailPermissions.QuarantineWrite) ? Remove(entry, view[new("Take back", "取り消す")]) : Cells.Plain("")),
    ];

    public override async ValueTask<TablePage<SenderEntry>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.ListAsync(request.Caller, request.Filter ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<SenderEntry>(rows) : new TablePage<SenderEntry>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static LocalizedText WhoOf(SenderEntry entry) => entry.Scope switch
    {
        "tenant" => new("everybody of the tenant", "テナント全体"),
        "domain" => new($"everybody of {entry.Owner}", $"{entry.Owner} 全体"),
        _ => new(entry.Owner, entry.Owner),
    };

    private static RenderFragment Remove(SenderEntry entry, string verb) => builder =>
    {
        builder.OpenComponent<ActForm>(0);
        builder.AddComponentParameter(1, nameof(ActForm.Action), $"/console/mail/senders/{entry.Id}/remove");
        builder.AddComponentParameter(2, nameof(ActForm.Verb), verb);
        builder.AddComponentParameter(3, nameof(ActForm.Quiet), true);
        builder.CloseComponent();
    };
}
