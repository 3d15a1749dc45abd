using System.Diagnostics;
using System.Globalization;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// All access servers start anew at once: (1) every line is in a session; (2) Accounting-On ends them all; (3) every line authenticates again, (4) and as soon as it is accepted its session starts, both with so many
/// in flight and sent again when they are not answered within half a second; (5) the work behind the answers goes on until the process is idle. What is told is how long until the last line is on, and until all is counted.
/// </summary>
internal sealed class RadiusReboot : IClaim
{
    private const int Lines = 50_000;
    private const int Wave = 5_000;
    private const int InFlight = 4_096;
    private const double IdleSeconds = 0.03;
    private static readonly TimeSpan IdleLook = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestBehind = TimeSpan.FromMinutes(3);

    public string Name => "radius.reboot";

    public string Promise => $"when all access servers start anew at once, {Lines.ToString("N0", CultureInfo.InvariantCulture)} lines are authenticated and in durable sessions again, each once; how long it takes is told";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        // (1)
        using var server = await RadiusServerProcess.StartAsync(Lines, projects: true, null, cancellationToken);
        progress.Say("every line is in a session");
        RadiusLoad.Run(server.Accounts, RadiusLoad.Starts(Lines, 0), 64, RadiusCode.AccountingResponse);
        await UntilIdleAsync(server, cancellationToken);
        var access = RadiusLoad.Pap(Lines, Lines).Chunk(Wave).ToArray();
        var starts = RadiusLoad.Starts(Lines, 1).Chunk(Wave).ToArray();

        // (2)
        progress.Say("all access servers start anew");
        var cpu = ServerCpu.Of(server.Id, null);
        var started = Stopwatch.GetTimestamp();
        RadiusLoad.Run(server.Accounts, [RadiusLoad.AccountingOn()], 1, RadiusCode.AccountingResponse);

        // (3), (4) Each wave's sessions start while the next one authenticates.
        var (again, wrong) = (0, 0);
        var starting = Task.CompletedTask;
        for (var wave = 0; wave < access.Length; wave++)
        {
            var asked = RadiusLoad.Run(server.Authenticates, access[wave], InFlight, RadiusCode.AccessAccept);
            await starting;
            (again, wrong) = (again + asked.Again, wrong + asked.Wrong);
            var requests = starts[wave];
            starting = Task.Run(
                () =>
                {
                    var accounted = RadiusLoad.Run(server.Accounts, requests, InFlight, RadiusCode.AccountingResponse);
                    (again, wrong) = (again + accounted.Again, wrong + accounted.Wrong);
                },
                cancellationToken);
        }

        await starting;
        var on = Stopwatch.GetElapsedTime(started);

        // (5)
        progress.Say("what is made of it");
        await UntilIdleAsync(server, cancellationToken);
        var counted = Stopwatch.GetElapsedTime(started) - IdleLook;
        var used = ServerCpu.Of(server.Id, null) - cpu;
        return
        [
            new Figure("answers of another kind than wanted", $"{wrong} of {2 * Lines}", "0", wrong == 0),
            new Figure("until the last line is on", string.Create(CultureInfo.InvariantCulture, $"{on.TotalSeconds:0.0} s"), Peer: string.Create(CultureInfo.InvariantCulture, $"{Lines / on.TotalSeconds:N0} lines/s, {again} requests sent again")),
            new Figure("until all is counted", string.Create(CultureInfo.InvariantCulture, $"{counted.TotalSeconds:0.0} s"), Peer: string.Create(CultureInfo.InvariantCulture, $"{used:0.0} s of the server's CPU; sessions ended and begun in SQLite")),
        ];
    }

    private static async Task UntilIdleAsync(RadiusServerProcess server, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < LongestBehind)
        {
            var before = ServerCpu.Of(server.Id, null);
            await Task.Delay(IdleLook, TimeProvider.System, cancellationToken);
            if (ServerCpu.Of(server.Id, null) - before < IdleSeconds)
            {
                return;
            }
        }

        throw new TimeoutException("the server is still at work");
    }
}
