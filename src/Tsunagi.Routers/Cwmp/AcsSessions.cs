using System.Collections.Concurrent;
using System.Security.Cryptography;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Meters;

namespace Tsunagi.Routers.Cwmp;

/// <summary>Sessions under way: one for each router, found by cookie or by connection. A router that begins anew ends its former session.</summary>
internal sealed class AcsSessions(RoutersOptions options, RouterMetrics metrics, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, AcsSession> _byCookie = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, AcsSession> _byDevice = new(StringComparer.Ordinal);

    public int Count => _byDevice.Count;

    /// <summary>Null when there are too many.</summary>
    public AcsSession? Begin(RouterDevice device, CwmpVersion version, AcsConnection connection)
    {
        Sweep(force: false);
        if (_byDevice.Count >= options.Cwmp.MaxSessions && !_byDevice.ContainsKey(device.Id))
        {
            return null;
        }

        var session = new AcsSession(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), device, version, time.NowMicros());
        if (_byDevice.TryGetValue(device.Id, out var former))
        {
            End(former, "superseded");
        }

        _byDevice[device.Id] = session;
        _byCookie[session.Cookie] = session;
        connection.Begins(session);
        return session;
    }

    /// <summary>By cookie where one is given, which must be right; else by connection.</summary>
    public AcsSession? Find(string? cookie, AcsConnection connection)
    {
        var found = cookie is { Length: > 0 } ? _byCookie.GetValueOrDefault(cookie) : connection.Session;
        if (found is null || found.IsOver)
        {
            return null;
        }

        if (time.NowMicros() - found.LastAt > (long)options.Cwmp.SessionIdle.TotalMicroseconds)
        {
            End(found, "idle");
            return null;
        }

        return found;
    }

    public void End(AcsSession session, string how)
    {
        if (session.IsOver)
        {
            return;
        }

        session.IsOver = true;
        _byCookie.TryRemove(session.Cookie, out _);
        _byDevice.TryRemove(KeyValuePair.Create(session.Device.Id, session));
        metrics.SessionEnded(how);
    }

    /// <summary>Ends those that are silent too long; looked at as sessions begin when there are many, and by the watch.</summary>
    public void Sweep(bool force = true)
    {
        if (!force && _byDevice.Count < options.Cwmp.MaxSessions)
        {
            return;
        }

        var before = time.NowMicros() - (long)options.Cwmp.SessionIdle.TotalMicroseconds;
        foreach (var session in _byDevice.Values)
        {
            if (session.LastAt < before)
            {
                End(session, "idle");
            }
        }
    }
}
