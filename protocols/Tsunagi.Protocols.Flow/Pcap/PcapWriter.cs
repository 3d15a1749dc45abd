using System.Buffers;
using System.Buffers.Binary;

namespace Tsunagi.Protocols.Flow.Pcap;

/// <summary>Writes pcap with nanoseconds, little endian.</summary>
public static class PcapWriter
{
    /// <summary>The header of a capture of one link type.</summary>
    public static void WriteHeader(IBufferWriter<byte> output, uint linkType, uint snapLength = 262144)
    {
        ArgumentNullException.ThrowIfNull(output);
        Span<byte> o = output.GetSpan(24)[..24];
        o.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(o, 0xA1B23C4D);
        BinaryPrimitives.WriteUInt16LittleEndian(o[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(o[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(o[16..], snapLength);
        BinaryPrimitives.WriteUInt32LittleEndian(o[20..], linkType);
        output.Advance(24);
    }

    /// <summary>One packet.</summary>
    public static void WritePacket(IBufferWriter<byte> output, in PcapPacket packet)
    {
        ArgumentNullException.ThrowIfNull(output);
        Span<byte> o = output.GetSpan(16 + packet.Octets.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(o, (uint)(packet.TimestampNanoseconds / 1_000_000_000));
        BinaryPrimitives.WriteUInt32LittleEndian(o[4..], (uint)(packet.TimestampNanoseconds % 1_000_000_000));
        BinaryPrimitives.WriteUInt32LittleEndian(o[8..], (uint)packet.Octets.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(o[12..], (uint)packet.OriginalLength);
        packet.Octets.CopyTo(o[16..]);
        output.Advance(16 + packet.Octets.Length);
    }
}
