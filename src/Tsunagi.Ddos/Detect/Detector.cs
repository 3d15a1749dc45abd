using System.Runtime.CompilerServices;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Detect;

/// <summary>
/// Looks ten times a second at every watched target: (1) its last whole second is summed, (2) held against its limits, and what it is made of against what attacks are made of
/// (<see cref="AttackRules"/>), (3) an incident opens when enough of the last looks were above, (4) goes on with its peaks and with the rules that would stop it, (5) and closes when all
/// figures were below the release for the subscription's quiet time; (6) what is watched without need is let go, (7) and what is usual is learned where nothing is wrong. On the
/// collector's turn only. It observes: nothing here announces a rule.
/// </summary>
internal sealed class Detector(
    DdosOptions options, ProtectionContracts contracts, TrafficCounter traffic, WatchList watches, Baselines baselines, IncidentBook incidents, DoubtedTargets doubted, TimeProvider time)
{
    // Not hot for so long: not watched any more.
    private const int IdleSlots = 100;

    // Pictures lose half their weight so often, so that a new attack is not called by the name of an old one.
    private const int FadeSlots = 50;

    // While an address alone makes up this part of its prefix's traffic, the prefix's incident would say the same again.
    private const double HostSaysIt = 0.5;

    // Rules are made anew so often while an attack goes on: it changes, and more samples are known.
    private const int ProposeAgainSlots = 20;
    private const int FewSamples = 10;
    private const int ProposeSoonSlots = 5;

    // What was taken as usual so shortly before an incident may have been the attack already.
    private const int SuspectSlots = 30;

    private const long DroppedIsYoungMicros = 3 * UnixMicros.PerSecond;

    private readonly HashSet<string> _troubled = new(StringComparer.Ordinal);

    public void Look(int slot)
    {
        _troubled.Clear();
        foreach (var watch in watches.All.ToList())
        {
            // What the contract does not watch any more has no incident either.
            if (!contracts.Table.All.ContainsKey(watch.Protection.Subscription) || contracts.Table.Holding(watch.Target)?.Subscription != watch.Protection.Subscription)
            {
                Close(watch, slot, "the contract does not cover it any more");
                watches.Remove(watch);
                continue;
            }

            // (1) Of two seconds the larger: that which ended with the slot before this one, and that which ends now, whose newest slot is not over. A row keeps no more than a second, so where the newest slot
            // holds anything, the first of them is a slot short; and what came just now need not wait for the next look.
            ref var row = ref traffic.Find(watch.Target.Address, watch.Target.Length);
            var sums = Unsafe.IsNullRef(ref row) ? default : TrafficSums.Larger(row.Sum(slot - 1), row.Sum(slot));

            // (2)
            var fired = Judge(watch, sums, 100);
            watch.Findings = Find(watch, sums, slot, 100);
            if (watch.Findings.Count > 0)
            {
                watch.Shape.KeepMore();
            }

            watch.Above = (watch.Above << 1) | (fired is null && watch.Findings.Count == 0 ? 0u : 1u);
            if (watch.Incident is null)
            {
                // (3)
                var above = System.Numerics.BitOperations.PopCount(watch.Above & ((1u << options.Detect.Looks) - 1));
                if ((fired is not null || watch.Findings.Count > 0) && above >= options.Detect.LooksAbove)
                {
                    Open(watch, fired, sums, slot);
                }
            }
            else
            {
                GoOn(watch, sums, slot);
            }

            if (watch.Incident is not null || watch.Findings.Count > 0)
            {
                _troubled.Add(watch.Protection.Subscription);
            }

            LetGo(watch, slot);
        }

        // (7)
        foreach (var protection in contracts.Table.All.Values)
        {
            protection.Usual.Look(_troubled.Contains(protection.Subscription));
            protection.Series.Settle();
        }

        baselines.Look(slot, watches, _troubled.Contains, contracts.Table);
        watches.Tidy();
        traffic.Sweep(slot);
    }

    /// <summary>An incident that was open when the program stopped: it goes on, or closes after its quiet time.</summary>
    public void Adopt(Incident incident, int slot)
    {
        if (contracts.Table.All.GetValueOrDefault(incident.SubscriptionId) is not { } protection || !Protocols.Flow.Bgp.BgpPrefix.TryParse(incident.Target, out var target)
            || (watches.Find(target) ?? watches.Add(protection, target)) is not { } watch)
        {
            incidents.Close(incident, time.NowMicros(), "the program was started again and does not watch it any more");
            return;
        }

        watch.Incident = incident;
        watch.OpenedSlot = slot;
        watch.QuietSince = slot;
        watch.HotSlot = slot;
    }

    // (2) Which limit is passed, at so many percent of it; null when none is, or too little is known.
    private LimitPassed? Judge(Watch watch, TrafficSums sums, int percent)
    {
        var limits = watch.Limits;
        var samples = sums.Packets / Math.Max(1, watch.Picture.Rate);
        if (samples < (ulong)options.Detect.MinSamples && percent == 100)
        {
            return null;
        }

        // Under sampling the figure is an estimate: to open an incident, what it may be by chance is taken off it.
        var sure = watch.Picture.Rate == 1 || percent < 100 ? 1 : Math.Max(0, 1 - (options.Detect.Deviations / Math.Sqrt(samples)));
        return Passed("packets", sums.Packets, limits.Packets) ?? Passed("bits", sums.Bits, limits.Bits)
            ?? (watch.Picture.HasFlows ? Passed("flows", sums.Records, limits.Flows) : null);

        LimitPassed? Passed(string metric, ulong value, long limit) =>
            limit > 0 && value * (metric == "flows" ? 1 : sure) * 100.0 > limit * (double)percent ? new LimitPassed(metric, limit, (long)value, (long)samples) : null;
    }

    // (2) What attacks are made of; at so many percent of the floor.
    private IReadOnlyList<Finding> Find(Watch watch, TrafficSums sums, int slot, int percent)
    {
        var protection = watch.Protection;
        var floor = protection.AttackPackets * (watch.IsHost ? 1 : options.Detect.PrefixTimes) * percent / 100;
        if (floor == 0 || watch.Target.Length == 0 || IsMulticast(watch.Target) || (watch.Shape.Rate == 1 && sums.Packets < (ulong)floor))
        {
            return [];
        }

        var prefix = watch.IsHost ? protection.Find(watch.Target.Address) ?? watch.Target : watch.Target;
        var found = AttackRules.Judge(watch.Shape, new AttackFloor(
            slot - 1, floor, Math.Max(3, options.Detect.MinSamples * percent / 100), percent == 100 ? options.Detect.Deviations : 0, options.Detect.UsualTimes * percent / 100,
            kind => baselines.Usual(protection.Subscription, prefix, kind)));
        return found.Count == 0 || watch.IsHost || watch.Incident is not null ? found : IsCarpet(watch, found) ? found : [];
    }

    // What nobody can be attacked at from outside.
    private static bool IsMulticast(BgpPrefix target) => target.IsIPv6 ? target.Address.High >> 56 == 0xFF : target.Address.IPv4 >> 28 == 0xE;

    // One address of a prefix under attack is told as that address.
    private bool IsCarpet(Watch watch, IReadOnlyList<Finding> found)
    {
        var kinds = found.SelectMany(static finding => finding.Kinds).ToHashSet();
        var targets = watch.Shape.Samples.Where(sample => kinds.Contains(sample.Kind)).GroupBy(static sample => sample.Destination).Select(static group => group.Count()).ToList();
        return targets.Count >= options.Detect.CarpetTargets && targets.Max() * 2 < targets.Sum();
    }

    private void Open(Watch watch, LimitPassed? passed, TrafficSums sums, int slot)
    {
        var own = incidents.OpenOf(watch.Protection.Subscription);
        if (!watch.IsHost && watches.All.Any(other => IsSaidBy(other, watch, sums, slot)))
        {
            return;
        }

        if (own >= options.Detect.MaxOpenPerSubscription)
        {
            incidents.Suppressed++;
            return;
        }

        var picture = watch.Picture;
        var finding = watch.Findings.Count > 0 ? watch.Findings[0] : null;
        var fired = finding is null ? passed! : new LimitPassed(Incident.AttackMetric, finding.Threshold, finding.Packets, finding.Samples);
        var what = watch.IsHost ? "address" : "prefix";
        watch.Incident = new Incident
        {
            Id = Id.New("di", time),
            TenantId = watch.Protection.TenantId,
            TenantPath = watch.Protection.TenantPath,
            SubscriptionId = watch.Protection.Subscription,
            Target = watch.Target.ToString(),
            Scope = watch.IsHost ? Incident.HostScope : Incident.PrefixScope,
            Vector = finding?.Vector ?? Vectors.NameOf(picture),
            Metric = fired.Metric,
            LimitValue = fired.Limit,
            Rule = finding is null
                ? $"{fired.Metric}/s to one {what} above {fired.Limit} in {options.Detect.LooksAbove} of {options.Detect.Looks} looks at the last second"
                : $"{finding.Why} to one {what} in {options.Detect.LooksAbove} of {options.Detect.Looks} looks at the last {(finding.Seconds == 1 ? "second" : $"{finding.Seconds} seconds")}",
            Estimate = fired.Value,
            Samples = fired.Samples,
            SamplingRate = picture.Rate,
            SamplingSource = picture.RateSource.ToString(),
            ErrorPercent = picture.Rate == 1 ? 0 : Math.Round(196 / Math.Sqrt(Math.Max(1, fired.Samples)), 1),
            OpenedAt = time.NowMicros(),
        };
        watch.QuietSince = slot;
        watch.OpenedSlot = slot;
        watch.ProposedSlot = 0;
        watch.Protection.Usual.Forget(slot - SuspectSlots);
        GoOn(watch, sums, slot);
        incidents.Open(watch.Incident);
    }

    private bool IsSaidBy(Watch other, Watch prefix, TrafficSums sums, int slot)
    {
        if (other.Incident is null || !other.IsHost || !ProtectionTable.Holds(prefix.Target, other.Target))
        {
            return false;
        }

        ref var row = ref traffic.Find(other.Target.Address, other.Target.Length);
        return !Unsafe.IsNullRef(ref row) && row.Sum(slot - 1).Octets >= sums.Octets * HostSaysIt;
    }

    // (4)
    private void GoOn(Watch watch, TrafficSums sums, int slot)
    {
        var incident = watch.Incident!;
        if (watch.Findings.Count > 0 || Judge(watch, sums, options.Detect.ReleasePercent) is not null || Find(watch, sums, slot, options.Detect.ReleasePercent).Count > 0
            || IsDropped(incident))
        {
            watch.QuietSince = slot;
            watch.HotSlot = slot;
            incident.LastAboveAt = time.NowMicros();
        }

        var isPeak = (long)sums.Packets > incident.PeakPackets || (long)sums.Bits > incident.PeakBits;
        incident.PeakPackets = Math.Max(incident.PeakPackets, (long)sums.Packets);
        incident.PeakBits = Math.Max(incident.PeakBits, (long)sums.Bits);
        incident.PeakFlows = Math.Max(incident.PeakFlows, (long)sums.Records);
        (incident.NowPackets, incident.NowBits) = ((long)sums.Packets, (long)sums.Bits);
        if (watch.Findings.Count > 0 && (watch.ProposedSlot == 0 || watch.ProposedSlot + (slot - watch.OpenedSlot < ProposeAgainSlots ? ProposeSoonSlots : ProposeAgainSlots) <= slot))
        {
            watch.ProposedSlot = slot;
            Propose(watch, slot);
            isPeak = true;
        }

        if (isPeak || watch.FadedSlot + FadeSlots <= slot)
        {
            Describe(watch);
            incidents.Change(incident);
        }

        // (5)
        if (slot - watch.QuietSince >= watch.Protection.Quiet.TotalMilliseconds / TrafficSlots.Milliseconds)
        {
            Close(watch, slot, "every figure stayed below the release for the quiet time");
        }
    }

    // What is dropped in front of an exporter, the exporter does not tell: the dropper's own counters say whether the attack goes on.
    private bool IsDropped(Incident incident)
    {
        var dropped = incidents.DroppedOf(incident.Id);
        var value = incident.Metric == "bits" ? dropped.Bits : dropped.Packets;
        return time.NowMicros() - dropped.AtMicros < DroppedIsYoungMicros && value > 0 && value * 100.0 > incident.LimitValue * (double)options.Detect.ReleasePercent;
    }

    private void Propose(Watch watch, int slot)
    {
        var rates = watch.Shape.Rates(slot - 1, watch.Findings.Max(static finding => finding.Seconds));
        var prefix = watch.IsHost ? watch.Protection.Find(watch.Target.Address) ?? watch.Target : watch.Target;
        var input = AttackSamples.Split(
            watch, rates, kind => baselines.Usual(watch.Protection.Subscription, prefix, kind), watch.Protection.Usual.Until(watch.OpenedSlot - SuspectSlots), watch.Protection.Usual.Watched,
            options.Mitigate);
        if (input is null)
        {
            watch.Incident!.Proposal ??= new Proposal([], 0, 0, 0, 0, 1, "the attack goes to more addresses than the destination of a rule may hold");
            return;
        }

        AttackTalkers.Tell(watch, input.Attack);
        if (TrafficSample.SeenOf(input.Attack) >= FewSamples || watch.Incident!.Proposal is null)
        {
            // At its end hardly anything is left to make rules of: those that stopped it stay.
            var proposal = RuleSynthesis.Make(input, options.Mitigate);
            var doubt = proposal.Rules.Count > 0 ? doubted.Why(watch.Target, TrafficSlots.Now(time)) : "";
            watch.Incident!.Proposal = doubt.Length == 0 ? proposal : proposal with { WhyAsk = "flow records that tell of it may be forged: " + doubt };
        }
    }

    private static void Describe(Watch watch)
    {
        var (incident, picture) = (watch.Incident!, watch.Picture);
        if (picture.Packets == 0)
        {
            return;
        }

        incident.Vector = watch.Findings.Count > 0 ? watch.Findings[0].Vector : incident.Metric == Incident.AttackMetric ? incident.Vector : Vectors.NameOf(picture);
        incident.Vectors = [.. incident.Vectors.Concat(watch.Findings.Select(static finding => finding.Vector)).Append(incident.Vector).Distinct().Take(Incident.MostVectors)];
        if (watch.AreTalkersTold)
        {
            // Of the attack alone (AttackTalkers): the picture is of all that flows there, and of the time before.
            return;
        }

        incident.Sources = Math.Max(incident.Sources, picture.Sources);
        incident.TopSources = picture.TopSources(AttackTalkers.Most);
        incident.TopPorts = picture.TopPorts(AttackTalkers.Most);
        incident.MeanOctets = (long)(picture.Octets / picture.Packets);
    }

    private void Close(Watch watch, int slot, string why)
    {
        if (watch.Incident is not { } incident)
        {
            return;
        }

        incidents.Close(incident, time.NowMicros(), why);
        watch.Incident = null;
        watch.Above = 0;
        watch.HotSlot = slot;
        watch.Renew();
    }

    // (6)
    private void LetGo(Watch watch, int slot)
    {
        if (watch.FadedSlot + FadeSlots <= slot)
        {
            watch.FadedSlot = slot;
            watch.Picture.Fade();
        }

        if (watch.Incident is null && watch.HotSlot + IdleSlots < slot)
        {
            watches.Remove(watch);
        }
    }

    private sealed record LimitPassed(string Metric, long Limit, long Value, long Samples);
}
