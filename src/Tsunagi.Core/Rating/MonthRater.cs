namespace Tsunagi.Core.Rating;

/// <summary>
/// What one subscription pays for one month, from the terms that held and what was counted: pure, so that the same input gives the same lines for ever. It says
/// for which days each monthly price is due; the amounts are <see cref="Rater"/>'s.
/// </summary>
/// <remarks>Throws <see cref="OverflowException"/> when a line does not fit into 63 bits of minor units.</remarks>
public static class MonthRater
{
    private static readonly Dictionary<string, decimal> NoSums = [];
    private static readonly Dictionary<string, IReadOnlyList<decimal>> NoSamples = [];

    public static IReadOnlyList<MonthLine> Rate(MonthInput input)
    {
        var lines = new List<MonthLine>();
        var last = LastIn(input);
        for (var i = 0; i < input.Terms.Count; i++)
        {
            for (var k = 0; k < input.Terms[i].Prices.Count; k++)
            {
                if (RateOne(input, i, last, input.Terms[i].Prices[k]) is { } line)
                {
                    lines.Add(line);
                }
            }
        }

        return lines;
    }

    private static MonthLine? RateOne(MonthInput input, int i, int last, Price price) => price switch
    {
        FlatPrice flat => input.Which == MonthCharges.All || (flat.Charged == Charged.Advance) == (input.Which == MonthCharges.Advance) ? RateFlat(input, i, flat) : null,
        OneTimePrice => input.Which != MonthCharges.Advance && i == 0 && input.Terms[0].From >= input.First && input.Terms[0].From < input.After
            ? Line(input, i, price, input.Terms[0].From, input.Terms[0].From.AddDays(1), 0, 1)
            : null,
        _ => input.Which != MonthCharges.Advance && i == last ? RateUsage(input, i, price) : null,
    };

    /// <summary>Usage is rated once a month, by the last terms in it; where they held on no day of it, only what was counted is said.</summary>
    private static MonthLine? RateUsage(MonthInput input, int i, Price price)
    {
        var line = Line(input, i, price, input.First, input.After, 0, input.Days);
        return Days(input, i, null) > 0 || line.Line.AmountMinor != 0 || line.Line.Quantity != 0 ? line : null;
    }

    private static MonthLine? RateFlat(MonthInput input, int i, FlatPrice price)
    {
        if (input.Terms.Any(static terms => terms.Begins is not null || terms.Ends is not null))
        {
            return RateAgreed(input, i, price);
        }

        var days = Days(input, i, price);
        if (days <= 0)
        {
            return null;
        }

        var from = Later(input.Terms[i].From, input.First);
        var (begin, end) = price.Proration switch
        {
            Proration.Immediate => (from, from.AddDays(days)),
            Proration.AtRenewal => Earlier(input, i) ? default : (from, input.After),
            Proration.Full => Followed(input, i, price) ? default : (input.First, input.After),
            _ => input.Terms[i].From <= input.First ? (input.First, input.After) : default,
        };
        return begin == end ? null : Line(input, i, price, begin, end, begin.DayNumber - input.First.DayNumber, end.DayNumber - begin.DayNumber);
    }

    /// <summary>
    /// With agreed policies each boundary within the month (a beginning, a change, the end) moves by its own: it stays, or goes to the month's first day or past its last. Where two cross, the later one's
    /// terms have the days. Terms that hold on no day have no boundary.
    /// </summary>
    private static MonthLine? RateAgreed(MonthInput input, int i, FlatPrice price)
    {
        var ends = EndOf(input, input.Terms.Count - 1, price);
        DateOnly? from = null;
        DateOnly to = ends is { } last ? Moved(input, last, price, input.Terms[^1].Ends, isBeginning: false, isEnd: true) : input.After;
        var isFirst = true;
        for (var k = 0; k < input.Terms.Count; k++)
        {
            var terms = input.Terms[k];
            if (EndOf(input, k, price) is { } end && end <= terms.From)
            {
                continue;
            }

            var begins = Moved(input, terms.From, price, terms.Begins, isFirst, isEnd: false);
            isFirst = false;
            if (k == i)
            {
                from = begins;
            }
            else if (k > i && begins < to)
            {
                to = begins;
            }
        }

        return from is { } begin && begin < to ? Line(input, i, price, begin, to, begin.DayNumber - input.First.DayNumber, to.DayNumber - begin.DayNumber) : null;
    }

    private static DateOnly Moved(MonthInput input, DateOnly day, FlatPrice price, Proration? agreed, bool isBeginning, bool isEnd)
    {
        if (day <= input.First)
        {
            return input.First;
        }

        return day >= input.After ? input.After : (agreed ?? price.Proration) switch
        {
            Proration.Immediate => day,
            Proration.AtRenewal => isBeginning ? day : input.After,
            Proration.Full => isEnd ? input.After : input.First,
            _ => input.After,
        };
    }

    /// <summary>The first day on which terms do not hold any more; of the last ones not before the price's minimum term is over.</summary>
    private static DateOnly? EndOf(MonthInput input, int i, FlatPrice price) => input.Terms[i].To is { } to && price.MinimumMonths > 0 && i == input.Terms.Count - 1
        ? Later(to, input.Terms[0].From.AddMonths(price.MinimumMonths))
        : input.Terms[i].To;

    private static MonthLine Line(MonthInput input, int i, Price price, DateOnly from, DateOnly to, int firstDay, int days)
    {
        var rated = Rater.Rate(new RatingInput(
            input.Currency, [price], input.Terms[i].Quantity, days, input.Days, input.Sums ?? NoSums, input.Samples ?? NoSamples, firstDay))[0];
        return new MonthLine(rated, price, i, from, to);
    }

    /// <summary>Days of the month on which these terms hold; with a price that has a minimum term, the days it is owed for.</summary>
    private static int Days(MonthInput input, int i, FlatPrice? price)
    {
        var terms = input.Terms[i];
        var to = terms.To;
        if (to is { } ended && price is { MinimumMonths: > 0 } && i == input.Terms.Count - 1)
        {
            to = Later(ended, input.Terms[0].From.AddMonths(price.MinimumMonths));
        }

        var from = Later(terms.From, input.First);
        var until = to is { } known && known < input.After ? known : input.After;
        return until.DayNumber - from.DayNumber;
    }

    private static bool Earlier(MonthInput input, int i) => Enumerable.Range(0, i).Any(each => Days(input, each, null) > 0);

    // Terms that ended on the day they began still follow where a minimum term makes them pay.
    private static bool Followed(MonthInput input, int i, FlatPrice price) =>
        Enumerable.Range(i + 1, input.Terms.Count - i - 1).Any(each => Days(input, each, InPlaceOf(price, input.Terms[each])) > 0);

    /// <summary>The price of other terms that stands where this one stood: that of its label, else the one owed the longest.</summary>
    private static FlatPrice? InPlaceOf(FlatPrice price, MonthTerms terms)
    {
        var flat = terms.Prices.OfType<FlatPrice>().ToList();
        return flat.Find(other => other.Label == price.Label) ?? flat.MaxBy(static other => other.MinimumMonths);
    }

    private static int LastIn(MonthInput input)
    {
        for (var i = input.Terms.Count - 1; i >= 0; i--)
        {
            if (input.Terms[i].From < input.After)
            {
                return input.Terms[i].To is { } to && to < input.First ? -1 : i;
            }
        }

        return -1;
    }

    private static DateOnly Later(DateOnly left, DateOnly right) => left > right ? left : right;
}
