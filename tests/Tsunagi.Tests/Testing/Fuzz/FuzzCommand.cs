using System.Globalization;
using System.Security.Cryptography;

namespace Tsunagi.Tests.Testing.Fuzz;

/// <summary>What <c>./tsunagi fuzz</c> runs.</summary>
public static class FuzzCommand
{
    private const string Usage =
        """
        usage: fuzz --list
               fuzz [NAME|all] [--seconds N] [--seed N] [--coverage [--uncovered]]
        """;

    /// <summary>Lists the targets, or runs one or all of them and prints seed, rate, coverage and the first failing input.</summary>
    /// <returns>0 without a failure, 1 with one, 2 for a wrong call.</returns>
    public static int Run(string[] args)
    {
        if (args is ["--list"])
        {
            foreach (FuzzTarget target in FuzzTargets.All)
            {
                Console.WriteLine($"{target.Name,-24} {string.Join(", ", target.Parsers.Select(p => p.Name))}");
            }

            return 0;
        }
        if (args is [] or ["--seconds" or "--seed" or "--coverage", ..])
        {
            args = ["all", .. args];
        }

        if (!TryRead(args, out double seconds, out int seed, out bool coverage, out bool uncovered))
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }
        IReadOnlyList<FuzzTarget> targets = args[0] == "all" ? FuzzTargets.All : FuzzTargets.Find(args[0]) is { } one ? [one] : [];
        if (targets.Count == 0)
        {
            Console.Error.WriteLine($"fuzz: no target {args[0]}; 'fuzz --list' names them");
            return 2;
        }
        Console.WriteLine($"seed {seed}");
        bool failed = false;
        foreach (FuzzTarget target in targets)
        {
            if (coverage)
            {
                Console.Write(FuzzCoverage.Measure(target, seed, TimeSpan.FromSeconds(seconds)).ToText(uncovered));
                continue;
            }
            FuzzRun run = FuzzRun.Start(target, seed, long.MaxValue, TimeSpan.FromSeconds(seconds));
            Console.WriteLine($"{run.Name,-24} {run.Iterations,12:N0} inputs in {run.Elapsed.TotalSeconds:F1} s  {(run.Failure is null ? "ok" : "FAILED")}");
            if (run.Failure is not null)
            {
                Console.WriteLine(run.Failure);
            }

            failed |= run.Failure is not null;
        }
        return failed ? 1 : 0;
    }

    private static bool TryRead(string[] args, out double seconds, out int seed, out bool coverage, out bool uncovered)
    {
        seconds = 10;
        seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        coverage = uncovered = false;
        for (int i = 1; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--seconds" when i + 1 < args.Length && double.TryParse(args[i + 1], CultureInfo.InvariantCulture, out seconds) && seconds > 0:
                case "--seed" when i + 1 < args.Length && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out seed):
                    i++;
                    break;
                case "--coverage":
                    coverage = true;
                    break;
                case "--uncovered":
                    uncovered = true;
                    break;
                default:
                    return false;
            }
        }
        return true;
    }
}
