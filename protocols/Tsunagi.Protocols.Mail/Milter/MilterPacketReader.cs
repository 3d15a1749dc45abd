using System.Buffers;
using System.Buffers.Binary;

namespace Tsunagi.Protocols.Mail.Milter;

/// <summary>How a read ended.</summary>
public enum MilterRead
{
    /// <summary>A packet was read.</summary>
    Packet,
    /// <summary>More octets must come.</summary>
    NeedMore,
    /// <summary>The peer does not speak the protocol: its packet is empty or longer than allowed.</summary>
    Bad,
}

/// <summary>One packet: its command and what follows; the octets are of the buffer that was read.</summary>
/// <param name="Command">Its first octet.</param>
/// <param name="Content">The rest.</param>
public readonly record struct MilterPacket(MilterCommand Command, ReadOnlySequence<byte> Content);

/// <summary>Cuts a connection's octets into packets (Sendmail milter protocol v6: length (4 octets, network order), command (1 octet), data).</summary>
public static class MilterPacketReader
{
    /// <summary>Longest packet, its command counted: a body piece of 65,535 octets and some room for long header fields.</summary>
    public const int DefaultMaxOctets = 1024 * 1024;

    /// <summary>Reads one packet from the head of <paramref name="buffer"/> and moves it behind it.</summary>
    public static MilterRead TryRead(ref ReadOnlySequence<byte> buffer, int maxOctets, out MilterPacket packet)
    {
        packet = default;
        if (buffer.Length < 5)
        {
            return MilterRead.NeedMore;
        }

        Span<byte> head = stackalloc byte[5];
        buffer.Slice(0, 5).CopyTo(head);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length == 0 || length > (uint)maxOctets)
        {
            return MilterRead.Bad;
        }

        if (buffer.Length < 4 + (long)length)
        {
            return MilterRead.NeedMore;
        }

        packet = new MilterPacket((MilterCommand)head[4], buffer.Slice(5, length - 1));
        buffer = buffer.Slice(4 + (long)length);
        return MilterRead.Packet;
    }
}
