using FsCheck.Fluent;
using Tsunagi.Connectivity.Probes;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Probes;

public class Delay_histograms
{
    private static readonly FsCheck.Gen<long[]> Delays =
        from count in Gen.Choose(1, 200)
        from values in Gen.ArrayOf(from low in Gen.Choose(0, int.MaxValue) from shift in Gen.Choose(0, 31) from up in Gen.Choose(0, 8) select ((long)low >> shift) << up, count)
        select values;

    [Fact]
    public void Give_percentiles_within_four_in_a_thousand_of_the_values_themselves() => Properties.Holds(Delays, static values =>
    {
        var histogram = Of(values);
        long[] sorted = [.. values.Order()];
        foreach (var percent in (double[])[0.1, 50, 95, 99, 100])
        {
            var exact = sorted[Math.Max(1, (int)Math.Ceiling(values.Length * percent / 100)) - 1];
            Assert.InRange(histogram.Percentile(percent)!.Value, exact - (exact * 0.004) - 1, exact + (exact * 0.004) + 1);
        }

        Assert.InRange(histogram.Mean()!.Value, (values.Average() * 0.995) - 1, (values.Average() * 1.005) + 1);
    });

    [Fact]
    public void Add_up_and_come_back_from_their_octets() => Properties.Holds(from one in Delays from two in Delays select (one, two), static pair =>
    {
        var sum = DelayHistogram.TryRead(Of(pair.one).ToBytes())!;
        sum.Add(Of(pair.two));
        Assert.Equal(Of([.. pair.one, .. pair.two]).ToBytes(), sum.ToBytes());
        Assert.Equal(pair.one.Length + pair.two.Length, sum.Count);
    });

    [Fact]
    public void Never_throw_at_octets_that_are_none() => Properties.Holds(Properties.Bytes("\0\u0001\u0080\u00ff", 40), static octets => Assert.True(DelayHistogram.TryRead(octets) is not { } read || read.ToBytes().AsSpan().SequenceEqual(octets) || read.Count >= 0));

    [Fact]
    public void Of_nothing_say_nothing()
    {
        Assert.Null(new DelayHistogram().Percentile(50));
        Assert.Null(new DelayHistogram().Mean());
        Assert.Empty(new DelayHistogram().ToBytes());
        Assert.Equal(0, DelayHistogram.TryRead([])!.Count);
        Assert.Null(DelayHistogram.TryRead([5, 0]));
        Assert.Null(DelayHistogram.TryRead([5, 1, 0, 1]));
        Assert.Null(DelayHistogram.TryRead([0x80]));
    }

    [Fact]
    public void Count_what_is_longer_than_they_hold_as_the_longest()
    {
        var histogram = Of([long.MaxValue, 1L << 40, (1L << 40) - 1]);
        Assert.InRange(histogram.Percentile(1)!.Value, (1L << 40) * 0.99, 1L << 40);
    }

    private static DelayHistogram Of(long[] values)
    {
        var histogram = new DelayHistogram();
        foreach (var value in values)
        {
            histogram.Add(value);
        }

        return histogram;
    }
}
