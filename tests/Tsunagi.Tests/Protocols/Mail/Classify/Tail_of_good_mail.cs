using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Tests.Protocols.Mail.Classify;

public sealed class Tail_of_good_mail
{
    // Three of a thousand of an exponential are above 5.81.
    private const double Middle = 5.81 / 0.11;

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.01)]
    [InlineData(0.003)]
    [InlineData(0.001)]
    public void The_wanted_share_of_an_exponential_tail_lies_above(double hits)
    {
        var above = Exponential(5_000).Count(margin => margin >= HamTail.Threshold(Exponential(5_000), Middle, hits)) / 5_000.0;
        Assert.InRange(above, hits * 0.75, hits * 1.3);
    }

    [Fact]
    public void Few_messages_are_drawn_to_where_it_usually_lies_and_many_are_not()
    {
        Assert.InRange(HamTail.Threshold(Exponential(100), 1, 0.003), 0.11, 1);
        Assert.InRange(HamTail.Threshold(Exponential(100_000), 1, 0.003), 5.6, 5.9);
    }

    [Fact]
    public void Fewer_hits_are_a_higher_threshold_and_one_message_is_enough_to_tell()
    {
        Assert.True(HamTail.Threshold(Exponential(100), Middle, 0.01) < HamTail.Threshold(Exponential(100), Middle, 0.002));
        Assert.Equal(HamTail.Threshold(Exponential(100), Middle, 0), HamTail.Threshold(Exponential(100), Middle, 0.000_01));
        Assert.Equal(0.5, HamTail.Threshold([0.5], 1, 0.003));
    }

    private static double[] Exponential(int count) => [.. Enumerable.Range(0, count).Select(i => -Math.Log((i + 0.5) / count))];
}
