namespace Tsunagi.BackOffice.Orders;

/// <summary>An offer to a customer (TMF648): several offerings at the prices of a day, open until another day.</summary>
/// <param name="Wanted">The items as they were asked for, from which a draft is priced again.</param>
/// <param name="Items">The items with their prices; from when it is sent they stay.</param>
/// <param name="ExpiresAt">The moment at which its last day is over.</param>
internal sealed record Quote(
    string Id, string TenantPath, string TenantId, string AccountId, string Number, string State, string Currency, string Title, string Note, string PriceDate, string ValidUntil, long ExpiresAt,
    string Wanted, string Items, long OnceMinor, long MonthlyMinor, long Version, string MadeBy, long MadeAt, string? SentBy, long? SentAt, string? DecidedBy, long? DecidedAt, string? Reason, string? OrderId,
    string CustomerName)
{
    public const string Columns = """
        q.id, q.tenant_path, q.tenant_id, q.account_id, q.number, q.state, q.currency, q.title, q.note, q.price_date, q.valid_until, q.expires_at, q.wanted, q.items, q.once_minor, q.monthly_minor, q.version,
        q.made_by, q.made_at, q.sent_by, q.sent_at, q.decided_by, q.decided_at, q.reason, q.order_id, t.name AS customer_name
        """;

    /// <summary>The items with their prices.</summary>
    public IReadOnlyList<OrderItem> ReadItems() => StoredJson.Read<IReadOnlyList<OrderItem>>(Items);

    /// <summary>The items as they were asked for.</summary>
    public IReadOnlyList<NewOrderItem> ReadWanted() => StoredJson.Read<IReadOnlyList<NewOrderItem>>(Wanted);
}

/// <summary>Which quotes.</summary>
internal sealed record QuoteFilter(string? Tenant = null, string? State = null, string? Text = null);
