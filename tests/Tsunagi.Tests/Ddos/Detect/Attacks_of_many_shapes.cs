namespace Tsunagi.Tests.Ddos.Detect;

/// <summary>The short form of the claim <c>ddos.detection</c>: attacks and everyday traffic whose every property is drawn from a seed.</summary>
public sealed class Attacks_of_many_shapes
{
    [Theory]
    [InlineData(1, 6)]
    [InlineData(100, 12)]
    public void Attacks_are_found_and_named_with_rules_that_spare_the_victim(int sampling, int seeds)
    {
        var trials = Enumerable.Range(10_000, seeds).Select(seed => DetectionTrial.Attack(seed, sampling)).ToList();
        Assert.All(trials, static trial => Assert.True(trial.IsNamed, trial.What));
        Assert.All(trials, static trial => Assert.True(trial.Rules <= 4 && trial.Collateral <= 0.005, $"{trial.Collateral} of its own by {trial.Rules} rules: {trial.What}"));
        Assert.All(trials, static trial => Assert.True(trial.Cover >= 0.95 || trial.WhyNot.Length > 0, $"{trial.Cover} of the attack: {trial.What}"));
        Assert.True(trials.Count(static trial => trial.AreRulesGood) * 10 >= seeds * 8, string.Join('\n', trials.Where(static trial => !trial.AreRulesGood).Select(static trial => trial.What)));
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(100, 15)]
    public void Everyday_traffic_a_speed_test_and_a_crowd_tell_nothing(int sampling, int seeds) =>
        Assert.All(Enumerable.Range(20_000, seeds).Select(seed => DetectionTrial.Benign(seed, sampling)), static trial => Assert.True(trial.Told.Count == 0, trial.What));
}
