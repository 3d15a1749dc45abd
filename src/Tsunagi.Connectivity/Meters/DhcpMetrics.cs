using System.Diagnostics.Metrics;

namespace Tsunagi.Connectivity.Meters;

/// <summary>What operators watch of DHCP of one family.</summary>
internal abstract class DhcpMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _received;
    private readonly Counter<long> _answered;
    private readonly Counter<long> _dropped;

    /// <param name="part">"dhcp6": what the instruments' names have.</param>
    /// <param name="leases">How many last.</param>
    protected DhcpMetrics(string part, string family, Func<int> leases)
    {
        _meter = new Meter(new MeterOptions("Tsunagi.Connectivity") { Scope = this });
        _received = _meter.CreateCounter<long>($"tsunagi.connectivity.{part}.received", "{message}", $"Messages of clients of {family}, by kind");
        _answered = _meter.CreateCounter<long>($"tsunagi.connectivity.{part}.answered", "{message}", $"Answers to clients of {family}, by kind; what they promise is on the disk");
        _dropped = _meter.CreateCounter<long>($"tsunagi.connectivity.{part}.dropped", "{datagram}", $"Datagrams of {family} that were not answered, by cause");
        _meter.CreateObservableGauge($"tsunagi.connectivity.{part}.leases", leases, "{lease}", $"Leases of {family} that last, of all nodes as this one knows them");
    }

    public void Dropped(string cause) => _dropped.Add(1, new KeyValuePair<string, object?>("cause", cause));

    public void Dispose() => _meter.Dispose();

    protected void Received(string type) => _received.Add(1, new KeyValuePair<string, object?>("type", type));

    protected void Answered(string type) => _answered.Add(1, new KeyValuePair<string, object?>("type", type));
}
