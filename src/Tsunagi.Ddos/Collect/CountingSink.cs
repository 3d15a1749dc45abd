using System.Runtime.InteropServices;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.Sflow;

namespace Tsunagi.Ddos.Collect;

/// <summary>
/// Gathers the records of one datagram, counts them and hands them on to be kept, and notes how its exporter samples. A few at a time: first it is asked for the counters of all of them, so that memory brings
/// them at once and not one after the other (with a million addresses none is in a cache).
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct CountingSink(FlowBatch batch, TrafficCounter traffic, FlowArchive archive, Exporter exporter, long milliseconds, long unixMilliseconds, long coverMilliseconds) : IFlowSink
{
    private const long LongestFlowMilliseconds = 3_600_000;

    public void OnFlow(in FlowRecord record, in RawRecord raw)
    {
        if (batch.Add(in record))
        {
            Flush();
        }
    }

    /// <summary>After the last record of the datagram.</summary>
    public void Flush()
    {
        var records = batch.Records;
        traffic.Fetch(records);
        foreach (ref readonly var record in records)
        {
            Count(in record);
        }

        batch.Clear();
    }

    private void Count(in FlowRecord record)
    {
        exporter.SamplingRate = record.SamplingRate;
        exporter.SamplingSource = record.SamplingSource;
        exporter.UnsampledRecords += record.SamplingSource == SamplingSource.Unknown ? 1 : 0;
        var lasted = record is { StartMilliseconds: > 0, EndMilliseconds: > 0 } ? record.EndMilliseconds - record.StartMilliseconds : 0;
        if (lasted is > 0 and <= LongestFlowMilliseconds)
        {
            exporter.Lasted(lasted);
        }
        else
        {
            lasted = 0;
        }

        var protection = traffic.Count(in record, milliseconds, Math.Max(lasted, coverMilliseconds));
        if (protection is not null)
        {
            batch.SpeaksOf(in record.Destination);
        }

        archive.Add(in record, exporter.Address, protection?.Subscription ?? "", unixMilliseconds);
    }

    public void OnOptions(in RawRecord raw)
    {
        // Rates were learned by the exporter's state.
    }

    public void OnCounters(in SflowCounterSample sample)
    {
        // Interface counters are not used yet.
    }

    public void OnTemplate(in TemplateEvent change) => exporter.Redefined += change.Change == TemplateChange.Replaced ? 1 : 0;

    public void OnProblem(in FlowProblem problem)
    {
        exporter.Problems++;
        exporter.LastProblem = problem;
    }
}
