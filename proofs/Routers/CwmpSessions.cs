using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Routers.Contract;
using Tsunagi.Routers.Simulate;
using Tsunagi.Tests.Routers;

namespace Tsunagi.Proofs.Routers;

/// <summary>
/// Routers with TR-069 that call all at once: at first contact each is read whole and kept, then each is asked to read itself again, four times over. Only the time in which sessions run is counted; the
/// routers are simulated on the same cores. So few values are asked for at once that a session is of the calls that the claim is about.
/// </summary>
internal sealed class CwmpSessions : IClaim
{
    private const int Routers = 2_000;
    private const int Rounds = 5;
    private const int AtOnce = 8;

    public string Name => "routers.cwmp";

    public string Promise => "10,000 TR-069 sessions of at least 5 calls each (Inform and what the server asks) ≤ 120 s, with the routers simulated on the same cores; none fails";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var world = new RoutersNode { More = new Dictionary<string, string> { ["routers.cwmp"] = """{"listen":["127.0.0.1:0"],"open":true,"valuesAtOnce":24}""" } };
        await world.InitializeAsync();
        try
        {
            progress.Say($"{Routers} sites with their subscriptions");
            await InTurnAsync(Enumerable.Range(0, Routers), async number =>
            {
                await world.Node.Operator.PostAsync("/sites", new { tenantId = world.Tenant, name = "Site " + Serial(number) });
                await world.Node.Operator.PostAsync("/subscriptions", new { tenantId = world.Tenant, plan = "router", name = "Router " + Serial(number), settings = new { site = "Site " + Serial(number), device = "00E0FC-" + Serial(number) } });
            }, cancellationToken);
            await UntilAllRunAsync(world, cancellationToken);
            var routers = Enumerable.Range(0, Routers).Select(number => new SimulatedRouter(SimulatedTree.BuiltIn(number % 2 == 0), "00E0FC", Serial(number))).ToList();
            double seconds = 0;
            for (var round = 0; round < Rounds; round++)
            {
                if (round > 0)
                {
                    await AskToReadAsync(world, cancellationToken);
                }

                progress.Say($"round {round + 1} of {Rounds}: all call");
                await using var fleet = new SimulatedFleet(world.Url, TimeProvider.System);
                routers.ForEach(fleet.Add);
                var started = TimeProvider.System.GetTimestamp();
                await fleet.RunAsync(TimeSpan.FromHours(1), round + 1, cancellationToken);
                seconds += TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            }

            foreach (var reason in routers.Where(static router => router.Failed > 0).GroupBy(static router => router.Last, StringComparer.Ordinal))
            {
                Console.WriteLine($"  failed: {reason.Sum(static router => router.Failed)} sessions, of {reason.First().Serial} for one; what they heard last: {reason.Key}");
            }

            double sessions = routers.Sum(static router => router.Sessions);
            var calls = routers.Sum(static router => router.Asked.Count) + sessions;
            return
            [
                Figure.AtMost("seconds for 10,000 sessions", seconds * Routers * Rounds / sessions, 120, "0.0", " s", $"{sessions.ToString("#,0", CultureInfo.InvariantCulture)} sessions in {seconds.ToString("0.0", CultureInfo.InvariantCulture)} s"),
                Figure.AtLeast("calls a session", calls / sessions, 5, "0.0", ""),
                Figure.AtMost("sessions that failed", routers.Sum(static router => router.Failed), 0, "0", ""),
            ];
        }
        finally
        {
            await world.DisposeAsync();
        }
    }

    private static string Serial(int number) => "PROOF" + number.ToString("00000", CultureInfo.InvariantCulture);

    private static async Task UntilAllRunAsync(RoutersNode world, CancellationToken cancellationToken)
    {
        var sites = world.Node.Services.GetRequiredService<ManagedSites>();
        while (sites.All.Count < Routers)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task AskToReadAsync(RoutersNode world, CancellationToken cancellationToken)
    {
        List<string> devices = [];
        for (var cursor = ""; ;)
        {
            var page = await world.Node.Operator.GetAsync($"/routers/devices?limit=200{cursor}");
            devices.AddRange(page["items"]!.AsArray().Where(static device => device!["siteId"] is not null).Select(static device => (string)device!["id"]!));
            if ((string?)page["next"] is not { } next)
            {
                break;
            }

            cursor = "&cursor=" + Uri.EscapeDataString(next);
        }

        await InTurnAsync(devices, device => world.Node.Operator.PostAsync($"/routers/devices/{device}/tasks", new { kind = "refresh" }), cancellationToken);
    }

    private static Task InTurnAsync<T>(IEnumerable<T> items, Func<T, Task> act, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (item, _) => await act(item));
}
