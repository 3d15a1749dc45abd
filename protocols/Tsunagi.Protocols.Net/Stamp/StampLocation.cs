using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>What a sub-TLV of <see cref="StampTlvType.Location"/> holds (RFC 8972 section 5.2). A sender asks with 1, 4 and 7; the reflector answers with the one that fits.</summary>
public enum StampLocationType : byte
{
    /// <summary>Not one.</summary>
    Reserved = 0,

    /// <summary>Asks for the source's hardware address.</summary>
    SourceMac = 1,

    /// <summary>EUI-48 and 2 octets of zero.</summary>
    SourceEui48 = 2,

    /// <summary>EUI-64.</summary>
    SourceEui64 = 3,

    /// <summary>Asks for the destination address.</summary>
    DestinationIp = 4,

    /// <summary>IPv4 and 12 octets of zero.</summary>
    DestinationIPv4 = 5,

    /// <summary>IPv6.</summary>
    DestinationIPv6 = 6,

    /// <summary>Asks for the source address.</summary>
    SourceIp = 7,

    /// <summary>IPv4 and 12 octets of zero.</summary>
    SourceIPv4 = 8,

    /// <summary>IPv6.</summary>
    SourceIPv6 = 9,
}

/// <summary>The value of <see cref="StampTlvType.Location"/> (RFC 8972 section 4.2): both ports, then sub-TLVs of the same form as TLVs. A translator on the way shows in it.</summary>
public static class StampLocation
{
    /// <summary>Octets of the ports before the sub-TLVs.</summary>
    public const int PortOctets = 4;

    /// <summary>Octets of a value that asks for both addresses.</summary>
    public const int RequestOctets = PortOctets + (2 * (StampTlv.HeaderOctets + AddressOctets));

    private const int HardwareOctets = 8;
    private const int AddressOctets = 16;

    /// <summary>Writes a value that asks for both addresses, of <see cref="RequestOctets"/>.</summary>
    public static void WriteRequest(Span<byte> value)
    {
        value[..RequestOctets].Clear();
        int at = PortOctets;
        foreach (StampLocationType type in (ReadOnlySpan<StampLocationType>)[StampLocationType.DestinationIp, StampLocationType.SourceIp])
        {
            value[at] = (byte)StampTlvFlags.Unrecognized;
            value[at + 1] = (byte)type;
            BinaryPrimitives.WriteUInt16BigEndian(value[(at + 2)..], AddressOctets);
            at += StampTlv.HeaderOctets + AddressOctets;
        }
    }

    /// <summary>The source as the reflector saw it, where it told.</summary>
    public static bool TryReadSource(ReadOnlySpan<byte> value, out IPEndPoint? source) =>
        TryRead(value, 2, StampLocationType.SourceIPv4, StampLocationType.SourceIPv6, out source);

    /// <summary>The destination as the reflector saw it, where it told.</summary>
    public static bool TryReadDestination(ReadOnlySpan<byte> value, out IPEndPoint? destination) =>
        TryRead(value, 0, StampLocationType.DestinationIPv4, StampLocationType.DestinationIPv6, out destination);

    /// <summary>Whether ports and every sub-TLV have the lengths that they must have.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> value)
    {
        if (value.Length < PortOctets)
        {
            return false;
        }

        foreach (StampTlv sub in new StampTlvs(value[PortOctets..]))
        {
            if (!sub.IsWhole || sub.Value.Length != LengthOf((StampLocationType)(byte)sub.Type, sub.Value.Length))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Fills in what a reflector saw; what it does not know stays unrecognised.</summary>
    internal static void Fill(Span<byte> value, IPEndPoint source, IPEndPoint destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(value, (ushort)destination.Port);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)source.Port);
        foreach (StampTlv sub in new StampTlvs(value[PortOctets..]))
        {
            Span<byte> octets = value.Slice(PortOctets + sub.Offset, sub.Octets.Length);
            bool known = (StampLocationType)octets[1] switch
            {
                StampLocationType.DestinationIp => Fill(octets, destination.Address, StampLocationType.DestinationIPv4, StampLocationType.DestinationIPv6),
                StampLocationType.SourceIp => Fill(octets, source.Address, StampLocationType.SourceIPv4, StampLocationType.SourceIPv6),
                _ => false,
            };
            octets[0] = (byte)(known ? StampTlvFlags.None : StampTlvFlags.Unrecognized);
        }
    }

    private static bool Fill(Span<byte> sub, IPAddress address, StampLocationType v4, StampLocationType v6)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        sub[1] = (byte)(address.AddressFamily == AddressFamily.InterNetwork ? v4 : v6);
        sub[StampTlv.HeaderOctets..].Clear();
        return address.TryWriteBytes(sub[StampTlv.HeaderOctets..], out _);
    }

    private static int LengthOf(StampLocationType type, int other) => type switch
    {
        StampLocationType.SourceMac or StampLocationType.SourceEui48 or StampLocationType.SourceEui64 => HardwareOctets,
        >= StampLocationType.DestinationIp and <= StampLocationType.SourceIPv6 => AddressOctets,
        _ => other,
    };

    private static bool TryRead(ReadOnlySpan<byte> value, int portAt, StampLocationType v4, StampLocationType v6, out IPEndPoint? endPoint)
    {
        endPoint = null;
        if (!IsWhole(value))
        {
            return false;
        }

        foreach (StampTlv sub in new StampTlvs(value[PortOctets..]))
        {
            StampLocationType type = (StampLocationType)(byte)sub.Type;
            if (type == v4 || type == v6)
            {
                endPoint = new IPEndPoint(new IPAddress(type == v4 ? sub.Value[..4] : sub.Value), BinaryPrimitives.ReadUInt16BigEndian(value[portAt..]));
                return true;
            }
        }

        return false;
    }
}
