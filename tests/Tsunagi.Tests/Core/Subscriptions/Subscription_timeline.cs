using Tsunagi.Core.Subscriptions;

namespace Tsunagi.Tests.Core.Subscriptions;

/// <summary>Random programs of changes, corrections and an end, held against a reference that keeps the terms of every single moment.</summary>
public sealed class Subscription_timeline
{
    private const int Moments = 60;

    [Fact]
    public void Known_rows_never_overlap_and_always_say_what_the_reference_says()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var rows = new List<SubscriptionVersion> { Row(1, 0, null, 0, 100) };
            var reference = Enumerable.Repeat<long?>(100, Moments).ToArray();
            var ended = false;
            for (var now = 1; now < Moments && !ended; now += random.Next(0, 4))
            {
                var known = Known(rows);
                ended = random.Next(12) == 0;
                var at = ended || random.Next(2) == 0 ? Math.Max(now, known[^1].ValidFrom) : random.Next(0, now + 1);
                var terms = random.Next(1, 50);
                Apply(rows, ended ? Timeline.End(known, at, rows.Max(r => r.Number), now) : Timeline.Set(known, at, rows.Max(r => r.Number), Row(0, 0, null, now, terms), now), now);
                Array.Fill(reference, ended ? null : terms, (int)at, Moments - (int)at);
                Holds(rows, reference, ended, seed);
            }
        }
    }

    /// <summary>What was known at an earlier time can still be asked for, whatever was learned since.</summary>
    [Fact]
    public void What_was_known_then_is_still_told()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var rows = new List<SubscriptionVersion> { Row(1, 0, null, 0, 100) };
            var told = new Dictionary<long, List<(long, long?, long)>> { [0] = Story(rows, 0) };
            for (var now = 1; now < Moments; now += random.Next(1, 6))
            {
                var known = Known(rows);
                var at = random.Next(2) == 0 ? Math.Max(now, known[^1].ValidFrom) : random.Next(0, now + 1);
                Apply(rows, Timeline.Set(known, at, rows.Max(r => r.Number), Row(0, 0, null, now, random.Next(1, 50)), now), now);
                told[now] = Story(rows, now);
                Assert.All(told, then => Assert.Equal(then.Value, Story(rows, then.Key)));
            }
        }
    }

    [Fact]
    public void End_at_the_very_beginning_leaves_one_microsecond()
    {
        var rows = new List<SubscriptionVersion> { Row(1, 10, null, 10, 100) };
        Apply(rows, Timeline.End(Known(rows), 10, 1, 10), 10);
        Assert.Equal((10, 11), (Known(rows).Single().ValidFrom, Known(rows).Single().ValidTo!.Value));
    }

    private static List<(long From, long? To, long Terms)> Story(List<SubscriptionVersion> rows, long at) =>
        [.. rows.Where(r => r.KnownFrom <= at && (r.KnownTo is null || r.KnownTo > at)).OrderBy(r => r.ValidFrom).Select(r => (r.ValidFrom, r.ValidTo, r.Quantity))];

    private static void Holds(List<SubscriptionVersion> rows, long?[] reference, bool ended, int seed)
    {
        var known = Known(rows);
        for (var i = 1; i < known.Count; i++)
        {
            Assert.True(known[i - 1].ValidTo == known[i].ValidFrom, $"seed {seed}: rows {known[i - 1].Number} and {known[i].Number} overlap or leave a gap");
        }

        Assert.All(known, row => Assert.True(row.ValidTo is null || row.ValidTo > row.ValidFrom, $"seed {seed}: row {row.Number} holds for no moment"));
        Assert.Equal(known.Max(r => r.Number), known[^1].Number);
        Assert.Equal(ended, known[^1].ValidTo is not null);
        for (var moment = 1; moment < reference.Length; moment++)
        {
            var told = known.SingleOrDefault(r => r.ValidFrom <= moment && (r.ValidTo is null || r.ValidTo > moment))?.Quantity;
            Assert.True(told == reference[moment], $"seed {seed}: moment {moment} is told as {told}, and was {reference[moment]}");
        }

        Assert.Equal(rows.Count, rows.Select(r => r.Number).Distinct().Count());
    }

    private static void Apply(List<SubscriptionVersion> rows, TimelineChange change, long now)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            rows[i] = change.Closed.Contains(rows[i].Number) ? rows[i] with { KnownTo = now } : rows[i];
        }

        rows.AddRange(change.Added);
    }

    private static List<SubscriptionVersion> Known(List<SubscriptionVersion> rows) => [.. rows.Where(r => r.KnownTo is null).OrderBy(r => r.ValidFrom)];

    private static SubscriptionVersion Row(long number, long from, long? to, long known, long quantity) =>
        new("s_1", number, "t_p/", 1, quantity, "{}", from, to, known, null);
}
