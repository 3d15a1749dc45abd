using Tsunagi.Tests.Connectivity;
using Tsunagi.Tests.Connectivity.Radius;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// Lives of accounting on a disk that loses power, dies or fails at random changes, while NASes send each record until it is acknowledged: the long form of the test class
/// <c>Accounting_under_crashes</c>. Judged only by what the NASes were told and what sessions and meters say at the end.
/// </summary>
internal sealed class AccountingPowerLoss : IClaim
{
    private const int Lives = 1_000;

    public string Name => "radius.power-loss";

    public string Promise => $"in {Lives:n0} random lives on a disk that loses power, with clients that retransmit, no acknowledged accounting record is lost and no octet is counted twice";

    /// <summary>Not held against a change before its long form was seen to hold; the short form is a test of the fast tier.</summary>
    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        int acknowledged = 0, lost = 0, crashes = 0, done = 0;
        long twice = 0;
        await Parallel.ForAsync(1, Lives + 1, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = cancellationToken }, async (seed, token) =>
        {
            var life = await AccountingCrashLife.RunAsync(seed, world, cancellationToken: token);
            Interlocked.Add(ref acknowledged, life.Acknowledged);
            Interlocked.Add(ref lost, life.Lost);
            Interlocked.Add(ref twice, Math.Abs(life.Twice));
            Interlocked.Add(ref crashes, life.Crashes);
            if (life.Broken is not null)
            {
                Console.WriteLine("  broken: " + life.Broken);
            }

            if (Interlocked.Increment(ref done) % 100 == 0)
            {
                progress.Say($"{done} of {Lives} lives");
            }
        });
        return
        [
            Figure.AtMost($"lost of {acknowledged:n0} acknowledged records, {crashes:n0} crashes on the crash disk", lost, 0, "n0", ""),
            Figure.AtMost("octets metered that no session had, or missing", twice, 0, "n0", ""),
        ];
    }
}
