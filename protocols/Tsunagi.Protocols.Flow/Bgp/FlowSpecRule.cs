using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>Components (RFC 8955 section 4.2.2, RFC 8956 section 3).</summary>
public enum FlowSpecType : byte
{
    /// <summary>Destination prefix.</summary>
    Destination = 1,

    /// <summary>Source prefix.</summary>
    Source = 2,

    /// <summary>IP protocol, or the upper-layer protocol of IPv6.</summary>
    Protocol = 3,

    /// <summary>Source or destination port.</summary>
    Port = 4,

    /// <summary>Destination port.</summary>
    DestinationPort = 5,

    /// <summary>Source port.</summary>
    SourcePort = 6,

    /// <summary>ICMP type.</summary>
    IcmpType = 7,

    /// <summary>ICMP code.</summary>
    IcmpCode = 8,

    /// <summary>TCP flags; a bitmask.</summary>
    TcpFlags = 9,

    /// <summary>Octets of the IP packet.</summary>
    PacketLength = 10,

    /// <summary>DSCP; for IPv6 in ExaBGP's words the traffic class.</summary>
    Dscp = 11,

    /// <summary>Fragment; a bitmask.</summary>
    Fragment = 12,

    /// <summary>IPv6 flow label.</summary>
    FlowLabel = 13,
}

/// <summary>One operator with its value.</summary>
/// <param name="Operator">AND 0x40; for numbers less 4, greater 2, equal 1; for bitmasks not 2, match 1. End and length are the writer's.</param>
/// <param name="Value">The value.</param>
/// <param name="Octets">Octets of the value on the wire: 1, 2, 4 or 8.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FlowSpecTerm(byte Operator, ulong Value, byte Octets)
{
    /// <summary>Less.</summary>
    public const byte Less = 4;

    /// <summary>Greater.</summary>
    public const byte Greater = 2;

    /// <summary>Equal.</summary>
    public const byte Equal = 1;

    /// <summary>AND with the term in front; without it OR.</summary>
    public const byte And = 0x40;

    /// <summary>For bitmasks: not.</summary>
    public const byte Not = 2;

    /// <summary>For bitmasks: all bits of the value; without it any of them.</summary>
    public const byte Match = 1;

    /// <summary>A term with the shortest value.</summary>
    public static FlowSpecTerm Of(byte operation, ulong value) =>
        new(operation, value, value switch { <= byte.MaxValue => 1, <= ushort.MaxValue => 2, <= uint.MaxValue => 4, _ => 8 });

    /// <summary>AND.</summary>
    public bool IsAnd => (Operator & And) != 0;

    internal bool HoldsNumber(ulong number) =>
        ((Operator & Less) != 0 && number < Value) || ((Operator & Greater) != 0 && number > Value) || ((Operator & Equal) != 0 && number == Value);

    internal bool HoldsBits(ulong bits) => ((Operator & Match) != 0 ? (bits & Value) == Value : (bits & Value) != 0) != ((Operator & Not) != 0);
}

/// <summary>One component of a rule.</summary>
/// <param name="Type">What it looks at.</param>
public sealed record FlowSpecComponent(FlowSpecType Type)
{
    /// <summary>For a prefix component the prefix.</summary>
    public BgpPrefix Prefix { get; init; }

    /// <summary>For an IPv6 prefix, how many of its first bits are not looked at.</summary>
    public byte Offset { get; init; }

    /// <summary>For all others the terms: a sum (OR) of products (AND).</summary>
    public ImmutableArray<FlowSpecTerm> Terms { get; init; } = [];

    /// <summary>It is a prefix.</summary>
    public bool IsPrefix => Type is FlowSpecType.Destination or FlowSpecType.Source;

    /// <summary>Its terms are bitmasks.</summary>
    public bool IsBitmask => Type is FlowSpecType.TcpFlags or FlowSpecType.Fragment;

    /// <inheritdoc/>
    public bool Equals(FlowSpecComponent? other) =>
        other is not null && Type == other.Type && Prefix == other.Prefix && Offset == other.Offset && Terms.AsSpan().SequenceEqual(other.Terms.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Prefix, Offset, Terms.Length);

    /// <summary>Whether a value, or bits, satisfy the terms (RFC 8955 section 4.2.1); without terms none does.</summary>
    public bool Holds(ulong value)
    {
        bool any = false, all = true;
        for (int i = 0; i < Terms.Length; i++)
        {
            FlowSpecTerm term = Terms[i];
            if (i > 0 && !term.IsAnd)
            {
                any |= all;
                all = true;
            }

            all &= IsBitmask ? term.HoldsBits(value) : term.HoldsNumber(value);
        }

        return Terms.Length > 0 && (any || all);
    }
}

/// <summary>
/// A traffic filtering rule: all its components must hold (RFC 8955 section 4). Components stand in ascending order, each type once. Rules are
/// equal when their routes are.
/// </summary>
/// <param name="IsIPv6">Its family.</param>
/// <param name="Components">What must hold.</param>
/// <param name="RouteDistinguisher">Of a rule inside a VPN; null for others.</param>
public sealed partial record FlowSpecRule(bool IsIPv6, ImmutableArray<FlowSpecComponent> Components, ulong? RouteDistinguisher = null) : IComparable<FlowSpecRule>
{
    /// <summary>The family whose route it is.</summary>
    public BgpFamily Family => (IsIPv6, RouteDistinguisher is not null) switch
    {
        (false, false) => BgpFamily.IPv4FlowSpec,
        (true, false) => BgpFamily.IPv6FlowSpec,
        (false, true) => BgpFamily.IPv4FlowSpecVpn,
        _ => BgpFamily.IPv6FlowSpecVpn,
    };

    /// <summary>The component of a type; null when there is none.</summary>
    public FlowSpecComponent? Find(FlowSpecType type) => Components.FirstOrDefault(c => c.Type == type);

    /// <inheritdoc/>
    public bool Equals(FlowSpecRule? other) => other is not null && IsIPv6 == other.IsIPv6 && RouteDistinguisher == other.RouteDistinguisher
        && Components.AsSpan().SequenceEqual(other.Components.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(IsIPv6);
        hash.Add(RouteDistinguisher);
        foreach (FlowSpecComponent component in Components)
        {
            hash.Add(component);
        }

        return hash.ToHashCode();
    }

    /// <summary>The rule's text, see <see cref="FlowSpecText"/>.</summary>
    public override string ToString() => FlowSpecText.Print(this);
}
