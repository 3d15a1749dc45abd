using System.Collections.Immutable;
using Tsunagi.Ddos.Detect;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>
/// Makes the smallest set of rules that stops an attack and spares its victim: (1) the samples of the attack are put together by what a router can tell them by (source port of the
/// reflector, flags, fragments, ICMP type, or the sender), (2) groups of several reflectors become one, (3) each is drawn tighter by ports and lengths that nearly all of it
/// share, (4) by weight, heaviest first, each is taken that still adds something and does not touch more of the victim's own traffic than may be, until enough is covered, (5) what
/// cover and collateral are is counted again with the rules as a router reads them. Pure: the same samples make the same rules.
/// </summary>
internal static class RuleSynthesis
{
    // Nearly all of a group: what is outside of a bound drawn like this may be the victim's own.
    private const double Nearly = 0.98;

    // A group lighter than this part of the attack is not worth a rule.
    private const double Least = 0.005;
    private const double Mostly = 0.9;
    private const int MostSources = 8;
    private const int MostAvoided = 8;

    private const int FewOwn = 50;

    // Fewer packets than these may be the victim's own by chance: no rule is made of them. One record of a flow may tell of thousands.
    private const int FewestOfGroup = 5;

    // Watched for so long, traffic that was not seen is traffic that there is hardly any of.
    private static readonly TimeSpan LongWatched = TimeSpan.FromMinutes(10);

    private const ushort Fin = 1;
    private const ushort Syn = 2;
    private const ushort Rst = 4;
    private const ushort Psh = 8;
    private const ushort Ack = 16;
    private const ushort AllFlags = 0xFF;

    // What people are sent all day by UDP comes from here, whether a sample shows it or not.
    private static readonly ushort[] Everyday = [53, 123, 443, 3478, 4500];

    public static Proposal Make(SynthesisInput input, MitigateOptions options)
    {
        var attack = input.Attack.Where(sample => sample.IsIPv6 == input.Target.IsIPv6).ToList();
        var total = Weight(attack);
        if (total == 0)
        {
            return new Proposal([], 0, 0, 0, input.Own.Count, 1, "there is no sample of the attack");
        }

        // (1) to (3)
        var candidates = Groups(attack, input.BySource, input.Own.Count, options).Where(group => TrafficSample.SeenOf(group.Samples) >= FewestOfGroup && Weight(group.Samples) >= total * Least)
            .Select(group => Avoid(Tighten(group, input, options, Nearly), input, options)).OrderByDescending(static group => Weight(group.Samples)).ToList();

        // (4)
        var chosen = new List<Group>();
        foreach (var candidate in candidates)
        {
            if (chosen.Count == options.MaxRulesPerIncident || Part(attack, chosen) >= Enough(options))
            {
                break;
            }

            if (Part(attack, [.. chosen, candidate]) > Part(attack, chosen) && Spares(input.Own, [.. chosen, candidate], options))
            {
                chosen.Add(candidate);
            }
        }

        // Tighter still where the attack allows it: what a few of its packets have in common with the victim's own is not worth the victim.
        for (var i = 0; i < chosen.Count; i++)
        {
            List<Group> tighter = [.. chosen];
            tighter[i] = Tighten(chosen[i] with { Lengths = null }, input, options, Mostly);
            if (Width(tighter[i]) * 2 < Width(chosen[i]) && Part(attack, tighter) >= (options.LeastCoverPercent + 1) / 100.0)
            {
                chosen = tighter;
            }
        }

        // (5)
        var statements = chosen.ConvertAll(group => new FlowSpecStatement(group.ToRule(input.Target), [BgpExtendedCommunity.RateBytes(0)]));
        var records = (Attack: attack.ConvertAll(static sample => sample.ToRecord()), Own: input.Own.Select(static sample => sample.ToRecord()).ToList());
        var cover = Matched(attack, records.Attack, [.. statements.Select(static each => each.Rule)]);
        var collateral = Matched(input.Own, records.Own, [.. statements.Select(static each => each.Rule)]);
        var rules = statements.ConvertAll(each => new ProposedRule(each.ToString(), Matched(attack, records.Attack, [each.Rule]), Matched(input.Own, records.Own, [each.Rule])));
        var whyNot = rules.Count == 0 ? "no rule stops the attack without stopping the customer's own traffic too"
            : cover < options.LeastCoverPercent / 100.0 ? $"{rules.Count} rules match only a part of the attack" : "";
        var (bound, known) = BoundOf(input, chosen);
        var isKnown = bound * 1_000 <= options.MostCollateralPermille || (collateral == 0 && input.OwnWatched >= LongWatched);
        var whyAsk = isKnown || rules.Count == 0 ? ""
            : FormattableString.Invariant($"with {known} samples of the target's own traffic it is not known well enough what the rules would do to it: up to {bound:P1} may be touched");
        return new Proposal(rules, cover, collateral, attack.Count, known, Math.Round(bound, 4), whyNot, whyAsk);
    }

    // A target that shares its subscription with others has a part of the samples only, and would never be known alone: where none of its own is touched, what flows to the others speaks for it as well.
    private static (double Bound, int Samples) BoundOf(SynthesisInput input, List<Group> chosen)
    {
        var touched = input.Own.Count(sample => chosen.Exists(group => group.Matches(in sample)));
        var (alone, all) = (Bound(touched, input.Own.Count), input.Own.Count + input.Beside.Count);
        var together = touched > 0 ? 1 : Bound(input.Beside.Count(sample => chosen.Exists(group => group.Matches(in sample))), all);
        return together < alone ? (together, all) : (alone, input.Own.Count);
    }

    // No sample of the victim's own is touched, or so few of so many that what is allowed holds at 95 % confidence.
    private static bool Spares(IReadOnlyList<TrafficSample> own, IReadOnlyList<Group> groups, MitigateOptions options)
    {
        var touched = 0;
        for (var i = 0; i < own.Count; i++)
        {
            for (var each = 0; each < groups.Count; each++)
            {
                if (groups[each].Matches(own[i]))
                {
                    touched++;
                    break;
                }
            }
        }

        return touched == 0 || Bound(touched, own.Count) * 1_000 <= options.MostCollateralPermille;
    }

    /// <summary>The upper end of the one-sided 95 % interval of a part of which so many were seen among so many (Poisson; Wilson and Hilferty, 1931): none of 600 is at most half a percent.</summary>
    internal static double Bound(int touched, int samples)
    {
        var one = touched + 1.0;
        var root = 1 - (1 / (9 * one)) + (1.645 / (3 * Math.Sqrt(one)));
        return samples == 0 ? 1 : Math.Min(1, one * root * root * root / samples);
    }

    // A little more than is asked for: the samples are not the whole attack.
    private static double Enough(MitigateOptions options) => Math.Min(1, (options.LeastCoverPercent / 100.0) + 0.02);

    // (1) and (2)
    private static IEnumerable<Group> Groups(List<TrafficSample> attack, bool bySource, int ownSamples, MitigateOptions options)
    {
        if (bySource)
        {
            var sources = attack.GroupBy(static sample => sample.Source).OrderByDescending(static group => Weight([.. group])).ThenBy(static group => group.Key).ToList();
            var senders = sources.Take(MostSources).Select(static group => new Group([.. group], group.First().Protocol) { Source = group.Key }).ToList();

            // More senders than rules: the port they come for, if its owner gets little else there.
            return sources.Count > options.MaxRulesPerIncident && ownSamples >= FewOwn ? [new Group(attack, attack[0].Protocol), .. senders] : senders;
        }

        var reflected = attack.Where(static sample => TrafficKind.IsReflector(sample.Kind)).GroupBy(static sample => sample.SourcePort).ToList();
        var others = attack.Where(static sample => !TrafficKind.IsReflector(sample.Kind)).GroupBy(KeyOf).Select(static group => OfKey(group.Key, [.. group])).ToList();

        // One rule can name many ports: with each of its own the routers' tables would fill and the budget be gone.
        var room = Math.Max(1, options.MaxRulesPerIncident - others.Count);
        var each = reflected.Count <= room
            ? reflected.Select(static group => new Group([.. group], 17) { SourcePorts = [group.Key] })
            : [new Group([.. reflected.SelectMany(static group => group)], 17) { SourcePorts = [.. reflected.Select(static group => group.Key).Order()] }];
        return others.Concat(each);
    }

    private static (byte Protocol, int Kind, int Detail) KeyOf(TrafficSample sample) => (
        sample.Protocol, sample.Kind, sample.Kind == TrafficKind.Icmp ? sample.IcmpType : sample.Kind == TrafficKind.OddFlags ? sample.TcpFlags & AllFlags : 0);

    private static Group OfKey((byte Protocol, int Kind, int Detail) key, IReadOnlyList<TrafficSample> samples)
    {
        var group = new Group(samples, key.Protocol);
        return key.Kind switch
        {
            _ when key.Kind == TrafficKind.Fragment => group with { IsFragment = true },
            _ when key.Kind == TrafficKind.Icmp => group with { IcmpType = (byte)key.Detail },
            _ when key.Kind == TrafficKind.Syn => group with { Flags = (Syn, Ack | Rst | Fin) },
            _ when key.Kind == TrafficKind.SynAck => group with { Flags = (Syn | Ack, Rst | Fin) },
            _ when key.Kind == TrafficKind.Reset => group with { Flags = (Rst, Syn) },
            _ when key.Kind == TrafficKind.Ack => group with { Flags = (Ack, Syn | Rst | Fin | Psh) },
            _ when key.Kind == TrafficKind.Push => group with { Flags = (Ack | Psh, Syn | Rst | Fin) },
            _ when key.Kind == TrafficKind.Fin => group with { Flags = (Fin, Syn | Rst) },
            _ when key.Kind == TrafficKind.NoFlags => group with { Flags = (0, AllFlags) },
            _ when key.Kind == TrafficKind.OddFlags => group with { Flags = ((ushort)key.Detail, (ushort)(AllFlags & ~key.Detail)) },
            _ => group,
        };
    }

    // (3)
    private static Group Tighten(Group group, SynthesisInput input, MitigateOptions options, double nearly)
    {
        var weight = Weight(group.Samples);
        if (group.Protocol is 6 or 17 && !group.IsFragment)
        {
            group = Shared(group.Samples, weight, static sample => sample.DestinationPort) is { } port ? group with { DestinationPort = port } : group;
            if (group.SourcePorts.IsEmpty && group.Source is null && Shared(group.Samples, weight, static sample => sample.SourcePort) is { } from)
            {
                group = group with { SourcePorts = [from] };
            }
        }

        // Who sends, or to which port, is enough there; and what they send has all lengths.
        if (input.BySource)
        {
            return group;
        }

        var (shortest, longest) = Lengths(group.Samples, weight * nearly);
        if (group.IsFragment || longest < Shortest(input))
        {
            // The last piece of an answer has any length; and nothing is shorter than its header.
            return group;
        }

        // Answers of reflectors differ from one to the next: some room is left, not down to what people are sent.
        var room = TrafficKind.IsReflector(group.Samples[0].Kind) && longest - shortest > 16 ? 10 : 0;
        return group with { Lengths = ((ushort)Math.Max(Shortest(input), shortest - (shortest * room / 100)), (ushort)Math.Max(longest, Math.Min(options.LongestPacket, longest + (longest * room / 100)))) };
    }

    // Ports of what the victim itself gets, where the attack comes from or goes to any: all but those.
    private static Group Avoid(Group group, SynthesisInput input, MitigateOptions options)
    {
        var own = input.Own.Where(sample => sample.Protocol == group.Protocol && sample.FragmentOffset == 0).ToList();
        var isUdp = group.Samples[0].Kind == TrafficKind.Udp;
        if (group.Protocol is not (6 or 17) || group.IsFragment || own.Count == 0 || (!isUdp && Spares(input.Own, [group], options)))
        {
            return group;
        }

        foreach (var bySource in (bool[])[true, false])
        {
            if (bySource ? !group.SourcePorts.IsEmpty : group.DestinationPort is not null)
            {
                continue;
            }

            // Ports that come again are those of services; of UDP, which has nothing else to tell it by, all of them that are known.
            var ports = own.Where(sample => isUdp || group.Matches(sample)).GroupBy(sample => bySource ? sample.SourcePort : sample.DestinationPort)
                .OrderByDescending(static each => each.Count()).ThenBy(static each => each.Key).Take(MostAvoided).Select(static each => each.Key)
                .Union(isUdp && bySource ? Everyday : []).Order().ToImmutableArray();
            var avoiding = bySource ? group with { NotFrom = ports } : group with { NotTo = ports };
            if (Spares(input.Own, [avoiding], options) && Part(group.Samples, [avoiding]) >= Nearly - 0.01)
            {
                return avoiding;
            }
        }

        return group;
    }

    private static int Width(Group group) => group.Lengths is { } lengths ? lengths.Longest - lengths.Shortest : int.MaxValue / 2;

    private static int Shortest(SynthesisInput input) => input.Target.IsIPv6 ? 40 : 20;

    private static ushort? Shared(IReadOnlyList<TrafficSample> samples, double weight, Func<TrafficSample, ushort> value)
    {
        var largest = samples.GroupBy(value).Select(static group => (group.Key, Weight: Weight([.. group]))).MaxBy(static each => each.Weight);
        return largest.Weight >= weight * Nearly ? largest.Key : null;
    }

    // The shortest range of lengths that nearly all have.
    private static (ushort Shortest, ushort Longest) Lengths(IReadOnlyList<TrafficSample> samples, double least)
    {
        var sorted = samples.OrderBy(static sample => sample.Octets).ToList();
        var best = (Shortest: sorted[0].Octets, Longest: sorted[^1].Octets);
        var (first, sum) = (0, 0.0);
        for (var last = 0; last < sorted.Count; last++)
        {
            sum += sorted[last].Packets;
            while (sum - sorted[first].Packets >= least)
            {
                sum -= sorted[first++].Packets;
            }

            if (sum >= least && sorted[last].Octets - sorted[first].Octets < best.Longest - best.Shortest)
            {
                best = (sorted[first].Octets, sorted[last].Octets);
            }
        }

        return best;
    }

    private static double Weight(IReadOnlyList<TrafficSample> samples)
    {
        var sum = 0.0;
        for (var i = 0; i < samples.Count; i++)
        {
            sum += samples[i].Packets;
        }

        return sum;
    }

    private static double Part(IReadOnlyList<TrafficSample> samples, IReadOnlyList<Group> groups)
    {
        var (all, matched) = (0.0, 0.0);
        for (var i = 0; i < samples.Count; i++)
        {
            all += samples[i].Packets;
            for (var each = 0; each < groups.Count; each++)
            {
                if (groups[each].Matches(samples[i]))
                {
                    matched += samples[i].Packets;
                    break;
                }
            }
        }

        return all == 0 ? 0 : matched / all;
    }

    private static double Matched(IReadOnlyList<TrafficSample> samples, List<FlowRecord> records, IReadOnlyList<FlowSpecRule> rules)
    {
        var (all, matched) = (0.0, 0.0);
        for (var i = 0; i < records.Count; i++)
        {
            all += samples[i].Packets;
            var record = records[i];
            matched += rules.Any(rule => rule.Matches(in record)) ? samples[i].Packets : 0;
        }

        return all == 0 ? 0 : Math.Round(matched / all, 4);
    }

    /// <summary>Samples that a router can tell by the same things, and those things.</summary>
    private sealed record Group(IReadOnlyList<TrafficSample> Samples, byte Protocol)
    {
        public FlowAddress? Source { get; init; }

        public ImmutableArray<ushort> SourcePorts { get; init; } = [];

        public ushort? DestinationPort { get; init; }

        public ImmutableArray<ushort> NotFrom { get; init; } = [];

        public ImmutableArray<ushort> NotTo { get; init; } = [];

        public bool IsFragment { get; init; }

        public byte? IcmpType { get; init; }

        /// <summary>Bits that are set, bits that are not.</summary>
        public (int Set, int Clear)? Flags { get; init; }

        public (ushort Shortest, ushort Longest)? Lengths { get; init; }

        public bool Matches(in TrafficSample sample)
        {
            var hasPorts = sample.FragmentOffset == 0;
            return sample.Protocol == Protocol && (Source is not { } source || source == sample.Source)
                && (SourcePorts.IsEmpty || (hasPorts && SourcePorts.Contains(sample.SourcePort)))
                && (DestinationPort is not { } port || (hasPorts && port == sample.DestinationPort))
                && (NotFrom.IsEmpty || (hasPorts && !NotFrom.Contains(sample.SourcePort))) && (NotTo.IsEmpty || (hasPorts && !NotTo.Contains(sample.DestinationPort)))
                && (!IsFragment || sample.FragmentOffset != 0)
                && (IcmpType is not { } type || type == sample.IcmpType)
                && (Flags is not { } flags || (hasPorts && (sample.TcpFlags & flags.Set) == flags.Set && (sample.TcpFlags & flags.Clear) == 0))
                && (Lengths is not { } lengths || (sample.Octets >= lengths.Shortest && sample.Octets <= lengths.Longest));
        }

        /// <summary>As it is announced. Components stand in the order of their types (RFC 8955 section 4.2).</summary>
        public FlowSpecRule ToRule(BgpPrefix target)
        {
            var components = ImmutableArray.CreateBuilder<FlowSpecComponent>();
            components.Add(new FlowSpecComponent(FlowSpecType.Destination) { Prefix = target });
            if (Source is { } source)
            {
                components.Add(new FlowSpecComponent(FlowSpecType.Source) { Prefix = new BgpPrefix(source, (byte)(target.IsIPv6 ? 128 : 32), target.IsIPv6) });
            }

            Add(FlowSpecType.Protocol, FlowSpecTerm.Of(FlowSpecTerm.Equal, Protocol));
            if (DestinationPort is { } port)
            {
                Add(FlowSpecType.DestinationPort, FlowSpecTerm.Of(FlowSpecTerm.Equal, port));
            }

            else if (!NotTo.IsEmpty)
            {
                Add(FlowSpecType.DestinationPort, AllBut(NotTo));
            }

            if (!NotFrom.IsEmpty)
            {
                Add(FlowSpecType.SourcePort, AllBut(NotFrom));
            }
            else if (!SourcePorts.IsEmpty)
            {
                Add(FlowSpecType.SourcePort, [.. SourcePorts.Select(static each => FlowSpecTerm.Of(FlowSpecTerm.Equal, each))]);
            }

            if (IcmpType is { } type)
            {
                Add(FlowSpecType.IcmpType, FlowSpecTerm.Of(FlowSpecTerm.Equal, type));
            }

            if (Flags is { } flags)
            {
                var clear = FlowSpecTerm.Of((byte)(FlowSpecTerm.Not | (flags.Set == 0 ? 0 : FlowSpecTerm.And)), (ulong)flags.Clear);
                FlowSpecTerm[] terms = flags.Set == 0 ? [clear] : [FlowSpecTerm.Of(FlowSpecTerm.Match, (ulong)flags.Set), clear];
                Add(FlowSpecType.TcpFlags, flags.Clear == 0 ? terms[..1] : terms);
            }

            if (Lengths is { } lengths)
            {
                Add(FlowSpecType.PacketLength, lengths.Shortest == lengths.Longest
                    ? [FlowSpecTerm.Of(FlowSpecTerm.Equal, lengths.Shortest)]
                    : [FlowSpecTerm.Of(FlowSpecTerm.Greater | FlowSpecTerm.Equal, lengths.Shortest), FlowSpecTerm.Of(FlowSpecTerm.Less | FlowSpecTerm.Equal | FlowSpecTerm.And, lengths.Longest)]);
            }

            if (IsFragment)
            {
                Add(FlowSpecType.Fragment, FlowSpecTerm.Of(FlowSpecTerm.Match, 2));
            }

            return new FlowSpecRule(target.IsIPv6, components.ToImmutable());

            static FlowSpecTerm[] AllBut(ImmutableArray<ushort> ports) =>
                [.. ports.Select(static (port, i) => FlowSpecTerm.Of((byte)(FlowSpecTerm.Less | FlowSpecTerm.Greater | (i == 0 ? 0 : FlowSpecTerm.And)), port))];

            void Add(FlowSpecType kind, params FlowSpecTerm[] terms) => components.Add(new FlowSpecComponent(kind) { Terms = [.. terms] });
        }
    }
}
