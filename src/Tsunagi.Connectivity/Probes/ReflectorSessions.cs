using Tsunagi.Connectivity.Radius;
using Tsunagi.Protocols.Net.Stamp;

namespace Tsunagi.Connectivity.Probes;

/// <summary>One session as a reflector with state knows it (RFC 8762 section 4).</summary>
internal sealed class ReflectedSession
{
    public uint Received { get; set; }

    public uint Reflected { get; set; }

    public long HeardAt { get; set; }

    /// <summary>The reply before, with the time at which it truly left.</summary>
    public StampFollowUp Before { get; set; }
}

/// <summary>The sessions of one socket, by who sends and its SSID. Full, the silent ones go; where none is silent, a further session has none and is reflected without state. For one thread.</summary>
internal sealed class ReflectorSessions(int most, TimeSpan forgetAfter, TimeProvider time)
{
    private readonly Dictionary<(RadiusSource Source, ushort Session), ReflectedSession> _sessions = [];
    private long _sweptAt = long.MinValue;

    public int Count => _sessions.Count;

    public ReflectedSession? Of(RadiusSource source, ushort session)
    {
        var now = time.GetTimestamp();
        if (!_sessions.TryGetValue((source, session), out var known))
        {
            if (_sessions.Count >= most && !Sweep(now))
            {
                return null;
            }

            _sessions[(source, session)] = known = new ReflectedSession();
        }
        else if (time.GetElapsedTime(known.HeardAt, now) >= forgetAfter)
        {
            _sessions[(source, session)] = known = new ReflectedSession();
        }

        known.HeardAt = now;
        return known;
    }

    private bool Sweep(long now)
    {
        // At most once a second: a flood of new sessions does not make each packet walk through all.
        if (_sweptAt != long.MinValue && time.GetElapsedTime(_sweptAt, now) < TimeSpan.FromSeconds(1))
        {
            return false;
        }

        _sweptAt = now;
        foreach (var (id, session) in _sessions)
        {
            if (time.GetElapsedTime(session.HeardAt, now) >= forgetAfter)
            {
                _sessions.Remove(id);
            }
        }

        return _sessions.Count < most;
    }
}
