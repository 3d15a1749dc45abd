namespace Tsunagi.Tests.Testing.Fuzz;

public class Fuzz_runner
{
    [Fact]
    public void Finds_shrinks_and_repeats_a_failure()
    {
        var target = new FailsOnTwoStars();
        FuzzRun run = FuzzRun.Start(target, seed: 7, iterations: 100_000, TimeSpan.FromSeconds(5));
        Assert.NotNull(run.Failure);
        Assert.Equal("**", Octets.Show(run.Failure.Input));
        FuzzRun again = FuzzRun.Start(target, seed: 7, iterations: 100_000, TimeSpan.FromSeconds(5));
        Assert.Equal(run.Failure.Iteration, again.Failure!.Iteration);
    }

    private sealed class FailsOnTwoStars : FuzzTarget
    {
        public override string Name => "test.stars";
        public override IReadOnlyList<Type> Parsers => [];
        public override IReadOnlyList<byte[]> Words => Latin1("*");
        public override byte[] Generate(Random random) => Octets.Of("abcdef");

        public override void Run(byte[] input) => Promise(input.Count(o => o == '*') < 2, "two stars");
    }
}
