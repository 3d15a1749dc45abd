using System.Numerics;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Usage;

namespace Tsunagi.Core.Sla;

/// <summary>
/// Judges a month by its terms, from facts alone: the same facts give the same statement, to the millisecond and the minor unit. (1) what of the month is judged; (2) every moment of it gets one state, of those
/// that may hold the first of: planned maintenance, the customer's doing, force majeure, the provider's outage, unknown, up; (3) the provider's outages are told one by one; (4) each objective is valued as an
/// exact quotient and compared without rounding; (5) the shares of those broken add up, and the credit is rounded once.
/// </summary>
public static class SlaEngine
{
    private const long Million = 1_000_000;
    private const long MinuteMilliseconds = 60_000;

    /// <param name="month">A month in the contract's time zone.</param>
    /// <param name="feeMinor">The month's fee that shares are of, in minor units.</param>
    public static SlaStatement Judge(SlaTerms terms, BillingPeriod month, SlaFacts facts, long feeMinor)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(month);
        ArgumentNullException.ThrowIfNull(facts);

        // (1)
        var (first, after) = (month.FromMicros / 1_000, month.ToMicros / 1_000);
        var judged = new SlaSpan(Math.Max(first, facts.Service.From), Math.Max(Math.Max(first, facts.Service.From), Math.Min(Math.Min(after, facts.Service.To), facts.Now)));

        // (2)
        var states = new States(terms, facts, judged);

        // (3)
        var breaks = Breaks(terms, facts, states, first, after, judged);

        // (4)
        var results = terms.Objectives.Select(objective => Value(objective, states, breaks, facts)).ToList();

        // (5)
        var share = results.Aggregate(Fraction.Zero, static (sum, result) => sum + new Fraction(result.Share.Numerator, result.Share.Denominator));
        var most = new Fraction(terms.Most.Parts, terms.Most.Of);
        share = Exceeds(share, most) ? most : share;
        var reduced = Reduce(share);
        var credit = (share * new Fraction(feeMinor, 1)).RoundHalfAwayFromZero();
        return new SlaStatement(
            terms, month.Name, judged, facts.Now >= after, states.Lengths, states.Explain(facts), breaks, results, states.Lengths[SlaState.Unknown] * 1_000 > (BigInteger)terms.MostUnknownPermille * judged.Length, reduced, (long)credit);
    }

    private static List<SlaBreak> Breaks(SlaTerms terms, SlaFacts facts, States states, long first, long after, SlaSpan judged)
    {
        var breaks = new List<SlaBreak>();
        foreach (var span in states.Outages.Spans)
        {
            if (span.To <= judged.From || span.From >= judged.To)
            {
                continue;
            }

            var isOver = !facts.Outages.Any(outage => outage.Cause == SlaCause.Provider && outage.To is null && outage.From >= span.From && outage.From < span.To);
            var counted = terms.SplitsAtMonthEnd || (span.To > first && span.To <= after) ? span : default;
            var within = terms.SplitsAtMonthEnd ? judged : new SlaSpan(facts.Service.From, Math.Min(facts.Service.To, facts.Now));
            var down = SlaSpans.Of([counted]).And(SlaSpans.Of([within])).Without(states.NotCounted(terms.SplitsAtMonthEnd)).Length;
            breaks.Add(new SlaBreak(
                span.From, span.To, isOver, down,
                [.. facts.Outages.Where(outage => outage.Cause == SlaCause.Provider && outage.From < span.To && (outage.To ?? facts.Now) > span.From).Select(static outage => outage.Id).Order(StringComparer.Ordinal)]));
        }

        return breaks;
    }

    private static SlaResult Value(SlaObjective objective, States states, IReadOnlyList<SlaBreak> breaks, SlaFacts facts)
    {
        var before = facts.BrokenBefore.GetValueOrDefault(objective.Indicator);
        if (objective.Indicator == SlaIndicator.Repair)
        {
            var longest = breaks.Count == 0 ? 0 : breaks.Max(static each => each.DownMilliseconds);
            var isBroken = longest > objective.Target * 1_000;
            var months = isBroken ? before + 1 : 0;
            var share = months < objective.Months ? Fraction.Zero : breaks.Where(each => each.DownMilliseconds > objective.Target * 1_000)
                .Aggregate(Fraction.Zero, (sum, each) => sum + Largest(objective, new Fraction(each.DownMilliseconds, 1_000)));
            return new SlaResult(objective, longest, 1_000, isBroken, months, Reduce(share));
        }

        var value = objective.Indicator switch
        {
            SlaIndicator.Availability => states.Availability(),
            SlaIndicator.Delay => states.Delay(),
            _ => states.Loss(),
        };
        var broken = !value.Denominator.IsZero && IsBeyond(objective.Indicator, value, objective.Target);
        var row = broken ? before + 1 : 0;
        return new SlaResult(objective, value.Numerator, value.Denominator, broken, row, Reduce(row < objective.Months || row == 0 ? Fraction.Zero : Largest(objective, value)));
    }

    private static Fraction Largest(SlaObjective objective, Fraction value) => objective.Tiers.Where(tier => IsBeyond(objective.Indicator, value, tier.Beyond))
        .Select(static tier => new Fraction(tier.Share.Parts, tier.Share.Of)).Aggregate(Fraction.Zero, static (largest, each) => Exceeds(each, largest) ? each : largest);

    private static bool IsBeyond(SlaIndicator indicator, Fraction value, long bound) =>
        indicator == SlaIndicator.Availability ? value.Numerator < bound * value.Denominator : value.Numerator > bound * value.Denominator;

    private static bool Exceeds(Fraction left, Fraction right) => left.Numerator * right.Denominator > right.Numerator * left.Denominator;

    private static SlaQuotient Reduce(Fraction share)
    {
        var common = BigInteger.GreatestCommonDivisor(share.Numerator, share.Denominator);
        return new SlaQuotient(share.Numerator / common, share.Denominator / common);
    }

    /// <summary>The states of a month's moments as sets that share none and leave none out.</summary>
    private sealed class States
    {
        private readonly SlaTerms _terms;
        private readonly SlaFacts _facts;
        private readonly SlaSpans _planned;
        private readonly SlaSpans _customer;
        private readonly SlaSpans _force;
        private readonly SlaSpans _down;
        private readonly SlaSpans _unknown;
        private readonly SlaSpans _up;
        private readonly SlaSpans _announced;

        public States(SlaTerms terms, SlaFacts facts, SlaSpan judged)
        {
            (_terms, _facts) = (terms, facts);
            var all = SlaSpans.Of([judged]);
            var notice = (long)terms.Notice.TotalMilliseconds;
            _announced = SlaSpans.Of(facts.Maintenance.Where(work => work.AnnouncedAt <= work.From - notice).Select(static work => new SlaSpan(work.From, work.To)));
            _planned = terms.MostPlanned is { } most ? _announced.And(all).First((long)most.TotalMilliseconds) : _announced.And(all);
            var left = all.Without(_planned);
            (_customer, left) = Take(left, Of(SlaCause.Customer));
            (_force, left) = Take(left, Of(SlaCause.ForceMajeure));
            var shortest = (long)terms.ShortestOutage.TotalMilliseconds;
            Outages = SlaSpans.Of(Of(SlaCause.Provider).Spans.Where(span => span.Length >= shortest));
            (_down, left) = Take(left, Outages);
            (_up, _unknown) = facts.IsMeasured ? Take(left, SlaSpans.Of(facts.Measured)) : (left, SlaSpans.None);
            Lengths = new Dictionary<SlaState, long>
            {
                [SlaState.Up] = _up.Length, [SlaState.Down] = _down.Length, [SlaState.Unknown] = _unknown.Length, [SlaState.Planned] = _planned.Length, [SlaState.Customer] = _customer.Length,
                [SlaState.ForceMajeure] = _force.Length,
            };
        }

        /// <summary>The provider's, those that overlap or touch as one, none that was too short; not cut to the month.</summary>
        public SlaSpans Outages { get; }

        public IReadOnlyDictionary<SlaState, long> Lengths { get; }

        /// <summary>What takes time off an outage: in the month as it was judged, or over all months where they are not split.</summary>
        public SlaSpans NotCounted(bool ofMonth) => ofMonth
            ? SlaSpans.Of([.. _planned.Spans, .. _customer.Spans, .. _force.Spans])
            : SlaSpans.Of([.. _announced.Spans, .. Of(SlaCause.Customer).Spans, .. Of(SlaCause.ForceMajeure).Spans]);

        /// <summary>In millionths.</summary>
        public Fraction Availability()
        {
            BigInteger up = Lengths[SlaState.Up] + (_terms.Unknown == SlaUnknown.Up ? Lengths[SlaState.Unknown] : 0);
            BigInteger down = Lengths[SlaState.Down] + (_terms.Unknown == SlaUnknown.Down ? Lengths[SlaState.Unknown] : 0);
            return new Fraction(up * Million, up + down);
        }

        /// <summary>In microseconds.</summary>
        public Fraction Delay() => Counted().Aggregate(new Fraction(0, 0), static (sum, minute) => new Fraction(sum.Numerator + minute.DelayMicros, sum.Denominator + minute.Delayed));

        /// <summary>In millionths.</summary>
        public Fraction Loss() => Counted().Aggregate(new Fraction(0, 0), static (sum, minute) => new Fraction(sum.Numerator + (minute.Lost * Million), sum.Denominator + minute.Sent));

        public IReadOnlyList<SlaExplained> Explain(SlaFacts facts)
        {
            (SlaState State, SlaSpans Set)[] sets =
                [(SlaState.Up, _up), (SlaState.Down, _down), (SlaState.Unknown, _unknown), (SlaState.Planned, _planned), (SlaState.Customer, _customer), (SlaState.ForceMajeure, _force)];
            return [.. sets.SelectMany(each => each.Set.Spans.Select(span => new SlaExplained(span.From, span.To, each.State, FactsOf(facts, each.State, span)))).OrderBy(static each => each.From)];
        }

        /// <summary>Minutes of which no moment is an outage or does not count: how good a line is while it is up.</summary>
        private IEnumerable<SlaMinute> Counted()
        {
            var up = SlaSpans.Of([.. _up.Spans, .. _unknown.Spans]);
            var span = up.Spans.Count == 0 ? default : new SlaSpan(up.Spans[0].From, up.Spans[^1].To);
            var other = SlaSpans.Of([.. _down.Spans, .. _planned.Spans, .. _customer.Spans, .. _force.Spans]);
            return _facts.Minutes.Where(minute => minute.From >= span.From && minute.From + MinuteMilliseconds <= span.To && !other.Touches(minute.From, minute.From + MinuteMilliseconds));
        }

        private SlaSpans Of(SlaCause cause) => SlaSpans.Of(_facts.Outages.Where(outage => outage.Cause == cause).Select(outage => new SlaSpan(outage.From, outage.To ?? Math.Max(outage.From, _facts.Now))));

        private static (SlaSpans Taken, SlaSpans Left) Take(SlaSpans from, SlaSpans what) => (from.And(what), from.Without(what));

        private static IReadOnlyList<string> FactsOf(SlaFacts facts, SlaState state, SlaSpan span)
        {
            SlaCause? cause = state switch { SlaState.Down => SlaCause.Provider, SlaState.Customer => SlaCause.Customer, SlaState.ForceMajeure => SlaCause.ForceMajeure, _ => null };
            return state == SlaState.Planned
                ? [.. facts.Maintenance.Where(work => work.From < span.To && work.To > span.From).Select(static work => work.Id).Order(StringComparer.Ordinal)]
                : cause is null
                    ? []
                    : [.. facts.Outages.Where(outage => outage.Cause == cause && outage.From < span.To && (outage.To ?? facts.Now) > span.From).Select(static outage => outage.Id).Order(StringComparer.Ordinal)];
        }
    }
}
