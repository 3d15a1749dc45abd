using System.Collections.Concurrent;

namespace Tsunagi.Mail.Submission;

/// <summary>Which series of guesses were told already. Bounded: when it is full nothing more is told until the oldest are forgotten; so many series at once are one attack. Thread-safe.</summary>
internal sealed class ToldSeries(TimeSpan forgetAfter, TimeProvider time)
{
    public const int Most = 10_000;
    private readonly ConcurrentDictionary<string, long> _told = new(StringComparer.Ordinal);

    /// <summary>True for the first that asks about a series.</summary>
    public bool TryTell(string series)
    {
        var now = time.GetTimestamp();
        if (_told.TryGetValue(series, out var at))
        {
            return time.GetElapsedTime(at, now) > forgetAfter && _told.TryUpdate(series, now, at);
        }

        if (_told.Count >= Most)
        {
            foreach (var old in _told.Where(told => time.GetElapsedTime(told.Value, now) > forgetAfter))
            {
                _told.TryRemove(old);
            }
        }

        return _told.Count < Most && _told.TryAdd(series, now);
    }

    /// <summary>The series ended well.</summary>
    public void Forget(string series) => _told.TryRemove(series, out _);
}
