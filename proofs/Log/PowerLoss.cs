using Tsunagi.Core.Disk;
using Tsunagi.Tests.Core.Logs;

namespace Tsunagi.Proofs.Log;

/// <summary>The long form of the test class <c>Spool_under_crashes</c>: random lives of a spool on a disk that loses power, dies and fails at random changes.</summary>
internal sealed class PowerLoss : IClaim
{
    private const int Lives = 2000;
    private const int Attempts = 1000;

    public string Name => "log.power-loss";

    public string Promise => $"in {Lives:n0} random lives no acknowledged change of a spool is lost or undone, and without any one fsync some is";

    public bool IsCorrectness => true;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var broken = 0;
        progress.Say($"{Lives:n0} lives with every fsync");
        await Parallel.ForAsync(0, Lives, cancellationToken, async (seed, _) =>
        {
            if (await SpoolCrashProgram.RunAsync(seed, ignored: null) is { } promise)
            {
                Interlocked.Increment(ref broken);
                Console.WriteLine($"  broken: {promise}");
            }
        });

        var needed = 0;
        var figures = new List<Figure>();
        foreach (var point in SyncPoints.OfLogs)
        {
            progress.Say($"lives without the fsync '{point.Name}'");
            var without = await WithoutAsync(point, cancellationToken);
            needed += without.Holds ? 1 : 0;
            figures.Add(without);
        }

        return
        [
            Figure.AtMost($"promises broken in {Lives:n0} lives", broken, 0, "n0", " broken"),
            Figure.AtLeast("fsyncs without which a promise breaks", needed, SyncPoints.OfLogs.Count, "n0", $" of {SyncPoints.OfLogs.Count} fsyncs needed"),
            .. figures,
        ];
    }

    private static async Task<Figure> WithoutAsync(SyncPoint point, CancellationToken cancellationToken)
    {
        for (var seed = 0; seed < Attempts; seed++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await SpoolCrashProgram.RunAsync(seed, point) is { } promise)
            {
                return new Figure($"without '{point.Name}'", $"breaks in life {seed + 1}", Peer: promise);
            }
        }

        return new Figure($"without '{point.Name}'", "nothing breaks", Holds: false);
    }
}
