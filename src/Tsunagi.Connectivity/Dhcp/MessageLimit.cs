namespace Tsunagi.Connectivity.Dhcp;

/// <summary>
/// How often somebody may come within a minute (or another span). Bounded: beyond its limit all counts are forgotten at once. Thread-safe.
/// </summary>
internal sealed class MessageLimit(TimeProvider time, int most, TimeSpan within, int mostKept = MessageLimit.MostKept)
{
    public const int MostKept = 1_000_000;

    private readonly Dictionary<string, (int Count, long Since)> _counts = new(StringComparer.Ordinal);

    /// <summary>False once it came more often than it may; <paramref name="isFirst"/> when that was just now.</summary>
    public bool MayCome(string who, out bool isFirst)
    {
        isFirst = false;
        var now = time.GetTimestamp();
        lock (_counts)
        {
            if (!_counts.TryGetValue(who, out var known) || time.GetElapsedTime(known.Since, now) >= within)
            {
                if (_counts.Count >= mostKept)
                {
                    _counts.Clear();
                }

                known = (0, now);
            }

            known.Count++;
            _counts[who] = known;
            isFirst = known.Count == most + 1;
            return known.Count <= most;
        }
    }
}
