using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>What a clock is synchronised by (RFC 8972 section 5.3).</summary>
public enum StampSyncSource : byte
{
    /// <summary>Not told.</summary>
    None = 0,

    /// <summary>NTP.</summary>
    Ntp = 1,

    /// <summary>PTP.</summary>
    Ptp = 2,

    /// <summary>SSU or BITS.</summary>
    SsuBits = 3,

    /// <summary>Satellites or long-wave radio.</summary>
    Satellite = 4,

    /// <summary>Nothing: it runs by itself.</summary>
    FreeRunning = 5,
}

/// <summary>How a timestamp is taken (RFC 8972 section 5.4).</summary>
public enum StampMethod : byte
{
    /// <summary>Not told.</summary>
    None = 0,

    /// <summary>With the help of hardware.</summary>
    Hardware = 1,

    /// <summary>By software beside the interface: the kernel.</summary>
    Software = 2,

    /// <summary>By the control plane: the program itself.</summary>
    ControlPlane = 3,
}

/// <summary>The value of <see cref="StampTlvType.TimestampInformation"/> (RFC 8972 section 4.3); a sender leaves it zero.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StampTimestampInformation(StampSyncSource SourceIn, StampMethod MethodIn, StampSyncSource SourceOut, StampMethod MethodOut)
{
    /// <summary>Octets of the value.</summary>
    public const int Octets = 4;

    /// <summary>Reads it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out StampTimestampInformation information)
    {
        information = value.Length == Octets ? new((StampSyncSource)value[0], (StampMethod)value[1], (StampSyncSource)value[2], (StampMethod)value[3]) : default;
        return value.Length == Octets;
    }

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> value) => (value[0], value[1], value[2], value[3]) = ((byte)SourceIn, (byte)MethodIn, (byte)SourceOut, (byte)MethodOut);
}
