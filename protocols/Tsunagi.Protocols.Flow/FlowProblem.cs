using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Flow;

/// <summary>What was wrong with a datagram or a part of it.</summary>
public enum FlowProblemKind
{
    /// <summary>Shorter than its header.</summary>
    HeaderTruncated,

    /// <summary>A version that is not read here.</summary>
    UnknownVersion,

    /// <summary>An IPFIX message whose length is not that of its sets, or longer than the datagram: nothing of it is used (RFC 7011 section 9).</summary>
    MessageMalformed,

    /// <summary>A set shorter than its header or longer than what is left; what was complete before and in it is used.</summary>
    SetMalformed,

    /// <summary>A template that no record can have: no octets, too few fields, an id below 256.</summary>
    TemplateMalformed,

    /// <summary>A data set whose template is not known (yet).</summary>
    TemplateUnknown,

    /// <summary>One template, or field of a template, above the limit.</summary>
    TemplateLimit,

    /// <summary>One observation domain above the limit.</summary>
    DomainLimit,

    /// <summary>One sampler above the limit.</summary>
    SamplerLimit,

    /// <summary>A record cut off by the end of its set.</summary>
    RecordTruncated,

    /// <summary>An sFlow sample or record longer than what is left, or more of them than the limit.</summary>
    SampleMalformed,

    /// <summary>A packet section or sampled header that holds no packet that is read here.</summary>
    PacketMalformed,
}

/// <summary>One thing that was wrong. A value without text, so that a flood of bad datagrams allocates nothing.</summary>
/// <param name="Kind">What.</param>
/// <param name="Offset">The octet of the datagram, or of the part that was being read.</param>
/// <param name="Domain">The observation domain.</param>
/// <param name="Id">The set, template or sample format concerned; 0 where there is none.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FlowProblem(FlowProblemKind Kind, int Offset, uint Domain = 0, uint Id = 0)
{
    /// <summary>What was being read and what was wrong.</summary>
    public override string ToString() => Kind switch
    {
        FlowProblemKind.HeaderTruncated => $"reading a flow datagram: {Offset} octets are shorter than its header",
        FlowProblemKind.UnknownVersion => $"reading a flow datagram: version {Id} is not NetFlow 5, NetFlow 9, IPFIX or sFlow 5",
        FlowProblemKind.MessageMalformed => $"reading an IPFIX message of domain {Domain}: its sets do not add up to its length at octet {Offset}",
        FlowProblemKind.SetMalformed => $"reading set {Id} of domain {Domain} at octet {Offset}: its length is shorter than its header or longer than the datagram",
        FlowProblemKind.TemplateMalformed => $"reading template {Id} of domain {Domain} at octet {Offset}: no record can have this form",
        FlowProblemKind.TemplateUnknown => $"reading set {Id} of domain {Domain} at octet {Offset}: its template has not been received",
        FlowProblemKind.TemplateLimit => $"reading template {Id} of domain {Domain} at octet {Offset}: above the limit of templates or fields",
        FlowProblemKind.DomainLimit => $"reading a datagram of domain {Domain}: above the limit of domains of one exporter",
        FlowProblemKind.SamplerLimit => $"reading sampler {Id} of domain {Domain}: above the limit of samplers",
        FlowProblemKind.RecordTruncated => $"reading set {Id} of domain {Domain} at octet {Offset}: a record ends behind its set",
        FlowProblemKind.SampleMalformed => $"reading an sFlow sample of format {Id} at octet {Offset}: longer than what is left, or too many",
        _ => $"reading a packet of domain {Domain}: no packet that is understood",
    };
}
