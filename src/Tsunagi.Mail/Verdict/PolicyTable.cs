using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Tsunagi.Mail.Verdict;

/// <summary>
/// All policies of one moment, ready to be asked: what holds for one recipient. What has been asked for is remembered, so that most questions are one look
/// into a table. Readers take one table and keep it for a whole decision.
/// </summary>
internal sealed class PolicyTable
{
    public static readonly PolicyTable Empty = new(0, []);

    private const int MaxRemembered = 20_000;
    private readonly FrozenDictionary<string, Rows> _tenants;
    private readonly ConcurrentDictionary<string, EffectivePolicy> _byTenant = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Tenant, string Narrower), EffectivePolicy> _narrower = new();

    public PolicyTable(long version, IEnumerable<FilterPolicyView> policies)
    {
        Version = version;
        _tenants = policies.GroupBy(static policy => policy.TenantPath, StringComparer.Ordinal).ToFrozenDictionary(
            static group => group.Key,
            static group => new Rows(
                group.FirstOrDefault(static policy => policy.Scope == "tenant")?.Policy, Named(group, "domain"), Named(group, "group"), Named(group, "user")),
            StringComparer.Ordinal);
    }

    public long Version { get; }

    /// <summary>Nothing narrower than the tenant says anything: the recipient does not matter.</summary>
    public bool HasTenantAlone(string tenantPath) => !_tenants.TryGetValue(tenantPath, out var rows) || rows.HasTenantAlone;

    /// <summary>What holds for a recipient: provider &lt; tenant &lt; domain &lt; group &lt; user. Of several groups each says its word, in the order of their names.</summary>
    /// <param name="tenantPath">Whose mail it is.</param>
    /// <param name="domain">In lower-case A-labels.</param>
    /// <param name="groups">Sorted.</param>
    /// <param name="address">In lower case.</param>
    public EffectivePolicy For(string tenantPath, string domain, IReadOnlyList<string> groups, string address)
    {
        if (!_tenants.TryGetValue(tenantPath, out var rows) || rows.HasTenantAlone)
        {
            return OfTenant(tenantPath);
        }

        // Only what the tenant's policies name matters of the recipient.
        var hasDomain = rows.Domains.ContainsKey(domain);
        var hasUser = rows.Users.ContainsKey(address);
        if (!hasDomain && !hasUser && (rows.Groups.Count == 0 || !groups.Any(rows.Groups.ContainsKey)))
        {
            return OfTenant(tenantPath);
        }

        // What matters of the recipient, as one text: names hold neither of the marks.
        var key = (tenantPath, $"{(hasDomain ? domain : "")}|{string.Join(';', groups.Where(rows.Groups.ContainsKey))}|{(hasUser ? address : "")}");
        if (_narrower.TryGetValue(key, out var known))
        {
            return known;
        }

        var policy = OfTenant(tenantPath);
        policy = hasDomain ? policy.With(rows.Domains[domain], "domain " + domain) : policy;
        foreach (var group in groups)
        {
            policy = rows.Groups.TryGetValue(group, out var said) ? policy.With(said, "group " + group) : policy;
        }

        policy = hasUser ? policy.With(rows.Users[address], "user " + address) : policy;
        if (_narrower.Count > MaxRemembered)
        {
            _narrower.Clear();
        }

        return _narrower.GetOrAdd(key, policy);
    }

    // Every tenant of the path says its word, the provider first.
    private EffectivePolicy OfTenant(string tenantPath)
    {
        if (_byTenant.TryGetValue(tenantPath, out var known))
        {
            return known;
        }

        var policy = EffectivePolicy.BuiltIn;
        for (var slash = tenantPath.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = tenantPath.IndexOf('/', slash + 1))
        {
            if (_tenants.TryGetValue(tenantPath[..(slash + 1)], out var rows) && rows.Tenant is { } said)
            {
                var isProvider = tenantPath.IndexOf('/', StringComparison.Ordinal) == slash;
                policy = policy.With(said, isProvider ? "provider" : "tenant " + tenantPath[(tenantPath.LastIndexOf('/', slash - 1) + 1)..slash]);
            }
        }

        return _byTenant.GetOrAdd(tenantPath, policy);
    }

    private static FrozenDictionary<string, FilterPolicy> Named(IEnumerable<FilterPolicyView> policies, string scope) =>
        policies.Where(policy => policy.Scope == scope).ToFrozenDictionary(static policy => policy.Name, static policy => policy.Policy, StringComparer.Ordinal);

    private sealed record Rows(FilterPolicy? Tenant, FrozenDictionary<string, FilterPolicy> Domains, FrozenDictionary<string, FilterPolicy> Groups, FrozenDictionary<string, FilterPolicy> Users)
    {
        public bool HasTenantAlone => Domains.Count == 0 && Groups.Count == 0 && Users.Count == 0;
    }
}
