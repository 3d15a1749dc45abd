using System.Globalization;
using Tsunagi.Routers.Simulate;

namespace Tsunagi.Proofs.Routers;

/// <summary>Boxes with ARMS in a process of their own: this very program, started again with <see cref="Word"/>. They are switched on one after the other, so many at once, and live until the process ends.</summary>
internal sealed class PushBoxesProcess : IDisposable
{
    public const string Word = "--push-boxes";
    private const int AtOnce = 64;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);
    private readonly ChildProgram _program;

    private PushBoxesProcess(ChildProgram program) => _program = program;

    public static string TextOf(int version) => string.Create(CultureInfo.InvariantCulture, $"hostname edge\ninterface lan0 address 192.0.2.{version}/24\n");

    /// <summary>What the started program does: <c>--push-boxes BOXES PORTS</c>; "told" on its input is answered with how its boxes are; "mark" lets what they were given count from now on, and another version be wanted.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (count, ports) = (int.Parse(args[1], CultureInfo.InvariantCulture), args[2].Split(','));
        var boxes = Enumerable.Range(0, count)
            .Select(box => new SimulatedArmsBox(HeartbeatServerProcess.IdOf(box), PushServerProcess.Key, new Uri($"https://127.0.0.1:{ports[box % ports.Length]}/ls"), TimeProvider.System) { LocationRetry = TimeSpan.FromSeconds(5) })
            .ToList();
        using var power = new CancellationTokenSource();
        var lives = SwitchOnAsync(boxes, power.Token);
        var (version, marked) = (1, new (int Kept, int Undone)[count]);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == "mark")
            {
                (version, marked) = (version + 1, [.. boxes.Select(static box => (box.Kept, box.Undone))]);
            }

            int[] kept = [.. boxes.Select((box, i) => box.Kept - marked[i].Kept)];
            var (connected, changed, undone) = (boxes.Count(static box => box.State == ArmsBoxState.Connected), boxes.Count(box => box.Text(0) == TextOf(version)), boxes.Select((box, i) => box.Undone - marked[i].Undone).Sum());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"told {connected} {kept.Count(static times => times == 1)} {kept.Count(static times => times > 1)} {undone} {changed}"));
        }

        await power.CancelAsync();
        await lives;
        return 0;
    }

    public static PushBoxesProcess Start(int boxes, IReadOnlyList<int> ports) => new(ChildProgram.Start(Word, boxes.ToString(CultureInfo.InvariantCulture), string.Join(',', ports)));

    public Task MarkAsync(CancellationToken cancellationToken) => AskAsync("mark", cancellationToken);

    public Task<BoxesTold> AskAsync(CancellationToken cancellationToken) => AskAsync("told", cancellationToken);

    private async Task<BoxesTold> AskAsync(string word, CancellationToken cancellationToken)
    {
        await _program.SayAsync(word, cancellationToken);
        int[] numbers = [.. (await _program.ReadAsync("told", cancellationToken)).Skip(1).Select(static word => int.Parse(word, CultureInfo.InvariantCulture))];
        return new BoxesTold(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }

    public void Dispose() => _program.Dispose();

    private static async Task SwitchOnAsync(List<SimulatedArmsBox> boxes, CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(AtOnce, AtOnce);
        List<Task> lives = [];
        try
        {
            foreach (var box in boxes)
            {
                await places.WaitAsync(cancellationToken);
                lives.Add(box.RunAsync(cancellationToken));
                _ = GiveBackAsync(box, places, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The power went before the last was on.
        }

        await Task.WhenAll(lives);
    }

    // A place is another's when the box is up.
    private static async Task GiveBackAsync(SimulatedArmsBox box, SemaphoreSlim places, CancellationToken cancellationToken)
    {
        try
        {
            while (box.State is not (ArmsBoxState.Connected or ArmsBoxState.Stopped))
            {
                await Task.Delay(Look, TimeProvider.System, cancellationToken);
            }

            places.Release();
        }
        catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
        {
            // The power is off.
        }
    }
}

/// <summary>How the boxes are.</summary>
/// <param name="Connected">With a confirmed tunnel.</param>
/// <param name="Kept">That were given a change once since the mark, and may keep it.</param>
/// <param name="Twice">That were given one more than once.</param>
/// <param name="Undone">Changes that boxes took back.</param>
/// <param name="Changed">That run the new version.</param>
internal sealed record BoxesTold(int Connected, int Kept, int Twice, int Undone, int Changed);
