using System.Diagnostics.Metrics;
using Tsunagi.Routers.Heartbeats;

namespace Tsunagi.Routers.Meters;

/// <summary>What operators watch.</summary>
internal sealed class RouterMetrics : IDisposable
{
    private readonly Meter _meter = new("Tsunagi.Routers");
    private readonly Counter<long> _sessions;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _tasks;
    private readonly Counter<long> _pulls;
    private readonly Counter<long> _tunnels;
    private readonly Counter<long> _pushes;
    private readonly Counter<long> _beats;

    public RouterMetrics()
    {
        _sessions = _meter.CreateCounter<long>("tsunagi.routers.sessions", "{session}", "CWMP sessions, by how they ended");
        _refused = _meter.CreateCounter<long>("tsunagi.routers.refused", "{request}", "Requests of routers that were refused, by why");
        _requests = _meter.CreateCounter<long>("tsunagi.routers.requests", "{request}", "Requests to routers");
        _tasks = _meter.CreateCounter<long>("tsunagi.routers.tasks", "{task}", "Tasks that ended, by how");
        _pulls = _meter.CreateCounter<long>("tsunagi.routers.pulls", "{pull}", "Requests of routers with ARMS, by type and result");
        _tunnels = _meter.CreateCounter<long>("tsunagi.routers.tunnels", "{tunnel}", "Tunnels of routers with ARMS that were confirmed");
        _pushes = _meter.CreateCounter<long>("tsunagi.routers.pushes", "{push}", "Changes that were brought to boxes, by outcome");
        _beats = _meter.CreateCounter<long>("tsunagi.routers.heartbeats", "{heartbeat}", "Heartbeats of routers with ARMS, by what became of them");
    }

    public void Beat(HeartbeatOutcome outcome)
    {
        // Those that ask the store are counted by what became of them then.
        if (outcome is not (HeartbeatOutcome.Unknown or HeartbeatOutcome.PerhapsNewKey))
        {
            Beat(outcome switch
            {
                HeartbeatOutcome.Heard => "heard", HeartbeatOutcome.Unread => "unread", HeartbeatOutcome.WrongKey => "wrong-hmac", HeartbeatOutcome.Early => "early", HeartbeatOutcome.Older => "older", _ => "unknown",
            });
        }
    }

    public void Beat(string outcome) => _beats.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void SessionEnded(string how) => _sessions.Add(1, new KeyValuePair<string, object?>("how", how));

    public void Refused(string why) => _refused.Add(1, new KeyValuePair<string, object?>("why", why));

    public void Asked() => _requests.Add(1);

    public void TaskEnded(string how) => _tasks.Add(1, new KeyValuePair<string, object?>("how", how));

    public void Pulled(string type, int code) => _pulls.Add(1, new KeyValuePair<string, object?>("type", type is "rs-solicitation" or "config-solicitation" or "push-method-query" ? type : "other"), new KeyValuePair<string, object?>("code", code));

    public void Tunnelled() => _tunnels.Add(1);

    public void Pushed(string outcome) => _pushes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose() => _meter.Dispose();
}
