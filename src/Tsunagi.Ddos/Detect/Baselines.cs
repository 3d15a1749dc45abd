using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Detect;

/// <summary>
/// The baselines of the protected prefixes, by subscription and prefix, never by host. Once a second what flows to each prefix is taken; a minute in which nothing was wrong with the
/// subscription is learned. On the collector's turn only.
/// </summary>
internal sealed class Baselines(DetectOptions options, TimeProvider time)
{
    private const long HourMicros = 3_600_000_000;

    // 1970-01-01 was a Thursday; the week starts on Monday.
    private const long FirstHour = 72;
    private const int SecondsOfMinute = 60;

    private readonly Dictionary<(string Subscription, BgpPrefix Prefix), Learner> _learners = [];
    private int _second;

    /// <summary>Packets a second of a kind that are usual for the prefix; 0 while that is not known.</summary>
    public double Usual(string subscription, BgpPrefix prefix, int kind) =>
        _learners.TryGetValue((subscription, prefix), out var learner) ? learner.Baseline.Usual(kind, Hour) : 0;

    public bool IsLearned(string subscription, BgpPrefix prefix) => _learners.TryGetValue((subscription, prefix), out var learner) && learner.Baseline.IsLearned(Hour);

    /// <summary>Once a look; does something once a second.</summary>
    public void Look(int slot, WatchList watches, Func<string, bool> isUnderAttack, ProtectionTable table)
    {
        var second = slot / TrafficSlots.Window;
        if (second == _second)
        {
            return;
        }

        _second = second;
        var hour = Hour;
        foreach (var protection in table.All.Values)
        {
            var wrong = isUnderAttack(protection.Subscription);
            foreach (var prefix in protection.Prefixes)
            {
                var key = (protection.Subscription, prefix);
                if (!_learners.TryGetValue(key, out var learner) && _learners.Count < options.MaxBaselines)
                {
                    _learners[key] = learner = new Learner();
                }

                learner?.Second(watches.Find(prefix)?.Shape.Rates(slot - 1, 1), wrong, hour);
            }
        }

        if (_learners.Count > 0 && (_learners.Count >= options.MaxBaselines || _learners.Count > table.All.Values.Sum(static each => each.Prefixes.Count)))
        {
            foreach (var gone in _learners.Keys.Where(key => !table.All.TryGetValue(key.Subscription, out var protection) || !protection.Prefixes.Contains(key.Prefix)).ToList())
            {
                _learners.Remove(gone);
            }
        }
    }

    /// <summary>Learns from figures that are given: minutes of the largest second of each kind.</summary>
    public void Learn(string subscription, BgpPrefix prefix, ReadOnlySpan<ulong> peaks)
    {
        if (!_learners.TryGetValue((subscription, prefix), out var learner))
        {
            _learners[(subscription, prefix)] = learner = new Learner();
        }

        learner.Baseline.Learn(peaks, Hour);
    }

    /// <summary>Prefixes whose usual traffic is followed.</summary>
    public int Count => _learners.Count;

    public IReadOnlyList<BaselineEntry> Write() => [.. _learners.Select(static pair => new BaselineEntry(pair.Key.Subscription, pair.Key.Prefix.ToString(), pair.Value.Baseline.Write()))];

    public void Read(IEnumerable<BaselineEntry?> entries)
    {
        foreach (var entry in entries)
        {
            var learner = new Learner();
            if (_learners.Count < options.MaxBaselines && entry is not null && BgpPrefix.TryParse(entry.Prefix, out var prefix) && learner.Baseline.TryRead(entry.State))
            {
                _learners[(entry.Subscription, prefix)] = learner;
            }
        }
    }

    private int Hour => (int)(((time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000 / HourMicros) + FirstHour) % Baseline.HoursOfWeek);

    private sealed class Learner
    {
        private readonly ulong[] _peaks = new ulong[TrafficKind.Count];
        private int _seconds;
        private bool _wrong;

        public Baseline Baseline { get; } = new();

        public void Second(KindRates? rates, bool wrong, int hour)
        {
            _wrong |= wrong;
            for (var kind = 0; kind < TrafficKind.Count; kind++)
            {
                var packets = rates?[kind] ?? 0;
                _peaks[kind] = Math.Max(_peaks[kind], packets);
                Baseline.Second(kind, packets, hour);
            }

            if (++_seconds < SecondsOfMinute)
            {
                return;
            }

            // A minute with an attack in it, whatever became of it, is nobody's usual traffic.
            if (!_wrong)
            {
                Baseline.Learn(_peaks, hour);
            }

            Array.Clear(_peaks);
            (_seconds, _wrong) = (0, false);
        }
    }
}

/// <summary>One prefix's baseline as the file holds it.</summary>
internal sealed record BaselineEntry(string Subscription, string Prefix, BaselineState State);
