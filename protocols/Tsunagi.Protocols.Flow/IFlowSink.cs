using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.Sflow;

namespace Tsunagi.Protocols.Flow;

/// <summary>
/// Who gets what <see cref="FlowExporter.Decode{TSink}"/> reads, in the order of the datagram and on its thread. Implement it as a struct
/// on the hot path: the calls are then direct. Everything passed is only good during the call.
/// </summary>
public interface IFlowSink
{
    /// <summary>A flow or sampled packet.</summary>
    /// <param name="record">Its fixed form.</param>
    /// <param name="raw">All its fields; without any for sFlow.</param>
    void OnFlow(in FlowRecord record, in RawRecord raw);

    /// <summary>A record of an options template: sampling rates, interface names, statistics of the exporter.</summary>
    void OnOptions(in RawRecord raw);

    /// <summary>An sFlow counter sample.</summary>
    void OnCounters(in SflowCounterSample sample);

    /// <summary>A template that came, changed or went; not told when it was repeated unchanged.</summary>
    void OnTemplate(in TemplateEvent change);

    /// <summary>Something that was not understood.</summary>
    void OnProblem(in FlowProblem problem);
}
