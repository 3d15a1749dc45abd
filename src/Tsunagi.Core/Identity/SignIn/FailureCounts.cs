using System.Runtime.InteropServices;

namespace Tsunagi.Core.Identity.SignIn;

/// <summary>
/// Failures counted by key in a table of fixed size: keys that fall into the same place share it, so a flood of invented keys costs no memory and pushes
/// nobody's count out. Where a key falls is random per process. Thread-safe.
/// </summary>
internal sealed class FailureCounts(int free, TimeSpan longest, TimeSpan forgetAfter, TimeProvider time)
{
    private const int Places = 1 << 16;
    private readonly Count[] _counts = new Count[Places];
    private readonly Lock[] _locks = [.. Enumerable.Range(0, 64).Select(static _ => new Lock())];

    /// <summary>How long this key must still wait; zero when it need not.</summary>
    public TimeSpan Wait(int key)
    {
        lock (LockOf(key))
        {
            return WaitOf(Current(key));
        }
    }

    /// <summary>Counts a failure. Attempts are counted before they are checked, so that many at once do not pass as one.</summary>
    public void Add(int key)
    {
        lock (LockOf(key))
        {
            var count = Current(key);
            count = new Count(count.Failures + 1, time.GetTimestamp(), count.IsTold);
            _counts[PlaceOf(key)] = count;
        }
    }

    /// <summary>Takes back one, after the attempt turned out right.</summary>
    public void Remove(int key)
    {
        lock (LockOf(key))
        {
            ref var count = ref _counts[PlaceOf(key)];
            count = count with { Failures = Math.Max(0, count.Failures - 1) };
        }
    }

    public void Clear(int key)
    {
        lock (LockOf(key))
        {
            _counts[PlaceOf(key)] = default;
        }
    }

    public int Of(int key)
    {
        lock (LockOf(key))
        {
            return Current(key).Failures;
        }
    }

    /// <summary>True once in a series that has reached so many failures, however many attempts are under way; a success, or time, ends the series.</summary>
    public bool TryTell(int key, int least)
    {
        lock (LockOf(key))
        {
            var count = Current(key);
            if (count.IsTold || count.Failures < least)
            {
                return false;
            }

            _counts[PlaceOf(key)] = count with { IsTold = true };
            return true;
        }
    }

    private TimeSpan WaitOf(Count count)
    {
        if (count.Failures < free)
        {
            return TimeSpan.Zero;
        }

        var seconds = Math.Min(longest.TotalSeconds, Math.Pow(2, Math.Min(30, count.Failures - free)));
        var left = TimeSpan.FromSeconds(seconds) - time.GetElapsedTime(count.Last);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private Count Current(int key)
    {
        var count = _counts[PlaceOf(key)];
        return count.Failures > 0 && time.GetElapsedTime(count.Last) > forgetAfter ? default : count;
    }

    private Lock LockOf(int key) => _locks[PlaceOf(key) & 63];

    private static int PlaceOf(int key) => key & (Places - 1);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Count(int Failures, long Last, bool IsTold);
}
