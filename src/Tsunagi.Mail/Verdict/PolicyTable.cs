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

    private PolicyTable(long version, FrozenDictionary<string, Rows> tenants, FrozenDictionary<string, ImmutableArray<string>> listZones) => (Version, _tenants, ListZones) = (version, tenants, listZones);

    public PolicyTable(long version, IEnumerable<FilterPolicyView> policies)
    {
        Version = version;
        var all = policies as IReadOnlyCollection<FilterPolicyView> ?? [.. policies];
        ListZones = Zones(all);
        _tenants = all.GroupBy(static policy => policy.TenantPath, StringComparer.Ordinal).ToFrozenDictionary(static group => group.Key, static group => RowsOf(group), StringComparer.Ordinal);
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
        return new PolicyTable(Version, tenants.ToFrozenDictionary(StringComparer.Ordinal), ListZones);

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

    /// <summary>A later version, in which these tenants' policies, and nobody else's, are others.</summary>
    /// <param name="changed">All policies of each; none for one who has none any more.</param>
    public PolicyTable With(long version, IReadOnlyDictionary<string, IReadOnlyList<FilterPolicyView>> changed)
    {
        var tenants = new Dictionary<string, Rows>(_tenants, StringComparer.Ordinal);
        foreach (var (path, policies) in changed)
        {
            tenants.Remove(path);
            if (policies.Count > 0)
            {
                tenants[path] = RowsOf(policies);
            }
        }

        var zones = Zones(changed.Values.SelectMany(static policies => policies)).ToDictionary(StringComparer.Ordinal);
        foreach (var (zone, paths) in ListZones)
        {
            var others = paths.RemoveAll(changed.ContainsKey);
            if (others.Length > 0)
            {
                zones[zone] = zones.TryGetValue(zone, out var own) ? others.AddRange(own) : others;
            }
        }

        return new PolicyTable(version, tenants.ToFrozenDictionary(StringComparer.Ordinal), zones.ToFrozenDictionary(StringComparer.Ordinal));
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

    private static FrozenDictionary<string, ImmutableArray<string>> Zones(IEnumerable<FilterPolicyView> policies) =>
        policies.Where(static policy => policy.Policy.BlockLists is not null)
            .SelectMany(static policy => policy.Policy.BlockLists!.Where(static list => list.Codes.Count > 0).Select(list => (list.Zone, policy.TenantPath)))
            .GroupBy(static pair => pair.Zone, static pair => pair.TenantPath, StringComparer.Ordinal)
            .ToFrozenDictionary(static group => group.Key, static group => group.Distinct(StringComparer.Ordinal).ToImmutableArray(), StringComparer.Ordinal);

    private static Rows RowsOf(IEnumerable<FilterPolicyView> policies)
    {
        var all = policies as IReadOnlyCollection<FilterPolicyView> ?? [.. policies];
        return new Rows(all.FirstOrDefault(static policy => policy.Scope == "tenant")?.Policy, Named(all, "domain"), Named(all, "group"), Named(all, "user"));
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
