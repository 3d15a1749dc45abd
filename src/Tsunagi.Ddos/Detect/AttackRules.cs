using System.Globalization;

namespace Tsunagi.Ddos.Detect;

/// <summary>
/// Tells attacks by what they are made of, whatever their volume is called elsewhere: (1) answers of reflectors by source port, with their fragments, (2) SYNs that
/// nobody follows up, (3) answers to SYNs that nobody sent, resets alike, (4) flags that no connection has, (5) acknowledgements from flows that never come again, (6) connections
/// opened by few, (7) ICMP, other protocols, fragments, (8) UDP from many. Each is held against a floor and against what is usual for the prefix. Pure: what it is
/// given is what it knows. Data of connections, a download and a crowd of people are of no kind that it asks about.
/// </summary>
internal static class AttackRules
{
    private const int FewSources = 8;
    private const int ManySources = 16;
    private const double FlowsOnce = 0.6;
    private const double FlowsGoOn = 0.25;
    private const int OpenedByOne = 150;
    private const int OpenedByEach = 12;
    private const int OpenedByFew = 200;
    private const ushort Services = 1_024;
    private static readonly HashSet<ushort> EverydayPorts = [53, 123, 443, 500, 1194, 3478, 4500, 51820];

    // Under sampling a second may hold too few samples: then longer ones are asked, all figures over the same.
    private static readonly int[] Windows = [1, 3, TrafficShape.Seconds];

    /// <summary>What is found, the largest first, over the shortest time that tells.</summary>
    public static IReadOnlyList<Finding> Judge(TrafficShape shape, AttackFloor floor)
    {
        foreach (var seconds in shape.Rate == 1 ? Windows.AsSpan(0, 1) : Windows)
        {
            if (Judge(shape, shape.Rates(floor.Slot, seconds), floor) is { Count: > 0 } found)
            {
                return found;
            }
        }

        return [];
    }

    private static List<Finding> Judge(TrafficShape shape, KindRates rates, AttackFloor floor)
    {
        var found = new List<Finding>();
        Reflections(shape, rates, floor, found);
        Handshakes(shape, rates, floor, found);
        Acknowledgements(shape, rates, floor, found);
        Openers(shape, rates, floor, found);
        Plain(shape, rates, floor, found);
        found.Sort(static (a, b) => b.Packets.CompareTo(a.Packets));
        return found;
    }

    // (1)
    private static void Reflections(TrafficShape shape, KindRates rates, AttackFloor floor, List<Finding> found)
    {
        var services = new Dictionary<string, (List<int> Kinds, ulong Packets, ulong Samples)>(StringComparer.Ordinal);
        for (var kind = 0; kind < TrafficKind.Udp; kind++)
        {
            if (rates[kind] > 0 && IsReflection(shape, rates, kind))
            {
                var vector = Reflectors.All[kind].Vector;
                var service = services.GetValueOrDefault(vector, ([], 0, 0));
                service.Kinds.Add(kind);
                services[vector] = (service.Kinds, service.Packets + rates[kind], service.Samples + rates.Samples(kind));
            }
        }

        // Fragments belong to the largest: answers that do not fit into a packet.
        var largest = services.Count == 0 ? null : services.MaxBy(static each => each.Value.Packets).Key;
        var fragments = rates[TrafficKind.Fragment];
        foreach (var (vector, service) in services)
        {
            var withFragments = vector == largest && fragments > 0 && service.Packets * 8 >= fragments;
            var packets = service.Packets + (withFragments ? fragments : 0);
            var samples = service.Samples + (withFragments ? rates.Samples(TrafficKind.Fragment) : 0);
            var kinds = withFragments ? [.. service.Kinds, TrafficKind.Fragment] : service.Kinds;
            Tell(found, floor, rates, vector, packets, samples, kinds, 1, $"answers from UDP port {string.Join(" and ", service.Kinds.Select(static kind => Reflectors.All[kind].Port))}{(withFragments ? " and their fragments" : "")}");
        }
    }

    // A service in use must show more: many that answer, amplified answers, or an address that never asked.
    private static bool IsReflection(TrafficShape shape, KindRates rates, int kind)
    {
        var reflector = Reflectors.All[kind];
        if (!reflector.InUse)
        {
            return true;
        }

        var (port, part) = shape.DestinationPort(kind);
        var mostToOne = part >= 0.5;

        // Both ends of a tunnel, of name or time servers, use the service's port.
        if (mostToOne && (port == reflector.Port || (reflector.Port is 500 or 4500 && port is 500 or 4500)))
        {
            return false;
        }

        // Nobody asks from a port of another service.
        if (mostToOne && port < Services && shape.MeanOctets(kind) >= reflector.LeastOctets)
        {
            return true;
        }

        // Long packets from where only short answers come are somebody's call.
        if (shape.MeanOctets(kind) > reflector.MostOctets)
        {
            return false;
        }

        var amplified = shape.MeanOctets(kind) >= reflector.LeastOctets || rates[TrafficKind.Fragment] * 4 >= rates[kind];
        return amplified && (shape.Sources(kind) >= FewSources || (reflector.LeastOctets > 0 && mostToOne));
    }

    // (2) to (4)
    private static void Handshakes(TrafficShape shape, KindRates rates, AttackFloor floor, List<Finding> found)
    {
        var (syn, push, fin) = (rates[TrafficKind.Syn], rates[TrafficKind.Push], rates[TrafficKind.Fin]);

        // Whoever means it sends data and ends what he began.
        var followed = Math.Max(push, fin);
        if (syn > 2 * followed)
        {
            Tell(found, floor, rates, "tcp-syn-flood", syn - followed, rates.Samples(TrafficKind.Syn), [TrafficKind.Syn], 1,
                $"SYNs beyond the {Show(followed)}/s that data or an end followed");
        }

        var carried = (rates[TrafficKind.Ack] + push + fin + rates[TrafficKind.Connection]) / 2;
        Beyond("tcp-syn-ack-reflection", TrafficKind.SynAck, "answers to SYNs beyond what the connections of this address explain");
        Beyond("tcp-rst-flood", TrafficKind.Reset, "resets beyond what the connections of this address explain");
        Tell(found, floor, rates, "tcp-null-flood", rates[TrafficKind.NoFlags], rates.Samples(TrafficKind.NoFlags), [TrafficKind.NoFlags], 1, "TCP without any flag");
        Tell(found, floor, rates, "tcp-flags-flood", rates[TrafficKind.OddFlags], rates.Samples(TrafficKind.OddFlags), [TrafficKind.OddFlags], 1, "TCP flags that no connection has");

        void Beyond(string vector, int kind, string why)
        {
            if (rates[kind] > carried)
            {
                Tell(found, floor, rates, vector, rates[kind] - carried, rates.Samples(kind), [kind], 1, why);
            }
        }
    }

    // (5) Under sampling nobody is seen twice, so nothing can be said.
    private static void Acknowledgements(TrafficShape shape, KindRates rates, AttackFloor floor, List<Finding> found)
    {
        foreach (var kind in (int[])[TrafficKind.Ack, TrafficKind.Push])
        {
            var others = rates[TrafficKind.Syn] + rates[TrafficKind.Fin] + (kind == TrafficKind.Ack ? rates[TrafficKind.Push] : rates[TrafficKind.Ack]);
            if (rates.Rate == 1 && others * 5 <= rates[kind] && shape.FlowsPerPacket(kind) >= FlowsOnce)
            {
                Tell(found, floor, rates, "tcp-ack-flood", rates[kind], rates.Samples(kind), [kind], 2, "TCP of connections that were never opened, from flows that hardly come twice");
            }
        }
    }

    // (6)
    private static void Openers(TrafficShape shape, KindRates rates, AttackFloor floor, List<Finding> found)
    {
        var opened = rates[TrafficKind.Syn] + rates[TrafficKind.Connection];
        if (opened <= floor.Factor * (floor.Usual(TrafficKind.Syn) + floor.Usual(TrafficKind.Connection)) || found.Exists(static finding => finding.Vector == "tcp-syn-flood"))
        {
            return;
        }

        var busy = shape.Openers.Where(opener => opener.PerSecond >= OpenedByEach && opener.PerSecond / rates.Rate >= 3).ToList();
        var sum = busy.Aggregate(0L, static (all, opener) => all + opener.PerSecond);
        var most = busy.Count == 0 ? 0 : busy.Max(static opener => opener.PerSecond);
        if (busy.Count > 0 && (most >= OpenedByOne || (sum >= OpenedByFew && rates.Rate == 1)))
        {
            int[] kinds = [TrafficKind.Syn, TrafficKind.Ack, TrafficKind.Push, TrafficKind.Fin, TrafficKind.Connection];
            var packets = kinds.Aggregate(0UL, (all, kind) => all + rates[kind]);
            var samples = kinds.Aggregate(0UL, (all, kind) => all + rates.Samples(kind));
            Tell(found, floor, rates, "http-flood", packets, samples, kinds, 1, $"{Show((ulong)sum)} connections/s to a web port opened by {busy.Count} sources, {Show(most)}/s by the busiest", isUsualAsked: true);
        }
    }

    // (7) and (8)
    private static void Plain(TrafficShape shape, KindRates rates, AttackFloor floor, List<Finding> found)
    {
        Tell(found, floor, rates, "icmp-flood", rates[TrafficKind.Icmp], rates.Samples(TrafficKind.Icmp), [TrafficKind.Icmp], 4, "ICMP");
        foreach (var (kind, vector) in ((int, string)[])[(TrafficKind.Gre, "gre-flood"), (TrafficKind.Esp, "esp-flood"), (TrafficKind.Other, "protocol-flood")])
        {
            Tell(found, floor, rates, vector, rates[kind], rates.Samples(kind), [kind], shape.Sources(kind) >= FewSources ? 2 : 20, $"IP protocols other than TCP, UDP and ICMP from {shape.Sources(kind)} sources");
        }

        if (!found.Exists(static finding => finding.Kinds.Contains(TrafficKind.Fragment)))
        {
            Tell(found, floor, rates, "fragment-flood", rates[TrafficKind.Fragment], rates.Samples(TrafficKind.Fragment), [TrafficKind.Fragment],
                shape.Sources(TrafficKind.Fragment) >= FewSources ? 1 : 10, $"fragments from {shape.Sources(TrafficKind.Fragment)} sources");
        }

        var udp = TrafficKind.Udp;
        var (port, part) = shape.DestinationPort(udp);
        var (sources, once) = (shape.Sources(udp), shape.FlowsPerPacket(udp));
        var everyday = part >= 0.5 && EverydayPorts.Contains(port);

        // Media, tunnels, downloads: flows that go on, of full packets or to ports of their own. Under sampling a flow that goes on is seen again within seconds; until that is clear, more must be seen.
        var likePeers = shape.MeanOctets(udp) >= 1_000 || part < 0.5;
        var peers = likePeers && (rates.Rate == 1 ? once < 0.05 : shape.NewUdpFlows < FlowsGoOn);
        var mayBePeers = likePeers && rates.Rate > 1 && shape.NewUdpFlows < FlowsOnce;
        var times = once >= FlowsOnce && rates.Rate == 1 ? 2 : everyday || peers ? 40 : sources >= ManySources && !mayBePeers ? 4 : part < 0.5 || (part >= 0.9 && port < Services) ? 10 : 0;
        if (times > 0)
        {
            Tell(found, floor, rates, "udp-flood", rates[udp], rates.Samples(udp), [udp], times, $"UDP from {sources} sources");
        }
    }

    // Under sampling the figure is an estimate: what it may be by chance alone is taken off before it is held against the limit.
    private static void Tell(
        List<Finding> found, AttackFloor floor, KindRates rates, string vector, ulong packets, ulong samples, IReadOnlyList<int> kinds, int times, string why,
        bool isUsualAsked = false)
    {
        var least = Math.Max(floor.Packets * times, isUsualAsked ? 0 : (long)(floor.Factor * kinds.Sum(floor.Usual)));
        var chance = rates.Rate == 1 ? 0 : floor.Deviations * Math.Sqrt(samples) * rates.Rate / rates.Seconds;
        if (packets - chance > least && samples >= (ulong)floor.MinSamples)
        {
            found.Add(new Finding(vector, (long)packets, least, (long)samples, rates.Seconds, kinds, $"{why}: above {Show((ulong)least)} packets/s"));
        }
    }

    private static string Show(ulong number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}

/// <summary>What traffic is held against.</summary>
/// <param name="Slot">The last slot that is over.</param>
/// <param name="Packets">Packets a second of an attack's kind below which nothing is told, in the plainest case.</param>
/// <param name="MinSamples">Packets that must have been seen.</param>
/// <param name="Deviations">Under sampling, so many standard deviations of the estimate are taken off it.</param>
/// <param name="Factor">So many times what is usual must be passed too.</param>
/// <param name="Usual">Packets a second of a kind that are usual for the prefix now; 0 while that is not known.</param>
internal sealed record AttackFloor(int Slot, long Packets, int MinSamples, double Deviations, double Factor, Func<int, double> Usual);
