using System.Diagnostics.Metrics;

namespace Tsunagi.Ddos.Meters;

/// <summary>What operators watch. Names follow the module's prefix; attributes stay few.</summary>
internal sealed class DdosMetrics : IDisposable
{
    private readonly Meter _meter = new("Tsunagi.Ddos");
    private readonly Counter<long> _datagrams;
    private readonly Counter<long> _records;
    private readonly Counter<long> _missing;
    private readonly Counter<long> _problems;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _kernelDrops;
    private readonly Counter<long> _incidents;
    private readonly Counter<long> _announced;
    private readonly Counter<long> _lifted;
    private readonly Counter<long> _kept;
    private readonly Counter<long> _notKept;
    private readonly Counter<long> _notCounted;
    private readonly Counter<long> _rolled;

    public DdosMetrics()
    {
        _datagrams = _meter.CreateCounter<long>("tsunagi.ddos.datagrams", "{datagram}", "Flow datagrams of allowed exporters");
        _records = _meter.CreateCounter<long>("tsunagi.ddos.records", "{record}", "Flow records and sampled packets read");
        _missing = _meter.CreateCounter<long>("tsunagi.ddos.missing", "{unit}", "What the sequence numbers say was lost, in the unit of each protocol");
        _problems = _meter.CreateCounter<long>("tsunagi.ddos.problems", "{problem}", "Parts of datagrams that were not understood");
        _refused = _meter.CreateCounter<long>("tsunagi.ddos.datagrams.refused", "{datagram}", "Datagrams of senders that are not allowed");
        _kernelDrops = _meter.CreateCounter<long>("tsunagi.ddos.datagrams.dropped", "{datagram}", "Datagrams the kernel dropped since the program did not take them in time");
        _incidents = _meter.CreateCounter<long>("tsunagi.ddos.incidents", "{incident}", "Incidents opened");
        _announced = _meter.CreateCounter<long>("tsunagi.ddos.mitigations", "{rule}", "Rules made");
        _lifted = _meter.CreateCounter<long>("tsunagi.ddos.mitigations.ended", "{rule}", "Rules ended, by how");
        _kept = _meter.CreateCounter<long>("tsunagi.ddos.records.kept", "{record}", "Flow records written to the node's archive");
        _notKept = _meter.CreateCounter<long>("tsunagi.ddos.records.lost", "{record}", "Flow records the archive did not take: its writer was behind, or the disk was full");
        _rolled = _meter.CreateCounter<long>("tsunagi.ddos.rollup.rows", "{row}", "Rows of sums that flow records were rolled up to, by level");
        _notCounted = _meter.CreateCounter<long>("tsunagi.ddos.records.uncounted", "{record}", "Flow records counted in their prefix only: more addresses had traffic at once than are counted");
    }

    public void Received(int records, uint missing, int problems)
    {
        _datagrams.Add(1);
        _records.Add(records);
        if (missing > 0)
        {
            _missing.Add(missing);
        }

        if (problems > 0)
        {
            _problems.Add(problems);
        }
    }

    public void Refused() => _refused.Add(1);

    public void KernelDropped(long datagrams) => _kernelDrops.Add(datagrams);

    public void IncidentOpened() => _incidents.Add(1);

    public void FlowsKept(int records) => _kept.Add(records);

    public void FlowsNotKept(int records) => _notKept.Add(records);

    public void FlowsRolled(string level, long rows) => _rolled.Add(rows, new KeyValuePair<string, object?>("level", level));

    public void NotCounted(long records) => _notCounted.Add(records);

    public void MitigationMade() => _announced.Add(1);

    public void MitigationEnded(string how) => _lifted.Add(1, new KeyValuePair<string, object?>("how", how));

    public void Dispose() => _meter.Dispose();
}
