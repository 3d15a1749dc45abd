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

    [Fact]
    public void Tries_the_least_number_of_inputs_though_the_time_is_over_and_no_more_when_it_is_enough()
    {
        Assert.Equal(0, FuzzRun.Start(new Anything(), seed: 7, iterations: 1_000, TimeSpan.FromTicks(-1)).Iterations);
        Assert.Equal(640, FuzzRun.Start(new Anything(), seed: 7, iterations: 1_000, TimeSpan.FromTicks(-1), least: 640).Iterations);
        Assert.Equal(1_000, FuzzRun.Start(new Anything(), seed: 7, iterations: 1_000, TimeSpan.FromTicks(-1), least: 2_000).Iterations);
        Assert.Equal(0, FuzzRun.Start(new Anything(), seed: 7, iterations: 1_000, TimeSpan.FromMinutes(1), least: 640, enough: static () => true).Iterations);
    }

    private sealed class Anything : FuzzTarget
    {
        public override string Name => "test.anything";
        public override IReadOnlyList<Type> Parsers => [];
        public override IReadOnlyList<byte[]> Words => Latin1("*");
        public override byte[] Generate(Random random) => Octets.Of("abcdef");

        public override void Run(byte[] input)
        {
            // Keeps every promise.
        }
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
