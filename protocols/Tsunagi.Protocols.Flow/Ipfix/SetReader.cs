using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Tsunagi.Protocols.Flow.Ipfix;

/// <summary>Reads the sets of one NetFlow v9 datagram or IPFIX message and counts what was in them.</summary>
internal ref struct SetReader
{
    private readonly FlowExporter _exporter;
    private readonly ObservationDomain _domain;
    private readonly FlowHeader _header;
    private readonly long _bootMilliseconds;

    public SetReader(FlowExporter exporter, ObservationDomain domain, FlowHeader header)
    {
        _exporter = exporter;
        _domain = domain;
        _header = header;
        _bootMilliseconds = header.Origin == FlowOrigin.Ipfix ? domain.BootMilliseconds : header.ExportMilliseconds - header.UptimeMilliseconds;
    }

    public int Flows { get; private set; }

    public int Options { get; private set; }

    public int Templates { get; private set; }

    public int Problems { get; private set; }

    /// <summary>Some data records were not read, so their number is not known.</summary>
    public bool Unsure { get; private set; }

    /// <summary>The records of one data set; what is left behind the last is padding.</summary>
    public void ReadData<TSink>(ushort id, ReadOnlySpan<byte> set, int offset, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        Template? template = _domain.Find(id);
        if (template is null)
        {
            _domain.SetsWithoutTemplate++;
            Unsure = true;
            Problem(FlowProblemKind.TemplateUnknown, offset, id, ref sink);
        }
        else if (template.IsOptions)
        {
            ReadOptions(template, set, offset, ref sink);
        }
        else if (template.HasVariable)
        {
            ReadVariable(template, set, offset, ref sink);
        }
        else
        {
            ReadFixed(template, set, ref sink);
        }
    }

    /// <summary>The records of one template set or options template set.</summary>
    public void ReadTemplates<TSink>(ReadOnlySpan<byte> set, int offset, bool options, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        int at = 0;
        while (set.Length - at >= 4)
        {
            int start = at;
            ushort id = BinaryPrimitives.ReadUInt16BigEndian(set[at..]);
            TemplateRead read = TemplateReader.Read(set, ref at, _header.Origin, options, _exporter.Limits, out ImmutableArray<TemplateField> fields);
            if (read == TemplateRead.Padding)
            {
                return;
            }

            if (read == TemplateRead.Withdrawal)
            {
                Withdraw(id, options, ref sink);
                continue;
            }

            Templates++;
            if (read == TemplateRead.Ok)
            {
                Put(new Template(id, _header.Origin, fields, options), offset + start, ref sink);
            }
            else
            {
                Problem(read == TemplateRead.TooLarge ? FlowProblemKind.TemplateLimit : FlowProblemKind.TemplateMalformed, offset + start, id, ref sink);
            }

            if (read == TemplateRead.Truncated)
            {
                return;
            }
        }
    }

    private void Put<TSink>(Template template, int offset, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        bool? changed = _domain.Put(template, _exporter.Limits.TemplatesPerDomain, out TemplateChange change);
        if (changed is null)
        {
            Problem(FlowProblemKind.TemplateLimit, offset, template.Id, ref sink);
        }
        else if (changed.Value)
        {
            sink.OnTemplate(new TemplateEvent(_domain.Id, template, change));
        }
    }

    // RFC 7011 section 8.1: the id of a set withdraws all templates of its kind.
    private readonly void Withdraw<TSink>(ushort id, bool options, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        foreach (Template gone in id is IpfixReader.TemplateSet or IpfixReader.OptionsTemplateSet ? _domain.WithdrawAll(options) : _domain.Withdraw(id) is { } one ? [one] : (List<Template>)[])
        {
            sink.OnTemplate(new TemplateEvent(_domain.Id, gone, TemplateChange.Withdrawn));
        }
    }

    private void ReadFixed<TSink>(Template template, ReadOnlySpan<byte> set, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        FlowRecord blank = Blank(template);
        FieldPlan plan = template.Plan;
        int octets = template.MinimumOctets;
        bool completes = plan.Completes || _domain.Sampling.HasInterfaces;
        while (set.Length >= octets)
        {
            FlowRecord record = blank;
            var scratch = new FieldScratch(_exporter.Limits);
            ReadOnlySpan<byte> one = set[..octets];
            plan.Copy(one, [], ref record, ref scratch);
            Finish(template, one, completes, ref record, ref scratch, ref sink);
            set = set[octets..];
        }
    }

    private void ReadVariable<TSink>(Template template, ReadOnlySpan<byte> set, int offset, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        FlowRecord blank = Blank(template);
        Span<int> places = stackalloc int[2 * template.Fields.Length];
        int start = offset;
        while (set.Length >= template.MinimumOctets)
        {
            int octets = template.Locate(set, places);
            if (octets < 0)
            {
                // Zeros up to the next multiple of four are padding; all else was meant as a record.
                if (set.Length > 7 || set.ContainsAnyExcept((byte)0))
                {
                    Unsure = true;
                    Problem(FlowProblemKind.RecordTruncated, start, template.Id, ref sink);
                }

                return;
            }

            FlowRecord record = blank;
            var scratch = new FieldScratch(_exporter.Limits);
            ReadOnlySpan<byte> one = set[..octets];
            template.Plan.Copy(one, places, ref record, ref scratch);
            Finish(template, one, completes: true, ref record, ref scratch, ref sink);
            set = set[octets..];
            start += octets;
        }
    }

    private void ReadOptions<TSink>(Template template, ReadOnlySpan<byte> set, int offset, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        Span<int> places = stackalloc int[2 * template.Fields.Length];
        while (set.Length >= template.MinimumOctets)
        {
            int octets = template.Locate(set, places);
            if (octets < 0)
            {
                Unsure = true;
                Problem(FlowProblemKind.RecordTruncated, offset, template.Id, ref sink);
                return;
            }

            var raw = new RawRecord(_header, template, set[..octets]);
            if (!_domain.Sampling.Learn(in raw, _exporter.Limits.SamplersPerDomain))
            {
                Problem(FlowProblemKind.SamplerLimit, offset, template.Id, ref sink);
            }

            if (raw.TryFind(160, out RawField init) && init.Number is > 0 and < long.MaxValue / 2)
            {
                _domain.BootMilliseconds = (long)init.Number;
            }

            Options++;
            sink.OnOptions(in raw);
            set = set[octets..];
            offset += octets;
        }
    }

    private readonly FlowRecord Blank(Template template)
    {
        (uint rate, SamplingSource source) = _exporter.DefaultRate(_domain);
        return new FlowRecord
        {
            ExportMilliseconds = _header.ExportMilliseconds,
            ObservationDomain = _header.Domain,
            Origin = _header.Origin,
            TemplateId = template.Id,
            Fields = template.Plan.Fields,
            SamplingRate = rate,
            SamplingSource = source,
        };
    }

    private void Finish<TSink>(Template template, ReadOnlySpan<byte> octets, bool completes, ref FlowRecord record, ref FieldScratch scratch, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        if (completes)
        {
            SamplingSource before = record.SamplingSource;
            (uint rate, SamplingSource source) = (record.SamplingRate, before);
            scratch.Complete(ref record, _bootMilliseconds);
            if (before == SamplingSource.Override)
            {
                (record.SamplingRate, record.SamplingSource) = (rate, source);
            }
            else if (record.SamplingSource != SamplingSource.Record)
            {
                FindRate(ref record, ref scratch);
            }

            if (scratch.BadSection)
            {
                Problem(FlowProblemKind.PacketMalformed, 0, template.Id, ref sink);
            }
        }

        if (record.IpVersion == 0 && !record.Destination.IsUnspecified)
        {
            record.IpVersion = record.Destination.IsIPv4 ? (byte)4 : (byte)6;
        }

        if (record.Protocol is 1 or 58 && record.DestinationPort != 0 && (record.Fields & FlowFields.Icmp) == FlowFields.None)
        {
            // As in NetFlow v5, many exporters put ICMP type and code where the destination port stands.
            record.IcmpType = (byte)(record.DestinationPort >> 8);
            record.IcmpCode = (byte)record.DestinationPort;
        }

        Flows++;
        var raw = new RawRecord(_header, template, octets);
        sink.OnFlow(in record, in raw);
    }

    // The selector the record names, then its selection sequence, then its interface; else what holds for the domain stands already.
    private readonly void FindRate(ref FlowRecord record, ref FieldScratch scratch)
    {
        SamplingTable table = _domain.Sampling;
        if ((record.Fields & FlowFields.Selector) != FlowFields.None && table.TryGetSelector(record.SelectorId, out uint rate))
        {
            (record.SamplingRate, record.SamplingSource) = (rate, SamplingSource.Selector);
        }
        else if (scratch.HasSelectionSequence && table.RateOfSequence(scratch.SelectionSequence) is var product and not 0)
        {
            (record.SamplingRate, record.SamplingSource) = (product, SamplingSource.Selector);
        }
        else if (table.HasInterfaces && table.TryGetInterface(record.InputInterface, record.OutputInterface, out rate))
        {
            (record.SamplingRate, record.SamplingSource) = (rate, SamplingSource.Interface);
        }
        else if ((record.Fields & FlowFields.Selector) != FlowFields.None && record.SelectorId != 0 && table.Selectors.Count > 0 && !table.HasStatedDomainRate)
        {
            // It names a selector of which nothing was told, beside others of which something was: better no rate than a wrong one.
            (record.SamplingRate, record.SamplingSource) = (1, SamplingSource.Unknown);
        }
    }

    public void Problem<TSink>(FlowProblemKind kind, int offset, uint id, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        Problems++;
        sink.OnProblem(new FlowProblem(kind, offset, _domain.Id, id));
    }
}
