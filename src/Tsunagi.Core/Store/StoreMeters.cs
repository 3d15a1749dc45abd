using System.Diagnostics.Metrics;

namespace Tsunagi.Core.Store;

/// <summary>What the stores count.</summary>
internal static class StoreMeters
{
    private static readonly Histogram<double> Duration = CoreMetrics.Meter.CreateHistogram<double>("tsunagi.store.commit.duration", "s", "time from the begin of a transaction to its commit");
    private static readonly Counter<long> Writes = CoreMetrics.Meter.CreateCounter<long>("tsunagi.store.writes", "{write}", "writes committed");
    private static readonly Counter<long> Repeats = CoreMetrics.Meter.CreateCounter<long>("tsunagi.store.repeats", "{write}", "transactions run again after a conflict or a lost connection");

    public static void Committed(string store, int writes, TimeSpan duration)
    {
        var tag = new KeyValuePair<string, object?>("store", store);
        Writes.Add(writes, tag);
        Duration.Record(duration.TotalSeconds, tag);
    }

    public static void Repeated(string store) => Repeats.Add(1, new KeyValuePair<string, object?>("store", store));
}
