using Tsunagi.BackOffice.Credits;
using Tsunagi.Core.Exchange.Credits;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.BackOffice.Pages;

/// <summary>The list of credits that services propose.</summary>
internal sealed class ServiceCreditTable(CreditBook book) : Table<ServiceCredit>
{
    public override LocalizedText Title => Name;

    public override string Permission => BackOfficePermissions.CreditRead;

    public override LocalizedText FilterHint => new("Subscription's id, key", "契約ID、キー");

    public override LocalizedText Empty => new("No service has proposed a credit", "返還の提案はありません");

    public override IReadOnlyList<Facet> Facets => [new Facet("state", new("State", "状態"), [.. ServiceCreditState.All.Select(static state => new FacetChoice(state, Word(state)))])];

    public override IReadOnlyList<Column<ServiceCredit>> Columns =>
    [
        Time("at", new("Proposed", "提案"), static row => row.ProposedAt),
        Badge("state", new("State", "状態"), static row => row.State, static (row, view) => StatusOf(row.State, view)),
        Cell("reason", new("Reason", "理由"), static row => row.Reason, static (row, _) => Cells.TwoLines(Cells.Link("/console/backoffice/credits/" + row.Id, row.Reason), row.Evidence)) with { Grows = true },
        Cell("subscription", new("Service", "サービス"), static row => row.SubscriptionId, static (row, _) => Cells.Link("/console/subscriptions/" + row.SubscriptionId, row.SubscriptionId)) with { Minor = true },
        Text("source", new("By", "提案元"), static row => row.Source) with { Minor = true },
        Cell("amount", new("How much", "内容"), static row => Much(row), static (row, _) => Cells.Plain(Much(row))) with { Align = ColumnAlign.End },
    ];

    public override string HrefOf(ServiceCredit row) => "/console/backoffice/credits/" + row.Id;

    public override async ValueTask<TablePage<ServiceCredit>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.ListAsync(request.Caller, request["state"], request.Filter, request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<ServiceCredit>(rows) : new TablePage<ServiceCredit>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    internal static LocalizedText Name => new("Service credits", "SLA返還");

    internal static string Much(ServiceCredit row) =>
        row.CreditedMinor is { } minor ? minor.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture) : row.Percent is { } percent ? percent + " %" : row.AmountMinor?.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture) ?? "";

    internal static LocalizedText Word(string state) => state switch
    {
        ServiceCreditState.Proposed => new("Proposed", "提案"),
        ServiceCreditState.Approved => new("Approved", "承認"),
        _ => new("Rejected", "却下"),
    };

    internal static Status StatusOf(string state, ConsoleView view) => new(
        state switch { ServiceCreditState.Proposed => Tone.Waiting, ServiceCreditState.Approved => Tone.Good, _ => Tone.Neutral }, view[Word(state)]);
}
