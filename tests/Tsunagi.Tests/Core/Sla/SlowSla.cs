using System.Globalization;
using System.Numerics;
using Tsunagi.Core.Sla;

namespace Tsunagi.Tests.Core.Sla;

/// <summary>
/// The same judgement by other means: time is cut at every moment at which anything begins or ends, and each piece is asked of every fact in turn. It shares no set, no merge and no quotient with the engine;
/// months come from the BCL's zones.
/// </summary>
internal sealed class SlowSla
{
    private readonly SlaTerms _terms;
    private readonly SlaFacts _facts;
    private readonly long _first;
    private readonly long _after;
    private readonly long _from;
    private readonly long _to;
    private readonly List<(long From, long To)> _outages;
    private readonly List<(long From, long To, SlaState State)> _pieces = [];

    public SlowSla(SlaTerms terms, SlaFacts facts, int year, int month, string zone)
    {
        (_terms, _facts) = (terms, facts);
        var info = TimeZoneInfo.FindSystemTimeZoneById(zone);
        long At(DateTime local) => new DateTimeOffset(TimeZoneInfo.ConvertTimeToUtc(local, info), TimeSpan.Zero).ToUnixTimeMilliseconds();
        _first = At(new DateTime(year, month, 1, 0, 0, 0, DateTimeKind.Unspecified));
        _after = At(new DateTime(year, month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1));
        _from = Math.Max(_first, facts.Service.From);
        _to = Math.Max(_from, Math.Min(_after, Math.Min(facts.Service.To, facts.Now)));
        _outages = Joined();
        Cut();
    }

    public BigInteger Total(SlaState state) => _pieces.Where(piece => piece.State == state).Aggregate(BigInteger.Zero, static (sum, piece) => sum + (piece.To - piece.From));

    public SlaState? StateAt(long moment) => _pieces.Where(piece => piece.From <= moment && moment < piece.To).Select(static piece => (SlaState?)piece.State).FirstOrDefault();

    /// <summary>Downtime of each outage of the month.</summary>
    public List<BigInteger> Breaks()
    {
        var breaks = new List<BigInteger>();
        foreach (var (from, to) in _outages.Where(outage => outage.To > _from && outage.From < _to))
        {
            if (_terms.SplitsAtMonthEnd)
            {
                breaks.Add(_pieces.Where(piece => piece.State == SlaState.Down && piece.From >= from && piece.To <= to).Aggregate(BigInteger.Zero, static (sum, piece) => sum + (piece.To - piece.From)));
                continue;
            }

            var down = BigInteger.Zero;
            if (to > _first && to <= _after)
            {
                foreach (var (a, b) in Between(Math.Max(from, _facts.Service.From), Math.Min(to, Math.Min(_facts.Service.To, _facts.Now))))
                {
                    down += IsAnnounced(a) || IsBy(SlaCause.Customer, a) || IsBy(SlaCause.ForceMajeure, a) ? 0 : b - a;
                }
            }

            breaks.Add(down);
        }

        return breaks;
    }

    /// <summary>Value as a quotient; a denominator of 0 is none.</summary>
    public (BigInteger Numerator, BigInteger Denominator) Value(SlaIndicator indicator)
    {
        switch (indicator)
        {
            case SlaIndicator.Availability:
                var up = Total(SlaState.Up);
                var down = Total(SlaState.Down);
                var unknown = Total(SlaState.Unknown);
                return ((up + (_terms.Unknown == SlaUnknown.Up ? unknown : 0)) * 1_000_000, up + down + (_terms.Unknown == SlaUnknown.Excluded ? 0 : unknown));
            case SlaIndicator.Repair:
                return (Breaks().DefaultIfEmpty(BigInteger.Zero).Max(), 1_000);
            default:
                var sum = BigInteger.Zero;
                var count = BigInteger.Zero;
                foreach (var minute in _facts.Minutes)
                {
                    var over = _pieces.Where(piece => piece.From < minute.From + 60_000 && piece.To > minute.From).ToList();
                    if (minute.From >= _from && minute.From + 60_000 <= _to && over.All(static piece => piece.State is SlaState.Up or SlaState.Unknown))
                    {
                        sum += indicator == SlaIndicator.Delay ? minute.DelayMicros : minute.Lost * 1_000_000;
                        count += indicator == SlaIndicator.Delay ? minute.Delayed : minute.Sent;
                    }
                }

                return (sum, count);
        }
    }

    /// <summary>Shares in units of 1/(90 × 30 × 30 × ...): over one common denominator.</summary>
    public (BigInteger Numerator, BigInteger Denominator) Share(out List<bool> broken)
    {
        BigInteger common = _terms.Objectives.SelectMany(static objective => objective.Tiers).Select(static tier => tier.Share.Of).Append(_terms.Most.Of).Distinct().Aggregate(BigInteger.One, static (product, each) => product * each);
        var sum = BigInteger.Zero;
        broken = [];
        foreach (var objective in _terms.Objectives)
        {
            var value = Value(objective.Indicator);
            var isBroken = !value.Denominator.IsZero && Beyond(objective.Indicator, value, objective.Target);
            broken.Add(isBroken);
            if (!isBroken || _facts.BrokenBefore.GetValueOrDefault(objective.Indicator) + 1 < objective.Months)
            {
                continue;
            }

            var values = objective.Indicator == SlaIndicator.Repair ? Breaks().Select(static down => (down, (BigInteger)1_000)).Where(each => Beyond(objective.Indicator, each, objective.Target)) : [value];
            foreach (var each in values)
            {
                sum += objective.Tiers.Where(tier => Beyond(objective.Indicator, each, tier.Beyond)).Select(tier => common / tier.Share.Of * tier.Share.Parts).DefaultIfEmpty(BigInteger.Zero).Max();
            }
        }

        return (BigInteger.Min(sum, common / _terms.Most.Of * _terms.Most.Parts), common);
    }

    public long Credit(long fee)
    {
        var (numerator, denominator) = Share(out _);
        var exact = decimal.Parse((numerator * fee * 1_000_000 / denominator).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) / 1_000_000m;
        return (long)decimal.Round(exact, 0, MidpointRounding.AwayFromZero);
    }

    private static bool Beyond(SlaIndicator indicator, (BigInteger Numerator, BigInteger Denominator) value, long bound) =>
        indicator == SlaIndicator.Availability ? value.Numerator < bound * value.Denominator : value.Numerator > bound * value.Denominator;

    private List<(long From, long To)> Joined()
    {
        var spans = _facts.Outages.Where(static outage => outage.Cause == SlaCause.Provider).Select(outage => (outage.From, To: outage.To ?? Math.Max(outage.From, _facts.Now))).Where(static span => span.To > span.From).ToList();
        for (var again = true; again;)
        {
            again = false;
            for (var i = 0; i < spans.Count && !again; i++)
            {
                for (var j = 0; j < spans.Count && !again; j++)
                {
                    if (i != j && spans[i].From <= spans[j].To && spans[j].From <= spans[i].To)
                    {
                        var both = (Math.Min(spans[i].From, spans[j].From), Math.Max(spans[i].To, spans[j].To));
                        spans.RemoveAt(Math.Max(i, j));
                        spans.RemoveAt(Math.Min(i, j));
                        spans.Add(both);
                        again = true;
                    }
                }
            }
        }

        return [.. spans.Where(span => span.To - span.From >= _terms.ShortestOutage.TotalMilliseconds).OrderBy(static span => span.From)];
    }

    private void Cut()
    {
        var plannedLeft = _terms.MostPlanned is { } most ? (long)most.TotalMilliseconds : long.MaxValue;
        foreach (var (from, to) in Between(_from, _to))
        {
            var at = from;
            if (IsAnnounced(at) && plannedLeft > 0)
            {
                var end = to - at > plannedLeft ? at + plannedLeft : to;
                plannedLeft -= end - at;
                _pieces.Add((at, end, SlaState.Planned));
                at = end;
            }

            if (at < to)
            {
                var state = IsBy(SlaCause.Customer, at) ? SlaState.Customer
                    : IsBy(SlaCause.ForceMajeure, at) ? SlaState.ForceMajeure
                    : _outages.Exists(outage => outage.From <= at && at < outage.To) ? SlaState.Down
                    : _facts.IsMeasured && !_facts.Measured.Any(span => span.From <= at && at < span.To) ? SlaState.Unknown
                    : SlaState.Up;
                _pieces.Add((at, to, state));
            }
        }
    }

    private IEnumerable<(long From, long To)> Between(long from, long to)
    {
        var cuts = new SortedSet<long> { from, to };
        foreach (var at in _facts.Outages.SelectMany(outage => (long[])[outage.From, outage.To ?? _facts.Now]).Concat(_facts.Maintenance.SelectMany(static work => (long[])[work.From, work.To]))
            .Concat(_facts.Measured.SelectMany(static span => (long[])[span.From, span.To])))
        {
            cuts.Add(at);
        }

        long[] kept = [.. cuts.Where(cut => cut >= from && cut <= to)];
        return kept.Zip(kept.Skip(1));
    }

    private bool IsAnnounced(long at) => _facts.Maintenance.Any(work => work.AnnouncedAt <= work.From - (long)_terms.Notice.TotalMilliseconds && work.From <= at && at < work.To);

    private bool IsBy(SlaCause cause, long at) => _facts.Outages.Any(outage => outage.Cause == cause && outage.From <= at && at < (outage.To ?? _facts.Now));
}
