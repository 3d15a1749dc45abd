using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>Types of messages (RFC 4271 section 4.1, RFC 2918).</summary>
public enum BgpMessageType : byte
{
    /// <summary>OPEN.</summary>
    Open = 1,

    /// <summary>UPDATE.</summary>
    Update = 2,

    /// <summary>NOTIFICATION.</summary>
    Notification = 3,

    /// <summary>KEEPALIVE.</summary>
    Keepalive = 4,

    /// <summary>ROUTE-REFRESH.</summary>
    RouteRefresh = 5,
}

/// <summary>An address family and what is said of it.</summary>
/// <param name="Afi">1 IPv4, 2 IPv6.</param>
/// <param name="Safi">1 unicast, 133 FlowSpec, 134 FlowSpec of a VPN.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BgpFamily(ushort Afi, byte Safi)
{
    /// <summary>IPv4 unicast.</summary>
    public static BgpFamily IPv4Unicast => new(1, 1);

    /// <summary>IPv6 unicast.</summary>
    public static BgpFamily IPv6Unicast => new(2, 1);

    /// <summary>IPv4 FlowSpec (RFC 8955).</summary>
    public static BgpFamily IPv4FlowSpec => new(1, 133);

    /// <summary>IPv6 FlowSpec (RFC 8956).</summary>
    public static BgpFamily IPv6FlowSpec => new(2, 133);

    /// <summary>FlowSpec in a VPN of IPv4.</summary>
    public static BgpFamily IPv4FlowSpecVpn => new(1, 134);

    /// <summary>FlowSpec in a VPN of IPv6.</summary>
    public static BgpFamily IPv6FlowSpecVpn => new(2, 134);

    /// <summary>FlowSpec, in a VPN or not.</summary>
    public bool IsFlowSpec => Afi is 1 or 2 && Safi is 133 or 134;

    /// <summary>IPv4 or IPv6 unicast.</summary>
    public bool IsUnicast => Afi is 1 or 2 && Safi == 1;

    /// <inheritdoc/>
    public override string ToString() => this switch
    {
        (1, 1) => "ipv4 unicast",
        (2, 1) => "ipv6 unicast",
        (1, 133) => "ipv4 flowspec",
        (2, 133) => "ipv6 flowspec",
        (1, 134) => "ipv4 flowspec-vpn",
        (2, 134) => "ipv6 flowspec-vpn",
        _ => $"afi {Afi} safi {Safi}",
    };
}

/// <summary>What both sides of a session agreed on and the octets of its messages depend on.</summary>
public sealed record BgpEncoding
{
    /// <summary>Four octets for an AS, nothing else.</summary>
    public static BgpEncoding Default { get; } = new();

    /// <summary>AS numbers in paths have four octets (RFC 6793).</summary>
    public bool FourOctetAs { get; init; } = true;

    /// <summary>Messages other than OPEN and KEEPALIVE may have 65535 octets (RFC 8654).</summary>
    public bool ExtendedMessages { get; init; }

    /// <summary>Families whose prefixes carry a path identifier (RFC 7911).</summary>
    public ImmutableHashSet<BgpFamily> AddPath { get; init; } = [];

    /// <summary>How the pattern of an IPv6 FlowSpec prefix with an offset is written.</summary>
    public FlowSpecOffset FlowSpecOffset { get; init; }

    /// <summary>The peer is in another AS: LOCAL_PREF and the like of it are not used (RFC 7606 section 7).</summary>
    public bool External { get; init; }

    /// <summary>Octets of the longest message.</summary>
    public int MessageOctets => ExtendedMessages ? 65535 : 4096;
}

/// <summary>How the pattern of an IPv6 FlowSpec prefix with an offset is written.</summary>
public enum FlowSpecOffset
{
    /// <summary>From the offset on, as RFC 8956 section 3.1 says.</summary>
    Rfc8956,

    /// <summary>The whole prefix from its first bit, as ExaBGP and drafts before the RFC have it.</summary>
    WholePrefix,
}

/// <summary>A message.</summary>
public abstract record BgpMessage
{
    /// <summary>Its type.</summary>
    public abstract BgpMessageType Type { get; }
}

/// <summary>OPEN (RFC 4271 section 4.2).</summary>
/// <param name="As">AS of the sender: that of its four-octet capability where it has one.</param>
/// <param name="HoldTimeSeconds">0, or at least 3.</param>
/// <param name="Identifier">BGP identifier.</param>
/// <param name="Capabilities">In the order of the message.</param>
public sealed record BgpOpen(uint As, ushort HoldTimeSeconds, uint Identifier, ImmutableArray<BgpCapability> Capabilities) : BgpMessage
{
    /// <summary>AS that stands for one of four octets in fields of two (RFC 6793 section 9).</summary>
    public const ushort AsTrans = 23456;

    /// <summary>How many capabilities stand in each optional parameter; empty when all are in one.</summary>
    public ImmutableArray<int> PerParameter { get; init; } = [];

    /// <inheritdoc/>
    public override BgpMessageType Type => BgpMessageType.Open;

    /// <summary>The families of the multiprotocol capabilities; IPv4 unicast when there are none (RFC 4760 section 8).</summary>
    public IReadOnlyList<BgpFamily> Families()
    {
        List<BgpFamily> families = [.. Capabilities.OfType<BgpMultiprotocolCapability>().Select(c => c.Family)];
        return families.Count > 0 ? families : [BgpFamily.IPv4Unicast];
    }
}

/// <summary>KEEPALIVE (RFC 4271 section 4.4).</summary>
public sealed record BgpKeepalive : BgpMessage
{
    /// <inheritdoc/>
    public override BgpMessageType Type => BgpMessageType.Keepalive;
}

/// <summary>ROUTE-REFRESH (RFC 2918 section 3); with a subtype RFC 7313.</summary>
/// <param name="Family">Which routes.</param>
/// <param name="Subtype">0 a request, 1 the beginning and 2 the end of the routes that were asked for.</param>
public sealed record BgpRouteRefresh(BgpFamily Family, byte Subtype = 0) : BgpMessage
{
    /// <inheritdoc/>
    public override BgpMessageType Type => BgpMessageType.RouteRefresh;
}

/// <summary>NOTIFICATION (RFC 4271 section 4.5).</summary>
/// <param name="Code">Error code.</param>
/// <param name="Subcode">Error subcode.</param>
/// <param name="Content">What was wrong, by code and subcode.</param>
public sealed record BgpNotification(byte Code, byte Subcode, ReadOnlyMemory<byte> Content) : BgpMessage
{
    /// <inheritdoc/>
    public override BgpMessageType Type => BgpMessageType.Notification;

    /// <summary>The message of a shutdown or reset (RFC 9003 section 2); empty where there is none.</summary>
    public string ShutdownText()
    {
        ReadOnlySpan<byte> content = Content.Span;
        bool has = Code == 6 && Subcode is 2 or 4 && content.Length > 0 && content[0] < content.Length;
        return has ? System.Text.Encoding.UTF8.GetString(content.Slice(1, content[0])) : "";
    }

    /// <summary>A shutdown (subcode 2) or reset (4) with its message, cut to 255 octets.</summary>
    public static BgpNotification Shutdown(byte subcode, string text)
    {
        byte[] octets = System.Text.Encoding.UTF8.GetBytes(text);
        int length = Math.Min(octets.Length, 255);
        while (length < octets.Length && length > 0 && (octets[length] & 0xC0) == 0x80)
        {
            length--; // not inside a character
        }

        return new BgpNotification(6, subcode, (byte[])[(byte)length, .. octets[..length]]);
    }

    /// <inheritdoc/>
    public bool Equals(BgpNotification? other) => other is not null && Code == other.Code && Subcode == other.Subcode && Content.Span.SequenceEqual(other.Content.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Code, Subcode, Content.Length);
}

/// <summary>UPDATE (RFC 4271 section 4.3).</summary>
/// <param name="Withdrawn">IPv4 unicast routes that are gone.</param>
/// <param name="Attributes">In the order of the message.</param>
/// <param name="Nlri">IPv4 unicast routes that are announced.</param>
public sealed record BgpUpdate(ImmutableArray<BgpPrefix> Withdrawn, ImmutableArray<BgpAttribute> Attributes, ImmutableArray<BgpPrefix> Nlri) : BgpMessage
{
    /// <inheritdoc/>
    public override BgpMessageType Type => BgpMessageType.Update;

    /// <summary>The first attribute of a kind.</summary>
    public T? Find<T>()
        where T : BgpAttribute => Attributes.OfType<T>().FirstOrDefault();

    /// <summary>The family whose routes are complete with this (RFC 4724 section 2); null when it is no such mark.</summary>
    public BgpFamily? EndOfRib() => (Withdrawn, Attributes, Nlri) switch
    {
        ([], [], []) => BgpFamily.IPv4Unicast,
        ([], [BgpMpUnreach { Prefixes: [], FlowSpecs: [], Octets.Length: 0 } unreach], []) => unreach.Family,
        _ => null,
    };

    /// <summary>The mark that the routes of a family are complete.</summary>
    public static BgpUpdate EndOf(BgpFamily family) => new([], family == BgpFamily.IPv4Unicast ? [] : [new BgpMpUnreach(family)], []);
}
