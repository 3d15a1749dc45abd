using System.Collections.Concurrent;
using System.Diagnostics;
using Tsunagi.Tests.Ddos.Mitigate;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// The rule compiler over a million random cases: customers' spaces, protected sets, possible lengths, budgets and samples are drawn anew for each, half of a case is a rule by hand. Each rule that comes out is read from the octets
/// a router gets by a reader of its own and held against ranges of numbers; each that was refused must have deserved it. A part of those that passed goes past nft's own reading. On two cores, for three minutes at most; a case that
/// fails is run alone by its number.
/// </summary>
internal sealed class CompilerFuzz : IClaim
{
    private const int Cases = 1_000_000;
    private const int EveryForNft = 250;
    private const int TableRules = 500;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    public string Name => "ddos.compiler-fuzz";

    public string Promise => "1,000,000 random cases within three minutes: no rule that is forbidden or impossible, none refused without need, each the same on the wire, in text and for every sample, never more than may be; those sampled are taken by nft";

    public bool IsCorrectness => true;

    public Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var failures = new ConcurrentQueue<string>();
        var sampled = new ConcurrentQueue<string>();
        long done = 0, made = 0, refused = 0, byHand = 0, byHandRefused = 0;
        var clock = Stopwatch.StartNew();
        Parallel.For(0, Cases, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = cancellationToken }, (seed, loop) =>
        {
            if (clock.Elapsed > Longest)
            {
                loop.Stop();
                return;
            }

            try
            {
                var one = RuleCase.Run(seed);
                Interlocked.Add(ref made, one.Made);
                Interlocked.Add(ref refused, one.MadeRefused);
                Interlocked.Add(ref byHand, one.ByHand);
                Interlocked.Add(ref byHandRefused, one.ByHandRefused);
                if (seed % EveryForNft == 0)
                {
                    one.Passed.ForEach(sampled.Enqueue);
                }
            }
            catch (UnreachableException broken)
            {
                failures.Enqueue(broken.Message);
            }
            catch (Exception thrown)
            {
                // The compiler, the guards or the readers threw: that breaks a promise too.
                failures.Enqueue($"case {seed}: {thrown}");
            }

            if (Interlocked.Increment(ref done) % 100_000 == 0)
            {
                progress.Say($"{done:N0} cases");
            }
        });
        var seconds = clock.Elapsed.TotalSeconds;
        foreach (var failure in failures.Take(20))
        {
            Console.WriteLine("  " + failure);
        }

        progress.Say($"{sampled.Count:N0} rules past nft");
        var (taken, whyNot) = (0, "");
        try
        {
            taken = sampled.Chunk(TableRules).Sum(static rules => RuleTables.Check(rules));
        }
        catch (UnreachableException broken)
        {
            whyNot = broken.Message;
            Console.WriteLine("  " + broken.Message);
        }

        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Figure.AtMost("cases that broke a promise", failures.Count, 0, "0", ""),
            Figure.AtLeast("cases", done, Cases, "#,0", "", FormattableString.Invariant($"in {seconds:0} s")),
            new Figure("rules made of samples that may go out, and refused with reason", FormattableString.Invariant($"{made:#,0}, {refused:#,0}")),
            new Figure("rules by hand that may go out, and refused with reason", FormattableString.Invariant($"{byHand:#,0}, {byHandRefused:#,0}")),
            new Figure("tables of sampled rules that nft refuses", whyNot.Length > 0 ? "1 or more" : RuleTables.IsThere ? "0" : "not asked: nft is not here, or may not be asked", "0", whyNot.Length == 0 && RuleTables.IsThere, FormattableString.Invariant($"of {sampled.Count:#,0} rules a scrubber takes {taken:#,0}")),
        ]);
    }
}
