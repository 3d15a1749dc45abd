using System.Diagnostics.Metrics;

namespace Tsunagi.Routing.Kernel;

/// <summary>What operators watch of routes of this machine.</summary>
internal sealed class KernelRouteMetrics(KernelRoutes routes) : IDisposable
{
    private readonly Meter _meter = new("Tsunagi.Routing");

    /// <summary>From now on they are told.</summary>
    public void Begin()
    {
        _meter.CreateObservableGauge("tsunagi.routing.kernel.routes", Read, "{route}", "Routes that this node sets in its own kernel, by state: set, waiting, failed");
        _meter.CreateObservableCounter("tsunagi.routing.kernel.repaired", () => routes.Repaired, "{route}", "Routes of this node that somebody else changed and that were set again");
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Read()
    {
        var (set, waiting, failed) = routes.Count();
        return [Of(set, "set"), Of(waiting, "waiting"), Of(failed, "failed")];
    }

    private static Measurement<long> Of(long count, string state) => new(count, new KeyValuePair<string, object?>("state", state));
}
