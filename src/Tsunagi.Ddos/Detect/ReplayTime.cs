namespace Tsunagi.Ddos.Detect;

/// <summary>A clock that is moved on by a replay: microseconds of Unix time.</summary>
internal sealed class ReplayTime(long startMicros) : TimeProvider
{
    public long Micros { get; set; } = startMicros;

    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => Micros;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(Micros * TimeSpan.TicksPerMicrosecond);
}
