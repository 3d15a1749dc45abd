using System.Collections.Concurrent;
using System.Net;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Collect;

/// <summary>The exporters that may send, each with its state; bounded. Whoever else sends is noted by its address, also bounded.</summary>
internal sealed class ExporterTable(CollectOptions options, TimeProvider time)
{
    private const int MostStrangers = 1_000;

    // What was known before a restart.
    private const long LongAgo = long.MinValue / 4;

    private readonly ConcurrentDictionary<ExporterKey, Exporter> _exporters = new();
    private readonly ConcurrentDictionary<FlowAddress, long> _strangers = new();
    private readonly ConcurrentDictionary<FlowAddress, ExporterRule?> _rules = new();
    private long _refused;

    public ICollection<Exporter> All => _exporters.Values;

    /// <summary>Datagrams that were not read: sent by strangers, or by one exporter too many.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Addresses that are not allowed and sent something, with how many datagrams.</summary>
    public IReadOnlyList<KeyValuePair<FlowAddress, long>> Strangers => [.. _strangers];

    /// <summary>Null when the sender is not allowed, or there is no room for one more: counted.</summary>
    public Exporter? Of(ExporterKey key)
    {
        if (_exporters.TryGetValue(key, out var known))
        {
            return known;
        }

        if (RuleOf(key.Address) is not { } rule)
        {
            Interlocked.Increment(ref _refused);
            if (_strangers.Count < MostStrangers || _strangers.ContainsKey(key.Address))
            {
                _strangers.AddOrUpdate(key.Address, 1, static (_, count) => count + 1);
            }

            return null;
        }

        return Add(key, rule, new FlowExporter(), TrafficSlots.Now(time));
    }

    /// <summary>Takes an exporter in whose state was kept over a restart. It is left out when it is not allowed any more.</summary>
    public void Restore(ExporterKey key, FlowExporter state)
    {
        if (RuleOf(key.Address) is { } rule)
        {
            Add(key, rule, state, LongAgo);
        }
    }

    private Exporter? Add(ExporterKey key, ExporterRule rule, FlowExporter state, long bornMilliseconds)
    {
        if (_exporters.Count >= options.MaxExporters)
        {
            Interlocked.Increment(ref _refused);
            return null;
        }

        state.SamplingOverride = rule.Sampling is { } stated ? (uint)stated : null;
        var elder = _exporters.Values.Where(each => each.Key.Address == key.Address).MinBy(static each => each.Doubt.Born);
        return _exporters.GetOrAdd(key, new Exporter(key, rule.Name, state, elder, bornMilliseconds) { FirstMicros = time.NowMicros(), IsTrusted = rule.Trusted });
    }

    /// <summary>The most specific rule for an address. Asked once for each address of a stranger, so the answers are kept, bounded.</summary>
    private ExporterRule? RuleOf(FlowAddress address)
    {
        if (_rules.TryGetValue(address, out var known))
        {
            return known;
        }

        var own = address.ToIPAddress();
        var rule = options.Exporters.Where(rule => rule.Network.Contains(own)).OrderByDescending(static rule => rule.Network.PrefixLength).FirstOrDefault();
        if (_rules.Count < MostStrangers + options.MaxExporters)
        {
            _rules[address] = rule;
        }

        return rule;
    }
}
