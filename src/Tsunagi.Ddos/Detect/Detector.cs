using System.Runtime.CompilerServices;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Traffic;

namespace Tsunagi.Ddos.Detect;

/// <summary>
/// Looks ten times a second at every watched target: (1) its last whole second is summed, (2) held against its limits, (3) an incident opens when enough of the
/// last looks were above, (4) goes on with its peaks, (5) and closes when all figures were below the release for the subscription's quiet time; (6) what is
/// watched without need is let go. On the collector's turn only. It observes: nothing here makes a rule.
/// </summary>
internal sealed class Detector(
    DdosOptions options, ProtectionContracts contracts, TrafficCounter traffic, WatchList watches, IncidentBook incidents, TimeProvider time)
{
    // Not hot for so long: not watched any more.
    private const int IdleSlots = 100;

    // Pictures lose half their weight so often, so that a new attack is not called by the name of an old one.
    private const int FadeSlots = 50;

    // While an address alone makes up this part of its prefix's traffic, the prefix's incident would say the same again.
    private const double HostSaysIt = 0.5;

    public void Look(int slot)
    {
        foreach (var watch in watches.All.ToList())
        {
            // What the contract does not watch any more has no incident either.
            if (!contracts.Table.All.ContainsKey(watch.Protection.Subscription) || contracts.Table.Holding(watch.Target)?.Subscription != watch.Protection.Subscription)
            {
                Close(watch, slot, "the contract does not cover it any more");
                watches.Remove(watch);
                continue;
            }

            // (1) The newest slot is not over yet.
            ref var row = ref traffic.Table.Find(watch.Target.Address, watch.Target.Length);
            var sums = Unsafe.IsNullRef(ref row) ? default : row.Sum(slot - 1);

            // (2)
            var fired = Judge(watch, sums, 100);
            watch.Above = (watch.Above << 1) | (fired is null ? 0u : 1u);
            if (watch.Incident is null)
            {
                // (3)
                var above = System.Numerics.BitOperations.PopCount(watch.Above & ((1u << options.Detect.Looks) - 1));
                if (fired is not null && above >= options.Detect.LooksAbove)
                {
                    Open(watch, fired, sums, slot);
                }
            }
            else
            {
                GoOn(watch, sums, slot);
            }

            LetGo(watch, slot);
        }

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

        return Passed("packets", sums.Packets, limits.Packets) ?? Passed("bits", sums.Bits, limits.Bits)
            ?? (watch.Picture.HasFlows ? Passed("flows", sums.Records, limits.Flows) : null);

        LimitPassed? Passed(string metric, ulong value, long limit) =>
            limit > 0 && value * 100.0 > limit * (double)percent ? new LimitPassed(metric, limit, (long)value, (long)samples) : null;
    }

    private void Open(Watch watch, LimitPassed fired, TrafficSums sums, int slot)
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
        watch.Incident = new Incident
        {
            Id = Id.New("di", time),
            TenantId = watch.Protection.TenantId,
            TenantPath = watch.Protection.TenantPath,
            SubscriptionId = watch.Protection.Subscription,
            Target = watch.Target.ToString(),
            Scope = watch.IsHost ? Incident.HostScope : Incident.PrefixScope,
            Vector = Vectors.NameOf(picture),
            Metric = fired.Metric,
            LimitValue = fired.Limit,
            Rule = $"{fired.Metric}/s to one {(watch.IsHost ? "address" : "prefix")} above {fired.Limit} in {options.Detect.LooksAbove} of {options.Detect.Looks} looks at the last second",
            Estimate = fired.Value,
            Samples = fired.Samples,
            SamplingRate = picture.Rate,
            SamplingSource = picture.RateSource.ToString(),
            ErrorPercent = picture.Rate == 1 ? 0 : Math.Round(196 / Math.Sqrt(Math.Max(1, fired.Samples)), 1),
            OpenedAt = time.NowMicros(),
        };
        watch.QuietSince = slot;
        GoOn(watch, sums, slot);
        incidents.Open(watch.Incident);
    }

    private bool IsSaidBy(Watch other, Watch prefix, TrafficSums sums, int slot)
    {
        if (other.Incident is null || !other.IsHost || !ProtectionTable.Holds(prefix.Target, other.Target))
        {
            return false;
        }

        ref var row = ref traffic.Table.Find(other.Target.Address, other.Target.Length);
        return !Unsafe.IsNullRef(ref row) && row.Sum(slot - 1).Octets >= sums.Octets * HostSaysIt;
    }

    // (4)
    private void GoOn(Watch watch, TrafficSums sums, int slot)
    {
        var incident = watch.Incident!;
        if (Judge(watch, sums, options.Detect.ReleasePercent) is not null)
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

    private static void Describe(Watch watch)
    {
        var (incident, picture) = (watch.Incident!, watch.Picture);
        if (picture.Packets == 0)
        {
            return;
        }

        incident.Vector = Vectors.NameOf(picture);
        incident.Sources = Math.Max(incident.Sources, picture.Sources);
        incident.TopSources = picture.TopSources(10);
        incident.TopPorts = picture.TopPorts(10);
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
