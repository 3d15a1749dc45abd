namespace Tsunagi.Core.Time;

/// <summary>Times in the stores are int64 microseconds since 1970-01-01T00:00:00Z.</summary>
public static class UnixMicros
{
    public const long PerSecond = 1_000_000;

    public static long NowMicros(this TimeProvider time) => From(time.GetUtcNow());

    public static long From(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToDateTimeOffset(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
