using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>The value of <see cref="StampTlvType.ClassOfService"/> (RFC 8972 section 4.4): DSCP1 (6 bits), DSCP2 (6), ECN (2), RP (2), 16 bits reserved.</summary>
/// <param name="Wanted">DSCP that the sender wants the reply to have.</param>
/// <param name="Arrived">DSCP that the test packet came in with; the reflector fills it.</param>
/// <param name="Ecn">ECN that it came in with.</param>
/// <param name="ReversePath">0 when the reply has the wanted DSCP, 1 when the reflector does not allow that.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StampClassOfService(byte Wanted, byte Arrived, byte Ecn, byte ReversePath)
{
    /// <summary>Octets of the value.</summary>
    public const int Octets = 4;

    /// <summary>Reads it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out StampClassOfService service)
    {
        service = value.Length == Octets ? new((byte)(value[0] >> 2), (byte)(((value[0] & 3) << 4) | (value[1] >> 4)), (byte)((value[1] >> 2) & 3), (byte)(value[1] & 3)) : default;
        return value.Length == Octets;
    }

    /// <summary>Writes it; each part is cut to its bits.</summary>
    public void Write(Span<byte> value)
    {
        value[0] = (byte)((Wanted << 2) | ((Arrived >> 4) & 3));
        value[1] = (byte)((Arrived << 4) | ((Ecn & 3) << 2) | (ReversePath & 3));
        value[2..Octets].Clear();
    }
}
