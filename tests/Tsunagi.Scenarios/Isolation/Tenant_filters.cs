using Tsunagi.Core.Store;
using Tsunagi.Tests.Isolation;

namespace Tsunagi.Scenarios.Isolation;

/// <summary>Deleting the tenant filter of any one query turns the isolation test red.</summary>
public class Tenant_filters
{
    /// <summary>
    /// Queries no GET of the API reaches with another tenant's thing in hand: pages of the console, writing routes, and sums that show no id. Their filter
    /// is not shown to matter here; row-level security on PostgreSQL stands behind them.
    /// </summary>
    private static readonly string[] NotReached =
    [
        "mail.message.reports", "mail.message.states", "mail.recipients.subscription", "mail.recipients.entries", "preview.sums", "preview.samples",
        "tenant.contact-by-id", "prefix.holding", "event.after", "event.last-position", "console.tenants",
        "console.tenants-down", "console.meter-totals", "console.meter-slots", "console.subscriptions", "console.subscriptions-down", "console.events",
        "console.events-oldest", "console.figures-contracts", "console.figures-events", "mail.traffic.by-slot", "mail.traffic.lately", "apply.of-manifest",
        "apply.of-others",
    ];

    [Fact]
    public async Task With_the_filter_of_any_one_query_off_the_test_turns_red()
    {
        await using var world = await IsolationWorld.MakeAsync();
        Assert.Empty(await Tenants_are_isolated.LeaksAsync(world));
        Assert.Empty(await Tenants_are_isolated.ListLeaksAsync(world));
        var unnoticed = new List<string>();
        foreach (var query in Tsunagi.Tests.Architecture.Tenant_queries.All)
        {
            if (!NotReached.Contains(query.Name) && !await ShowsAsync(world, query.Name))
            {
                unnoticed.Add(query.Name);
            }
        }

        Assert.True(unnoticed.Count == 0, "nothing showed with the filter off of: " + string.Join(", ", unnoticed));
    }

    /// <summary>
    /// Queries that are reached only after another one found the thing they are below. That one's filter is then taken out first, and this one's must
    /// still make a difference.
    /// </summary>
    private static readonly Dictionary<string, string> Behind = new()
    {
        ["webhook.deliveries"] = "webhook.by-id", ["tenant.contacts"] = "tenant.by-id", ["preview.terms"] = "tenant.by-id",
        ["subscription.versions"] = "subscription.by-id", ["subscription.holds"] = "subscription.by-id", ["subscription.running"] = "subscription.by-id",
        ["usage.of-subscription"] = "subscription.by-id", ["user.grants"] = "user.by-id",
        ["mail.message.recipients"] = "mail.message.by-id", ["mail.message.attempts"] = "mail.message.by-id", ["mail.message.reports"] = "mail.message.by-id",
    };

    private static async Task<bool> ShowsAsync(IsolationWorld world, string query)
    {
        var front = Behind.TryGetValue(query, out var name) ? new HashSet<string> { name } : [];
        var without = await WithFiltersOffAsync(world, front);
        var with = await WithFiltersOffAsync(world, [.. front, query]);
        return with.Except(without).Any();
    }

    private static async Task<IReadOnlyList<string>> WithFiltersOffAsync(IsolationWorld world, HashSet<string> queries)
    {
        TenantQuery.FilterOffFor = string.Join(' ', queries);
        try
        {
            return [.. await Tenants_are_isolated.LeaksAsync(world), .. await Tenants_are_isolated.ListLeaksAsync(world)];
        }
        finally
        {
            TenantQuery.FilterOffFor = null;
        }
    }
}
