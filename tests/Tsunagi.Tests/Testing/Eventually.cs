using System.Diagnostics;

namespace Tsunagi.Tests.Testing;

/// <summary>For what another thread does soon: looks again until it holds, a minute at most: what takes moments alone takes long beside everything else.</summary>
internal static class Eventually
{
    /// <param name="told">What to say of where it stands if it never holds.</param>
    public static async Task HoldsAsync(Func<bool> holds, Func<string>? told = null, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(holds))] string what = "")
    {
        var started = Stopwatch.GetTimestamp();
        while (!holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1), $"never held: {what} {told?.Invoke()}");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
