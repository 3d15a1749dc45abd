using Tsunagi.BackOffice.Orders;

namespace Tsunagi.BackOffice.Api;

/// <summary>A quote (TMF648).</summary>
/// <param name="State">draft, sent, accepted, rejected or expired.</param>
/// <param name="PriceDate">The day whose price list holds; null for the day on which it is sent.</param>
/// <param name="Once">What is charged once, without tax.</param>
/// <param name="Monthly">A full month's fixed charges, without tax.</param>
/// <param name="DecidedBy">Who accepted or rejected it; null when it expired.</param>
public sealed record QuoteView(
    string Id, string Number, string State, string TenantId, string AccountId, string Title, string? Note, string? PriceDate, string ValidUntil, IReadOnlyList<OrderItem> Items, MoneyView Once, MoneyView Monthly,
    long Version, string MadeBy, long MadeAt, string? SentBy, long? SentAt, string? DecidedBy, long? DecidedAt, string? Reason, string? OrderId)
{
    internal static QuoteView Of(Quote quote) => new(
        quote.Id, quote.Number, quote.State, quote.TenantId, quote.AccountId, quote.Title, quote.Note.Length > 0 ? quote.Note : null, quote.PriceDate.Length > 0 ? quote.PriceDate : null, quote.ValidUntil, quote.ReadItems(),
        MoneyView.Of(quote.OnceMinor, quote.Currency), MoneyView.Of(quote.MonthlyMinor, quote.Currency), quote.Version, quote.MadeBy, quote.MadeAt, quote.SentBy, quote.SentAt, quote.DecidedBy, quote.DecidedAt,
        quote.Reason, quote.OrderId);
}

/// <summary>An order (TMF622).</summary>
/// <param name="State">acknowledged, inProgress, completed, partial, failed or cancelled.</param>
/// <param name="Items">Null in lists.</param>
public sealed record ProductOrderView(
    string Id, string Number, string State, string TenantId, string AccountId, string? QuoteId, string? Reference, string Currency, long Version, string MadeBy, long MadeAt, long? EndedAt, string? CancelledBy,
    string? Reason, IReadOnlyList<ProductOrderItemView>? Items)
{
    internal static ProductOrderView Of(ProductOrder order, IReadOnlyList<OrderItemRow>? items) => new(
        order.Id, order.Number, order.State, order.TenantId, order.AccountId, order.QuoteId, order.Reference, order.Currency, order.Version, order.MadeBy, order.MadeAt, order.EndedAt, order.CancelledBy, order.Reason,
        items is null ? null : [.. items.Select(ProductOrderItemView.Of)]);
}

/// <summary>An item of an order and what became of it.</summary>
/// <param name="State">acknowledged, completed, failed or cancelled.</param>
/// <param name="DueOn">The civil day of the account from which it may be done.</param>
/// <param name="EarlyMinor">What an early end cost, in minor units.</param>
public sealed record ProductOrderItemView(int No, string State, string? SubscriptionId, string DueOn, long? DoneAt, string? Problem, long EarlyMinor, OrderItem Item)
{
    internal static ProductOrderItemView Of(OrderItemRow row) => new((int)row.No, row.State, row.SubscriptionId, row.DueOn, row.DoneAt, row.Problem, row.EarlyMinor, row.Item);
}

/// <summary>The term of a subscription as it stands.</summary>
/// <param name="BeginsOn">Null where it is bound by none.</param>
/// <param name="TermEndsOn">The first day after the term that runs; null where none does.</param>
/// <param name="EarliestEnd">The earliest end that term and notice allow, were notice given today.</param>
public sealed record AgreementView(string SubscriptionId, string? BeginsOn, long MinimumMonths, long RenewalMonths, long NoticeDays, decimal EarlyTerminationPercent, string? OrderId, string? TermEndsOn, string EarliestEnd)
{
    internal static AgreementView Of(string subscription, Agreement? agreement, DateOnly today) => agreement is null
        ? new AgreementView(subscription, null, 0, 0, 0, 0, null, null, CivilTime.Text(today))
        : new AgreementView(
            subscription, agreement.BeginsOn, agreement.MinimumMonths, agreement.RenewalMonths, agreement.NoticeDays, agreement.EarlyTerminationPercent, agreement.OrderId,
            agreement.TermEnd(today) is { } end ? CivilTime.Text(end) : null, CivilTime.Text(agreement.OrdinaryEnd(today, today)));
}
