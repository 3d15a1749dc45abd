using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Tsunagi.Connectivity.Meters;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>Counts what one world's server of DHCPv4 drops, by cause; other tests' servers are not heard.</summary>
internal sealed class DroppedHere : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _dropped = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public DroppedHere(Dhcp4World world)
    {
        var metrics = world.World.Get<Dhcp4Metrics>();
        _listener.InstrumentPublished = (instrument, own) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, metrics) && instrument.Name.EndsWith(".dropped", StringComparison.Ordinal))
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) => _dropped.AddOrUpdate((string)tags[0].Value!, count, (_, before) => before + count));
        _listener.Start();
    }

    public long this[string cause] => _dropped.GetValueOrDefault(cause);

    public void Dispose() => _listener.Dispose();
}
