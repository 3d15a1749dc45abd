namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>
/// How far a timestamp may be off, and how it is written (RFC 4656 section 4.1.2, RFC 8186 section 2.3): S, Z, Scale (6 bits), Multiplier (8 bits). The error is Multiplier × 2^Scale × 2^-32 seconds.
/// </summary>
/// <param name="Bits">As they stand in the packet, read as one number.</param>
public readonly record struct StampErrorEstimate(ushort Bits)
{
    private const int LargestScale = 63;
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>True when the clock is synchronised to UTC by something outside.</summary>
    public bool IsSynchronized => (Bits & 0x8000) != 0;

    /// <summary>How the timestamp beside it is written.</summary>
    public StampFormat Format => (Bits & 0x4000) != 0 ? StampFormat.Ptp : StampFormat.Ntp;

    /// <summary>The exponent.</summary>
    public int Scale => (Bits >> 8) & LargestScale;

    /// <summary>What is scaled; 0 is not allowed.</summary>
    public byte Multiplier => (byte)Bits;

    /// <summary>False when the multiplier is 0: such an estimate is not to be relied on (RFC 4656 section 4.1.2).</summary>
    public bool IsValid => Multiplier != 0;

    /// <summary>The error in nanoseconds, rounded up; no more than a long holds.</summary>
    public long Nanoseconds
    {
        get
        {
            UInt128 units = (UInt128)Multiplier << Scale;
            UInt128 nanoseconds = ((units * NanosecondsPerSecond) + uint.MaxValue) >> 32;
            return nanoseconds > long.MaxValue ? long.MaxValue : (long)nanoseconds;
        }
    }

    /// <summary>The smallest estimate that is not below an error.</summary>
    /// <param name="nanoseconds">0 or more.</param>
    /// <param name="isSynchronized">Whether the clock is synchronised to UTC by something outside.</param>
    /// <param name="format">How the timestamp beside it is written.</param>
    public static StampErrorEstimate Of(long nanoseconds, bool isSynchronized, StampFormat format)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nanoseconds);
        UInt128 units = ((((UInt128)nanoseconds) << 32) + NanosecondsPerSecond - 1) / NanosecondsPerSecond;
        int scale = 0;
        for (; units > byte.MaxValue; scale++)
        {
            units = (units + 1) >> 1;
        }

        int multiplier = units == 0 ? 1 : (int)units;
        return new StampErrorEstimate((ushort)((isSynchronized ? 0x8000 : 0) | (format == StampFormat.Ptp ? 0x4000 : 0) | (scale << 8) | multiplier));
    }
}
