namespace Tsunagi.Ddos.Archive;

/// <summary>How finely kept traffic is known. The numbers stand in names of files.</summary>
internal enum FlowLevel
{
    /// <summary>Records as they came.</summary>
    Raw = 0,

    Minute = 1,

    FiveMinutes = 2,

    Hour = 3,
}

/// <summary>What levels are.</summary>
internal static class FlowLevels
{
    public static IReadOnlyList<FlowLevel> Rolled { get; } = [FlowLevel.Minute, FlowLevel.FiveMinutes, FlowLevel.Hour];

    /// <summary>A time of receipt is known to so many milliseconds.</summary>
    public static long Milliseconds(this FlowLevel level) => level switch
    {
        FlowLevel.Raw => 100,
        FlowLevel.Minute => 60_000,
        FlowLevel.FiveMinutes => 300_000,
        _ => 3_600_000,
    };

    /// <summary>Files of the level below are put together when they are all there for so long a time.</summary>
    public static long FileMilliseconds(this FlowLevel level) => level == FlowLevel.FiveMinutes ? 3_600_000 : 86_400_000;

    public static string Name(this FlowLevel level) => level switch
    {
        FlowLevel.Raw => "raw",
        FlowLevel.Minute => "1m",
        FlowLevel.FiveMinutes => "5m",
        _ => "1h",
    };

    /// <summary>The start of the step that a moment is in.</summary>
    public static long Floor(long milliseconds, long step) => milliseconds - (((milliseconds % step) + step) % step);
}
