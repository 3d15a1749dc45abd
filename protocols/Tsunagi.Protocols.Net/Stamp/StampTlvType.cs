namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>What a TLV holds (RFC 8972 section 5.1).</summary>
public enum StampTlvType : byte
{
    /// <summary>None: what begins so is padding to the end.</summary>
    Reserved = 0,

    /// <summary>Octets that make the packet longer (RFC 8972 section 4.1).</summary>
    ExtraPadding = 1,

    /// <summary>Addresses and ports as the reflector saw them (RFC 8972 section 4.2).</summary>
    Location = 2,

    /// <summary>Where the reflector's timestamps come from (RFC 8972 section 4.3).</summary>
    TimestampInformation = 3,

    /// <summary>DSCP and ECN on both ways (RFC 8972 section 4.4).</summary>
    ClassOfService = 4,

    /// <summary>Counters of packets (RFC 8972 section 4.5).</summary>
    DirectMeasurement = 5,

    /// <summary>Which access network there is (RFC 8972 section 4.6).</summary>
    AccessReport = 6,

    /// <summary>When the reply before this one truly left (RFC 8972 section 4.7).</summary>
    FollowUpTelemetry = 7,

    /// <summary>An HMAC over the sequence number and the TLVs before it (RFC 8972 section 4.8).</summary>
    Hmac = 8,
}
