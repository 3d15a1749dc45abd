using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>The value of <see cref="StampTlvType.FollowUpTelemetry"/> (RFC 8972 section 4.7): when the reply before this one truly left. A sender leaves it zero, as does a reflector that keeps no state.</summary>
/// <param name="Sequence">The reflector's sequence number of that reply.</param>
/// <param name="Timestamp">When it left, in the reflector's format.</param>
/// <param name="Method">How that was taken.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StampFollowUp(uint Sequence, StampTimestamp Timestamp, StampMethod Method)
{
    /// <summary>Octets of the value.</summary>
    public const int Octets = 16;

    /// <summary>Reads it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out StampFollowUp followUp)
    {
        followUp = value.Length == Octets
            ? new(BinaryPrimitives.ReadUInt32BigEndian(value), new StampTimestamp(BinaryPrimitives.ReadUInt64BigEndian(value[4..])), (StampMethod)value[12])
            : default;
        return value.Length == Octets;
    }

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(value, Sequence);
        BinaryPrimitives.WriteUInt64BigEndian(value[4..], Timestamp.Bits);
        value[12] = (byte)Method;
        value[13..Octets].Clear();
    }
}
