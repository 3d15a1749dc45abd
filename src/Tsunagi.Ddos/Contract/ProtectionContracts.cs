using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Proof;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Contract;

/// <summary>
/// Makes running equal to wanted: (1) reads each wish of kind <c>ddos.protection</c>, (2) checks its settings and whose its prefixes are, (3) gives each prefix to
/// one subscription, (4) swaps the table that the collector and the guards read. A wish that cannot run says why; the others run.
/// </summary>
internal sealed class ProtectionContracts
{
    private volatile ProtectionTable _table = ProtectionTable.Empty;

    public ProtectionTable Table => _table;

    /// <summary>False until the contract was read for the first time.</summary>
    public bool Loaded { get; private set; }

    /// <summary>Raised after the table changed, on the reconciling thread.</summary>
    public event EventHandler? Changed;

    public IReadOnlyList<ReconcileOutcome> Apply(DesiredSnapshot snapshot, IReadOnlyList<ProvedBlock> proved)
    {
        var outcomes = new List<ReconcileOutcome>(snapshot.Records.Count);
        var protections = new List<Protection>(snapshot.Records.Count);
        var taken = new Dictionary<BgpPrefix, string>();

        // The order decides who keeps a prefix that two wishes name: higher priority first, then the older subscription (ids sort by birth).
        foreach (var record in snapshot.Records.Values.OrderByDescending(static record => record.Priority).ThenBy(static record => record.Key, StringComparer.Ordinal))
        {
            var whyNot = TryMake(record, proved, taken, out var protection);
            if (protection is not null)
            {
                protections.Add(protection);
            }

            outcomes.Add(new ReconcileOutcome(record.Key, record.Revision, whyNot));
        }

        _table = new ProtectionTable(protections);
        Loaded = true;
        Changed?.Invoke(this, EventArgs.Empty);
        return outcomes;
    }

    /// <summary>Null when everything wished for runs. A subscription may run with fewer prefixes than wished for.</summary>
    private string? TryMake(DesiredRecord record, IReadOnlyList<ProvedBlock> proved, Dictionary<BgpPrefix, string> taken, out Protection? protection)
    {
        protection = null;
        if (record.Kind != ProtectionSettings.Kind)
        {
            return $"DDoS protection knows no contract of kind '{record.Kind}'";
        }

        ProtectionSettings? settings;
        try
        {
            settings = JsonSerializer.Deserialize<ProtectionSettings>(record.Settings, SettingsJson.Options);
        }
        catch (JsonException wrong)
        {
            return $"settings of {record.Key} at {wrong.Path ?? "$"}, line {wrong.LineNumber + 1}: not what DDoS protection takes";
        }

        var (prefixes, whyNot) = Take(record, settings!, proved, taken);
        if (prefixes.Count == 0)
        {
            return whyNot ?? "no prefix is given";
        }

        protection = new Protection
        {
            Subscription = record.Key,
            TenantId = record.TenantId,
            TenantPath = record.TenantPath,
            Prefixes = prefixes,
            Host = new Limits(settings!.HostPacketsPerSecond, settings.HostBitsPerSecond, settings.HostFlowsPerSecond),
            Prefix = new Limits(settings.PrefixPacketsPerSecond, settings.PrefixBitsPerSecond, settings.PrefixFlowsPerSecond),
            AttackPackets = settings.AttackPacketsPerSecond,
            Quiet = TimeSpan.FromSeconds(settings.QuietSeconds),
            Series = _table.All.GetValueOrDefault(record.Key)?.Series ?? new TrafficSeries(),
            Usual = _table.All.GetValueOrDefault(record.Key)?.Usual ?? new UsualTraffic(),
            Watched = _table.All.GetValueOrDefault(record.Key)?.Watched ?? new WatchedTargets(),
        };
        return whyNot;
    }

    private static (List<BgpPrefix> Prefixes, string? WhyNot) Take(
        DesiredRecord record, ProtectionSettings settings, IReadOnlyList<ProvedBlock> proved, Dictionary<BgpPrefix, string> taken)
    {
        var prefixes = new List<BgpPrefix>(settings.Prefixes.Count);
        string? whyNot = null;
        foreach (var text in settings.Prefixes)
        {
            if (CidrRange.Parse(text) is not { } range || !BgpPrefix.TryParse(range.Cidr, out var prefix))
            {
                whyNot ??= $"'{text}' is not an address block";
            }
            else if (!ProvedPrefixes.MayWatch(range, record.TenantPath, proved))
            {
                whyNot ??= $"the tenant has no approved address block that holds {text}, or a part of it is somebody else's";
            }
            else if (!taken.TryAdd(prefix, record.Key))
            {
                whyNot ??= taken[prefix] == record.Key ? null : $"{text} is already protected under another subscription";
            }
            else
            {
                prefixes.Add(prefix);
            }
        }

        return (prefixes, whyNot);
    }
}
