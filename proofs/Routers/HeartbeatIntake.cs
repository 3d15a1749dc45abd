using System.Diagnostics;
using System.Globalization;
using Tsunagi.Core.Time;
using Tsunagi.Proofs.Connectivity;

namespace Tsunagi.Proofs.Routers;

/// <summary>
/// 100,000 boxes, each with a heartbeat of the recorded size a minute, for two minutes (five with --times 5). The node is a process of its own, with its console, database and everything else that runs in it; the sender is another. The first
/// round, in which the node gets to know its boxes from the store, is sent faster and not measured.
/// </summary>
internal sealed class HeartbeatIntake : IClaim
{
    private const int Boxes = 100_000;
    private const int RoundSeconds = 60;
    private const int LeastRounds = 2;
    private const int FirstRoundSeconds = 25;
    private static readonly TimeSpan HalfRound = TimeSpan.FromSeconds(31);
    private static readonly TimeSpan Flush = TimeSpan.FromSeconds(12);

    public string Name => "routers.heartbeat";

    public string Promise => "100,000 boxes at 60 s: HMAC checked and stored, ≤ 0.1 core of the node, 0 lost, ≤ 2 kB of memory a box";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        progress.Say($"{Boxes} boxes into the store of a node");
        using var server = await HeartbeatServerProcess.StartAsync(Boxes, cancellationToken);
        var empty = await server.AskAsync(0, cancellationToken);
        progress.Say("a first round, from which the node knows them");
        await SendAsync(server.Port, FirstRoundSeconds, 1, 1, cancellationToken);
        await Task.Delay(HalfRound, TimeProvider.System, cancellationToken);
        var before = await server.AskAsync(0, cancellationToken);
        var rounds = Math.Max(LeastRounds, progress.Times);
        progress.Say($"{rounds} rounds of {RoundSeconds} s");
        var (cpu, started, since) = (ServerCpu.Of(server.Id, null), TimeProvider.System.GetTimestamp(), TimeProvider.System.NowMicros());
        var (sent, longest) = await SendAsync(server.Port, RoundSeconds, rounds, 2, cancellationToken);
        var (used, seconds) = (ServerCpu.Of(server.Id, null) - cpu, TimeProvider.System.GetElapsedTime(started).TotalSeconds);
        await Task.Delay(Flush, TimeProvider.System, cancellationToken);
        var after = await server.AskAsync(since, cancellationToken);
        var heard = after.Heard - before.Heard;
        return
        [
            Figure.AtMost("cores of the node", used / seconds, 0.1, "0.000", "", $"{(1e6 * used / sent).ToString("0.0", CultureInfo.InvariantCulture)} µs a heartbeat, over {seconds.ToString("0", CultureInfo.InvariantCulture)} s"),
            Figure.AtMost("lost", sent - heard, 0, "0", "", $"{sent.ToString("#,0", CultureInfo.InvariantCulture)} sent, none later than {longest.ToString("0", CultureInfo.InvariantCulture)} ms; {(after.All - before.All - heard).ToString("#,0", CultureInfo.InvariantCulture)} came and were not taken"),
            Figure.AtLeast("boxes whose newest heartbeat is in the store", after.Stored, Boxes, "#,0", ""),
            Figure.AtMost("memory a box", (after.Memory - empty.Memory) / (double)Boxes, 2_000, "#,0", " B", "managed memory after a collection, less that of the node without them"),
            new Figure("boxes known after the first round", before.Heard.ToString("#,0", CultureInfo.InvariantCulture)),
        ];
    }

    private static async Task<(long Sent, double Longest)> SendAsync(int port, int seconds, int rounds, int first, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, [HeartbeatSender.Word, .. ((int[])[port, Boxes, seconds, rounds, first]).Select(static number => number.ToString(CultureInfo.InvariantCulture))]) { RedirectStandardOutput = true })!;
        var told = (await process.StandardOutput.ReadToEndAsync(cancellationToken)).Split(' ');
        await process.WaitForExitAsync(cancellationToken);
        return (long.Parse(told[0], CultureInfo.InvariantCulture), double.Parse(told[1], CultureInfo.InvariantCulture));
    }
}
