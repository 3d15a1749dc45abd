using System.Diagnostics;

namespace Tsunagi.Tests.Testing.Fuzz;

/// <summary>An input on which a target failed, made as small as halving makes it.</summary>
public sealed record FuzzFailure(int Seed, long Iteration, byte[] Input, Exception Reason)
{
    /// <summary>What to paste into a regression test.</summary>
    public override string ToString() =>
        $"seed {Seed}, iteration {Iteration}: {Reason.GetType().Name}: {Reason.Message}\n  Convert.FromHexString(\"{Convert.ToHexString(Input)}\")\n{Reason.StackTrace}";
}

/// <summary>One run of one target.</summary>
public sealed record FuzzRun(string Name, int Seed, long Iterations, TimeSpan Elapsed, FuzzFailure? Failure)
{
    /// <summary>Runs until the iterations or the time are used up, an input fails, or the caller has enough.</summary>
    /// <param name="least">So many inputs are tried however long they take: what a run shows does not depend on what else the machine does.</param>
    /// <param name="enough">Asked now and then; null never is.</param>
    public static FuzzRun Start(FuzzTarget target, int seed, long iterations, TimeSpan limit, long least = 0, Func<bool>? enough = null)
    {
        var mutator = new FuzzMutator(target, new Random(seed));
        long started = Stopwatch.GetTimestamp();
        for (long i = 0; i < iterations; i++)
        {
            if ((i & 63) == 0 && ((i >= least && Stopwatch.GetElapsedTime(started) > limit) || enough?.Invoke() == true))
            {
                return new FuzzRun(target.Name, seed, i, Stopwatch.GetElapsedTime(started), null);
            }

            byte[] input = mutator.Next();
            if (Try(target, input) is { } reason)
            {
                byte[] small = Shrink(target, input);
                return new FuzzRun(target.Name, seed, i + 1, Stopwatch.GetElapsedTime(started), new FuzzFailure(seed, i, small, Try(target, small) ?? reason));
            }
        }
        return new FuzzRun(target.Name, seed, iterations, Stopwatch.GetElapsedTime(started), null);
    }

    private static Exception? Try(FuzzTarget target, byte[] input)
    {
        try
        {
            target.Run(input);
            return null;
        }
        catch (Exception reason)
        {
            return reason;
        }
    }

    // Cuts away halves, then quarters, down to single octets, as long as the input still fails.
    private static byte[] Shrink(FuzzTarget target, byte[] input)
    {
        for (int size = Math.Max(1, input.Length / 2); size > 0; size /= 2)
        {
            for (int at = 0; at < input.Length;)
            {
                byte[] smaller = [.. input[..at], .. input[Math.Min(input.Length, at + size)..]];
                if (Try(target, smaller) is not null)
                {
                    input = smaller;
                }
                else
                {
                    at += size;
                }
            }
        }
        return input;
    }
}
