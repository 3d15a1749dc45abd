using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Tests.Protocols.Mail.Classify;

public sealed class Strongest_odds
{
    [Fact]
    public void The_strongest_of_each_side_count_and_more_of_them_add_nothing()
    {
        var few = new StrongestOdds(stackalloc float[StrongestOdds.Room]);
        var many = new StrongestOdds(stackalloc float[StrongestOdds.Room]);
        for (var i = 0; i < 10; i++)
        {
            few.Add((int)FeatureGroup.Words, 5);
            many.Add((int)FeatureGroup.Words, 5);
        }

        for (var i = 0; i < 1_000; i++)
        {
            many.Add((int)FeatureGroup.Words, 4);
        }

        Assert.Equal(few.Sum(), many.Sum());
        Assert.True(many.PartOf((int)FeatureGroup.Words, 5) > 0);
        Assert.Equal(0, many.PartOf((int)FeatureGroup.Words, 4));
        many.Add((int)FeatureGroup.Words, -5);
        Assert.True(many.Sum() < few.Sum());
        Assert.True(many.PartOf((int)FeatureGroup.Words, -5) < 0);
    }

    [Fact]
    public void A_view_does_not_shout_another_down()
    {
        var odds = new StrongestOdds(stackalloc float[StrongestOdds.Room]);
        for (var i = 0; i < 1_000; i++)
        {
            odds.Add((int)FeatureGroup.Form, 6);
            odds.Add((int)FeatureGroup.Words, -6);
            odds.Add((int)FeatureGroup.Pairs, -6);
        }

        Assert.True(odds.Sum() < 0);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(3, 3, 0)]
    [InlineData(5, 0, 1)]
    [InlineData(0, 5, -1)]
    [InlineData(1, 0, 1)]
    public void Odds_are_on_the_side_where_a_feature_is_seen(int inSpam, int inHam, int sign)
    {
        var odds = TokenOdds.Of(inSpam, inHam, 100, 100);
        Assert.Equal(sign, Math.Sign(odds));
        Assert.True(Math.Abs((int)TokenOdds.Of(inSpam * 2, inHam * 2, 100, 100)) >= Math.Abs((int)odds));
    }
}
