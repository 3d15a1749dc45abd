namespace Tsunagi.Tests.Testing.Fuzz;

public class Fuzz_targets
{
    public static TheoryData<string> Names() => new(FuzzTargets.All.Select(target => target.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Keep_their_promises_for_a_second(string name)
    {
        // A fixed seed: this tier is deterministic but for how far it comes. `./tsunagi fuzz` draws its own.
        FuzzRun run = FuzzRun.Start(FuzzTargets.Find(name)!, seed: 20260101, iterations: 20_000, TimeSpan.FromSeconds(1));
        Assert.True(run.Failure is null, run.Failure?.ToString());
        Assert.True(run.Iterations >= 100, $"only {run.Iterations} inputs in {run.Elapsed}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Reach_nine_tenths_of_their_parsers(string name)
    {
        FuzzCoverage coverage = FuzzCoverage.Measure(FuzzTargets.Find(name)!, seed: 1, TimeSpan.FromSeconds(3), iterations: 10_000);
        TestContext.Current.TestOutputHelper?.WriteLine(coverage.ToText(uncovered: true));
        Assert.True(coverage.Run.Failure is null, coverage.Run.Failure?.Reason.Message);
        Assert.True(coverage.Share >= 0.9, coverage.ToText(uncovered: true));
    }
}
