using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Tests.Protocols.Mail.Classify;

public sealed class Familiar_mail
{
    private static readonly float[] Shares = [.. Enumerable.Range(1, 100).Select(static i => i / 100f)];

    [Fact]
    public void One_of_fifty_examples_is_strange() => Assert.Equal((0.03f, 0.03f), (Familiarity.Of(Shares, Shares, 1).Form, Familiarity.Of(Shares, Shares, 1).Pairs));

    [Fact]
    public void What_is_as_well_known_as_nearly_all_pays_nothing_and_the_unknown_pays_for_both()
    {
        var familiarity = new Familiarity(0.9f, 0.8f, 3);
        Assert.Equal(0, familiarity.PriceOf(0.9f, 0.8f));
        Assert.Equal(0, familiarity.PriceOf(1, 1));
        Assert.Equal(1.5, familiarity.PriceOf(0.9f, 0.4f), 5);
        Assert.Equal(6, familiarity.PriceOf(0, 0), 5);
    }

    [Fact]
    public void Few_signs_say_little_and_none_nothing()
    {
        Assert.Equal(1, Familiarity.ShareOf(0, 0));
        Assert.Equal(0.5, Familiarity.ShareOf(0, 1), 5);
        Assert.True(Familiarity.ShareOf(0, 100) < 0.01);
    }

    [Fact]
    public void A_model_whose_spam_lies_low_takes_nothing() => Assert.Equal(0, Familiarity.Of(Shares, Shares, -1).PriceOf(0, 0));
}
