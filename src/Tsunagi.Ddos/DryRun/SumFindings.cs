using System.Globalization;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.DryRun;

/// <summary>
/// What sums can say of attacks: (1) rows of some steps are gathered by network and kind, (2) a prefix whose mean passes its limit was above it for certain, a network whose mean passes an address' limit, or the floor of a kind
/// that attacks are made of, may have held an attack, (3) unless that is what it gets all the time, (4) and steps that follow one another are one finding. Bounded: rows of some steps, so many kinds, and so many findings.
/// Steps are given in order.
/// </summary>
/// <param name="mostKinds">Networks by kind that are held, of all the time and of the steps at hand.</param>
internal sealed class SumFindings(Protection protection, double usualTimes, int most, int mostKinds)
{
    private const int Candidates = 10;

    private readonly Dictionary<(long Step, FlowAddress Network, ulong Vector), FlowSums> _rows = [];
    private readonly Dictionary<(FlowAddress Network, ulong Vector), ulong> _all = [];
    private readonly List<(SummedFinding Finding, (FlowAddress, ulong)? Kind)> _found = [];
    private readonly HashSet<long> _known = [];
    private long _since = long.MaxValue;
    private double _seconds;

    /// <summary>There were more than are kept.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Something is known of this step, of whomever.</summary>
    public void Known(long step) => _known.Add(step);

    // (1)
    public void Take(long step, FlowAddress network, ulong vector, in FlowSums sums)
    {
        if (_rows.Count >= mostKinds && !_rows.ContainsKey((step, network, vector)))
        {
            IsCut = true;
            return;
        }

        ref var row = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_rows, (step, network, vector), out _);
        row.Add(in sums);
    }

    /// <summary>(2) All rows of these steps were given.</summary>
    public void EndSteps(FlowLevel level)
    {
        var seconds = level.Milliseconds() / 1_000.0;

        // What is usual is so while something is known: neither gaps nor the time before the protection's own make it less.
        _since = Math.Min(_since, _rows.Count == 0 ? long.MaxValue : _rows.Keys.Min(static key => key.Step));
        _seconds += _known.Count(step => step >= _since) * seconds;
        _known.Clear();
        foreach (var ((_, network, vector), sums) in _rows)
        {
            if (_all.Count >= mostKinds && !_all.ContainsKey((network, vector)))
            {
                // What it gets all the time is not known then: its findings stay.
                IsCut = true;
                continue;
            }

            ref var all = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_all, (network, vector), out _);
            all += sums.Packets;
        }

        foreach (var step in _rows.GroupBy(static row => row.Key.Step).OrderBy(static group => group.Key))
        {
            foreach (var prefix in step.GroupBy(row => PrefixOf(row.Key.Network)))
            {
                if (prefix.Key is { } target)
                {
                    Certain(step.Key, target, FlowSums.Figure(prefix.Select(static row => row.Value.Packets)), FlowSums.Figure(prefix.Select(static row => row.Value.Octets)), level, seconds);
                }
            }

            foreach (var row in step.Where(static row => !row.Key.Network.IsUnspecified && row.Key.Vector != FlowVector.FirstOther))
            {
                var (mean, floor) = (row.Value.Packets / seconds, (double)protection.AttackPackets * TimesOf(row.Key.Vector));
                if (floor > 0 && mean >= floor)
                {
                    Add(new SummedFinding(NameOf(row.Key.Network), FlowVector.NameOf(row.Key.Vector), Incident.AttackMetric, (long)floor, (long)mean, step.Key * 1_000, (step.Key + level.Milliseconds()) * 1_000, level.Name(), IsCertain: false),
                        (row.Key.Network, row.Key.Vector));
                }
            }

            foreach (var network in step.Where(static row => !row.Key.Network.IsUnspecified).GroupBy(static row => row.Key.Network))
            {
                May(step.Key, network.Key, FlowSums.Figure(network.Select(static row => row.Value.Packets)), FlowSums.Figure(network.Select(static row => row.Value.Octets)), level, seconds);
            }
        }

        _rows.Clear();
    }

    /// <summary>(3) and (4)</summary>
    public IReadOnlyList<SummedFinding> End()
    {
        var merged = new List<SummedFinding>();
        foreach (var group in _found.Where(IsUnusual).Select(static each => each.Finding).GroupBy(static each => (each.Target, each.Vector, each.Metric, each.Level)))
        {
            SummedFinding? last = null;
            foreach (var finding in group.OrderBy(static each => each.From))
            {
                if (last is not null && last.To == finding.From && last.IsCertain == finding.IsCertain)
                {
                    last = last with { To = finding.To, Mean = Math.Max(last.Mean, finding.Mean) };
                    continue;
                }

                if (last is not null)
                {
                    merged.Add(last);
                }

                last = finding;
            }

            merged.Add(last!);
        }

        return [.. merged.OrderBy(static each => each.From).ThenBy(static each => each.Target, StringComparer.Ordinal).ThenBy(static each => each.Vector, StringComparer.Ordinal)];
    }

    private bool IsUnusual((SummedFinding Finding, (FlowAddress, ulong)? Kind) found) =>
        found.Kind is not { } kind || _seconds == 0 || found.Finding.Mean >= usualTimes * _all.GetValueOrDefault(kind) / _seconds;

    private void Certain(long step, BgpPrefix target, long packets, long octets, FlowLevel level, double seconds)
    {
        Limit("packets", protection.Prefix.Packets, packets / seconds);
        Limit("bits", protection.Prefix.Bits, octets * 8.0 / seconds);

        void Limit(string metric, long limit, double mean)
        {
            if (limit > 0 && mean > limit)
            {
                Add(new SummedFinding(target.ToString(), "mixed", metric, limit, (long)mean, step * 1_000, (step + level.Milliseconds()) * 1_000, level.Name(), IsCertain: true), null);
            }
        }
    }

    private void May(long step, FlowAddress network, long packets, long octets, FlowLevel level, double seconds)
    {
        Limit("packets", protection.Host.Packets, packets / seconds);
        Limit("bits", protection.Host.Bits, octets * 8.0 / seconds);

        void Limit(string metric, long limit, double mean)
        {
            if (limit > 0 && mean > limit)
            {
                Add(new SummedFinding(NameOf(network), "mixed", metric, limit, (long)mean, step * 1_000, (step + level.Milliseconds()) * 1_000, level.Name(), IsCertain: false), null);
            }
        }
    }

    private void Add(SummedFinding finding, (FlowAddress, ulong)? kind)
    {
        if (_found.Count < most * Candidates)
        {
            _found.Add((finding, kind));
        }
        else
        {
            IsCut = true;
        }
    }

    // The protected prefix whose traffic a network's rows are, all of it or a part; null where they are of several.
    private BgpPrefix? PrefixOf(FlowAddress network)
    {
        if (network.IsUnspecified)
        {
            return protection.Prefixes.Count == 1 ? protection.Prefixes[0] : null;
        }

        var whole = new BgpPrefix(network, (byte)(network.IsIPv4 ? 24 : 64), !network.IsIPv4);
        var around = protection.Prefixes.Where(prefix => ProtectionTable.Holds(prefix, whole)).ToList();
        var inside = around.Count > 0 ? around : [.. protection.Prefixes.Where(prefix => ProtectionTable.Holds(whole, prefix))];
        return inside.Count == 1 ? inside[0] : around.Count > 1 ? around.MaxBy(static prefix => prefix.Length) : null;
    }

    private static string NameOf(FlowAddress network) => string.Create(CultureInfo.InvariantCulture, $"{network}/{(network.IsIPv4 ? 24 : 64)}");

    // As the detector asks for more of what may be somebody's everyday traffic (AttackRules).
    private static int TimesOf(ulong vector) => FlowVector.NameOf(vector) switch
    {
        "udp-flood" or "icmp-flood" => 4,
        "gre-flood" or "esp-flood" or "protocol-flood" => 2,
        _ => 1,
    };
}
