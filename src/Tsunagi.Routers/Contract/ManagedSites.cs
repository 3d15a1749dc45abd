using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;

namespace Tsunagi.Routers.Contract;

/// <summary>
/// Makes running equal to wanted: (1) reads each wish, (2) finds its site among the tenant's own, (3) gives each site, box and claim code to one subscription,
/// (4) swaps the table that the server reads. A wish that cannot run says why; the others run.
/// </summary>
internal sealed class ManagedSites(Stores stores) : ISubscriptionRule
{
    private volatile Tables _tables = new([]);

    /// <summary>By subscription.</summary>
    public IReadOnlyDictionary<string, ManagedSite> All => _tables.BySubscription;

    /// <summary>False until the contract was read for the first time.</summary>
    public bool Loaded { get; private set; }

    /// <summary>The contract that names this box beforehand, by either of its names.</summary>
    public ManagedSite? OfDevice(string identity, string shortIdentity)
    {
        var byDevice = _tables.ByDevice;
        return byDevice.GetValueOrDefault(identity) ?? byDevice.GetValueOrDefault(shortIdentity);
    }

    /// <summary>The contract a code stands for.</summary>
    public ManagedSite? OfCode(string code) => code.Length < 12 ? null : _tables.ByCode.GetValueOrDefault(code);

    public async ValueTask<IReadOnlyList<ReconcileOutcome>> ApplyAsync(DesiredSnapshot snapshot, CancellationToken cancellationToken)
    {
        var known = await stores.Control.ReadAsync(static reader => reader.QueryAsync<SiteRow>("SELECT id, tenant_path, name FROM site ORDER BY id"), cancellationToken);
        var named = new SiteNames(known);
        var outcomes = new List<ReconcileOutcome>(snapshot.Records.Count);
        var sites = new Dictionary<string, ManagedSite>(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var record in snapshot.Records.Values.OrderByDescending(static record => record.Priority).ThenBy(static record => record.Key, StringComparer.Ordinal))
        {
            var (site, whyNot) = Make(record, named);
            if (site is not null && whyNot is null)
            {
                whyNot = !taken.Add("site " + site.SiteId) ? "the site is already managed under another subscription"
                    : site.Device is { } device && !taken.Add("device " + device) ? "the router is already named by another subscription"
                    : site.ClaimCode is { } code && !taken.Add("code " + code) ? "the claim code is already used by another subscription"
                    : null;
            }

            if (site is not null && whyNot is null)
            {
                sites[record.Key] = site;
            }

            outcomes.Add(new ReconcileOutcome(record.Key, record.Revision, whyNot));
        }

        // (4)
        _tables = new Tables(sites);
        Loaded = true;
        return outcomes;
    }

    public async ValueTask<Refusal?> CheckAsync(ISqlTransaction transaction, Subscription subscription, string specification, string settings)
    {
        if (specification != ManagedRouterSettings.Kind || Read(settings) is not { } wanted)
        {
            return null;
        }

        var known = await transaction.QueryAsync<SiteRow>("SELECT id, tenant_path, name FROM site WHERE tenant_path = @Path AND (id = @Site OR name = @Site) ORDER BY id LIMIT 3", new { Path = subscription.TenantPath, wanted.Site });
        return new SiteNames(known).Find(wanted.Site, subscription.TenantPath) is null
            ? Refusal.Invalid("routers.site", "settings.site", "the tenant has no such site, or several of that name", "the id or name of one of the tenant's sites")
            : null;
    }

    private static (ManagedSite? Site, string? WhyNot) Make(DesiredRecord record, SiteNames known)
    {
        if (record.Kind != ManagedRouterSettings.Kind)
        {
            return (null, $"managed routers know no contract of kind '{record.Kind}'");
        }

        if (Read(record.Settings) is not { } settings)
        {
            return (null, $"settings of {record.Key} are not what managed routers take");
        }

        return known.Find(settings.Site, record.TenantPath) is { } site
            ? (new ManagedSite(record.Key, record.TenantId, record.TenantPath, site.Id, site.Name, Some(settings.Device), Some(settings.ClaimCode), record.Holds.Count > 0), null)
            : (null, "the tenant has no such site, or several of that name");
    }

    private static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static ManagedRouterSettings? Read(string settings)
    {
        try
        {
            return JsonSerializer.Deserialize<ManagedRouterSettings>(settings, SettingsJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record SiteRow(string Id, string TenantPath, string Name);

    /// <summary>Sites by whose they are and what they are called, by id or name. A name that two of a tenant's sites go by is none.</summary>
    private sealed class SiteNames
    {
        private readonly Dictionary<(string Path, string Word), SiteRow?> _byWord = [];

        public SiteNames(IReadOnlyList<SiteRow> sites)
        {
            foreach (var site in sites)
            {
                Add(site, site.Id);
                Add(site, site.Name);
            }
        }

        public SiteRow? Find(string word, string path) => _byWord.GetValueOrDefault((path, word));

        private void Add(SiteRow site, string word)
        {
            var key = (site.TenantPath, word);
            _byWord[key] = !_byWord.TryGetValue(key, out var other) || other == site ? site : null;
        }
    }

    /// <summary>One state of all contracts. A box and a code are of one contract each (3); a contract that names its box does not wait for a code.</summary>
    private sealed class Tables(Dictionary<string, ManagedSite> sites)
    {
        public Dictionary<string, ManagedSite> BySubscription => sites;

        public Dictionary<string, ManagedSite> ByDevice { get; } =
            sites.Values.Where(static site => site.Device is not null).ToDictionary(static site => site.Device!, StringComparer.OrdinalIgnoreCase);

        public Dictionary<string, ManagedSite> ByCode { get; } =
            sites.Values.Where(static site => site is { Device: null, ClaimCode: not null }).ToDictionary(static site => site.ClaimCode!, StringComparer.Ordinal);
    }
}
