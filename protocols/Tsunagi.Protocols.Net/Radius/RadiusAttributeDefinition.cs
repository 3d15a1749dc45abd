using System.Collections.Frozen;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>What the octets of a value are (RFC 8044, and what dictionaries know beyond it).</summary>
public enum RadiusValueType
{
    /// <summary>Octets without further meaning here.</summary>
    Octets,

    /// <summary>UTF-8 text ("string" of dictionaries).</summary>
    Text,

    /// <summary>8 bits ("byte").</summary>
    Byte,

    /// <summary>16 bits ("short").</summary>
    Short,

    /// <summary>32 bits ("integer").</summary>
    Integer,

    /// <summary>64 bits ("integer64").</summary>
    Integer64,

    /// <summary>32 bits with a sign ("signed").</summary>
    Signed,

    /// <summary>Seconds since 1970, 32 bits ("date").</summary>
    Date,

    /// <summary>4 octets ("ipaddr").</summary>
    IPv4Address,

    /// <summary>16 octets ("ipv6addr").</summary>
    IPv6Address,

    /// <summary>A reserved octet, the length, 4 octets ("ipv4prefix", RFC 8044 section 3.11).</summary>
    IPv4Prefix,

    /// <summary>A reserved octet, the length, up to 16 octets ("ipv6prefix", RFC 3162 section 2.3).</summary>
    IPv6Prefix,

    /// <summary>4 or 16 octets ("combo-ip").</summary>
    AnyAddress,

    /// <summary>8 octets ("ifid").</summary>
    InterfaceId,

    /// <summary>6 octets ("ether").</summary>
    Ethernet,

    /// <summary>Attributes within: type, length, value (RFC 6929 section 2.3).</summary>
    Tlv,

    /// <summary>Vendor-Specific itself.</summary>
    VendorSpecific,

    /// <summary>An octet of extended type, then the value (RFC 6929 section 2.1).</summary>
    Extended,

    /// <summary>As extended, with an octet of flags, over several attributes (RFC 6929 section 2.2).</summary>
    LongExtended,

    /// <summary>Vendor's number, an octet of type, the value (RFC 6929 section 2.4).</summary>
    ExtendedVendorSpecific,
}

/// <summary>How a value is hidden on the wire.</summary>
public enum RadiusEncryption
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>As User-Password ("encrypt=1").</summary>
    UserPassword,

    /// <summary>With a salt, as Tunnel-Password ("encrypt=2").</summary>
    Salted,

    /// <summary>As Ascend-Send-Secret ("encrypt=3").</summary>
    Ascend,
}

/// <summary>What a dictionary says of one attribute. Immutable.</summary>
public sealed class RadiusAttributeDefinition
{
    internal RadiusAttributeDefinition(string name, string oid, RadiusValueType type)
    {
        Name = name;
        Oid = oid;
        Type = type;
    }

    /// <summary>"User-Name", "Cisco-AVPair".</summary>
    public string Name { get; }

    /// <summary>Its numbers from the outside in: "1", "26.9.1", "241.5.1", "245.26.11344.3".</summary>
    public string Oid { get; }

    /// <summary>What its octets are.</summary>
    public RadiusValueType Type { get; }

    /// <summary>The length of <see cref="RadiusValueType.Octets"/> when the dictionary states one, else null.</summary>
    public int? FixedOctets { get; internal init; }

    /// <summary>True when the value may begin with a tag (RFC 2868 section 3).</summary>
    public bool HasTag { get; internal init; }

    /// <summary>How the value is hidden.</summary>
    public RadiusEncryption Encryption { get; internal init; }

    /// <summary>True when a value longer than 253 octets goes on in attributes of the same type (EAP-Message).</summary>
    public bool IsConcatenated { get; internal init; }

    /// <summary>True when several values stand in one attribute, one behind the other.</summary>
    public bool IsArray { get; internal init; }

    /// <summary>Names of numbers.</summary>
    public FrozenDictionary<long, string> ValueNames { get; internal set; } = FrozenDictionary<long, string>.Empty;

    /// <summary>Numbers of names, without regard to case.</summary>
    public FrozenDictionary<string, long> ValueNumbers { get; internal set; } = FrozenDictionary<string, long>.Empty;

    /// <summary>The attribute's name.</summary>
    public override string ToString() => Name;
}

/// <summary>A vendor of a dictionary and how its attributes are laid out within Vendor-Specific.</summary>
/// <param name="Name">"Cisco".</param>
/// <param name="Number">Its private enterprise number (IANA).</param>
/// <param name="TypeOctets">Octets of an attribute's type: 1, 2 or 4.</param>
/// <param name="LengthOctets">Octets of its length: 0 (the value goes to the end), 1 or 2.</param>
/// <param name="HasContinuation">True when an octet of flags follows, whose first bit says that the value goes on (WiMAX).</param>
public sealed record RadiusVendor(string Name, uint Number, int TypeOctets = 1, int LengthOctets = 1, bool HasContinuation = false);
