using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.NetFlow5;
using Tsunagi.Protocols.Flow.NetFlow9;
using Tsunagi.Protocols.Flow.Sflow;

namespace Tsunagi.Protocols.Flow;

/// <summary>What one datagram held.</summary>
/// <param name="Origin">Its protocol; None when it is none that is read here.</param>
/// <param name="Flows">Flows and sampled packets.</param>
/// <param name="Options">Options records.</param>
/// <param name="Templates">Template records, repeated ones too.</param>
/// <param name="Counters">sFlow counter samples.</param>
/// <param name="Problems">Things that were not understood.</param>
/// <param name="Missing">What the sequence number says was lost before it, in the unit of <see cref="SequenceTracker"/>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FlowDecodeResult(FlowOrigin Origin, int Flows, int Options, int Templates, int Counters, int Problems, uint Missing);

/// <summary>
/// One exporter: its templates, its sampling rates, what it lost, and the reading of its datagrams. Which datagrams belong to one exporter is
/// the caller's to say (by address, or address and port). Not for several threads at once. Bad datagrams are problems, never exceptions.
/// </summary>
public sealed class FlowExporter
{
    private readonly Dictionary<(FlowOrigin Origin, uint Id), ObservationDomain> _domains = [];
    private ObservationDomain? _last;

    /// <summary>An exporter that has told nothing yet.</summary>
    public FlowExporter(FlowLimits? limits = null) => Limits = limits ?? FlowLimits.Default;

    /// <summary>How much is kept.</summary>
    public FlowLimits Limits { get; }

    /// <summary>The rate the operator states for all records, over whatever the exporter says; null leaves it to the exporter.</summary>
    public uint? SamplingOverride { get; set; }

    /// <summary>The domains seen.</summary>
    public IReadOnlyCollection<ObservationDomain> Domains => _domains.Values;

    /// <summary>The domain that the newest datagram spoke for; null before the first.</summary>
    public ObservationDomain? LastDomain => _last;

    /// <summary>The domains as they are kept; for writing them down.</summary>
    internal IEnumerable<ObservationDomain> KnownDomains => _domains.Values;

    /// <summary>
    /// Reads one UDP payload. (1) The first octets tell the protocol. (2) The domain of its header is found or made. (3) Templates and options go
    /// into the domain. (4) Each data record is copied by its template's plan into one <see cref="FlowRecord"/>, gets its times and sampling
    /// rate, and goes to the sink. (5) The sequence number is noted.
    /// </summary>
    /// <param name="datagram">The payload; not kept.</param>
    /// <param name="receivedMilliseconds">When it was received, Unix time; used where the protocol tells no clock.</param>
    /// <param name="sink">Who gets what is read.</param>
    public FlowDecodeResult Decode<TSink>(ReadOnlySpan<byte> datagram, long receivedMilliseconds, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        // :: Step 1
        if (datagram.Length < 4)
        {
            return Refuse(FlowProblemKind.HeaderTruncated, datagram.Length, 0, ref sink);
        }

        uint start = BinaryPrimitives.ReadUInt32BigEndian(datagram);
        return (start >> 16, start) switch
        {
            (5, _) => NetFlow5Reader.Read(this, datagram, ref sink),
            (9, _) => NetFlow9Reader.Read(this, datagram, ref sink),
            (10, _) => IpfixReader.Read(this, datagram, ref sink),
            (_, 5) => SflowReader.Read(this, datagram, receivedMilliseconds, ref sink),
            _ => Refuse(FlowProblemKind.UnknownVersion, 0, start >> 16, ref sink),
        };
    }

    /// <summary>A problem with the whole datagram.</summary>
    internal static FlowDecodeResult Refuse<TSink>(FlowProblemKind kind, int offset, uint id, ref TSink sink, FlowOrigin origin = FlowOrigin.None, uint domain = 0)
        where TSink : IFlowSink, allows ref struct
    {
        sink.OnProblem(new FlowProblem(kind, offset, domain, id));
        return new FlowDecodeResult(origin, 0, 0, 0, 0, 1, 0);
    }

    /// <summary>The domain of a number; null when there would be one too many.</summary>
    internal ObservationDomain? Domain(FlowOrigin origin, uint id)
    {
        if (_last is { } last && last.Id == id && last.Origin == origin)
        {
            return last;
        }

        if (!_domains.TryGetValue((origin, id), out ObservationDomain? domain))
        {
            if (_domains.Count >= Limits.Domains)
            {
                return null;
            }

            domain = new ObservationDomain(origin, id);
            _domains.Add((origin, id), domain);
        }

        _last = domain;
        return domain;
    }

    /// <summary>The rate for records of a domain that say nothing themselves, and where it comes from.</summary>
    internal (uint Rate, SamplingSource Source) DefaultRate(ObservationDomain domain)
    {
        if (SamplingOverride is { } stated)
        {
            return (Math.Max(1, stated), SamplingSource.Override);
        }

        if (domain.Sampling.DomainRate is var own and not 0)
        {
            return (own, SamplingSource.Domain);
        }

        // Some exporters send data under one source id and their options under another.
        uint only = 0;
        foreach (ObservationDomain other in _domains.Values)
        {
            uint rate = other.Origin == domain.Origin ? other.Sampling.DomainRate : 0;
            if (rate != 0 && only != 0 && rate != only)
            {
                return (1, SamplingSource.Unknown);
            }

            only = rate == 0 ? only : rate;
        }

        return only == 0 || domain.Sampling.Count > 0 ? (1, SamplingSource.Unknown) : (only, SamplingSource.OtherDomain);
    }
}
