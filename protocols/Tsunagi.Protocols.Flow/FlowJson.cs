using System.Globalization;
using System.Text.Json;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.Sflow;

namespace Tsunagi.Protocols.Flow;

/// <summary>
/// Writes records as JSON objects whose members bear the names of IANA's information elements. What is not of the record stands in two members
/// of their own: <c>export</c> (version, exporter, domain, template, sequence, time) and <c>sampling</c> (rate and where it was learned).
/// A member that a record has several times is an array. What is read in a sampled packet stands beside what the exporter says itself, where
/// the exporter does not say it. Numbers are numbers, times too, in the unit that the element's name tells; addresses are text, octets hex.
/// </summary>
public static class FlowJson
{
    /// <summary>Writes a flow, or a sampled packet.</summary>
    public static void WriteFlow(Utf8JsonWriter json, in FlowRecord record, in RawRecord raw, FlowAddress exporter)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        WriteExport(json, raw.Header, raw.Template, raw.Template is null ? raw.Sample.Agent : exporter);
        WriteSampling(json, in record);
        if (raw.Template is null)
        {
            WriteSample(json, in record, raw.Sample);
        }
        else
        {
            WriteFields(json, in raw);
            if ((record.Fields & FlowFields.PacketSection) != FlowFields.None)
            {
                WritePacket(json, in record, raw.Template);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>Writes an options record.</summary>
    public static void WriteOptions(Utf8JsonWriter json, in RawRecord raw, FlowAddress exporter)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        WriteExport(json, raw.Header, raw.Template, exporter);
        WriteFields(json, in raw);
        json.WriteEndObject();
    }

    /// <summary>Writes an sFlow counter sample; interface counters by their names in the interfaces MIB, others as hex by their format.</summary>
    public static void WriteCounters(Utf8JsonWriter json, in SflowCounterSample sample)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        WriteExport(json, sample.Header, null, sample.Agent);
        json.WriteNumber("sourceType", sample.SourceType);
        json.WriteNumber("sourceIndex", sample.SourceIndex);
        json.WriteStartArray("counters");
        foreach (SflowCounterRecord record in sample)
        {
            json.WriteStartObject();
            json.WriteNumber("format", record.Format);
            if (record.TryReadInterface(out SflowInterfaceCounters c))
            {
                WriteInterface(json, c);
            }
            else
            {
                json.WriteString("content", Convert.ToHexStringLower(record.Content));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes the members of a record's own fields, in the order of the record.</summary>
    public static void WriteFields(Utf8JsonWriter json, in RawRecord raw)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (raw.Template is null)
        {
            return;
        }

        ReadOnlySpan<FieldName> names = raw.Template.Names;
        int index = 0;
        foreach (RawField field in raw)
        {
            FieldName name = names[index++];
            if (name.IsHidden || !name.IsFirst)
            {
                continue;
            }

            json.WritePropertyName(name.Name);
            if (name.IsRepeated)
            {
                WriteRepeated(json, in raw, name.Name);
            }
            else
            {
                FieldText.WriteValue(json, name.Element, field.Octets);
            }
        }
    }

    private static void WriteRepeated(Utf8JsonWriter json, in RawRecord raw, string name)
    {
        ReadOnlySpan<FieldName> names = raw.Template!.Names;
        int index = 0;
        json.WriteStartArray();
        foreach (RawField field in raw)
        {
            FieldName other = names[index++];
            if (other.Name == name && !other.IsHidden)
            {
                FieldText.WriteValue(json, other.Element, field.Octets);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteExport(Utf8JsonWriter json, FlowHeader header, Template? template, FlowAddress exporter)
    {
        json.WriteStartObject("export");
        json.WriteString("protocol", header.Origin switch
        {
            FlowOrigin.NetFlow5 => "netflow5",
            FlowOrigin.NetFlow9 => "netflow9",
            FlowOrigin.Ipfix => "ipfix",
            _ => "sflow5",
        });
        json.WriteNumber("version", header.Origin == FlowOrigin.Sflow ? 5 : (int)header.Origin);
        if (!exporter.IsUnspecified)
        {
            json.WriteString("exporter", exporter.ToString());
        }

        json.WriteNumber("domain", header.Domain);
        json.WriteNumber("sequence", header.Sequence);
        if (template is { Id: > 0 })
        {
            json.WriteNumber("template", template.Id);
        }

        json.WriteString("time", DateTimeOffset.FromUnixTimeMilliseconds(header.ExportMilliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private static void WriteSampling(Utf8JsonWriter json, in FlowRecord record)
    {
        json.WriteStartObject("sampling");
        json.WriteNumber("rate", record.SamplingRate);
        json.WriteString("source", record.SamplingSource switch
        {
            SamplingSource.Header => "header",
            SamplingSource.Record => "record",
            SamplingSource.Sample => "sample",
            SamplingSource.Selector => "selector",
            SamplingSource.Interface => "interface",
            SamplingSource.Domain => "domain",
            SamplingSource.OtherDomain => "other-domain",
            SamplingSource.Override => "override",
            _ => "unknown",
        });
        json.WriteEndObject();
    }

    // What sFlow tells of a packet, by the names of the elements that mean the same.
    private static void WriteSample(Utf8JsonWriter json, in FlowRecord record, SflowSample sample)
    {
        json.WriteNumber("ingressInterface", record.InputInterface);
        json.WriteNumber("egressInterface", record.OutputInterface);
        json.WriteNumber("samplingInterval", sample.Rate);
        json.WriteNumber("selectorIdTotalPktsObserved", sample.Pool);
        json.WriteNumber("dataLinkFrameSize", record.FrameOctets);
        WritePacket(json, in record, null);
        if ((record.Fields & FlowFields.NextHop) != FlowFields.None)
        {
            json.WriteString(record.NextHop.IsIPv4 ? "ipNextHopIPv4Address" : "ipNextHopIPv6Address", record.NextHop.ToString());
        }

        if (!record.BgpNextHop.IsUnspecified)
        {
            json.WriteString(record.BgpNextHop.IsIPv4 ? "bgpNextHopIPv4Address" : "bgpNextHopIPv6Address", record.BgpNextHop.ToString());
        }

        if ((record.Fields & FlowFields.As) != FlowFields.None)
        {
            json.WriteNumber("bgpSourceAsNumber", record.SourceAs);
            json.WriteNumber("bgpDestinationAsNumber", record.DestinationAs);
        }

        if ((record.Fields & FlowFields.PrefixLengths) != FlowFields.None)
        {
            json.WriteNumber(record.IpVersion == 6 ? "sourceIPv6PrefixLength" : "sourceIPv4PrefixLength", record.SourcePrefixLength);
            json.WriteNumber(record.IpVersion == 6 ? "destinationIPv6PrefixLength" : "destinationIPv4PrefixLength", record.DestinationPrefixLength);
        }

        if (sample.DropReason != 0)
        {
            json.WriteNumber("dropReason", sample.DropReason);
        }
    }

    private static void WritePacket(Utf8JsonWriter json, in FlowRecord record, Template? template)
    {
        var members = new PacketMembers(json, template, record.Fields);
        members.Text("sourceMacAddress", FlowFields.Mac, Mac(record.SourceMac));
        members.Text("destinationMacAddress", FlowFields.Mac, Mac(record.DestinationMac));
        members.NumberIfAny("ethernetType", record.EtherType);
        members.Number("vlanId", FlowFields.Vlan, record.SourceVlan);
        members.Number("postVlanId", FlowFields.Vlan, record.DestinationVlan);
        members.NumberIfAny("dot1qCustomerVlanId", record.CustomerVlan);
        WriteLabels(members, in record);
        if ((record.Fields & FlowFields.Addresses) == FlowFields.None)
        {
            return;
        }

        bool is4 = record.IpVersion != 6;
        members.Number("ipVersion", FlowFields.Addresses, record.IpVersion);
        members.Text(is4 ? "sourceIPv4Address" : "sourceIPv6Address", FlowFields.Addresses, record.Source.ToString());
        members.Text(is4 ? "destinationIPv4Address" : "destinationIPv6Address", FlowFields.Addresses, record.Destination.ToString());
        members.Number("protocolIdentifier", FlowFields.Protocol, record.Protocol);
        members.Number("octetDeltaCount", FlowFields.Octets, record.Octets);
        members.Number("packetDeltaCount", FlowFields.Packets, record.Packets);
        members.Number("ipClassOfService", FlowFields.Tos, record.Tos);
        members.Number("ipTTL", FlowFields.Ttl, record.Ttl);
        members.Number("sourceTransportPort", FlowFields.Ports, record.SourcePort);
        members.Number("destinationTransportPort", FlowFields.Ports, record.DestinationPort);
        members.Number("tcpControlBits", FlowFields.TcpFlags, record.TcpFlags);
        members.Number(is4 ? "icmpTypeIPv4" : "icmpTypeIPv6", FlowFields.Icmp, record.IcmpType);
        members.Number(is4 ? "icmpCodeIPv4" : "icmpCodeIPv6", FlowFields.Icmp, record.IcmpCode);
        members.Number("fragmentIdentification", FlowFields.Fragment, record.FragmentIdentification);
        members.Number("fragmentOffset", FlowFields.Fragment, record.FragmentOffset);
        members.Number("fragmentFlags", FlowFields.Fragment, record.FragmentFlags);
        members.NumberIfAny("flowLabelIPv6", record.FlowLabel);
        members.NumberIfAny("layer2SegmentId", record.SegmentId);
    }

    // Label, class (not kept) and bottom of stack, as the elements have them.
    private static void WriteLabels(PacketMembers members, in FlowRecord record)
    {
        ReadOnlySpan<uint> labels = [record.MplsLabel1, record.MplsLabel2, record.MplsLabel3, record.MplsLabel4];
        ReadOnlySpan<string> names = ["mplsTopLabelStackSection", "mplsLabelStackSection2", "mplsLabelStackSection3", "mplsLabelStackSection4"];
        for (int i = 0; i < Math.Min(labels.Length, record.MplsLabels); i++)
        {
            uint bottom = i == record.MplsLabels - 1 ? 1u : 0;
            members.Text(names[i], FlowFields.Mpls, (labels[i] << 4 | bottom).ToString("x6", CultureInfo.InvariantCulture));
        }
    }

    private static void WriteInterface(Utf8JsonWriter json, SflowInterfaceCounters c)
    {
        json.WriteNumber("ifIndex", c.IfIndex);
        json.WriteNumber("ifType", c.IfType);
        json.WriteNumber("ifSpeed", c.IfSpeed);
        json.WriteNumber("ifDirection", c.IfDirection);
        json.WriteNumber("ifStatus", c.IfStatus);
        json.WriteNumber("ifInOctets", c.IfInOctets);
        json.WriteNumber("ifInUcastPkts", c.IfInUcastPkts);
        json.WriteNumber("ifInMulticastPkts", c.IfInMulticastPkts);
        json.WriteNumber("ifInBroadcastPkts", c.IfInBroadcastPkts);
        json.WriteNumber("ifInDiscards", c.IfInDiscards);
        json.WriteNumber("ifInErrors", c.IfInErrors);
        json.WriteNumber("ifInUnknownProtos", c.IfInUnknownProtos);
        json.WriteNumber("ifOutOctets", c.IfOutOctets);
        json.WriteNumber("ifOutUcastPkts", c.IfOutUcastPkts);
        json.WriteNumber("ifOutMulticastPkts", c.IfOutMulticastPkts);
        json.WriteNumber("ifOutBroadcastPkts", c.IfOutBroadcastPkts);
        json.WriteNumber("ifOutDiscards", c.IfOutDiscards);
        json.WriteNumber("ifOutErrors", c.IfOutErrors);
        json.WriteNumber("ifPromiscuousMode", c.IfPromiscuousMode);
    }

    private static string Mac(ulong mac)
    {
        string hex = mac.ToString("x12", CultureInfo.InvariantCulture);
        return string.Join(':', Enumerable.Range(0, 6).Select(i => hex.Substring(2 * i, 2)));
    }
    // Members of a packet, but for those that the exporter tells itself.
    private readonly struct PacketMembers(Utf8JsonWriter json, Template? template, FlowFields fields)
    {
        public void Number(string name, FlowFields field, ulong value)
        {
            if ((fields & field) != FlowFields.None && !IsTold(name))
            {
                json.WriteNumber(name, value);
            }
        }

        public void NumberIfAny(string name, ulong value)
        {
            if (value != 0 && !IsTold(name))
            {
                json.WriteNumber(name, value);
            }
        }

        public void Text(string name, FlowFields field, string value)
        {
            if ((fields & field) != FlowFields.None && !IsTold(name))
            {
                json.WriteString(name, value);
            }
        }

        private bool IsTold(string name)
        {
            foreach (FieldName told in template is null ? [] : template.Names)
            {
                if (told.Name == name && !told.IsHidden)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
