using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>The value of <see cref="StampTlvType.DirectMeasurement"/> (RFC 8972 section 4.5): packets of the session so far.</summary>
/// <param name="Sent">By the sender.</param>
/// <param name="Received">By the reflector.</param>
/// <param name="Reflected">By the reflector, sent.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StampDirectMeasurement(uint Sent, uint Received, uint Reflected)
{
    /// <summary>Octets of the value.</summary>
    public const int Octets = 12;

    /// <summary>Reads it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out StampDirectMeasurement measurement)
    {
        measurement = value.Length == Octets
            ? new(BinaryPrimitives.ReadUInt32BigEndian(value), BinaryPrimitives.ReadUInt32BigEndian(value[4..]), BinaryPrimitives.ReadUInt32BigEndian(value[8..]))
            : default;
        return value.Length == Octets;
    }

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(value, Sent);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], Received);
        BinaryPrimitives.WriteUInt32BigEndian(value[8..], Reflected);
    }
}
