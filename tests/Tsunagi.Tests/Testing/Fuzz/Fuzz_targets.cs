namespace Tsunagi.Tests.Testing.Fuzz;

public class Fuzz_targets
{
    private const double Bar = 0.9;

    public static TheoryData<string> Names() => new(FuzzTargets.All.Select(target => target.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Keep_their_promises_for_a_moment(string name)
    {
        // A fixed seed: this tier is deterministic but for how far it comes. `./tsunagi fuzz` draws its own.
        FuzzRun run = FuzzRun.Start(FuzzTargets.Find(name)!, seed: 20260101, iterations: 20_000, TimeSpan.FromSeconds(0.4), least: 200);
        Assert.True(run.Failure is null, run.Failure?.ToString());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Reach_nine_tenths_of_their_parsers(string name)
    {
        // The inputs count, not the time: a machine that is busy just now reaches the same statements.
        FuzzCoverage coverage = FuzzCoverage.Measure(FuzzTargets.Find(name)!, seed: 1, TimeSpan.FromMinutes(1), iterations: 10_000, enough: Bar);
        TestContext.Current.TestOutputHelper?.WriteLine(coverage.ToText(uncovered: true));
        Assert.True(coverage.Run.Failure is null, coverage.Run.Failure?.Reason.Message);
        Assert.True(coverage.Share >= Bar, coverage.ToText(uncovered: true));
    }
}
