using System.Collections.Concurrent;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Sessions;

/// <summary>
/// The open sessions of each line as this node knows them, for simultaneous use: from accounting as it comes to this node, at once, and from the store, a few seconds behind, for sessions of
/// other nodes. A session of which nothing was heard for three of its intervals does not count: a Stop that was lost locks nobody out. Thread-safe.
/// </summary>
internal sealed class OpenSessions(TimeProvider time)
{
    private const long LeastQuietMicros = 15 * 60 * UnixMicros.PerSecond;

    private readonly ConcurrentDictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <summary>Sessions that count, on this node's knowledge.</summary>
    public int Count => _lines.Values.Sum(static line => line.Count);

    /// <summary>Sessions of a line, other than one of the same station on the same NAS, which is the same customer dialling again.</summary>
    public int CountOther(string lineId, string nasId, string station)
    {
        if (!_lines.TryGetValue(lineId, out var line))
        {
            return 0;
        }

        return line.CountOther(nasId, station, time.NowMicros());
    }

    /// <summary>A session is open, as of a time (µs).</summary>
    public void Seen(string lineId, string nasId, string sessionId, string station, long atMicros, long intervalMicros) =>
        _lines.GetOrAdd(lineId, static _ => new Line()).Seen((nasId, sessionId), station, atMicros, Math.Max(LeastQuietMicros, 3 * intervalMicros));

    /// <summary>A session ended, as of a time (µs); what was heard later keeps it open.</summary>
    public void Ended(string lineId, string nasId, string sessionId, long atMicros)
    {
        if (_lines.TryGetValue(lineId, out var line))
        {
            line.Ended((nasId, sessionId), atMicros);
        }
    }

    /// <summary>The NAS started anew: whatever it had before is over.</summary>
    public void NasRestarted(string nasId, long atMicros)
    {
        foreach (var line in _lines.Values)
        {
            line.NasRestarted(nasId, atMicros);
        }
    }

    private sealed class Line
    {
        private const int MostEnded = 16;

        private readonly Dictionary<(string Nas, string Session), Known> _known = [];

        public int Count
        {
            get
            {
                lock (_known)
                {
                    return _known.Values.Count(static known => known.IsOpen);
                }
            }
        }

        public int CountOther(string nasId, string station, long now)
        {
            lock (_known)
            {
                var count = 0;
                foreach (var (key, known) in _known)
                {
                    count += known.IsOpen && now - known.At <= known.Quiet && !(key.Nas == nasId && station.Length > 0 && known.Station == station) ? 1 : 0;
                }

                return count;
            }
        }

        public void Seen((string Nas, string Session) key, string station, long at, long quiet)
        {
            lock (_known)
            {
                if (!_known.TryGetValue(key, out var known) || known.At < at)
                {
                    _known[key] = new Known(station, at, quiet, IsOpen: true);
                }
            }
        }

        // Ended ones are remembered for a while: a report that comes late opens nothing.
        public void Ended((string Nas, string Session) key, long at)
        {
            lock (_known)
            {
                if (!_known.TryGetValue(key, out var known) || known.At <= at)
                {
                    _known[key] = new Known(known.Station ?? "", at, known.Quiet, IsOpen: false);
                }

                while (_known.Count(static each => !each.Value.IsOpen) > MostEnded)
                {
                    _known.Remove(_known.Where(static each => !each.Value.IsOpen).MinBy(static each => each.Value.At).Key);
                }
            }
        }

        public void NasRestarted(string nasId, long at)
        {
            lock (_known)
            {
                foreach (var (key, known) in _known.Where(each => each.Key.Nas == nasId && each.Value.IsOpen && each.Value.At <= at).ToList())
                {
                    _known[key] = known with { IsOpen = false };
                }
            }
        }

        private readonly record struct Known(string Station, long At, long Quiet, bool IsOpen);
    }
}
