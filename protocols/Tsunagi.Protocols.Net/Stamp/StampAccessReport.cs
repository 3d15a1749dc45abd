using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>The value of <see cref="StampTlvType.AccessReport"/> (RFC 8972 section 4.6): the identifier of an access (4 bits), what of it (8 bits).</summary>
/// <param name="Access">1: a network of 3GPP; 2: another.</param>
/// <param name="Code">1: it is there; 2: it is not.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StampAccessReport(byte Access, byte Code)
{
    /// <summary>Octets of the value.</summary>
    public const int Octets = 4;

    /// <summary>Reads it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out StampAccessReport report)
    {
        report = value.Length == Octets ? new((byte)(value[0] >> 4), value[1]) : default;
        return value.Length == Octets;
    }

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> value)
    {
        value[0] = (byte)(Access << 4);
        value[1] = Code;
        value[2..Octets].Clear();
    }
}
