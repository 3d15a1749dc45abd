using System.Globalization;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Simulate;
using Tsunagi.Tests.Routers;

namespace Tsunagi.Proofs.Routers;

/// <summary>A box with ARMS from the factory: power on, location server, resource server, configured; then ready to be pushed to. One after the other, each with connections and handshakes of its own.</summary>
internal sealed class PowerOn : IClaim
{
    private const int Boxes = 50;
    private const int WarmUp = 5;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public string Name => "routers.power-on";

    public string Promise => "power on to configured ≤ 1 s on loopback, the median of 50 boxes with ARMS";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var world = new RoutersNode();
        await world.InitializeAsync();
        try
        {
            progress.Say($"{WarmUp + Boxes} boxes, each registered and named by a site");
            List<SimulatedArmsBox> boxes = [];
            for (var i = 0; i < WarmUp + Boxes; i++)
            {
                var (made, _, _) = await world.AddBoxAsync((0x1000 + i).ToString("x4", CultureInfo.InvariantCulture));
                boxes.Add(new SimulatedArmsBox(made.Id, "lskey", world.LocationServer, TimeProvider.System));
            }

            List<double> configured = [], ready = [];
            foreach (var box in boxes)
            {
                var (afterPull, untilReady) = await SwitchOnAsync(box, cancellationToken);
                configured.Add(afterPull);
                ready.Add(untilReady);
            }

            double[] counted = [.. configured.Skip(WarmUp).Order()], able = [.. ready.Skip(WarmUp).Order()];
            return
            [
                Figure.AtMost("power on to configured, median of 50", counted[Boxes / 2], 1, "0.000", " s", $"the slowest {counted[^1].ToString("0.000", CultureInfo.InvariantCulture)} s"),
                new Figure("power on to ready to be pushed to, median", able[Boxes / 2].ToString("0.000", CultureInfo.InvariantCulture) + " s", Peer: $"the slowest {able[^1].ToString("0.000", CultureInfo.InvariantCulture)} s"),
            ];
        }
        finally
        {
            await world.DisposeAsync();
        }
    }

    private static async Task<(double Configured, double Ready)> SwitchOnAsync(SimulatedArmsBox box, CancellationToken cancellationToken)
    {
        using var power = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        power.CancelAfter(Deadline);
        var started = TimeProvider.System.GetTimestamp();
        var life = box.RunAsync(power.Token);
        while (box.State != ArmsBoxState.Connected)
        {
            if (life.IsCompleted)
            {
                throw new InvalidOperationException($"box {box.Id} did not come up: {box.State}, {box.Last}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        }

        var ready = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        await power.CancelAsync();
        await life;
        return (box.ConfiguredAfter.TotalSeconds, ready);
    }
}
