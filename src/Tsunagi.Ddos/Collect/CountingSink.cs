using System.Runtime.InteropServices;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.Sflow;

namespace Tsunagi.Ddos.Collect;

/// <summary>Counts the records of one datagram, hands them on to be kept, and notes how its exporter samples.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct CountingSink(TrafficCounter traffic, FlowArchive archive, Exporter exporter, long milliseconds, long unixMilliseconds, long coverMilliseconds) : IFlowSink
{
    private const long LongestFlowMilliseconds = 3_600_000;

    public void OnFlow(in FlowRecord record, in RawRecord raw)
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

    public void OnTemplate(in TemplateEvent change)
    {
        // Kept by the exporter's state.
    }

    public void OnProblem(in FlowProblem problem)
    {
        exporter.Problems++;
        exporter.LastProblem = problem;
    }
}
