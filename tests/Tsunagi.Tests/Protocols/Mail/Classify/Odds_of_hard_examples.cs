using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Tests.Protocols.Mail.Classify;

public sealed class Odds_of_hard_examples
{
    private const int Bits = 18;

    [Fact]
    public void What_is_easy_is_learned_once_and_a_campaign_of_copies_speaks_no_louder_than_one_message()
    {
        var copy = Vector(SampleMail.Make(1, isSpam: true));
        List<(FeatureVector, bool)> few = [(copy, true), (Vector(SampleMail.Make(2, isSpam: false)), false)];
        List<(FeatureVector, bool)> many = [.. Enumerable.Repeat((copy, true), 50), few[1]];
        var (one, fifty) = (Learn(few), Learn(many));
        foreach (var feature in copy.All)
        {
            var place = (int)(feature >> (FeatureVector.Bits - Bits));
            Assert.InRange(fifty.MeanOf(place) - one.MeanOf(place), -10, 10);
        }
    }

    [Fact]
    public void A_feature_of_one_kind_is_on_its_side_and_one_never_seen_on_none()
    {
        var rounds = Learn([.. Enumerable.Range(0, 60).Select(static seed => (Vector(SampleMail.Make(seed, seed % 2 == 0)), seed % 2 == 0))]);
        Assert.Contains(Enumerable.Range(0, 1 << Bits), place => rounds.MeanOf(place) > 20);
        Assert.Contains(Enumerable.Range(0, 1 << Bits), place => rounds.MeanOf(place) < -20);
        Assert.True(Enumerable.Range(0, 1 << Bits).Count(place => rounds.MeanOf(place) == 0) > 1 << (Bits - 1));
    }

    [Fact]
    public void The_same_examples_give_the_same_odds_also_where_others_were_learned_before()
    {
        List<(FeatureVector, bool)> examples = [.. Enumerable.Range(0, 40).Select(static seed => (Vector(SampleMail.Make(seed, seed % 2 == 0)), seed % 2 == 0))];
        var (fresh, used) = (Learn(examples), Learn(examples[..9]));
        used.Learn(examples, TestContext.Current.CancellationToken);
        Assert.All(Enumerable.Range(0, 1 << Bits).Where(static place => place % 97 == 0), place => Assert.Equal(fresh.MeanOf(place), used.MeanOf(place)));
    }

    [Theory]
    [InlineData(4, -4.0, 0)]
    [InlineData(6, 2.0, 4)]
    [InlineData(-6, -2.0, -4)]
    public void The_mean_of_a_feature_that_was_seen_is_never_taken_for_one_that_was_not(int one, double other, float steps)
    {
        var mean = TokenOdds.Mean((sbyte)one, other);
        Assert.NotEqual(0, mean);
        Assert.Equal(steps * TokenOdds.Unit, TokenOdds.ValueOf(mean), 4);
    }

    private static ErrorRounds Learn(List<(FeatureVector, bool)> examples)
    {
        var rounds = new ErrorRounds(Bits);
        rounds.Learn(examples, TestContext.Current.CancellationToken);
        return rounds;
    }

    private static FeatureVector Vector(byte[] message)
    {
        var tokens = new MessageTokens();
        tokens.Read(message);
        return FeatureVector.Of(tokens);
    }
}
