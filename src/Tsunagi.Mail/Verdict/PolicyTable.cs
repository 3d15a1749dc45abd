using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Tsunagi.Mail.Verdict;

/// <summary>
/// All policies of one moment, ready to be asked: what holds for one recipient. What holds for a tenant is remembered; what is narrower
/// is laid over it for each question. Readers take one table and keep it for a whole decision.
/// </summary>
internal sealed class PolicyTable
{
    public static readonly PolicyTable Empty = new(0, []);

    private readonly FrozenDictionary<string, Rows> _tenants;
    private readonly ConcurrentDictionary<string, EffectivePolicy> _byTenant = new(StringComparer.Ordinal);

    private PolicyTable(PolicyTable other, FrozenDictionary<string, Rows> tenants) => (Version, ListZones, _tenants) = (other.Version, other.ListZones, tenants);

    public PolicyTable(long version, IEnumerable<FilterPolicyView> policies)
    {
        Version = version;
        var all = policies as IReadOnlyCollection<FilterPolicyView> ?? [.. policies];
        ListZones = all.Where(static policy => policy.Policy.BlockLists is not null)
            .SelectMany(static policy => policy.Policy.BlockLists!.Where(static list => list.Codes.Count > 0).Select(list => (list.Zone, policy.TenantPath)))
            .GroupBy(static pair => pair.Zone, static pair => pair.TenantPath, StringComparer.Ordinal)
            .ToFrozenDictionary(static group => group.Key, static group => group.Distinct(StringComparer.Ordinal).ToImmutableArray(), StringComparer.Ordinal);
        _tenants = all.GroupBy(static policy => policy.TenantPath, StringComparer.Ordinal).ToFrozenDictionary(
            static group => group.Key,
            static group => new Rows(
                group.FirstOrDefault(static policy => policy.Scope == "tenant")?.Policy, Named(group, "domain"), Named(group, "group"), Named(group, "user")),
            StringComparer.Ordinal);
    }

    public long Version { get; }

    /// <summary>The block lists that anybody's policy asks, and the paths of those whose policies name each.</summary>
    public FrozenDictionary<string, ImmutableArray<string>> ListZones { get; }

    /// <summary>The same with one policy in the place of what its scope says now; null takes that away. For questions only: <see cref="ListZones"/> stays as it is.</summary>
    public PolicyTable With(string tenantPath, string scope, string name, FilterPolicy? policy)
    {
        var rows = _tenants.GetValueOrDefault(tenantPath) ?? Rows.None;
        rows = scope switch
        {
            "domain" => rows with { Domains = Put(rows.Domains) },
            "group" => rows with { Groups = Put(rows.Groups) },
            "user" => rows with { Users = Put(rows.Users) },
            _ => rows with { Tenant = policy },
        };
        var tenants = new Dictionary<string, Rows>(_tenants, StringComparer.Ordinal) { [tenantPath] = rows };
        return new PolicyTable(this, tenants.ToFrozenDictionary(StringComparer.Ordinal));

        FrozenDictionary<string, Said> Put(FrozenDictionary<string, Said> before)
        {
            var after = new Dictionary<string, Said>(before, StringComparer.Ordinal);
            after.Remove(name);
            if (policy is not null)
            {
                after[name] = new Said(policy, $"{scope} {name}");
            }

            return after.ToFrozenDictionary(StringComparer.Ordinal);
        }
    }

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

        var policy = OfTenant(tenantPath);
        policy = rows.Domains.TryGetValue(domain, out var ofDomain) ? policy.With(ofDomain.Policy, ofDomain.By) : policy;
        for (var i = 0; i < groups.Count; i++)
        {
            policy = rows.Groups.TryGetValue(groups[i], out var ofGroup) ? policy.With(ofGroup.Policy, ofGroup.By) : policy;
        }

        return rows.Users.TryGetValue(address, out var ofUser) ? policy.With(ofUser.Policy, ofUser.By) : policy;
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

    private static FrozenDictionary<string, Said> Named(IEnumerable<FilterPolicyView> policies, string scope) =>
        policies.Where(policy => policy.Scope == scope).ToFrozenDictionary(static policy => policy.Name, static policy => new Said(policy.Policy, $"{policy.Scope} {policy.Name}"), StringComparer.Ordinal);

    private sealed record Said(FilterPolicy Policy, string By);

    private sealed record Rows(FilterPolicy? Tenant, FrozenDictionary<string, Said> Domains, FrozenDictionary<string, Said> Groups, FrozenDictionary<string, Said> Users)
    {
        public static readonly Rows None = new(null, FrozenDictionary<string, Said>.Empty, FrozenDictionary<string, Said>.Empty, FrozenDictionary<string, Said>.Empty);

        public bool HasTenantAlone => Domains.Count == 0 && Groups.Count == 0 && Users.Count == 0;
    }
}
