using Tsunagi.BackOffice.Accounts;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Orders;

/// <summary>Reads quotes, orders and terms as one caller may see them. A draft is nobody's but the provider's.</summary>
internal sealed class OrderBook(Stores stores)
{
    public const string Last = "~";

    public static readonly TenantQuery QuoteById = new("backoffice.quote.by-id", $$"""
        SELECT {{Quote.Columns}} FROM bo_quote q JOIN tenant t ON t.id = q.tenant_id WHERE {tenant:q} AND q.id = @Id AND (q.state <> 'draft' OR @Drafts = 1)
        """);

    public static readonly TenantQuery QuoteList = new("backoffice.quote.list", $$"""
        SELECT {{Quote.Columns}} FROM bo_quote q JOIN tenant t ON t.id = q.tenant_id
        WHERE {tenant:q} AND q.id < @Before AND (q.state <> 'draft' OR @Drafts = 1) AND (@Tenant = '' OR q.tenant_id = @Tenant) AND (@State = '' OR q.state = @State)
          AND (@Text = '' OR q.id = @Text OR lower(q.number) LIKE @Like OR lower(t.name) LIKE @Like OR lower(q.title) LIKE @Like) ORDER BY q.id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery OrderById = new("backoffice.order.by-id", $$"""
        SELECT {{ProductOrder.Columns}} FROM bo_order o JOIN tenant t ON t.id = o.tenant_id WHERE {tenant:o} AND o.id = @Id
        """);

    public static readonly TenantQuery OrderList = new("backoffice.order.list", $$"""
        SELECT {{ProductOrder.Columns}} FROM bo_order o JOIN tenant t ON t.id = o.tenant_id
        WHERE {tenant:o} AND o.id < @Before AND (@Tenant = '' OR o.tenant_id = @Tenant) AND (@State = '' OR o.state = @State)
          AND (@Text = '' OR o.id = @Text OR lower(o.number) LIKE @Like OR lower(t.name) LIKE @Like OR o.reference = @Text) ORDER BY o.id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery Items = new("backoffice.order.items", $$"""SELECT {{OrderItemRow.Columns}} FROM bo_order_item i WHERE {tenant:i} AND i.order_id = @Id ORDER BY i.no""");

    public static readonly TenantQuery AgreementOf = new("backoffice.agreement.of", $$"""
        SELECT {{Agreement.Columns}} FROM bo_agreement WHERE {tenant} AND subscription_id = @Id AND known_to IS NULL
        """);

    public ValueTask<Quote?> QuoteAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        Scoped(caller).FirstOrDefaultAsync<Quote>(QuoteById, new { Id = id, Drafts = Drafts(caller) }, cancellationToken);

    public ValueTask<IReadOnlyList<Quote>> QuotesAsync(Caller caller, QuoteFilter filter, string before, int limit, CancellationToken cancellationToken) => Scoped(caller).QueryAsync<Quote>(
        QuoteList,
        new
        {
            Before = before.Length == 0 ? Last : before, Drafts = Drafts(caller), Tenant = filter.Tenant ?? "", State = filter.State ?? "", Text = filter.Text ?? "", Like = AccountBook.Contains(filter.Text ?? ""), Limit = (long)limit,
        },
        cancellationToken);

    public ValueTask<ProductOrder?> OrderAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        Scoped(caller).FirstOrDefaultAsync<ProductOrder>(OrderById, new { Id = id }, cancellationToken);

    public ValueTask<IReadOnlyList<ProductOrder>> OrdersAsync(Caller caller, OrderFilter filter, string before, int limit, CancellationToken cancellationToken) => Scoped(caller).QueryAsync<ProductOrder>(
        OrderList,
        new { Before = before.Length == 0 ? Last : before, Tenant = filter.Tenant ?? "", State = filter.State ?? "", Text = filter.Text ?? "", Like = AccountBook.Contains(filter.Text ?? ""), Limit = (long)limit },
        cancellationToken);

    public ValueTask<IReadOnlyList<OrderItemRow>> ItemsAsync(Caller caller, string order, CancellationToken cancellationToken) =>
        Scoped(caller).QueryAsync<OrderItemRow>(Items, new { Id = order }, cancellationToken);

    public ValueTask<Agreement?> AgreementAsync(Caller caller, string subscription, CancellationToken cancellationToken) =>
        Scoped(caller).FirstOrDefaultAsync<Agreement>(AgreementOf, new { Id = subscription }, cancellationToken);

    /// <summary>The account that pays for a place in the tree: the nearest one at or above it.</summary>
    public static ValueTask<BillingAccount?> PayerAsync(ISqlReader reader, string tenantPath) => reader.FirstOrDefaultAsync<BillingAccount>(
        $"SELECT {BillingAccount.Columns} FROM bo_account WHERE substr(@Path, 1, length(tenant_path)) = tenant_path ORDER BY length(tenant_path) DESC LIMIT 1", new { Path = tenantPath });

    private static long Drafts(Caller caller) => caller.May(BackOfficePermissions.QuoteWrite) ? 1 : 0;

    private TenantStore Scoped(Caller caller) => new(stores.Control, caller.Scope);
}
