using Tsunagi.Protocols.Flow.Packet;

namespace Tsunagi.Protocols.Flow.Sflow;

/// <summary>Reads the records of one flow sample into a <see cref="FlowRecord"/>. A record of a format that is not known is passed over.</summary>
internal ref struct SflowRecordReader
{
    private readonly FlowLimits _limits;
    private bool _hasPacket;
    private bool _hasHeader;
    private uint _asOfSource, _asOfPeer;

    public SflowRecordReader(FlowLimits limits) => _limits = limits;

    /// <summary>A sampled header held no packet that is understood; no other record of the sample told of it either.</summary>
    public bool BadPacket { get; private set; }

    public void Read(uint format, scoped ReadOnlySpan<byte> content, ref FlowRecord record)
    {
        switch (format)
        {
            case 1:
                ReadHeader(content, ref record);
                break;
            case 2 when content.Length >= 20: // sampled_ethernet: length, two addresses padded to eight octets, type
                record.FrameOctets = Int(content, 0);
                record.SourceMac = Mac(content, 4);
                record.DestinationMac = Mac(content, 12);
                record.Fields |= FlowFields.Mac;
                break;
            case 3 when content.Length >= 32:
                ReadIp(content, 4, ref record);
                break;
            case 4 when content.Length >= 56:
                ReadIp(content, 16, ref record);
                break;
            case 1001 when content.Length >= 16: // extended_switch: source VLAN and priority, destination VLAN and priority
                record.SourceVlan = (ushort)Int(content, 0);
                record.DestinationVlan = (ushort)Int(content, 8);
                record.Fields |= FlowFields.Vlan;
                break;
            case 1002: // extended_router: next hop, prefix lengths
                if (SflowReader.TryTakeAddress(ref content, out FlowAddress hop) && content.Length >= 8)
                {
                    record.NextHop = hop;
                    record.SourcePrefixLength = (byte)Int(content, 0);
                    record.DestinationPrefixLength = (byte)Int(content, 4);
                    record.Fields |= FlowFields.NextHop | FlowFields.PrefixLengths;
                }

                break;
            case 1003:
                ReadGateway(content, ref record);
                break;
            case 1006: // extended_mpls: next hop, stack in, stack out
                if (SflowReader.TryTakeAddress(ref content, out FlowAddress _))
                {
                    ReadLabels(content, ref record);
                }

                break;
            case 1029 or 1030 when content.Length >= 4 && record.SegmentId == 0: // extended_vni_egress, extended_vni_ingress
                record.SegmentId = Int(content, 0);
                break;
        }
    }

    /// <summary>Puts together what several records told.</summary>
    public void Complete(ref FlowRecord record)
    {
        record.SourceAs = _asOfSource != 0 ? _asOfSource : _asOfPeer;
        if (!_hasPacket && record.Octets == 0)
        {
            record.Octets = record.FrameOctets;
            record.Fields |= record.FrameOctets == 0 ? FlowFields.None : FlowFields.Octets;
        }

        BadPacket = _hasHeader && !_hasPacket;
    }

    // sampled_header: protocol, frame length, octets removed before sampling, header
    private void ReadHeader(scoped ReadOnlySpan<byte> content, ref FlowRecord record)
    {
        if (content.Length < 16)
        {
            BadPacket = true;
            return;
        }

        uint protocol = Int(content, 0), frame = Int(content, 4);
        int length = (int)Math.Min(Int(content, 12), (uint)(content.Length - 16));
        _hasHeader = true;
        record.FrameOctets = frame;
        record.Fields |= FlowFields.PacketSection;
        ushort source = record.SourceVlan, destination = record.DestinationVlan;
        bool told = (record.Fields & FlowFields.Vlan) != FlowFields.None;
        _hasPacket |= PacketReader.TryRead(content.Slice(16, length), PacketLinks.FromSflow(protocol), _limits.PacketHeaders, _limits.Decapsulate, ref record);
        if (told)
        {
            (record.SourceVlan, record.DestinationVlan) = (source, destination);
        }
    }

    // sampled_ipv4, sampled_ipv6: length, protocol, source, destination, ports, TCP flags, type of service or priority
    private void ReadIp(scoped ReadOnlySpan<byte> content, int address, ref FlowRecord record)
    {
        int ports = 8 + 2 * address;
        _hasPacket = true;
        record.Octets = Int(content, 0);
        record.Protocol = (byte)Int(content, 4);
        record.Source = FlowAddress.FromOctets(content.Slice(8, address));
        record.Destination = FlowAddress.FromOctets(content.Slice(8 + address, address));
        record.SourcePort = (ushort)Int(content, ports);
        record.DestinationPort = (ushort)Int(content, ports + 4);
        record.TcpFlags = (ushort)Int(content, ports + 8);
        record.Tos = (byte)Int(content, ports + 12);
        record.IpVersion = address == 4 ? (byte)4 : (byte)6;
        record.EtherType = address == 4 ? (ushort)0x0800 : (ushort)0x86DD;
        record.Fields |= FlowFields.Addresses | FlowFields.Ports | FlowFields.Octets | FlowFields.Protocol | FlowFields.TcpFlags | FlowFields.Tos;
    }

    // extended_gateway: next hop, AS of the router, of the source, of the source's peer, path to the destination, communities, local preference
    private void ReadGateway(scoped ReadOnlySpan<byte> content, ref FlowRecord record)
    {
        if (!SflowReader.TryTakeAddress(ref content, out FlowAddress hop) || content.Length < 16)
        {
            return;
        }

        record.BgpNextHop = hop;
        record.NextHop = record.NextHop.IsUnspecified ? hop : record.NextHop;
        record.Fields |= FlowFields.As;
        _asOfSource = Int(content, 4);
        _asOfPeer = Int(content, 8);
        record.DestinationAs = Int(content, 0); // an empty path ends in the router's own AS
        uint segments = Int(content, 12);
        content = content[16..];
        for (uint i = 0; i < segments && content.Length >= 8; i++)
        {
            uint count = Int(content, 4);
            if (count > (uint)(content.Length - 8) / 4)
            {
                return;
            }

            record.DestinationAs = count == 0 ? record.DestinationAs : Int(content, 8 + 4 * ((int)count - 1));
            content = content[(8 + 4 * (int)count)..];
        }
    }

    private static void ReadLabels(ReadOnlySpan<byte> content, ref FlowRecord record)
    {
        uint count = content.Length >= 4 ? Int(content, 0) : 0;
        if (count == 0 || count > (uint)(content.Length - 4) / 4 || record.MplsLabels != 0)
        {
            return;
        }

        record.MplsLabels = (byte)Math.Min(count, 255);
        record.MplsLabel1 = Int(content, 4) >> 12;
        record.MplsLabel2 = count > 1 ? Int(content, 8) >> 12 : 0;
        record.MplsLabel3 = count > 2 ? Int(content, 12) >> 12 : 0;
        record.MplsLabel4 = count > 3 ? Int(content, 16) >> 12 : 0;
        record.Fields |= FlowFields.Mpls;
    }

    private static ulong Mac(ReadOnlySpan<byte> content, int at) => (ulong)Int(content, at) << 16 | Int(content, at + 4) >> 16;

    private static uint Int(ReadOnlySpan<byte> octets, int at) => SflowReader.Int(octets, at);
}
