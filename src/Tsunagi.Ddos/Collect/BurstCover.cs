namespace Tsunagi.Ddos.Collect;

/// <summary>
/// For how long what an exporter tells now speaks, told by when it was heard: one that was silent for a second and then sends a burst tells of that second, and not of the moment of the burst. The same for datagrams as they
/// come and for records that were kept.
/// </summary>
internal sealed class BurstCover
{
    // A burst covers the silence before it, for as long as the burst may last.
    private const long BurstMilliseconds = 150;
    private const long LongestMilliseconds = 60_000;
    private const long PauseMilliseconds = 150;

    private long _burstAt = long.MinValue / 2;
    private long _covered;

    public long HeardAt { get; private set; } = long.MinValue / 2;

    /// <param name="milliseconds">Now, on a clock that only goes on.</param>
    /// <param name="isKnown">It was heard before: else there is no silence to speak of.</param>
    /// <param name="pause">The silence that just ended; 0 when none did.</param>
    public long Of(long milliseconds, bool isKnown, out long pause)
    {
        var silent = milliseconds - HeardAt;
        HeardAt = milliseconds;
        pause = 0;
        if (silent >= PauseMilliseconds && isKnown)
        {
            _burstAt = milliseconds;
            _covered = pause = Math.Min(silent, LongestMilliseconds);
        }

        return milliseconds - _burstAt < BurstMilliseconds ? _covered : 0;
    }
}
