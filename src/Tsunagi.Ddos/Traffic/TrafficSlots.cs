namespace Tsunagi.Ddos.Traffic;

/// <summary>Time in slots of 100 ms, numbered from the start of the machine's monotonic clock; a window is the last ten.</summary>
internal static class TrafficSlots
{
    public const int Milliseconds = 100;

    /// <summary>Slots of a window: one second.</summary>
    public const int Window = 10;

    public static readonly TimeSpan Length = TimeSpan.FromMilliseconds(Milliseconds);

    public static int At(TimeProvider time) => Of(Now(time));

    /// <summary>Milliseconds on a clock that only goes on.</summary>
    public static long Now(TimeProvider time) => time.GetTimestamp() / (time.TimestampFrequency / 1_000);

    /// <summary>The first is 20, so that an empty counter is older than any window.</summary>
    public static int Of(long milliseconds) => (int)(milliseconds / Milliseconds % int.MaxValue) + (2 * Window);
}
