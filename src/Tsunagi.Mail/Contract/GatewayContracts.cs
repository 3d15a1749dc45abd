using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;

namespace Tsunagi.Mail.Contract;

/// <summary>
/// Makes running equal to wanted: (1) reads each wish of kind <c>mail.gateway</c>, (2) checks its settings, (3) gives each domain to one
/// subscription, (4) swaps the table that every session and the scheduler read. A wish that cannot run says why; the others run.
/// </summary>
internal sealed class GatewayContracts
{
    private volatile GatewayTable _table = GatewayTable.Empty;

    /// <summary>What runs now. Read it once per decision.</summary>
    public GatewayTable Table => _table;

    /// <summary>False until the contract was read for the first time: until then nobody knows which domains are ours (451).</summary>
    public bool Loaded { get; private set; }

    /// <summary>Path of the provider itself: whose mail it is that belongs to no subscription. Empty while no contract runs.</summary>
    public string ProviderPath { get; private set; } = "";

    /// <summary>Raised after the table changed, on the reconciling thread.</summary>
    public event EventHandler? Changed;

    /// <param name="proved">Which tenant (its path) has proved the control of a domain.</param>
    public IReadOnlyList<ReconcileOutcome> Apply(DesiredSnapshot snapshot, IReadOnlyDictionary<string, string> proved)
    {
        var outcomes = new List<ReconcileOutcome>(snapshot.Records.Count);
        var gateways = new List<Gateway>(snapshot.Records.Count);
        var owners = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var relays = new RelayTable();

        // The order decides who keeps a domain that two wishes name: higher priority first, then the older subscription (ids sort by birth).
        foreach (var record in snapshot.Records.Values.OrderByDescending(record => record.Priority).ThenBy(record => record.Key, StringComparer.Ordinal))
        {
            var whyNot = record.Kind == GatewaySettings.Kind
                ? TryMake(record, owners, relays, proved, out var gateway)
                : Refuse($"the mail service knows no contract of kind '{record.Kind}'", out gateway);
            if (gateway is not null)
            {
                gateways.Add(gateway);
                relays.Add(gateway);
            }

            outcomes.Add(new ReconcileOutcome(record.Key, record.Revision, whyNot));
        }

        _table = new GatewayTable(gateways, relays);
        Loaded = true;
        if (gateways.Count > 0)
        {
            ProviderPath = gateways[0].TenantPath[..(gateways[0].TenantPath.IndexOf('/', StringComparison.Ordinal) + 1)];
        }

        Changed?.Invoke(this, EventArgs.Empty);
        return outcomes;
    }

    /// <summary>Null when everything wished for runs. A gateway may run with fewer domains than wished for.</summary>
    private static string? TryMake(
        DesiredRecord record, Dictionary<string, string> owners, RelayTable known, IReadOnlyDictionary<string, string> proved, out Gateway? gateway)
    {
        GatewaySettings? settings;
        try
        {
            settings = JsonSerializer.Deserialize<GatewaySettings>(record.Settings, SettingsJson.Options);
        }
        catch (JsonException wrong)
        {
            return Refuse($"settings of {record.Key} at {wrong.Path ?? "$"}, line {wrong.LineNumber + 1}: not what a mail gateway takes", out gateway);
        }

        if (settings is null || !NextHop.TryParse(settings.NextHop, out var nextHop, out var error))
        {
            return Refuse(settings is null ? "the settings are empty" : $"next hop '{settings.NextHop}': write host:port", out gateway);
        }

        var (domains, whyNot) = TakeDomains(record, settings, owners, proved);
        if (domains.Count == 0)
        {
            return Refuse(whyNot ?? "no domain is given", out gateway);
        }

        var (relays, whyNoRelay) = TakeRelays(record, settings, known);
        gateway = new Gateway
        {
            Subscription = record.Key,
            TenantId = record.TenantId,
            TenantPath = record.TenantPath,
            Settings = settings,
            Domains = domains,
            NextHop = nextHop,
            Relays = relays,
            Holds = record.Holds,
            Revision = record.Revision,
        };
        return whyNot ?? whyNoRelay;
    }

    private static (List<System.Net.IPNetwork> Relays, string? WhyNot) TakeRelays(DesiredRecord record, GatewaySettings settings, RelayTable known)
    {
        var taken = new List<System.Net.IPNetwork>(settings.Relays.Count);
        string? whyNot = null;
        foreach (var text in settings.Relays)
        {
            if (!RelayNetwork.TryParse(text, out var network, out var wrong))
            {
                whyNot ??= wrong;
            }
            else if (known.IsOfAnother(network, record.TenantPath))
            {
                whyNot ??= $"another customer sends from {network} already: a shared address proves nobody";
            }
            else
            {
                taken.Add(network);
            }
        }

        return (taken, whyNot);
    }

    private static (List<string> Domains, string? WhyNot) TakeDomains(
        DesiredRecord record, GatewaySettings settings, Dictionary<string, string> owners, IReadOnlyDictionary<string, string> proved)
    {
        var taken = new List<string>(settings.Domains.Count);
        string? whyNot = null;
        foreach (var text in settings.Domains)
        {
            if (MailDomain.Normalize(text) is not { } domain)
            {
                whyNot ??= $"'{text}' is not a domain name";
            }
            else if (!proved.TryGetValue(domain, out var owner) || !record.TenantPath.StartsWith(owner, StringComparison.Ordinal))
            {
                whyNot ??= $"the tenant has not proved the control of {domain} yet";
            }
            else if (!owners.TryAdd(domain, record.Key))
            {
                whyNot ??= owners[domain] == record.Key ? null : $"the domain {domain} is already served under another subscription";
            }
            else
            {
                taken.Add(domain);
            }
        }

        return (taken, whyNot);
    }

    private static string? Refuse(string whyNot, out Gateway? gateway)
    {
        gateway = null;
        return whyNot;
    }
}
