using Tsunagi.Core.Exchange.Credits;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Credits;

/// <summary>Reads proposed and decided credits as one caller may see them.</summary>
internal sealed class CreditBook(Stores stores)
{
    public static readonly TenantQuery ById = new("backoffice.service-credit.by-id", $$"""SELECT {{ServiceCredit.Columns}} FROM service_credit c WHERE {tenant:c} AND c.id = @Id""");

    public static readonly TenantQuery List = new("backoffice.service-credit.list", $$"""
        SELECT {{ServiceCredit.Columns}} FROM service_credit c
        WHERE {tenant:c} AND c.id < @Before AND (@State = '' OR c.state = @State) AND (@Text = '' OR c.id = @Text OR c.subscription_id = @Text OR c.credit_key = @Text) ORDER BY c.id DESC LIMIT @Limit
        """);

    public ValueTask<ServiceCredit?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<ServiceCredit>(ById, new { Id = id }, cancellationToken);

    public ValueTask<IReadOnlyList<ServiceCredit>> ListAsync(Caller caller, string? state, string? text, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<ServiceCredit>(
            List, new { Before = before.Length == 0 ? "~" : before, State = state ?? "", Text = text ?? "", Limit = (long)limit }, cancellationToken);

    public static ValueTask<ServiceCredit?> FindAsync(ISqlReader reader, string id) =>
        reader.FirstOrDefaultAsync<ServiceCredit>($"SELECT {ServiceCredit.Columns} FROM service_credit c WHERE c.id = @Id", new { Id = id });
}
