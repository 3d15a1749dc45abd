using System.Runtime.InteropServices;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.Sflow;

namespace Tsunagi.Ddos.Verbs;

/// <summary>Who gets how much, for one interval; bounded: destinations above the limit are counted together.</summary>
internal sealed class TalkerTable(int limit) : IFlowSink
{
    private readonly Dictionary<FlowAddress, Talker> _talkers = [];

    public long Flows { get; private set; }

    public long Problems { get; private set; }

    public long UnknownSampling { get; private set; }

    /// <summary>What went to destinations for which there was no room.</summary>
    public Talker Others { get; private set; }

    public string LastProblem { get; private set; } = "";

    public void OnFlow(in FlowRecord record, in RawRecord raw)
    {
        Flows++;
        UnknownSampling += record.SamplingSource == SamplingSource.Unknown ? 1 : 0;
        if (_talkers.Count >= limit && !_talkers.ContainsKey(record.Destination))
        {
            Others = Others.With(in record);
            return;
        }

        ref var talker = ref CollectionsMarshal.GetValueRefOrAddDefault(_talkers, record.Destination, out _);
        talker = talker.With(in record);
    }

    public void OnOptions(in RawRecord raw)
    {
        // Their rates are learned by the exporter's state.
    }

    public void OnCounters(in SflowCounterSample sample)
    {
        // Interfaces are not shown here.
    }

    public void OnTemplate(in TemplateEvent change)
    {
        // Kept by the exporter's state.
    }

    public void OnProblem(in FlowProblem problem)
    {
        Problems++;
        LastProblem = problem.ToString();
    }

    public IReadOnlyList<KeyValuePair<FlowAddress, Talker>> Top(int count) =>
        [.. _talkers.OrderByDescending(static pair => pair.Value.Octets).ThenBy(static pair => pair.Key).Take(count)];

    public void Clear()
    {
        _talkers.Clear();
        (Flows, Problems, UnknownSampling, Others) = (0, 0, 0, default);
    }
}

/// <summary>What one destination got, sampling put back.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Talker(ulong Packets, ulong Octets, long Records, uint Rate)
{
    public Talker With(in FlowRecord record) => new(Packets + record.ScaledPackets, Octets + record.ScaledOctets, Records + 1, Math.Max(Rate, record.SamplingRate));
}
