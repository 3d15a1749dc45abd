using Tsunagi.Ddos.Detect;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>
/// Parts what flows to a target under attack into the attack and the target's own traffic: the kinds that were found, and with them those that go along with an attack (resets, ICMP,
/// fragments) and are more than usual; the rest, and what flowed there before, is its own.
/// </summary>
internal static class AttackSamples
{
    // With so few samples of the address alone, its prefix's traffic speaks for it.
    private const int FewOwn = 50;
    private const double GoesAlong = 0.05;
    private const double Most = 0.3;
    private const double Explains = 3;
    private const int ShortOctets = 100;
    private const int RoughOctets = 64;
    private const int OpenedByEach = 12;

    /// <summary>Null when no destination that a rule may have holds the attack.</summary>
    public static SynthesisInput? Split(Watch watch, KindRates rates, Func<int, double> usual, IReadOnlyList<TrafficSample> before, TimeSpan watched, MitigateOptions options)
    {
        var kinds = KindsOf(watch.Findings, rates, usual);
        var bySource = watch.Findings.Count > 0 && watch.Findings.All(static finding => finding.Vector == "http-flood");
        var busy = bySource ? watch.Shape.Openers.Where(static opener => opener.PerSecond >= OpenedByEach).Select(static opener => opener.Source).ToHashSet() : [];
        if (bySource && busy.Count == 0)
        {
            // Who opens connections is counted by the second; who sends most stands in the samples.
            var all = watch.Shape.Samples.Where(sample => kinds.Contains(sample.Kind)).ToList();
            busy = all.GroupBy(static sample => sample.Source).Where(group => group.Count() >= all.Count * Most).Select(static group => group.Key).ToHashSet();
        }

        var attack = new List<TrafficSample>();
        var own = new List<TrafficSample>();
        foreach (var sample in watch.Shape.Samples)
        {
            (kinds.Contains(sample.Kind) && (!bySource || busy.Contains(sample.Source)) ? attack : own).Add(sample);
        }

        if (TargetOf(watch, attack, options) is not { } target)
        {
            return null;
        }

        var here = before.Where(sample => sample.Destination.Prefix(target.Length) == target.Address).ToList();
        var usually = here.Count >= FewOwn ? here : before;
        if (!bySource)
        {
            GiveBack(attack, own, usually, kinds);
        }

        own.AddRange(usually);
        return new SynthesisInput(target, attack, own.ConvertAll(sample => sample with { Destination = Inside(sample.Destination, target), Packets = 1 }), watched, bySource)
        {
            Beside = here.Count >= FewOwn ? [.. before.Where(sample => sample.Destination.Prefix(target.Length) != target.Address)] : [],
        };
    }

    /// <summary>
    /// Of the attack's kinds the target has packets of its own: what else flows there says how much of its usual traffic there is now, and where that explains a third of what
    /// looks alike in kind and length, it is the target's own.
    /// </summary>
    private static void GiveBack(List<TrafficSample> attack, List<TrafficSample> own, IReadOnlyList<TrafficSample> usually, HashSet<int> kinds)
    {
        var others = TrafficSample.SeenOf(usually.Where(sample => !kinds.Contains(sample.Kind)));
        if (others == 0 || own.Count == 0)
        {
            return;
        }

        var scale = (double)TrafficSample.SeenOf(own) / others;
        var expected = usually.Where(sample => kinds.Contains(sample.Kind)).GroupBy(LookOf).ToDictionary(static group => group.Key, group => TrafficSample.SeenOf(group) * scale);
        var explained = attack.GroupBy(LookOf).Where(group => expected.GetValueOrDefault(group.Key) * Explains >= TrafficSample.SeenOf(group)).Select(static group => group.Key).ToHashSet();
        own.AddRange(attack.Where(sample => explained.Contains(LookOf(sample))));
        attack.RemoveAll(sample => explained.Contains(LookOf(sample)));
    }

    private static (int Kind, int Length) LookOf(TrafficSample sample) => (sample.Kind, sample.Octets < ShortOctets ? sample.Octets : ShortOctets + (sample.Octets / RoughOctets));

    private static HashSet<int> KindsOf(IReadOnlyList<Finding> findings, KindRates rates, Func<int, double> usual)
    {
        var kinds = findings.SelectMany(static finding => finding.Kinds).ToHashSet();
        var least = (ulong)(findings.Sum(static finding => finding.Packets) * GoesAlong);
        for (var kind = 0; kind < TrafficKind.Count; kind++)
        {
            var goesAlong = kind == TrafficKind.Fragment || kind == TrafficKind.SynAck || kind == TrafficKind.Reset || kind == TrafficKind.NoFlags || kind == TrafficKind.OddFlags || kind == TrafficKind.Icmp
                || kind == TrafficKind.Gre || kind == TrafficKind.Esp || kind == TrafficKind.Other || (TrafficKind.IsReflector(kind) && !Reflectors.All[kind].InUse);
            if (goesAlong && rates[kind] > least && rates[kind] > 2 * usual(kind))
            {
                kinds.Add(kind);
            }
        }

        return kinds;
    }

    // A prefix that is too short for a rule: the part of it that nearly all of the attack goes to, if that is long enough.
    private static BgpPrefix? TargetOf(Watch watch, List<TrafficSample> attack, MitigateOptions options)
    {
        var shortest = watch.Target.IsIPv6 ? options.ShortestPrefix6 : options.ShortestPrefix4;
        if (watch.Target.Length >= shortest || attack.Count == 0)
        {
            return watch.Target.Length >= shortest ? watch.Target : null;
        }

        var most = attack.GroupBy(sample => sample.Destination.Prefix(shortest)).MaxBy(static group => group.Count())!;
        return most.Count() * 100 >= attack.Count * options.LeastCoverPercent ? new BgpPrefix(most.Key, (byte)shortest, watch.Target.IsIPv6) : null;
    }

    // Another address of the prefix stands for this one: what counts is whether a rule for this one would match such traffic.
    private static FlowAddress Inside(FlowAddress address, BgpPrefix target) => address.Prefix(target.Length) == target.Address ? address : target.Address;
}
