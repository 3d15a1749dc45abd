using System.Runtime.InteropServices;

namespace Tsunagi.Mail.Quarantine.Digest;

/// <summary>
/// Counts by key and minute in a table of fixed size: keys that fall into the same place share it, so a flood of invented keys costs no memory. Where a key falls is
/// random per process. Thread-safe.
/// </summary>
internal sealed class LinkThrottle(TimeProvider time)
{
    private const int Places = 1 << 12;
    private readonly Count[] _counts = new Count[Places];
    private readonly Lock _gate = new();

    /// <summary>Counts one; false when that is more than allowed in this minute.</summary>
    public bool Take(string key, int perMinute)
    {
        lock (_gate)
        {
            ref var count = ref CountOf(key);
            count = count with { Taken = Math.Min(count.Taken + 1, int.MaxValue - 1) };
            return count.Taken <= perMinute;
        }
    }

    /// <summary>True when nothing more is allowed in this minute; counts nothing.</summary>
    public bool IsSpent(string key, int perMinute)
    {
        lock (_gate)
        {
            return CountOf(key).Taken >= perMinute;
        }
    }

    private ref Count CountOf(string key)
    {
        var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
        ref var count = ref _counts[key.GetHashCode(StringComparison.Ordinal) & (Places - 1)];
        if (count.Minute != minute)
        {
            count = new Count(minute, 0);
        }

        return ref count;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Count(long Minute, int Taken);
}
