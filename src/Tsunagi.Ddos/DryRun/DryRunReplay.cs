using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.DryRun;

/// <summary>
/// The detector as it runs, over records that were kept, with an answerer that announces nothing: (1) each record is counted at its time (<see cref="CaptureReplay"/>), (2) of each incident what would have gone out is noted, as
/// the <see cref="Responder"/> would have made it and the guards let it pass, (3) and of the same records once more, beside attacks, how much those rules match.
/// </summary>
internal sealed class DryRunReplay : IDisposable
{
    private const int MostRulesOfIncident = 32;

    // Before an incident opened, what came may have been the attack already.
    private const long BeforeMicros = 30_000_000;

    private readonly DdosOptions _options;
    private readonly CaptureReplay _replay;
    private readonly string _mode;
    private readonly Func<string, string?> _whyRefused;
    private readonly int _most;
    private readonly CancellationToken _over;
    private readonly SortedDictionary<string, Followed> _followed = new(StringComparer.Ordinal);
    private readonly Dictionary<FlowAddress, List<Followed>> _byHost = [];
    private readonly List<(BgpPrefix Prefix, List<Followed> All)> _byPrefix = [];

    /// <param name="usual">What is known to be usual now.</param>
    /// <param name="whyRefused">Why the guards refuse a rule; null when they do not.</param>
    /// <param name="over">It stops where it has come to.</param>
    public DryRunReplay(Protection protection, DdosOptions options, long fromMilliseconds, IEnumerable<BaselineEntry> usual, string mode, Func<string, string?> whyRefused, int most, CancellationToken over)
    {
        (_options, _mode, _whyRefused, _most) = (options, mode, whyRefused, most);
        var settings = new ProtectionSettings
        {
            Prefixes = [.. protection.Prefixes.Select(static prefix => prefix.ToString())], HostPacketsPerSecond = protection.Host.Packets, HostBitsPerSecond = protection.Host.Bits, HostFlowsPerSecond = protection.Host.Flows,
            PrefixPacketsPerSecond = protection.Prefix.Packets, PrefixBitsPerSecond = protection.Prefix.Bits, PrefixFlowsPerSecond = protection.Prefix.Flows, AttackPacketsPerSecond = protection.AttackPackets,
            QuietSeconds = (int)protection.Quiet.TotalSeconds,
        };

        // No more counters than there are addresses: they are looked through at each look.
        var addresses = protection.Prefixes.Sum(static prefix => Math.Pow(2, Math.Min(30, (prefix.IsIPv6 ? 128 : 32) - prefix.Length)));
        var counted = (int)Math.Clamp(addresses, 1_000, options.Traffic.MaxCounted);
        _replay = new CaptureReplay(settings, options with { Traffic = options.Traffic with { MaxCounted = counted } }, fromMilliseconds * 1_000) { Changed = Follow, Over = over };
        _over = over;
        _replay.Baselines.Read(usual.Where(entry => entry.Subscription == protection.Subscription).Select(static entry => entry with { Subscription = CaptureReplay.Subscription }));
    }

    public long Opened { get; private set; }

    public long Suppressed => _replay.Incidents.Suppressed;

    /// <summary>Something goes out, or waits, whose effect beside attacks can be told.</summary>
    public bool HasRules => _followed.Values.Any(static each => each.Rules.Count > 0);

    /// <summary>(1)</summary>
    public void Take(in FlowRecord record, long milliseconds, long spanMilliseconds) => _replay.Count(in record, milliseconds * 1_000, spanMilliseconds);

    /// <summary>The time asked about is over; what is open stays so. Where not all was read it ends with the last record: what would have come after it is not known, and so not that an attack was over.</summary>
    public void End(long toMilliseconds)
    {
        if (!_over.IsCancellationRequested)
        {
            _replay.GoTo(toMilliseconds * 1_000);
        }

        foreach (var target in _followed.Values.GroupBy(static each => each.Incident.Target))
        {
            if (target.All(static each => each.Rules.Count == 0) || !BgpPrefix.TryParse(target.Key, out var prefix))
            {
                continue;
            }

            if (prefix.Length == (prefix.IsIPv6 ? 128 : 32))
            {
                _byHost[prefix.Address] = [.. target];
            }
            else
            {
                _byPrefix.Add((prefix, [.. target]));
            }
        }
    }

    /// <summary>(3)</summary>
    public void Beside(in FlowRecord record, long milliseconds)
    {
        if (_byHost.TryGetValue(record.Destination, out var all))
        {
            Match(all, in record, milliseconds * 1_000);
        }

        foreach (var (prefix, within) in _byPrefix)
        {
            if (record.Destination.IsIPv4 != prefix.IsIPv6 && record.Destination.Prefix(prefix.Length) == prefix.Address)
            {
                Match(within, in record, milliseconds * 1_000);
            }
        }
    }

    /// <summary>Every incident that was followed, in the order in which they opened.</summary>
    /// <param name="recordedAs">The id of the recorded one with this target at this time, if there is one.</param>
    public IReadOnlyList<ReplayedIncident> Tell(Func<string, long, string?> recordedAs) => [.. _followed.Values.OrderBy(static each => each.Incident.OpenedAt).Select(each => each.Tell(recordedAs(each.Incident.Target, each.Incident.OpenedAt)))];

    public DryRunTotals Total()
    {
        var all = _followed.Values.ToList();
        var answered = all.Where(static each => each.Out > 0).ToList();

        // Of each target by itself: what another gets does not make up for it.
        var (usual, touched) = (answered.Sum(static each => each.UsualPackets), answered.Sum(static each => each.UsualTouched));
        var part = answered.Select(static each => each.UsualPackets == 0 ? 0 : (double)each.UsualTouched / each.UsualPackets).DefaultIfEmpty(0).Max();
        return new DryRunTotals(
            Opened, all.Count(static each => each.Rules.Count > 0), answered.Count, answered.Sum(static each => (long)each.Out), answered.Sum(static each => (long)each.Lifted), MostAtOnce(answered),
            answered.Select(static each => each.Collateral).DefaultIfEmpty(0).Max(), answered.Select(static each => each.CollateralBound).DefaultIfEmpty(0).Max(), usual, touched, Math.Round(part, 6), Suppressed);
    }

    public void Dispose() => _replay.Dispose();

    // (2)
    private void Follow(Incident incident, long nowMicros)
    {
        // Its first change comes with the look that opened it.
        Opened += incident.OpenedAt == nowMicros ? 1 : 0;
        if (!_followed.TryGetValue(incident.Id, out var followed))
        {
            if (_followed.Count >= _most)
            {
                return;
            }

            _followed[incident.Id] = followed = new Followed(incident, _mode);
        }

        followed.Incident = incident;
        if (incident.ClosedAt is null && incident.Proposal is { Rules.Count: > 0 } proposal)
        {
            followed.Proposed = proposal;
            Answer(followed, proposal, nowMicros);
        }
    }

    private void Answer(Followed followed, Proposal proposal, long nowMicros)
    {
        var goesOut = _mode == ResponseMode.Ask || proposal.IsGood;
        if (_mode == ResponseMode.Ask || (!goesOut && followed.ChangedAt == 0))
        {
            // What waits is what was proposed last.
            followed.Clear();
        }

        if (goesOut && followed.ChangedAt == 0)
        {
            followed.Clear();
            followed.IsAnswered = true;
        }

        if ((!goesOut && followed.ChangedAt != 0) || (_mode != ResponseMode.Ask && followed.ChangedAt != 0 && nowMicros - followed.ChangedAt < _options.Mitigate.ChangeEvery.TotalMicroseconds))
        {
            return;
        }

        foreach (var rule in proposal.Rules.Where(rule => followed.Rules.Count < MostRulesOfIncident && !followed.Rules.Exists(each => each.Told.Rule == rule.Rule)))
        {
            if (FlowSpecText.TryParse(rule.Rule, out var statement, out _))
            {
                followed.Rules.Add((statement!.Rule, new ReplayedRule(rule.Rule, rule.Cover, rule.Collateral, nowMicros, _whyRefused(rule.Rule))));
                followed.ChangedAt = goesOut ? nowMicros : followed.ChangedAt;
                followed.Answer(proposal);
            }
        }
    }

    private static void Match(List<Followed> all, in FlowRecord record, long micros)
    {
        foreach (var each in all)
        {
            if (micros >= each.Incident.OpenedAt - BeforeMicros && micros <= (each.Incident.ClosedAt ?? long.MaxValue))
            {
                return;
            }
        }

        // As a router sees one of its packets.
        var packet = record;
        (packet.Packets, packet.Octets) = (1, record.Packets > 1 ? record.Octets / record.Packets : record.Octets);
        var packets = (long)Math.Min(int.MaxValue, Math.Max(1, record.ScaledPackets));
        foreach (var each in all)
        {
            each.UsualPackets += packets;
            foreach (var (rule, told) in each.Rules)
            {
                if (told.Refused is null && rule.Matches(in packet))
                {
                    each.UsualTouched += packets;
                    break;
                }
            }
        }
    }

    private long MostAtOnce(List<Followed> answered)
    {
        var (now, most) = (0L, 0L);
        foreach (var (_, change) in answered.SelectMany(each =>
        {
            var rules = Math.Min(each.Out, _options.Mitigate.MaxRulesPerIncident);
            return ((long At, int Change)[])[(each.Rules.Min(static rule => rule.Told.At), rules), (each.Incident.ClosedAt ?? long.MaxValue, -rules)];
        }).OrderBy(static each => each.At).ThenBy(static each => each.Change))
        {
            now += change;
            most = Math.Max(most, now);
        }

        return most;
    }

    private sealed class Followed(Incident incident, string mode)
    {
        // No more than it has rules.
        private readonly List<Proposal> _answers = [];

        public Incident Incident { get; set; } = incident;

        public Proposal? Proposed { get; set; }

        public List<(FlowSpecRule Rule, ReplayedRule Told)> Rules { get; } = [];

        /// <summary>Of the proposals that rules were taken from, not of what was proposed later and changed nothing; what was proposed last where there is none.</summary>
        public double Collateral => _answers.Count > 0 ? _answers.Max(static each => each.Collateral) : Proposed?.Collateral ?? 0;

        public double CollateralBound => _answers.Count > 0 ? _answers.Max(static each => each.CollateralBound) : Proposed?.CollateralBound ?? 1;

        public double Cover => _answers.Count > 0 ? _answers.Max(static each => each.Cover) : Proposed?.Cover ?? 0;

        public long ChangedAt { get; set; }

        public bool IsAnswered { get; set; }

        public long UsualPackets { get; set; }

        public long UsualTouched { get; set; }

        public int Out => IsAnswered ? Rules.Count(static rule => rule.Told.Refused is null) : 0;

        public void Clear()
        {
            Rules.Clear();
            _answers.Clear();
        }

        public void Answer(Proposal proposal)
        {
            if (_answers.Count == 0 || _answers[^1] != proposal)
            {
                _answers.Add(proposal);
            }
        }

        public int Lifted => Incident.ClosedAt is null ? 0 : Out;

        public ReplayedIncident Tell(string? recorded) => new(
            Incident.Target, Incident.Scope, Incident.Vector, Incident.Metric, Incident.LimitValue, Incident.Estimate, Incident.ErrorPercent, Incident.PeakPackets, Incident.PeakBits, Incident.Sources, Incident.OpenedAt,
            Incident.ClosedAt, recorded, Rules.Count == 0 ? DryRunner.None : Out > 0 ? mode : ResponseMode.Ask, Proposed is { } proposal ? Why(proposal) : Incident.Proposal?.WhyNot ?? "",
            [.. Rules.Select(static rule => rule.Told)], Cover, Collateral, CollateralBound, UsualPackets, UsualTouched);

        private static string Why(Proposal proposal) => proposal.WhyNot.Length > 0 ? proposal.WhyNot : proposal.WhyAsk;
    }
}
