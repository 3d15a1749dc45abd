namespace Tsunagi.Protocols.Flow.Bgp;

public sealed partial record FlowSpecRule
{
    /// <summary>
    /// Whether a packet matches: for the dry run of a rule against samples. For a record of several packets the length that is compared is their
    /// average, and the TCP flags are those of all of them.
    /// </summary>
    public bool Matches(in FlowRecord record)
    {
        if (record.IpVersion != (IsIPv6 ? 6 : 4))
        {
            return false;
        }

        foreach (FlowSpecComponent component in Components)
        {
            if (!Holds(component, in record))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Holds(FlowSpecComponent component, in FlowRecord record) => component.Type switch
    {
        FlowSpecType.Destination => HoldsPrefix(component, record.Destination),
        FlowSpecType.Source => HoldsPrefix(component, record.Source),
        FlowSpecType.Protocol => component.Holds(record.Protocol),
        FlowSpecType.Port => HasPorts(in record) && (component.Holds(record.SourcePort) || component.Holds(record.DestinationPort)),
        FlowSpecType.DestinationPort => HasPorts(in record) && component.Holds(record.DestinationPort),
        FlowSpecType.SourcePort => HasPorts(in record) && component.Holds(record.SourcePort),
        FlowSpecType.IcmpType => record.Protocol is 1 or 58 && !record.IsFragment && component.Holds(record.IcmpType),
        FlowSpecType.IcmpCode => record.Protocol is 1 or 58 && !record.IsFragment && component.Holds(record.IcmpCode),
        FlowSpecType.TcpFlags => record.Protocol == 6 && !record.IsFragment && component.Holds(record.TcpFlags),
        FlowSpecType.PacketLength => component.Holds(record.Packets > 1 ? record.Octets / record.Packets : record.Octets),
        FlowSpecType.Dscp => component.Holds((ulong)(record.Tos >> 2)),
        FlowSpecType.Fragment => component.Holds(FragmentBits(in record)),
        FlowSpecType.FlowLabel => component.Holds(record.FlowLabel),
        _ => false,
    };

    private static bool HasPorts(in FlowRecord record) => record.Protocol is 6 or 17 or 33 or 132 or 136 && !record.IsFragment;

    // RFC 8955 section 4.2.2.12: don't fragment 1, is a fragment behind the first 2, first fragment 4, last fragment 8.
    private static ulong FragmentBits(in FlowRecord record)
    {
        bool more = (record.FragmentFlags & 0x20) != 0, behind = record.FragmentOffset != 0;
        return ((record.FragmentFlags & 0x40) != 0 ? 1UL : 0) | (behind ? 2UL : 0) | (more && !behind ? 4UL : 0) | (behind && !more ? 8UL : 0);
    }

    // Bits from the offset to the length.
    private static bool HoldsPrefix(FlowSpecComponent component, FlowAddress address)
    {
        BgpPrefix prefix = component.Prefix;
        FlowAddress looked = BgpPrefix.Cut(address, prefix.Length, prefix.IsIPv6);
        if (component.Offset == 0)
        {
            return looked == prefix.Address;
        }

        UInt128 differ = new UInt128(looked.High, looked.Low) ^ new UInt128(prefix.Address.High, prefix.Address.Low);
        return component.Offset >= 128 || differ << component.Offset == 0;
    }
}
