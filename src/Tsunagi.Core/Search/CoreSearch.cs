using System.Net;
using System.Text.Json;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Search;

/// <summary>
/// Finds Core's own nouns: tenants, subscriptions, domains, address blocks, contacts, events; by id, name, domain, address or a reference of another system.
/// A kind is looked for only when the caller may read it: the box shows nobody more than the pages do.
/// </summary>
public sealed class CoreSearch(Stores stores) : ISearchSource
{
    public static readonly TenantQuery Tenants = new("search.tenants", """
        SELECT id, name AS title, kind AS detail, CASE WHEN id = @Text OR external_refs LIKE @Quoted ESCAPE '!' THEN 1 ELSE 0 END AS exact FROM tenant
        WHERE {tenant} AND (id = @Text OR lower(name) LIKE @Like ESCAPE '!' OR external_refs LIKE @Quoted ESCAPE '!') ORDER BY name, id LIMIT 20
        """);

    public static readonly TenantQuery Subscriptions = new("search.subscriptions", """
        SELECT s.id, s.name AS title, t.name || ' · ' || CASE WHEN @Locale = 'ja' THEN p.name_ja ELSE p.name_en END AS detail,
          CASE WHEN s.id = @Text OR s.external_refs LIKE @Quoted ESCAPE '!' THEN 1 ELSE 0 END AS exact
        FROM subscription s JOIN tenant t ON t.id = s.tenant_id JOIN plan p ON p.id = s.plan_id
        WHERE {tenant:s} AND (s.id = @Text OR lower(s.name) LIKE @Like ESCAPE '!' OR s.external_refs LIKE @Quoted ESCAPE '!') ORDER BY s.name, s.id LIMIT 20
        """);

    public static readonly TenantQuery Domains = new("search.domains", """
        SELECT tenant_id AS id, name AS title, state AS detail, CASE WHEN name = @Domain OR id = @Text THEN 1 ELSE 0 END AS exact FROM domain
        WHERE {tenant} AND (name = @Domain OR id = @Text OR name LIKE @Like ESCAPE '!') ORDER BY name, id LIMIT 20
        """);

    public static readonly TenantQuery Contacts = new("search.contacts", """
        SELECT tenant_id AS id, name AS title, email AS detail, CASE WHEN lower(email) = @Lower THEN 1 ELSE 0 END AS exact FROM contact
        WHERE {tenant} AND (lower(email) = @Lower OR lower(name) LIKE @Like ESCAPE '!') ORDER BY name, id LIMIT 20
        """);

    public static readonly TenantQuery Prefixes = new("search.prefixes", """
        SELECT tenant_id AS id, cidr AS title, state AS detail, 1 AS exact FROM prefix
        WHERE {tenant} AND first_address <= @First AND last_address >= @Last ORDER BY first_address DESC, last_address, id LIMIT 20
        """);

    public async ValueTask<IReadOnlyList<SearchHit>> FindAsync(Caller caller, string text, CancellationToken cancellationToken)
    {
        var store = new TenantStore(stores.Control, caller.Scope);
        var lower = text.ToLowerInvariant();
        var parameters = new
        {
            Text = text, Lower = lower, Like = $"%{Escape(lower)}%", Quoted = $"%:{Escape(JsonSerializer.Serialize(text))}%", Domain = DomainName.Canonical(text) ?? lower, caller.Locale,
        };
        var hits = new List<SearchHit>();
        if (caller.May("core.tenant.read"))
        {
            hits.AddRange(Hits("tenant", "/console/tenants/", await store.QueryAsync<Row>(Tenants, parameters, cancellationToken)));
            hits.AddRange(Hits("domain", "/console/tenants/", await store.QueryAsync<Row>(Domains, parameters, cancellationToken)));
            hits.AddRange(Hits("contact", "/console/tenants/", await store.QueryAsync<Row>(Contacts, parameters, cancellationToken)));
            if (Range(text) is { } range)
            {
                hits.AddRange(Hits("prefix", "/console/tenants/", await store.QueryAsync<Row>(Prefixes, new { range.First, range.Last }, cancellationToken)));
            }
        }

        if (caller.May("core.subscription.read"))
        {
            hits.AddRange(Hits("subscription", "/console/subscriptions/", await store.QueryAsync<Row>(Subscriptions, parameters, cancellationToken)));
        }

        if (caller.May("core.event.read") && Id.KindOf(text) == "e")
        {
            var found = await new TenantStore(stores.Projections, caller.Scope).FirstOrDefaultAsync<Events.FeedEvent>(Events.EventFeed.ById, new { Id = text }, cancellationToken);
            if (found is not null)
            {
                hits.Add(new SearchHit("event", found.Id, found.Type, found.Subject, "/console/events/" + found.Id, true));
            }
        }

        return hits;
    }

    private static IEnumerable<SearchHit> Hits(string kind, string page, IEnumerable<Row> rows) =>
        rows.Select(row => new SearchHit(kind, row.Id, row.Title, row.Detail, page + row.Id, row.Exact != 0));

    private static string Escape(string text) => text.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal);

    private static (string First, string Last)? Range(string text)
    {
        if (CidrRange.Parse(text) is { } block)
        {
            return (block.First, block.Last);
        }

        return IPAddress.TryParse(text, out var address) && (text.Contains(':') || text.Count(static c => c == '.') == 3)
            ? (CidrRange.Key(address), CidrRange.Key(address))
            : null;
    }

    private sealed record Row(string Id, string Title, string Detail, long Exact);
}
