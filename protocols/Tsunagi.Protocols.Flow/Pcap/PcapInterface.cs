using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Flow.Pcap;

/// <summary>An interface description of pcapng (draft-ietf-opsawg-pcapng section 4.2).</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PcapInterface(ushort LinkType, uint SnapLength, byte Resolution, long OffsetSeconds)
{
    private const ushort ResolutionOption = 9, OffsetOption = 14;
    private const byte Microseconds = 6;

    /// <summary>link type, reserved, snap length, options</summary>
    public static PcapInterface Read(ReadOnlySpan<byte> body, bool bigEndian)
    {
        byte resolution = Microseconds;
        long offset = 0;
        for (int at = 8; body.Length - at >= 4;)
        {
            ushort code = Short(body, at, bigEndian);
            int length = Short(body, at + 2, bigEndian);
            at += 4;
            if (code == 0 || length > body.Length - at)
            {
                break;
            }

            if (code == ResolutionOption && length == 1)
            {
                resolution = body[at];
            }
            else if (code == OffsetOption && length == 8)
            {
                offset = bigEndian ? BinaryPrimitives.ReadInt64BigEndian(body[at..]) : BinaryPrimitives.ReadInt64LittleEndian(body[at..]);
            }

            at += length + 3 & ~3;
        }

        uint snap = bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(body[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        return new PcapInterface(Short(body, 0, bigEndian), snap, resolution, offset);
    }

    /// <summary>A timestamp in the unit of the interface: a negative power of 10, or of 2 if the upper bit is set. Times that no clock can have become the nearest that can be told.</summary>
    public long ToNanoseconds(ulong units)
    {
        UInt128 perSecond = (Resolution & 0x80) != 0 ? UInt128.One << Math.Min(Resolution & 0x7F, 63) : Power(Math.Min((int)Resolution, 19));
        UInt128 nanoseconds = units * (UInt128)1_000_000_000 / perSecond;
        Int128 total = (Int128)nanoseconds + (Int128)OffsetSeconds * 1_000_000_000;
        return (long)Int128.Clamp(total, 0, long.MaxValue);
    }

    private static UInt128 Power(int exponent)
    {
        UInt128 power = 1;
        for (int i = 0; i < exponent; i++)
        {
            power *= 10;
        }

        return power;
    }

    private static ushort Short(ReadOnlySpan<byte> octets, int at, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(octets[at..]) : BinaryPrimitives.ReadUInt16LittleEndian(octets[at..]);
}
