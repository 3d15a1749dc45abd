using System.Diagnostics;

namespace Tsunagi.Tests.Testing;

/// <summary>For what another thread does soon: looks again until it holds, ten seconds at most.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<bool> holds, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(holds))] string what = "")
    {
        var started = Stopwatch.GetTimestamp();
        while (!holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10), $"never held: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
