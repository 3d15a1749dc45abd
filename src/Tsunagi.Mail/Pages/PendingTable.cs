using Microsoft.AspNetCore.Components;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Pending;
using Tsunagi.Ui.Forms;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Mail.Pages;

/// <summary>Mail that waits, or waited, before it left, newest first. The subject is there for the tenant itself and empty for everyone above it.</summary>
internal sealed class PendingTable(PendingBook book) : Table<PendingRow>
{
    public override LocalizedText Title => new("Waits to leave", "送信保留");

    public override string Permission => MailPermissions.QueueRead;

    public override LocalizedText FilterHint => new("A recipient, a sender or a message, whole", "宛先、送信者、メールID(完全一致)");

    public override LocalizedText Empty => new("Nothing waits to leave", "送信保留中のメールはありません");

    public override LocalizedText EmptyHint => new("A policy says how long sent mail waits, so that it can be taken back.", "送信前に保留する時間はポリシーで設定します。");

    public override IReadOnlyList<Facet> Facets =>
        [new("state", new("State", "状態"), [.. PendingState.All.Select(static state => new FacetChoice(state, PendingWords.NameOf(state)))])];

    public override IReadOnlyList<Column<PendingRow>> Columns =>
    [
        Badge("state", new("State", "状態"), static row => row.State, static (row, view) => PendingWords.StatusOf(row.State, view)),
        Time("due", new("Leaves", "送信予定"), static row => row.DueAt) with { Minor = true },
        Cell("message", new("Message", "メール"), static row => row.Subject, Message) with { Grows = true },
        Text("sender", new("Sender", "送信者"), static row => row.Sender) with { Minor = true },
        Text("recipient", new("Recipient", "宛先"), static row => row.Recipient) with { Minor = true },
        Text("doubt", new("Meant?", "正しい宛先か"), static row => row.Doubt) with { Minor = true },
        Cell("by", new("Decided by", "操作者"), static row => row.ChangedBy, Acts),
    ];

    public override async ValueTask<TablePage<PendingRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = request.Filter?.StartsWith("mp_", StringComparison.Ordinal) == true
            ? await book.FindAsync(request.Caller, request.Filter, cancellationToken) is { } one ? [one] : []
            : await book.ListAsync(request.Caller, request.Filter ?? "", request["state"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        var shown = rows.Take(request.Size).Select(row => request.Caller.Scope.Path == row.TenantPath ? row : row with { Subject = "" });
        return new TablePage<PendingRow>([.. shown], rows.Count > request.Size ? rows[request.Size - 1].Id : null);
    }

    // On a phone the recipient has no column of its own.
    private static RenderFragment Message(PendingRow row, ConsoleView view)
    {
        var closed = view.Caller.Scope.Path != row.TenantPath;
        var title = closed ? view[new("Content is the customer's", "内容はお客様のものです")] : PendingWords.Subject(row.Subject, view);
        return Cells.NarrowLine(Cells.Link("/console/mail/messages/" + row.MessageId, title), "→ " + row.Recipient + (row.Doubt.Length > 0 ? view.Say(new(" (meant: {0}?)", "({0} では?)"), row.Doubt) : ""));
    }

    // While nobody has, whoever may decides here.
    private static RenderFragment Acts(PendingRow row, ConsoleView view) => row.State != PendingState.Pending || !view.May(MailPermissions.QueueWrite)
        ? Cells.Plain(row.ChangedBy)
        : builder =>
        {
            builder.OpenElement(0, "div");
            builder.AddAttribute(1, "class", "cell-acts");
            builder.OpenRegion(2);
            Act(builder, row, "cancel", view[new("Cancel", "取り消す")]);
            builder.CloseRegion();
            builder.OpenRegion(3);
            Act(builder, row, "send", view[new("Send now", "すぐに送信")]);
            builder.CloseRegion();
            builder.CloseElement();
        };

    private static void Act(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder, PendingRow row, string act, string verb)
    {
        builder.OpenComponent<ActForm>(0);
        builder.AddComponentParameter(1, nameof(ActForm.Action), $"/console/mail/pending/{row.Id}/{act}");
        builder.AddComponentParameter(2, nameof(ActForm.Verb), verb);
        builder.AddComponentParameter(3, nameof(ActForm.Quiet), true);
        builder.CloseComponent();
    }
}
