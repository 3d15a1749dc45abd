using Tsunagi.Tests.Connectivity;
using Tsunagi.Tests.Connectivity.Dhcp;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// Leases while everything fails: (1) lives on a disk that loses power, dies or fails at random changes, the long form of the test class <c>Leases_under_crashes</c>; (2) the program itself on the real disk,
/// ended by kill -9 again and again while its clients retransmit (<see cref="LeaseKills"/>). Both are judged only by what the clients were told.
/// </summary>
internal sealed class LeasePowerLoss : IClaim
{
    private const int Lives = 1_000;
    private const int Kills = 20;

    public string Name => "dhcp.power-loss";

    public string Promise => $"in {Lives:n0} random lives on a disk that loses power and {Kills} × kill -9 of a node, with clients that retransmit, no acknowledged lease is lost and no prefix is held by two";

    /// <summary>Not held against a change before its long form was seen to hold; the short form is a test of the fast tier.</summary>
    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            return [.. await LiveAsync(progress, cancellationToken), .. await new LeaseKills(directory, Kills * progress.Times).MeasureAsync(progress, cancellationToken)];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // (1)
    private static async Task<IReadOnlyList<Figure>> LiveAsync(Progress progress, CancellationToken cancellationToken)
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        await Dhcp6World.PlanAsync(world, "2001:db8:4000::/36"); // 4,096 shares: each life is a node
        int acknowledged = 0, lost = 0, shared = 0, crashes = 0, done = 0;
        await Parallel.ForAsync(1, Lives + 1, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = cancellationToken }, async (seed, token) =>
        {
            var life = await LeaseCrashLife.RunAsync(LeaseLifeFamily.V6, seed, world, null, token);
            Interlocked.Add(ref acknowledged, life.Acknowledged);
            Interlocked.Add(ref lost, life.Lost);
            Interlocked.Add(ref shared, life.Shared);
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
            Figure.AtMost($"lost of {acknowledged:n0} acknowledged leases, {crashes:n0} crashes on the crash disk", lost, 0, "n0", ""),
            Figure.AtMost("prefixes held by two there", shared, 0, "n0", ""),
        ];
    }
}
