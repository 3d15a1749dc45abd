using System.Diagnostics.Metrics;
using Tsunagi.Connectivity.Authenticate;

namespace Tsunagi.Connectivity.Meters;

/// <summary>What operators watch of RADIUS.</summary>
internal sealed class ConnectivityMetrics : IDisposable
{
    private static readonly string[] Reasons = Enum.GetNames<RejectReason>();

    private readonly Meter _meter = new("Tsunagi.Connectivity");
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _accounted;
    private readonly Counter<long> _sessionsLost;
    private readonly Counter<long> _homeRequests;
    private readonly Counter<long> _homeFiltered;

    public ConnectivityMetrics()
    {
        _accepted = _meter.CreateCounter<long>("tsunagi.connectivity.access.accepted", "{request}", "Access-Requests accepted, into the walled garden or not");
        _rejected = _meter.CreateCounter<long>("tsunagi.connectivity.access.rejected", "{request}", "Access-Requests rejected, by reason");
        _dropped = _meter.CreateCounter<long>("tsunagi.connectivity.radius.dropped", "{datagram}", "Datagrams that were not answered, by cause");
        _duplicates = _meter.CreateCounter<long>("tsunagi.connectivity.radius.duplicates", "{request}", "Requests that came again within the time answers are kept");
        _accounted = _meter.CreateCounter<long>("tsunagi.connectivity.accounting.requests", "{request}", "Accounting-Requests that are on the disk and answered");
        _sessionsLost = _meter.CreateCounter<long>("tsunagi.connectivity.sessions.lost", "{session}", "Sessions closed at the time they were last seen, since nothing more was heard of them");
        _homeRequests = _meter.CreateCounter<long>("tsunagi.connectivity.proxy.requests", "{request}", "Requests to home servers by what became of them (answered, silent, not-sent), and datagrams from there that are no answers (forged)");
        _homeFiltered = _meter.CreateCounter<long>("tsunagi.connectivity.proxy.filtered", "{attribute}", "Attributes of home servers' answers that their realm does not let pass");
    }

    public void Accepted(bool isWalled) => _accepted.Add(1, new KeyValuePair<string, object?>("walled", isWalled));

    public void Rejected(RejectReason reason) => _rejected.Add(1, new KeyValuePair<string, object?>("reason", Reasons[(int)reason]));

    public void Dropped(string cause) => _dropped.Add(1, new KeyValuePair<string, object?>("cause", cause));

    public void Duplicate() => _duplicates.Add(1);

    public void Accounted() => _accounted.Add(1);

    public void SessionsLost(int count) => _sessionsLost.Add(count);

    public void HomeAnswer(string server, bool isAccounting, string outcome) => _homeRequests.Add(
        1, new KeyValuePair<string, object?>("server", server), new KeyValuePair<string, object?>("port", isAccounting ? "accounting" : "authentication"), new KeyValuePair<string, object?>("outcome", outcome));

    public void ProxiedAttributesFiltered(int count) => _homeFiltered.Add(count);

    public void Dispose() => _meter.Dispose();
}
