using System.Globalization;
using Tsunagi.Ddos.Incidents;

namespace Tsunagi.Ddos.Detect;

/// <summary>Who an attack comes from and what it looks like, by the samples that were parted from the target's own traffic: of that, whoever talks to the target every day would stand first.</summary>
internal static class AttackTalkers
{
    /// <summary>So many sources and ports are told.</summary>
    public const int Most = 10;

    public static void Tell(Watch watch, IReadOnlyList<TrafficSample> attack)
    {
        var packets = attack.Sum(static sample => (double)sample.Packets);
        if (watch.Incident is not { } incident || packets == 0)
        {
            return;
        }

        watch.AreTalkersTold = true;
        var kinds = watch.Findings.SelectMany(static finding => finding.Kinds).Distinct();
        incident.Sources = Math.Max(incident.Sources, kinds.Sum(watch.Shape.Sources));
        incident.TopSources = Largest(attack, packets, static sample => sample.Source, static source => source.ToString());
        incident.TopPorts = Largest(
            attack.Where(static sample => sample.Protocol is 6 or 17 && sample.FragmentOffset == 0), packets, static sample => (sample.Protocol, sample.SourcePort),
            static port => string.Create(CultureInfo.InvariantCulture, $"{(port.Protocol == 6 ? "tcp" : "udp")}/{port.SourcePort}"));
        incident.MeanOctets = (long)(attack.Sum(static sample => (double)sample.Packets * sample.Octets) / packets);
    }

    private static IReadOnlyList<Share> Largest<TKey>(IEnumerable<TrafficSample> attack, double packets, Func<TrafficSample, TKey> keyOf, Func<TKey, string> nameOf)
        where TKey : notnull =>
        [.. attack.GroupBy(keyOf).Select(group => new Share(nameOf(group.Key), Math.Round(group.Sum(static sample => (double)sample.Packets) / packets, 4)))
            .OrderByDescending(static share => share.Part).ThenBy(static share => share.Name, StringComparer.Ordinal).Take(Most)];
}
