using System.Globalization;
using Microsoft.AspNetCore.Components;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Mail.Pages;

/// <summary>Held mail, newest first. What is content (From, subject) is there for the tenant itself and empty for everyone above it.</summary>
internal sealed class QuarantineTable(HeldBook book) : Table<HeldRow>
{
    /// <summary>The form that takes the chosen rows.</summary>
    public const string BulkForm = "held-bulk";

    public override LocalizedText Title => new("Held mail", "隔離メール");

    public override string Permission => MailPermissions.QuarantineRead;

    public override LocalizedText FilterHint => new("Addresses, domains, words of the subject", "アドレス、ドメイン、件名の語");

    public override LocalizedText Empty => new("Nothing is held", "隔離中のメールはありません");

    public override LocalizedText EmptyHint => new("What the policy keeps from its recipients shows here.", "ポリシーにより保留されたメールがここに表示されます。");

    public override IReadOnlyList<Facet> Facets =>
    [
        new("state", new("State", "状態"), [.. HeldState.All.Select(static state => new FacetChoice(state, QuarantineWords.NameOfState(state)))]),
        new("class", new("Class", "種別"), [.. HeldClass.All.Select(static heldClass => new FacetChoice(heldClass, QuarantineWords.NameOfClass(heldClass)))]),
    ];

    public override IReadOnlyList<Column<HeldRow>> Columns =>
    [
        Cell("id", new("", ""), static row => row.Id, Choose),
        Time("held", new("Held", "隔離"), static row => row.HeldAt) with { Minor = true },
        Badge("state", new("State", "状態"), static row => row.State, static (row, view) => QuarantineWords.StatusOf(row.State, view)),
        Badge("class", new("Class", "種別"), static row => row.Class, static (row, view) => QuarantineWords.StatusOfClass(row.Class, view)) with { Minor = true },
        Cell("message", new("Message", "メール"), static row => row.Subject, Message) with { Grows = true },
        Text("recipient", new("Recipient", "宛先"), static row => row.Recipient) with { Minor = true },
        Text("sender", new("Envelope sender", "エンベロープ送信者"), static row => row.Sender) with { Minor = true },
    ];

    public override string HrefOf(HeldRow row) => Page(row);

    public override async ValueTask<TablePage<HeldRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var before = long.TryParse(request.After, NumberStyles.None, CultureInfo.InvariantCulture, out var after) ? after : long.MaxValue;
        var filter = HeldFilter.Newest with { Text = request.Filter ?? "", State = request["state"] ?? "", Class = request["class"] ?? "", Before = before };
        var rows = await book.ListAsync(request.Caller, filter, request.Size + 1, cancellationToken);
        var shown = rows.Take(request.Size).Select(row => request.Caller.Scope.Path == row.TenantPath ? row : row with { FromText = "", Subject = "" });
        return new TablePage<HeldRow>([.. shown], rows.Count > request.Size ? rows[request.Size - 1].Seq.ToString(CultureInfo.InvariantCulture) : null);
    }

    // On a phone the recipient has no column of its own.
    private static RenderFragment Message(HeldRow row, ConsoleView view)
    {
        var closed = IsClosed(row, view);
        var from = closed ? view[new("Content is the customer's", "内容はお客様のものです")] : QuarantineWords.From(row, view);
        var title = Cells.Link(Page(row), closed ? QuarantineWords.From(row, view) : QuarantineWords.Subject(row, view));
        return Cells.NarrowLine(Cells.TwoLines(title, from), "→ " + row.Recipient);
    }

    private static bool IsClosed(HeldRow row, ConsoleView view) => view.Caller.Scope.Path != row.TenantPath;

    private static RenderFragment Choose(HeldRow row, ConsoleView view) => !HeldState.Open.Contains(row.State) || !view.May(MailPermissions.QuarantineWrite)
        ? Cells.Plain("")
        : builder =>
        {
            builder.OpenElement(0, "input");
            builder.AddAttribute(1, "type", "checkbox");
            builder.AddAttribute(2, "class", "choose");
            builder.AddAttribute(3, "form", BulkForm);
            builder.AddAttribute(4, "name", "held");
            builder.AddAttribute(5, "value", row.Id);
            builder.AddAttribute(6, "aria-label", view.Say(new("Choose the message for {0}", "{0} 宛のメールを選択"), row.Recipient));
            builder.CloseElement();
        };

    private static string Page(HeldRow row) => "/console/mail/quarantine/" + row.Id;
}
