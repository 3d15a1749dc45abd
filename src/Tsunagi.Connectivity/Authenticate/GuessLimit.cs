using System.Collections.Concurrent;

namespace Tsunagi.Connectivity.Authenticate;

/// <summary>
/// Wrong passwords of a line from one station within a minute, so that who guesses is slowed down and the line's owner, who calls from another station, is not. Bounded: beyond its
/// limit all counts are forgotten at once, which costs a guesser nothing and everybody else nothing either. Thread-safe.
/// </summary>
internal sealed class GuessLimit(TimeProvider time, int mostPerMinute)
{
    private const int MostKept = 100_000;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Line, string Station), Count> _counts = new();

    public bool MayTry(string line, string station) => _counts.IsEmpty || !_counts.TryGetValue((line, station), out var count) || count.Failures < mostPerMinute || time.GetElapsedTime(count.Since) > Minute;

    public void Failed(string line, string station)
    {
        if (_counts.Count >= MostKept)
        {
            _counts.Clear();
        }

        _counts.AddOrUpdate(
            (line, station), static (_, now) => new Count(1, now.At),
            static (_, count, now) => now.Time.GetElapsedTime(count.Since, now.At) > Minute ? new Count(1, now.At) : count with { Failures = count.Failures + 1 }, (At: time.GetTimestamp(), Time: time));
    }

    private sealed record Count(int Failures, long Since);
}
