using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Subscriptions;

/// <summary>
/// Which running subscription needs a proved thing: asked in the transaction that would give it up. A held subscription runs in this sense: it comes back
/// when its holds are lifted.
/// </summary>
public sealed class SubscriptionNeeds(IEnumerable<ISubscriptionRule> rules)
{
    private const string Running = """
        SELECT s.id, s.tenant_path, s.name, p.specification, v.settings
        FROM subscription s JOIN plan p ON p.id = s.plan_id JOIN subscription_version v ON v.subscription_id = s.id
         AND v.number = (SELECT max(number) FROM subscription_version l WHERE l.subscription_id = s.id AND l.known_to IS NULL)
        WHERE s.tenant_path >= @Path AND s.tenant_path < @End AND v.valid_to IS NULL
        ORDER BY s.id
        """;

    /// <param name="tenantPath">Whose the thing is: it serves this tenant's subscriptions and those below it.</param>
    /// <param name="what">What it is called in the refusal ("shop.example").</param>
    /// <param name="field">The member of the request that named it.</param>
    /// <param name="isIt">Whether a need that a rule tells, of a subscription of the tenant of this path, is this thing.</param>
    public async ValueTask<Refusal?> CheckAsync(ISqlTransaction transaction, string tenantPath, string what, string field, Func<string, string, bool> isIt)
    {
        var rows = await transaction.QueryAsync<Row>(Running, new { Path = tenantPath, End = new Tenants.TenantScope("", tenantPath).End });
        var user = rows.FirstOrDefault(row => rules.Any(rule => rule.NeededBy(row.Specification, row.Settings).Any(need => isIt(need, row.TenantPath))));
        return user is null
            ? null
            : Refusal.Conflict("proof.in-use", $"the subscription {user.Name} ({user.Id}) uses {what}: take it out of its settings, or end it, before it is given up", field);
    }

    private sealed record Row(string Id, string TenantPath, string Name, string Specification, string Settings);
}
