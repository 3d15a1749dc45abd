using Tsunagi.Ddos.Archive;

namespace Tsunagi.Ddos.DryRun;

/// <summary>Of which minutes of a time anything is known, and how finely. What is known of is what this node kept from any exporter: a customer without traffic is no gap.</summary>
/// <param name="from">Unix milliseconds.</param>
internal sealed class DryRunCoverage(long from, long to)
{
    private const long Minute = 60_000;
    private const byte Nothing = 0;

    private readonly long _from = FlowLevels.Floor(from, Minute);
    private readonly byte[] _minutes = new byte[(int)Math.Max(1, (to - FlowLevels.Floor(from, Minute) + Minute - 1) / Minute)];
    private long _since = to;

    /// <summary>From when on anything is known of the protection itself: before it, what came is nobody's that is asked about.</summary>
    public long Since => _since;

    public void Own(long milliseconds) => _since = Math.Min(_since, milliseconds);

    /// <summary>Something is known of the time from the first to the last moment.</summary>
    public void Mark(long first, long last, FlowLevel level)
    {
        for (var at = Math.Max(0, (first - _from) / Minute); at <= Math.Min(_minutes.Length - 1, (last - _from) / Minute) && last >= _from; at++)
        {
            if (_minutes[at] == Nothing)
            {
                _minutes[at] = (byte)((int)level + 1);
            }
        }
    }

    /// <summary>What was known at this level is not, unless it is marked anew.</summary>
    public void Forget(FlowLevel level)
    {
        for (var at = 0; at < _minutes.Length; at++)
        {
            _minutes[at] = _minutes[at] == (int)level + 1 ? Nothing : _minutes[at];
        }
    }

    public DryRunCover Tell(int mostGaps)
    {
        var begin = (int)Math.Clamp((_since - _from) / Minute, 0, _minutes.Length);
        var gaps = new List<DryRunSpan>();
        var (known, missing, gapAt) = (0, 0, -1);
        for (var at = 0; at <= _minutes.Length; at++)
        {
            var isKnown = at < _minutes.Length && at >= begin && _minutes[at] != Nothing;
            if (at < _minutes.Length)
            {
                known += isKnown ? 1 : 0;
            }

            if (!isKnown && at < _minutes.Length)
            {
                gapAt = gapAt < 0 ? at : gapAt;
            }
            else if (gapAt >= 0)
            {
                missing++;
                if (gaps.Count < mostGaps)
                {
                    gaps.Add(new DryRunSpan(Micros(gapAt), Micros(at)));
                }

                gapAt = -1;
            }
        }

        var levels = Enumerable.Range(0, 4).Select(level => (Level: (FlowLevel)level, Minutes: _minutes.Skip(begin).Count(minute => minute == level + 1))).Where(static each => each.Minutes > 0);
        return new DryRunCover(
            Math.Round(100.0 * known / _minutes.Length, 2), Micros(begin), [.. levels.Select(each => new DryRunLevel(each.Level.Name(), each.Level.Milliseconds(), Math.Round(100.0 * each.Minutes / _minutes.Length, 2)))], gaps, missing);
    }

    private long Micros(int minute) => (_from + (minute * Minute)) * 1_000;
}
