namespace Tsunagi.Protocols.Flow.Ipfix;

/// <summary>Abstract data types (RFC 7012 section 3.1, RFC 6313 section 4.1).</summary>
public enum ElementType
{
    /// <summary>Octets without further meaning.</summary>
    OctetArray,

    /// <summary>Unsigned number of one to eight octets.</summary>
    Unsigned,

    /// <summary>Signed number of one to eight octets.</summary>
    Signed,

    /// <summary>IEEE 754 number of four or eight octets.</summary>
    Float,

    /// <summary>1 is true, 2 is false.</summary>
    Boolean,

    /// <summary>Six octets.</summary>
    MacAddress,

    /// <summary>UTF-8.</summary>
    String,

    /// <summary>Seconds of Unix time.</summary>
    Seconds,

    /// <summary>Milliseconds of Unix time.</summary>
    Milliseconds,

    /// <summary>NTP timestamp, read to the microsecond.</summary>
    Microseconds,

    /// <summary>NTP timestamp, read to the nanosecond.</summary>
    Nanoseconds,

    /// <summary>Four octets.</summary>
    IPv4Address,

    /// <summary>Sixteen octets.</summary>
    IPv6Address,

    /// <summary>A list of values of one element.</summary>
    BasicList,

    /// <summary>A list of records of one template.</summary>
    SubTemplateList,

    /// <summary>Lists of records of several templates.</summary>
    SubTemplateMultiList,
}

/// <summary>An information element.</summary>
/// <param name="Id">Number.</param>
/// <param name="Enterprise">Private enterprise number; 0 is IANA's registry.</param>
/// <param name="Name">Name.</param>
/// <param name="Type">Type.</param>
public sealed record InformationElement(ushort Id, uint Enterprise, string Name, ElementType Type);
