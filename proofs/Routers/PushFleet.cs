using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Proofs.Routers;

/// <summary>
/// A fleet of boxes with ARMS, all in one ring, and two pushes to all of them: one with a node that lives, and one with a node that is killed when half have confirmed, and started again. The boxes live in a process of their own
/// on the same cores, with handshakes of their own. The node's CPU is counted from a push's start to its end, both lives of it; then all boxes run the new version, each was given it once, and for each that was told once.
/// </summary>
internal sealed class PushFleet : IClaim
{
    private const int Boxes = 10_000;
    private const int Listeners = 4;
    private const int FirstPort = 21_000;
    private const string Stopped = "stopped";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public string Name => "routers.push";

    public string Promise => "10,000 boxes with rings off, each exactly once, also with the node killed in the middle: ≤ 10 ms of the server's CPU a box, ≤ 180 s with the boxes simulated on the same cores";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-push-");
        var ports = FreePorts();
        progress.Say($"{Boxes} sites, each with its subscription, its box and a configuration");
        var server = await StartAsync();
        try
        {
            var (switched, before) = (TimeProvider.System.GetTimestamp(), server.Cpu);
            using var boxes = PushBoxesProcess.Start(Boxes, ports);
            await UntilAsync(async () => (await boxes.AskAsync(cancellationToken)).Connected, "connected");
            var (up, cpu) = (TimeProvider.System.GetElapsedTime(switched).TotalSeconds, server.Cpu - before);
            return
            [
                new Figure("seconds from the factory to a tunnel, all", up.ToString("0.0", CultureInfo.InvariantCulture) + " s", Peer: Note($"{1_000 * cpu / Boxes:0.0} ms of the server's CPU a box")),
                .. await PushAsync(boxes, isKilled: false, ""),
                .. await PushAsync(boxes, isKilled: true, ", node killed"),
            ];
        }
        finally
        {
            server.Dispose();
            directory.Delete(recursive: true);
        }

        Task<PushServerProcess> StartAsync() => PushServerProcess.StartAsync(directory.FullName, ports, Boxes, cancellationToken);

        async Task<IReadOnlyList<Figure>> PushAsync(PushBoxesProcess boxes, bool isKilled, string how)
        {
            progress.Say("another version of each site's configuration");
            var before = await server.AskAsync(cancellationToken);
            await boxes.MarkAsync(cancellationToken);
            var (started, former, startCpu) = (await server.PushAsync(cancellationToken), 0.0, server.Cpu);
            if (isKilled)
            {
                await UntilAsync(async () => await server.AskAsync(cancellationToken) is { State: not Stopped } under ? 2 * under.Confirmed : Boxes, "confirmed twice over, until the node is killed");
                former = server.Cpu - startCpu;
                server.Kill();
                server.Dispose();
                progress.Say("the node starts again");
                (server, startCpu) = (await StartAsync(), 0);
            }

            await UntilAsync(async () => await server.AskAsync(cancellationToken) is { State: not ("done" or Stopped) } under ? Math.Min(under.Confirmed, Boxes - 1) : Boxes, "confirmed");
            var (seconds, cpu) = (TimeProvider.System.GetElapsedTime(started).TotalSeconds, former + server.Cpu - startCpu);

            // A push that stopped is told by its figures: of boxes under way the outcome is waited for, and of those that confirmed the word.
            await UntilAsync(async () => await server.AskAsync(cancellationToken) is { } ended ? ended.Confirmed + ended.Otherwise : 0, "ended");
            await UntilAsync(async () => await server.AskAsync(cancellationToken) is { } word ? word.Told - before.Told + Boxes - word.Confirmed : 0, "told");
            var (told, run) = (await server.AskAsync(cancellationToken), await boxes.AskAsync(cancellationToken));
            return
            [
                Figure.AtMost("seconds from a push's start to its last box" + how, seconds, 180, "0.0", " s"),
                Figure.AtMost("server's CPU a box" + how, 1_000 * cpu / Boxes, 10, "0.00", " ms"),
                Figure.AtLeast("boxes that run the new version" + how, run.Changed, Boxes, "0", ""),
                Figure.AtLeast("boxes confirmed" + how, told.Confirmed, Boxes, "0", "", Note($"{told.Otherwise} otherwise{(told.State == Stopped ? "; the push stopped" : "")}")),
                Figure.AtMost("boxes given it more than once" + how, run.Twice, 0, "0", "", Note($"{run.Kept} once, {Boxes - run.Kept - run.Twice} by a pull of theirs; {run.Undone} took it back")),
                Figure.AtMost("confirmations told but for one a box that confirmed" + how, Math.Abs(told.Told - before.Told - told.Confirmed), 0, "0", ""),
            ];
        }

        async Task UntilAsync(Func<Task<long>> count, string what)
        {
            var said = TimeProvider.System.GetTimestamp();
            while (await count() is var reached && reached < Boxes)
            {
                if (TimeProvider.System.GetElapsedTime(said).TotalSeconds > 5)
                {
                    said = TimeProvider.System.GetTimestamp();
                    progress.Say(Note($"{reached} of {Boxes} {what}"));
                }

                await Task.Delay(Look, TimeProvider.System, cancellationToken);
            }
        }
    }

    private static string Note(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // They are known before the node listens, since it is to come back to them; and none that a box could be given for a connection of its own while it is away.
    private static List<int> FreePorts()
    {
        List<int> free = [];
        for (var port = FirstPort; free.Count < Listeners; port++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                free.Add(port);
            }
            catch (SocketException)
            {
                // Another's.
            }
        }

        return free;
    }
}
