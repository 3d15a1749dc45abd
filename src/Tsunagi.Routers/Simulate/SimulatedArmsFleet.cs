namespace Tsunagi.Routers.Simulate;

/// <summary>Many simulated boxes with ARMS.</summary>
internal static class SimulatedArmsFleet
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>All are switched on at once; until cancelled, or each ran so many configurations or stopped.</summary>
    public static async Task RunAsync(IReadOnlyList<SimulatedArmsBox> boxes, int? configured, TimeProvider time, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lives = Task.WhenAll(boxes.Select(box => box.RunAsync(ending.Token)));
        try
        {
            while (configured is not { } most || !boxes.All(box => box.Configured >= most || box.State == ArmsBoxState.Stopped))
            {
                await Task.Delay(LookEvery, time, ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }

        await ending.CancelAsync();
        await lives;
    }
}
