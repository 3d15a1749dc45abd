using System.Collections.Concurrent;
using System.Text.Json;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Authenticate;

/// <summary>One Access-Reject as an operator reads it.</summary>
/// <param name="AtMicros">When, µs since 1970.</param>
/// <param name="NasId">Which NAS asked.</param>
/// <param name="UserName">The name that was given.</param>
/// <param name="Reason">Why.</param>
public sealed record AccessRejected(long AtMicros, string NasId, string NasName, string UserName, RejectReason Reason);

/// <summary>
/// The last rejects, of each line and of names without a line, on this node; and which of them are to be told as events: one for each line (and for each NAS, of names without a line)
/// in a while, with how many there were. Bounded; thread-safe.
/// </summary>
public sealed class RejectBook
{
    private const int MostLines = 50_000;

    private readonly ConcurrentDictionary<string, Kept> _byLine = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Kept> _byNas = new(StringComparer.Ordinal);
    private readonly AuthenticateOptions _options;
    private readonly TimeProvider _time;

    public RejectBook(ConnectivityOptions options, TimeProvider time)
    {
        _options = options.Authenticate;
        _time = time;
    }

    /// <summary>The last rejects of a line on this node, newest first.</summary>
    public IReadOnlyList<AccessRejected> OfLine(string lineId) => _byLine.TryGetValue(lineId, out var kept) ? kept.Newest() : [];

    /// <summary>The last rejects of names that are no line of ours, newest first.</summary>
    public IReadOnlyList<AccessRejected> OfUnknown() => [.. _byNas.Values.SelectMany(static kept => kept.Newest()).OrderByDescending(static each => each.AtMicros)];

    internal void Note(Nas nas, Line? line, string name, RejectReason reason)
    {
        var rejected = new AccessRejected(_time.NowMicros(), nas.NasId, nas.Name, name, reason);
        if (line is null)
        {
            _byNas.GetOrAdd(nas.NasId, static (_, most) => new Kept(null, most), _options.RejectsKept * 10).Add(rejected);
            return;
        }

        if (_byLine.Count >= MostLines && !_byLine.ContainsKey(line.LineId))
        {
            _byLine.Clear();
        }

        _byLine.GetOrAdd(line.LineId, static (_, with) => new Kept(with.line, with.RejectsKept), (line, _options.RejectsKept)).Add(rejected);
    }

    /// <summary>What is to be told now; each is told once in a while only.</summary>
    internal IReadOnlyList<ToTell> TakeToTell()
    {
        var every = (long)_options.RejectEventEvery.TotalMicroseconds;
        var now = _time.NowMicros();
        var tell = new List<ToTell>();
        foreach (var (id, kept) in _byLine.Concat(_byNas))
        {
            if (kept.TakeToTell(now, every) is { } told)
            {
                tell.Add(new ToTell(kept.Line, id, told.Last, told.Count));
            }
        }

        return tell;
    }

    internal sealed record ToTell(Line? Line, string Subject, AccessRejected Last, long Count)
    {
        public string Facts() => JsonSerializer.Serialize(new { reason = Last.Reason.ToString(), count = Count, nas = Last.NasName, nasId = Last.NasId });
    }

    private sealed class Kept(Line? line, int most)
    {
        private readonly Queue<AccessRejected> _last = new();
        private long _untold;
        private long _toldAt;

        public Line? Line => line;

        public void Add(AccessRejected rejected)
        {
            lock (_last)
            {
                _last.Enqueue(rejected);
                _untold++;
                if (_last.Count > most)
                {
                    _last.Dequeue();
                }
            }
        }

        public IReadOnlyList<AccessRejected> Newest()
        {
            lock (_last)
            {
                return [.. _last.Reverse()];
            }
        }

        public (AccessRejected Last, long Count)? TakeToTell(long now, long every)
        {
            lock (_last)
            {
                if (_untold == 0 || (_toldAt != 0 && now - _toldAt < every))
                {
                    return null;
                }

                var count = _untold;
                (_untold, _toldAt) = (0, now);
                return (_last.Last(), count);
            }
        }
    }
}
