namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>How a timestamp is written; the Z flag of the error estimate beside it says which (RFC 8186 section 2.3).</summary>
public enum StampFormat
{
    /// <summary>NTP: seconds since 1900 and a binary fraction (RFC 5905 section 6).</summary>
    Ntp,

    /// <summary>Truncated PTPv2: seconds since 1970 and nanoseconds (IEEE 1588).</summary>
    Ptp,
}
