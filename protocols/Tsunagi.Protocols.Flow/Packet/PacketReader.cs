using System.Buffers.Binary;

namespace Tsunagi.Protocols.Flow.Packet;

/// <summary>
/// Reads the headers of one packet, as much of them as was captured, into a <see cref="FlowRecord"/>. What is cut off is left as it was, so a
/// header of 64 octets gives what it holds.
/// </summary>
public static class PacketReader
{
    private const int IPv4HeaderOctets = 20;
    private const int IPv6HeaderOctets = 40;
    private const ushort TypeIPv4 = 0x0800, TypeIPv6 = 0x86DD, TypeMpls = 0x8847, TypeMplsMulticast = 0x8848, TypePppSession = 0x8864, TypeEthernet = 0x6558;
    private const ushort VxlanPort = 4789;

    /// <summary>
    /// Reads a packet. (1) The link's header gives MAC addresses and the type. (2) VLAN tags and MPLS labels are noted and passed over.
    /// (3) The IP header and its extension headers give addresses, lengths and fragment. (4) A tunnel that is to be looked into leads back to (1)
    /// or (3) with what is inside. (5) The transport header gives ports and flags. At most <paramref name="headers"/> headers are read.
    /// </summary>
    /// <returns>False when no IP packet was found; what was found of the link is kept.</returns>
    public static bool TryRead(ReadOnlySpan<byte> packet, PacketLink link, int headers, PacketTunnels tunnels, ref FlowRecord record)
    {
        var walk = new PacketWalk(packet, headers, tunnels);
        return walk.Read(link, ref record);
    }

    /// <summary>
    /// Finds the payload of a UDP or TCP packet that is no fragment, without looking into tunnels: what a capture of a collector's or a router's
    /// traffic is opened for.
    /// </summary>
    public static bool TryReadTransport(ReadOnlySpan<byte> packet, PacketLink link, out FlowRecord record, out uint tcpSequence, out ReadOnlySpan<byte> payload)
    {
        record = default;
        var walk = new PacketWalk(packet, FlowLimits.Default.PacketHeaders, PacketTunnels.None);
        bool read = walk.Read(link, ref record) && walk.PayloadAt >= 0;
        tcpSequence = walk.TcpSequence;
        payload = read ? packet[walk.PayloadAt..walk.End] : default;
        return read;
    }

    /// <summary>
    /// Finds what an IP packet carries, from the transport header on and without looking into tunnels; of a packet in fragments only what the first one has. <see cref="FlowRecord.FragmentOffset"/>
    /// and the flag "more fragments" of <see cref="FlowRecord.FragmentFlags"/> tell that it is one.
    /// </summary>
    public static bool TryReadPayload(ReadOnlySpan<byte> packet, PacketLink link, out FlowRecord record, out ReadOnlySpan<byte> payload)
    {
        record = default;
        var walk = new PacketWalk(packet, FlowLimits.Default.PacketHeaders, PacketTunnels.None);
        bool read = walk.Read(link, ref record) && walk.TransportAt >= 0;
        payload = read ? packet[walk.TransportAt..walk.End] : default;
        return read;
    }

    private ref struct PacketWalk
    {
        private readonly ReadOnlySpan<byte> _packet;
        private readonly PacketTunnels _tunnels;
        private int _headers;
        private int _at;

        public PacketWalk(ReadOnlySpan<byte> packet, int headers, PacketTunnels tunnels)
        {
            _packet = packet;
            _headers = headers;
            _tunnels = tunnels;
            PayloadAt = TransportAt = -1;
            End = packet.Length;
        }

        /// <summary>Where the transport header begins; -1 when there is none.</summary>
        public int TransportAt { get; private set; }

        /// <summary>Where the payload of UDP or TCP begins; -1 when there is none.</summary>
        public int PayloadAt { get; private set; }

        /// <summary>Where the IP packet ends: in front of the padding of the link.</summary>
        public int End { get; private set; }

        public uint TcpSequence { get; private set; }

        private readonly int Left => End - _at;

        public bool Read(PacketLink link, ref FlowRecord record)
        {
            // :: Step 1
            switch (link)
            {
                case PacketLink.Ethernet:
                    return ReadEthernet(ref record);
                case PacketLink.Ip:
                    return ReadIp(ref record);
                case PacketLink.Mpls:
                    return ReadMpls(ref record);
                case PacketLink.Ppp:
                    return ReadPpp(ref record);
                case PacketLink.Null:
                    _at += 4;
                    return ReadIp(ref record);
                case PacketLink.CiscoHdlc: // address, control, ethertype
                    return Left >= 4 && ReadType(Take(4, 2), ref record);
                case PacketLink.LinuxSll: // the type is at octet 14 of 16
                    return Left >= 16 && ReadType(Take(16, 14), ref record);
                case PacketLink.LinuxSll2: // the type is at octet 0 of 20
                    return Left >= 20 && ReadType(Take(20, 0), ref record);
                default:
                    return false;
            }
        }

        private bool ReadEthernet(ref FlowRecord record)
        {
            if (Left < 14)
            {
                return false;
            }

            record.DestinationMac = Number48(_at);
            record.SourceMac = Number48(_at + 6);
            record.Fields |= FlowFields.Mac;
            return ReadType(Take(14, 12), ref record);
        }

        // :: Step 2
        private bool ReadType(ushort type, ref FlowRecord record)
        {
            while (type is 0x8100 or 0x88A8 or 0x9100 or 0x9200) // IEEE 802.1Q, 802.1ad, and what was used before it
            {
                if (Left < 4 || --_headers < 0)
                {
                    return false;
                }

                ushort vlan = (ushort)(Short(_at) & 0x0FFF);
                if (record.VlanTags++ == 0)
                {
                    // What was sampled carried the tag; behind the router it may be another.
                    record.SourceVlan = record.DestinationVlan = vlan;
                    record.Fields |= FlowFields.Vlan;
                }
                else
                {
                    record.CustomerVlan = vlan;
                }

                type = Take(4, 2);
            }

            record.EtherType = type;
            return type switch
            {
                TypeIPv4 or TypeIPv6 => ReadIp(ref record),
                TypeMpls or TypeMplsMulticast => ReadMpls(ref record),
                TypePppSession => Left >= 6 && Skip(6) && ReadPpp(ref record), // RFC 2516 section 4
                TypeEthernet => ReadEthernet(ref record),
                < 0x0600 => Left >= 8 && Short(_at) == 0xAAAA && ReadType(Take(8, 6), ref record), // IEEE 802.2 with SNAP
                _ => false,
            };
        }

        private bool ReadPpp(ref FlowRecord record)
        {
            if (Left >= 2 && Short(_at) == 0xFF03)
            {
                _at += 2;
            }

            if (Left < 2)
            {
                return false;
            }

            // RFC 1661 section 2: a protocol field whose first octet is odd is compressed to that octet.
            int protocol = (_packet[_at] & 1) != 0 ? _packet[_at] : Short(_at);
            _at += (_packet[_at] & 1) != 0 ? 1 : 2;
            return protocol switch
            {
                0x0021 or 0x0057 => ReadIp(ref record),
                0x0281 or 0x0283 => ReadMpls(ref record),
                _ => false,
            };
        }

        // RFC 3032 section 2.1: 20 bits label, 3 bits class, 1 bit bottom of stack, 8 bits time to live.
        private bool ReadMpls(ref FlowRecord record)
        {
            record.Fields |= FlowFields.Mpls;
            while (Left >= 4 && --_headers >= 0)
            {
                uint entry = Int(_at);
                _at += 4;
                uint label = entry >> 12;
                switch (record.MplsLabels++)
                {
                    case 0:
                        record.MplsLabel1 = label;
                        break;
                    case 1:
                        record.MplsLabel2 = label;
                        break;
                    case 2:
                        record.MplsLabel3 = label;
                        break;
                    case 3:
                        record.MplsLabel4 = label;
                        break;
                }

                if ((entry & 0x100) != 0)
                {
                    return ReadBelowLabels(ref record);
                }
            }

            return false;
        }

        // What lies below is not told; RFC 4928 section 3 keeps 4 and 6 for IP, and RFC 4385 section 3 begins a control word with 0.
        private bool ReadBelowLabels(ref FlowRecord record)
        {
            if (Left < 1)
            {
                return false;
            }

            switch (_packet[_at] >> 4)
            {
                case 4:
                    record.EtherType = TypeIPv4;
                    return ReadIp(ref record);
                case 6:
                    record.EtherType = TypeIPv6;
                    return ReadIp(ref record);
                case 0 when Left >= 4 && _packet[_at] == 0:
                    // A control word in front of Ethernet (RFC 4448 section 4.6): flags and fragment bits are zero for a whole frame.
                    _at += 4;
                    return --_headers >= 0 && LooksLikeEthernet() && ReadEthernet(ref record);
                default:
                    return false;
            }
        }

        private readonly bool LooksLikeEthernet()
        {
            if (Left < 14)
            {
                return false;
            }

            ushort type = Short(_at + 12);
            return type is TypeIPv4 or TypeIPv6 or 0x8100 or 0x88A8 or 0x0806 or TypeMpls or TypeMplsMulticast;
        }

        // :: Step 3
        private bool ReadIp(ref FlowRecord record)
        {
            if (Left < 1 || --_headers < 0)
            {
                return false;
            }

            return (_packet[_at] >> 4) switch
            {
                4 => ReadIPv4(ref record),
                6 => ReadIPv6(ref record),
                _ => false,
            };
        }

        private bool ReadIPv4(ref FlowRecord record)
        {
            int header = (_packet[_at] & 15) * 4;
            if (Left < IPv4HeaderOctets || header < IPv4HeaderOctets)
            {
                return false;
            }

            int total = Short(_at + 2);
            ushort fragment = Short(_at + 6);
            ClearInner(ref record);
            record.IpVersion = 4;
            record.Tos = _packet[_at + 1];
            record.Octets = (ulong)(total == 0 ? Left : total); // 0 where the network card cuts segments
            record.FragmentIdentification = Short(_at + 4);
            record.FragmentOffset = (ushort)(fragment & 0x1FFF);
            record.FragmentFlags = (byte)(fragment >> 8 & 0x60);
            record.Ttl = _packet[_at + 8];
            record.Protocol = _packet[_at + 9];
            record.Source = FlowAddress.FromOctets(_packet.Slice(_at + 12, 4));
            record.Destination = FlowAddress.FromOctets(_packet.Slice(_at + 16, 4));
            record.Fields |= FlowFields.Fragment;
            NoteIp(ref record);
            End = total >= header && total <= Left ? _at + total : End;
            _at = Math.Min(_at + header, End);
            ReadProtocol(record.Protocol, false, ref record);
            return true;
        }

        private bool ReadIPv6(ref FlowRecord record)
        {
            if (Left < IPv6HeaderOctets)
            {
                return false;
            }

            int payload = Short(_at + 4);
            uint first = Int(_at);
            ClearInner(ref record);
            record.IpVersion = 6;
            record.Tos = (byte)(first >> 20);
            record.FlowLabel = first & 0xF_FFFF;
            record.Octets = (ulong)(payload == 0 ? Left : payload + IPv6HeaderOctets);
            record.Protocol = _packet[_at + 6];
            record.Ttl = _packet[_at + 7];
            record.Source = FlowAddress.FromOctets(_packet.Slice(_at + 8, 16));
            record.Destination = FlowAddress.FromOctets(_packet.Slice(_at + 24, 16));
            NoteIp(ref record);
            End = payload != 0 && payload + IPv6HeaderOctets <= Left ? _at + IPv6HeaderOctets + payload : End;
            _at += IPv6HeaderOctets;
            ReadExtensions(ref record);
            return true;
        }

        // RFC 8200 section 4. Each header gives the protocol of the next.
        private void ReadExtensions(ref FlowRecord record)
        {
            bool segmentRouting = false;
            while (true)
            {
                byte protocol = record.Protocol;
                int octets = protocol switch
                {
                    0 or 43 or 60 or 135 or 139 or 140 => Left >= 8 ? (_packet[_at + 1] + 1) * 8 : -1,
                    44 => Left >= 8 ? 8 : -1,
                    51 => Left >= 8 ? (_packet[_at + 1] + 2) * 4 : -1, // RFC 4302 section 2.2
                    _ => 0,
                };
                if (octets == 0)
                {
                    ReadProtocol(protocol, segmentRouting, ref record);
                    return;
                }

                if (octets < 0 || --_headers < 0)
                {
                    return; // cut off inside the chain: the protocol stays that of the header which can not be read
                }

                segmentRouting |= protocol == 43 && _packet[_at + 2] == 4; // RFC 8754 section 2
                record.Protocol = _packet[_at];
                if (protocol == 44)
                {
                    ushort fragment = Short(_at + 2);
                    record.FragmentOffset = (ushort)(fragment >> 3);
                    record.FragmentFlags = (byte)((fragment & 1) != 0 ? 0x20 : 0);
                    record.FragmentIdentification = Int(_at + 4);
                    record.Fields |= FlowFields.Fragment;
                }

                if (octets > Left)
                {
                    return;
                }

                _at += octets;
                if (record.FragmentOffset != 0)
                {
                    return;
                }
            }
        }

        // :: Step 4 and 5
        private bool ReadProtocol(byte protocol, bool segmentRouting, ref FlowRecord record)
        {
            if (record.FragmentOffset != 0)
            {
                return false;
            }

            TransportAt = _at;
            bool inIp = (_tunnels & (segmentRouting ? PacketTunnels.Srv6 : PacketTunnels.IpInIp)) != PacketTunnels.None;
            switch (protocol)
            {
                case 6 when Left >= 4:
                    ReadPorts(ref record);
                    ReadTcp(ref record);
                    return true;
                case 17 or 136 or 33 or 132 when Left >= 4: // UDP, UDP-Lite, DCCP, SCTP begin with the ports
                    ReadPorts(ref record);
                    return protocol != 17 || ReadUdp(ref record);
                case 1 or 58 when Left >= 2:
                    record.IcmpType = _packet[_at];
                    record.IcmpCode = _packet[_at + 1];
                    record.Fields |= FlowFields.Icmp;
                    return true;
                case 4 or 41 when inIp:
                    return ReadIp(ref record);
                case 143 when inIp: // Ethernet (RFC 8986 section 4.9)
                    return --_headers >= 0 && ReadEthernet(ref record);
                case 47 when (_tunnels & PacketTunnels.Gre) != PacketTunnels.None:
                    return ReadGre(ref record);
                default:
                    return true;
            }
        }

        private readonly void ReadPorts(ref FlowRecord record)
        {
            record.SourcePort = Short(_at);
            record.DestinationPort = Short(_at + 2);
            record.Fields |= FlowFields.Ports;
        }

        private void ReadTcp(ref FlowRecord record)
        {
            if (Left >= 14)
            {
                record.TcpFlags = (ushort)(Short(_at + 12) & 0x1FF);
                record.Fields |= FlowFields.TcpFlags;
            }

            int header = Left >= 20 ? (_packet[_at + 12] >> 4) * 4 : 0;
            if (header >= 20 && header <= Left)
            {
                TcpSequence = Int(_at + 4);
                PayloadAt = _at + header;
            }
        }

        // RFC 7348 section 5: eight octets, of which the fifth to seventh are the network identifier.
        private bool ReadUdp(ref FlowRecord record)
        {
            if (Left < 8)
            {
                return true;
            }

            PayloadAt = _at + 8;
            int length = Short(_at + 4);
            End = length >= 8 && length <= Left ? _at + length : End;
            if (record.DestinationPort != VxlanPort || Left < 16 || (_packet[_at + 8] & 8) == 0)
            {
                return true;
            }

            record.SegmentId = Int(_at + 12) >> 8;
            if ((_tunnels & PacketTunnels.Vxlan) == PacketTunnels.None)
            {
                return true;
            }

            _at += 16;
            return --_headers >= 0 && ReadEthernet(ref record);
        }

        // RFC 2784 section 2.1, RFC 2890 section 2: flags, type, then checksum, key and sequence where the flags say so.
        private bool ReadGre(ref FlowRecord record)
        {
            if (Left < 4 || --_headers < 0)
            {
                return true;
            }

            ushort flags = Short(_at);
            int header = 4 + ((flags & 0x8000) != 0 ? 4 : 0) + ((flags & 0x2000) != 0 ? 4 : 0) + ((flags & 0x1000) != 0 ? 4 : 0);
            if ((flags & 0x4007) != 0 || Left < header)
            {
                return true; // source routing, or version 1, which carries PPP
            }

            return ReadType(Take(header, 2), ref record);
        }

        // The inner packet takes the place of the outer one.
        private static void ClearInner(ref FlowRecord record)
        {
            record.SourcePort = record.DestinationPort = record.TcpFlags = record.FragmentOffset = 0;
            record.IcmpType = record.IcmpCode = record.FragmentFlags = 0;
            record.FlowLabel = record.FragmentIdentification = 0;
            record.Fields &= ~(FlowFields.Ports | FlowFields.TcpFlags | FlowFields.Icmp | FlowFields.Fragment);
        }

        private static void NoteIp(ref FlowRecord record)
        {
            record.Packets = 1;
            record.Fields |= FlowFields.Addresses | FlowFields.Octets | FlowFields.Packets | FlowFields.Protocol | FlowFields.Tos | FlowFields.Ttl;
        }

        private readonly ushort Short(int at) => BinaryPrimitives.ReadUInt16BigEndian(_packet[at..]);

        private readonly uint Int(int at) => BinaryPrimitives.ReadUInt32BigEndian(_packet[at..]);

        private readonly ulong Number48(int at) => (ulong)Short(at) << 32 | Int(at + 2);

        private ushort Take(int octets, int typeAt)
        {
            ushort type = Short(_at + typeAt);
            _at += octets;
            return type;
        }

        private bool Skip(int octets)
        {
            _at += octets;
            return true;
        }
    }
}
