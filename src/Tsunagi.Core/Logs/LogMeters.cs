using System.Diagnostics.Metrics;

namespace Tsunagi.Core.Logs;

/// <summary>The instruments of the logs, one attribute each: the name of the log.</summary>
internal sealed class LogMeters(string log)
{
    private static readonly Meter Meter = new("Tsunagi.Core");
    private static readonly Counter<long> Records = Meter.CreateCounter<long>("tsunagi.log.records", "{record}", "Records acknowledged after their fsync");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>("tsunagi.log.bytes", "By", "Bytes written, headers included");
    private static readonly Histogram<double> Sync = Meter.CreateHistogram<double>("tsunagi.log.sync.duration", "s", "Write and fdatasync of one batch");

    private readonly KeyValuePair<string, object?> _log = new("tsunagi.log", log);

    public void Batch(int records, int bytes, TimeSpan duration)
    {
        Records.Add(records, _log);
        Bytes.Add(bytes, _log);
        Sync.Record(duration.TotalSeconds, _log);
    }
}
