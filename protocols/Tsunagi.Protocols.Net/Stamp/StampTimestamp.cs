namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>
/// The 64 bits of a timestamp (RFC 8762 section 4.2.1). They come from and go to nanoseconds since 1970 in UTC, exactly in both formats. A PTP clock that counts TAI is the caller's to correct.
/// </summary>
/// <param name="Bits">As they stand in the packet, read as one number.</param>
public readonly record struct StampTimestamp(ulong Bits)
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long SecondsFrom1900To1970 = 2_208_988_800;
    private const long EraSeconds = 1L << 32;

    /// <summary>No time: what a sender leaves for the reflector to fill.</summary>
    public static readonly StampTimestamp None;

    /// <summary>Writes a moment.</summary>
    public static StampTimestamp FromUnixNanoseconds(long nanoseconds, StampFormat format)
    {
        (long seconds, long rest) = Math.DivRem(nanoseconds, NanosecondsPerSecond);
        if (rest < 0)
        {
            (seconds, rest) = (seconds - 1, rest + NanosecondsPerSecond);
        }

        return format == StampFormat.Ptp
            ? new StampTimestamp(((ulong)(uint)seconds << 32) | (uint)rest)
            : new StampTimestamp(((ulong)(uint)(seconds + SecondsFrom1900To1970) << 32) | ((((ulong)rest << 32) + (NanosecondsPerSecond / 2)) / NanosecondsPerSecond));
    }

    /// <summary>The moment, nanoseconds since 1970. NTP seconds without the top bit are those after February 2036 (RFC 4330 section 3).</summary>
    public long ToUnixNanoseconds(StampFormat format)
    {
        long seconds = (long)(Bits >> 32);
        ulong low = (uint)Bits;
        return format == StampFormat.Ptp
            ? (seconds * NanosecondsPerSecond) + (long)low
            : ((((Bits >> 63) == 0 ? seconds + EraSeconds : seconds) - SecondsFrom1900To1970) * NanosecondsPerSecond) + (long)(((low * NanosecondsPerSecond) + (1UL << 31)) >> 32);
    }
}
