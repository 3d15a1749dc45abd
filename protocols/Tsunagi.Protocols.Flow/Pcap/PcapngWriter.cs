using System.Buffers;
using System.Buffers.Binary;

namespace Tsunagi.Protocols.Flow.Pcap;

/// <summary>Writes pcapng, little endian: a section, its interfaces with nanoseconds, enhanced packet blocks.</summary>
public static class PcapngWriter
{
    /// <summary>The start of a section.</summary>
    public static void WriteSection(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Span<byte> body = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(body, 0x1A2B3C4D);
        BinaryPrimitives.WriteUInt16LittleEndian(body[4..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], -1); // the length of the section is not told
        WriteBlock(output, 0x0A0D0D0A, body, default);
    }

    /// <summary>An interface; the first one is number 0.</summary>
    public static void WriteInterface(IBufferWriter<byte> output, ushort linkType, uint snapLength = 0)
    {
        ArgumentNullException.ThrowIfNull(output);
        Span<byte> body = stackalloc byte[20];
        BinaryPrimitives.WriteUInt16LittleEndian(body, linkType);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], snapLength);
        BinaryPrimitives.WriteUInt16LittleEndian(body[8..], 9); // if_tsresol: 10 to the power of -9
        BinaryPrimitives.WriteUInt16LittleEndian(body[10..], 1);
        body[12] = 9;
        WriteBlock(output, 1, body, default);
    }

    /// <summary>One packet of an interface.</summary>
    public static void WritePacket(IBufferWriter<byte> output, uint interfaceNumber, in PcapPacket packet)
    {
        ArgumentNullException.ThrowIfNull(output);
        Span<byte> body = stackalloc byte[20];
        BinaryPrimitives.WriteUInt32LittleEndian(body, interfaceNumber);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], (uint)(packet.TimestampNanoseconds >> 32));
        BinaryPrimitives.WriteUInt32LittleEndian(body[8..], (uint)packet.TimestampNanoseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(body[12..], (uint)packet.Octets.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(body[16..], (uint)packet.OriginalLength);
        WriteBlock(output, 6, body, packet.Octets);
    }

    private static void WriteBlock(IBufferWriter<byte> output, uint type, ReadOnlySpan<byte> body, ReadOnlySpan<byte> more)
    {
        int length = 12 + body.Length + (more.Length + 3 & ~3);
        Span<byte> o = output.GetSpan(length)[..length];
        o.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(o, type);
        BinaryPrimitives.WriteInt32LittleEndian(o[4..], length);
        body.CopyTo(o[8..]);
        more.CopyTo(o[(8 + body.Length)..]);
        BinaryPrimitives.WriteInt32LittleEndian(o[(length - 4)..], length);
        output.Advance(length);
    }
}
