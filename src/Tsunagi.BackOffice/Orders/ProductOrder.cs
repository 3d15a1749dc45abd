namespace Tsunagi.BackOffice.Orders;

/// <summary>An order (TMF622): what was accepted, item by item.</summary>
internal sealed record ProductOrder(
    string Id, string TenantPath, string TenantId, string AccountId, string Number, string State, string? QuoteId, string? Reference, string Currency, long Version, string MadeBy, long MadeAt, long? EndedAt,
    string? CancelledBy, string? Reason, string CustomerName)
{
    public const string Columns = """
        o.id, o.tenant_path, o.tenant_id, o.account_id, o.number, o.state, o.quote_id, o.reference, o.currency, o.version, o.made_by, o.made_at, o.ended_at, o.cancelled_by, o.reason, t.name AS customer_name
        """;
}

/// <summary>One item of an order and what became of it.</summary>
/// <param name="DueAt">From when it may be done.</param>
/// <param name="SubscriptionId">Of an added one: what it took, once it is done.</param>
/// <param name="Problem">Why it could not be done.</param>
/// <param name="EarlyMinor">What an early end cost.</param>
internal sealed record OrderItemRow(
    string OrderId, long No, string TenantPath, string Action, string State, string? SubscriptionId, string Content, string DueOn, long DueAt, long? DoneAt, string? Problem, long EarlyMinor)
{
    public const string Columns = "i.order_id, i.no, i.tenant_path, i.action, i.state, i.subscription_id, i.content, i.due_on, i.due_at, i.done_at, i.problem, i.early_minor";

    private OrderItem? _item;

    public OrderItem Item => _item ??= StoredJson.Read<OrderItem>(Content);
}

/// <summary>Which orders.</summary>
internal sealed record OrderFilter(string? Tenant = null, string? State = null, string? Text = null);
