using Tsunagi.Core.Modules;
using Tsunagi.Mail.Trace;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Mail.Pages;

/// <summary>Messages, newest first. <c>["subscription"]</c> narrows it to one contract.</summary>
internal sealed class MessageTable(TraceStore trace) : Table<MessageRow>
{
    public override LocalizedText Title => new("Messages", "メール");

    public override string Permission => MailPermissions.TraceRead;

    public override LocalizedText FilterHint => new("Recipient, sender, Message-ID or id, whole", "宛先、送信者、Message-ID、ID(完全一致)");

    public override LocalizedText Empty => new("No message yet", "メールはまだありません");

    public override LocalizedText EmptyHint => new("As soon as a message for one of your domains is accepted, it shows here with its story.", "ドメイン宛のメールを受け付けると、その経過がここに表示されます。");

    public override IReadOnlyList<Facet> Facets =>
        [new("state", new("State", "状態"), [.. MessageState.All.Select(static state => new FacetChoice(state, MailWords.NameOf(state)))])];

    public override IReadOnlyList<Column<MessageRow>> Columns =>
    [
        Time("accepted", new("Accepted", "受付"), static row => row.AcceptedAt),
        Badge("state", new("State", "状態"), static row => row.State, static (row, view) => MailWords.StatusOf(row.State, view)),
        Cell("from", new("From", "送信者"), static row => row.Sender, static (row, view) => Cells.Plain(MailWords.Sender(row.Sender, view))) with { Minor = true },
        Cell("to", new("To", "宛先"), static row => row.FirstRecipient, static (row, view) =>
            Cells.TwoLines(Cells.Link(Page(row), row.FirstRecipient), row.Recipients > 1 ? view.Say(new("and {0} more", "他 {0}件"), row.Recipients - 1) : null)),
        Cell("reply", new("Last answer", "最後の応答"), static row => row.LastReply, static (row, _) => Cells.Plain(row.LastReply)) with { Grows = true, Minor = true },
        Bytes("size", new("Size", "サイズ"), static row => row.Size) with { Minor = true },
        Number("attempts", new("Attempts", "試行"), static row => row.Attempts) with { Minor = true },
    ];

    public override string HrefOf(MessageRow row) => Page(row);

    public override async ValueTask<TablePage<MessageRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var filter = new MessageFilter(request.Filter ?? "", request["state"] ?? "", request["subscription"] ?? "", 0, long.MaxValue, request.After ?? "");
        var rows = await trace.ListAsync(request.Caller, filter, request.Size + 1, cancellationToken);
        return rows.Count <= request.Size
            ? new TablePage<MessageRow>(rows)
            : new TablePage<MessageRow>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static string Page(MessageRow row) => "/console/mail/messages/" + row.Id;
}
