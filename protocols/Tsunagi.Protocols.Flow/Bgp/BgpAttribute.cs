using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>
/// A path attribute (RFC 4271 section 4.3). Lists in attributes compare by identity; two attributes that must be held against each other are
/// best compared as the octets that <see cref="BgpMessageWriter"/> makes of them.
/// </summary>
/// <param name="Flags">Optional 0x80, transitive 0x40, partial 0x20, extended length 0x10; a length above 255 sets the last by itself.</param>
public abstract record BgpAttribute(byte Flags)
{
    internal const byte WellKnown = 0x40, Optional = 0x80, OptionalTransitive = 0xC0, Partial = 0x20, ExtendedLength = 0x10;

    /// <summary>Its type.</summary>
    public abstract byte Type { get; }

    internal abstract void WriteValue(BgpOctets to, BgpEncoding encoding);
}

/// <summary>ORIGIN (section 5.1.1).</summary>
/// <param name="Value">0 IGP, 1 EGP, 2 incomplete.</param>
public sealed record BgpOrigin(byte Value) : BgpAttribute(WellKnown)
{
    /// <inheritdoc/>
    public override byte Type => 1;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding) => to.Octet(Value);
}

/// <summary>A part of an AS path.</summary>
/// <param name="Kind">1 set, 2 sequence, 3 sequence and 4 set of a confederation (RFC 5065).</param>
/// <param name="Ases">AS numbers, the nearest first.</param>
public sealed record BgpAsSegment(byte Kind, ImmutableArray<uint> Ases);

/// <summary>AS_PATH (section 5.1.2).</summary>
/// <param name="Segments">Its parts.</param>
public sealed record BgpAsPath(ImmutableArray<BgpAsSegment> Segments) : BgpAttribute(WellKnown)
{
    /// <inheritdoc/>
    public override byte Type => 2;

    /// <summary>A path of one sequence; empty for a route of one's own.</summary>
    public static BgpAsPath Of(params ReadOnlySpan<uint> ases) => new(ases.IsEmpty ? [] : [new BgpAsSegment(2, [.. ases])]);

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding) => WriteSegments(to, Segments, encoding.FourOctetAs);

    internal static void WriteSegments(BgpOctets to, ImmutableArray<BgpAsSegment> segments, bool fourOctets)
    {
        foreach (BgpAsSegment segment in segments)
        {
            to.Octet(segment.Kind);
            to.Octet((byte)segment.Ases.Length);
            foreach (uint one in segment.Ases)
            {
                if (fourOctets)
                {
                    to.Int(one);
                }
                else
                {
                    to.Short(one > ushort.MaxValue ? BgpOpen.AsTrans : (ushort)one);
                }
            }
        }
    }
}

/// <summary>NEXT_HOP (section 5.1.3).</summary>
/// <param name="Address">IPv4.</param>
public sealed record BgpNextHop(FlowAddress Address) : BgpAttribute(WellKnown)
{
    /// <inheritdoc/>
    public override byte Type => 3;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding) => to.Int(Address.IPv4);
}

/// <summary>MULTI_EXIT_DISC (section 5.1.4).</summary>
/// <param name="Value">The smaller the better.</param>
public sealed record BgpMultiExitDiscriminator(uint Value) : BgpAttribute(Optional)
{
    /// <inheritdoc/>
    public override byte Type => 4;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding) => to.Int(Value);
}

/// <summary>LOCAL_PREF (section 5.1.5).</summary>
/// <param name="Value">The larger the better.</param>
public sealed record BgpLocalPreference(uint Value) : BgpAttribute(WellKnown)
{
    /// <inheritdoc/>
    public override byte Type => 5;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding) => to.Int(Value);
}

/// <summary>ATOMIC_AGGREGATE (section 5.1.6).</summary>
public sealed record BgpAtomicAggregate() : BgpAttribute(WellKnown)
{
    /// <inheritdoc/>
    public override byte Type => 6;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding)
    {
    }
}

/// <summary>AGGREGATOR (section 5.1.7).</summary>
/// <param name="As">AS.</param>
/// <param name="Speaker">BGP identifier.</param>
public sealed record BgpAggregator(uint As, uint Speaker) : BgpAttribute(OptionalTransitive)
{
    /// <inheritdoc/>
    public override byte Type => 7;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding)
    {
        if (encoding.FourOctetAs)
        {
            to.Int(As);
        }
        else
        {
            to.Short(As > ushort.MaxValue ? BgpOpen.AsTrans : (ushort)As);
        }

        to.Int(Speaker);
    }
}

/// <summary>COMMUNITIES (RFC 1997).</summary>
/// <param name="Values">AS in the upper, value in the lower half.</param>
public sealed record BgpCommunities(ImmutableArray<uint> Values) : BgpAttribute(OptionalTransitive)
{
    /// <summary>NO_EXPORT.</summary>
    public const uint NoExport = 0xFFFFFF01;

    /// <summary>NO_ADVERTISE.</summary>
    public const uint NoAdvertise = 0xFFFFFF02;

    /// <summary>BLACKHOLE (RFC 7999): drop all traffic to the prefix.</summary>
    public const uint Blackhole = 0xFFFF029A;

    /// <inheritdoc/>
    public override byte Type => 8;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding)
    {
        foreach (uint value in Values)
        {
            to.Int(value);
        }
    }
}

/// <summary>ORIGINATOR_ID (RFC 4456 section 8).</summary>
/// <param name="Value">BGP identifier.</param>
public sealed record BgpOriginatorId(uint Value) : BgpAttribute(Optional)
{
    /// <inheritdoc/>
    public override byte Type => 9;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding) => to.Int(Value);
}

/// <summary>CLUSTER_LIST (RFC 4456 section 8).</summary>
/// <param name="Values">Cluster identifiers.</param>
public sealed record BgpClusterList(ImmutableArray<uint> Values) : BgpAttribute(Optional)
{
    /// <inheritdoc/>
    public override byte Type => 10;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding)
    {
        foreach (uint value in Values)
        {
            to.Int(value);
        }
    }
}

/// <summary>MP_REACH_NLRI (RFC 4760 section 3).</summary>
/// <param name="Family">Family.</param>
public sealed record BgpMpReach(BgpFamily Family) : BgpAttribute(Optional)
{
    /// <inheritdoc/>
    public override byte Type => 14;

    /// <summary>The next hop: none for FlowSpec, one, or for IPv6 a global and a link-local one; for families that are not read, what they have.</summary>
    public ReadOnlyMemory<byte> NextHop { get; init; } = ReadOnlyMemory<byte>.Empty;

    /// <summary>Routes of a unicast family.</summary>
    public ImmutableArray<BgpPrefix> Prefixes { get; init; } = [];

    /// <summary>Rules of a FlowSpec family.</summary>
    public ImmutableArray<FlowSpecRule> FlowSpecs { get; init; } = [];

    /// <summary>The routes of any other family.</summary>
    public ReadOnlyMemory<byte> Octets { get; init; } = ReadOnlyMemory<byte>.Empty;

    /// <summary>The first address of the next hop; the default value when there is none.</summary>
    public FlowAddress NextHopAddress => FlowAddress.FromOctets(NextHop.Length >= 16 ? NextHop.Span[..16] : NextHop.Span);

    /// <summary>The octets of a next hop.</summary>
    public static ReadOnlyMemory<byte> OctetsOf(FlowAddress address, bool isIPv6)
    {
        byte[] octets = new byte[16];
        address.WriteTo(octets);
        return octets.AsMemory(isIPv6 ? 0 : 12);
    }

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding)
    {
        to.Short(Family.Afi);
        to.Octet(Family.Safi);
        to.Octet((byte)NextHop.Length);
        to.Octets(NextHop.Span);
        to.Octet(0);
        BgpMpUnreach.WriteRoutes(to, encoding, Family, Prefixes, FlowSpecs, Octets);
    }
}

/// <summary>MP_UNREACH_NLRI (RFC 4760 section 4).</summary>
/// <param name="Family">Family.</param>
public sealed record BgpMpUnreach(BgpFamily Family) : BgpAttribute(Optional)
{
    /// <inheritdoc/>
    public override byte Type => 15;

    /// <summary>Routes of a unicast family.</summary>
    public ImmutableArray<BgpPrefix> Prefixes { get; init; } = [];

    /// <summary>Rules of a FlowSpec family.</summary>
    public ImmutableArray<FlowSpecRule> FlowSpecs { get; init; } = [];

    /// <summary>The routes of any other family.</summary>
    public ReadOnlyMemory<byte> Octets { get; init; } = ReadOnlyMemory<byte>.Empty;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding)
    {
        to.Short(Family.Afi);
        to.Octet(Family.Safi);
        WriteRoutes(to, encoding, Family, Prefixes, FlowSpecs, Octets);
    }

    internal static void WriteRoutes(BgpOctets to, BgpEncoding encoding, BgpFamily family, ImmutableArray<BgpPrefix> prefixes, ImmutableArray<FlowSpecRule> rules, ReadOnlyMemory<byte> octets)
    {
        bool withPath = encoding.AddPath.Contains(family);
        foreach (BgpPrefix prefix in prefixes)
        {
            to.Prefix(prefix, withPath);
        }

        foreach (FlowSpecRule rule in rules)
        {
            FlowSpecNlri.Write(to, rule, encoding.FlowSpecOffset);
        }

        to.Octets(octets.Span);
    }
}

/// <summary>EXTENDED COMMUNITIES (RFC 4360).</summary>
/// <param name="Values">Values.</param>
public sealed record BgpExtendedCommunities(ImmutableArray<BgpExtendedCommunity> Values) : BgpAttribute(OptionalTransitive)
{
    /// <inheritdoc/>
    public override byte Type => 16;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding)
    {
        foreach (BgpExtendedCommunity value in Values)
        {
            to.Long(value.Value);
        }
    }
}

/// <summary>AS4_PATH (RFC 6793 section 3): the path in four octets, through speakers that know two.</summary>
/// <param name="Segments">Its parts.</param>
public sealed record BgpAs4Path(ImmutableArray<BgpAsSegment> Segments) : BgpAttribute(OptionalTransitive)
{
    /// <inheritdoc/>
    public override byte Type => 17;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding) => BgpAsPath.WriteSegments(to, Segments, fourOctets: true);
}

/// <summary>A large community (RFC 8092).</summary>
/// <param name="Administrator">AS.</param>
/// <param name="First">First value.</param>
/// <param name="Second">Second value.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BgpLargeCommunity(uint Administrator, uint First, uint Second);

/// <summary>LARGE_COMMUNITY (RFC 8092).</summary>
/// <param name="Values">Values.</param>
public sealed record BgpLargeCommunities(ImmutableArray<BgpLargeCommunity> Values) : BgpAttribute(OptionalTransitive)
{
    /// <inheritdoc/>
    public override byte Type => 32;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding)
    {
        foreach (BgpLargeCommunity value in Values)
        {
            to.Int(value.Administrator);
            to.Int(value.First);
            to.Int(value.Second);
        }
    }
}

/// <summary>Any other attribute, as octets.</summary>
/// <param name="OtherType">Its type.</param>
/// <param name="OtherFlags">Its flags.</param>
/// <param name="Octets">Its value.</param>
public sealed record BgpOtherAttribute(byte OtherType, byte OtherFlags, ReadOnlyMemory<byte> Octets) : BgpAttribute(OtherFlags)
{
    /// <inheritdoc/>
    public override byte Type => OtherType;

    internal override void WriteValue(BgpOctets to, BgpEncoding encoding) => to.Octets(Octets.Span);
}
