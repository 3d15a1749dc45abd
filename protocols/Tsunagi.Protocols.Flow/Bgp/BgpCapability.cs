using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>A capability (RFC 5492).</summary>
public abstract record BgpCapability
{
    /// <summary>Its code.</summary>
    public abstract byte Code { get; }

    /// <summary>Reads the value of a capability; one whose value can not be is kept as octets (RFC 5492 section 4).</summary>
    internal static BgpCapability Read(byte code, ReadOnlySpan<byte> value) => code switch
    {
        1 when value.Length == 4 => new BgpMultiprotocolCapability(FamilyOf(value)),
        2 when value.Length == 0 => new BgpRouteRefreshCapability(),
        6 when value.Length == 0 => new BgpExtendedMessageCapability(),
        64 when value.Length >= 2 && value.Length % 4 == 2 => BgpGracefulRestartCapability.ReadValue(value),
        65 when value.Length == 4 => new BgpFourOctetAsCapability(BinaryPrimitives.ReadUInt32BigEndian(value)),
        69 when value.Length % 4 == 0 => BgpAddPathCapability.ReadValue(value),
        70 when value.Length == 0 => new BgpEnhancedRouteRefreshCapability(),
        _ => new BgpOtherCapability(code, value.ToArray()),
    };

    internal static BgpFamily FamilyOf(ReadOnlySpan<byte> value) => new(BinaryPrimitives.ReadUInt16BigEndian(value), value[3]);

    internal abstract void Write(BgpOctets to);
}

/// <summary>A family is spoken (RFC 4760 section 8).</summary>
/// <param name="Family">Which.</param>
public sealed record BgpMultiprotocolCapability(BgpFamily Family) : BgpCapability
{
    /// <inheritdoc/>
    public override byte Code => 1;

    internal override void Write(BgpOctets to)
    {
        to.Short(Family.Afi);
        to.Octet(0);
        to.Octet(Family.Safi);
    }
}

/// <summary>Route refresh (RFC 2918).</summary>
public sealed record BgpRouteRefreshCapability : BgpCapability
{
    /// <inheritdoc/>
    public override byte Code => 2;

    internal override void Write(BgpOctets to)
    {
    }
}

/// <summary>Route refresh with marks of beginning and end (RFC 7313).</summary>
public sealed record BgpEnhancedRouteRefreshCapability : BgpCapability
{
    /// <inheritdoc/>
    public override byte Code => 70;

    internal override void Write(BgpOctets to)
    {
    }
}

/// <summary>Messages of 65535 octets (RFC 8654).</summary>
public sealed record BgpExtendedMessageCapability : BgpCapability
{
    /// <inheritdoc/>
    public override byte Code => 6;

    internal override void Write(BgpOctets to)
    {
    }
}

/// <summary>AS numbers of four octets (RFC 6793).</summary>
/// <param name="As">AS of the sender.</param>
public sealed record BgpFourOctetAsCapability(uint As) : BgpCapability
{
    /// <inheritdoc/>
    public override byte Code => 65;

    internal override void Write(BgpOctets to) => to.Int(As);
}

/// <summary>A family in graceful restart.</summary>
/// <param name="Family">Which.</param>
/// <param name="ForwardingPreserved">The sender went on forwarding by its routes.</param>
public readonly record struct BgpGracefulFamily(BgpFamily Family, bool ForwardingPreserved);

/// <summary>Graceful restart (RFC 4724 section 3, RFC 8538).</summary>
/// <param name="Restarted">R: the sender has restarted.</param>
/// <param name="Notification">N: graceful for NOTIFICATION too.</param>
/// <param name="RestartSeconds">How long a restart may take; up to 4095.</param>
/// <param name="Families">Families that are kept.</param>
public sealed record BgpGracefulRestartCapability(bool Restarted, bool Notification, ushort RestartSeconds, ImmutableArray<BgpGracefulFamily> Families) : BgpCapability
{
    /// <inheritdoc/>
    public override byte Code => 64;

    /// <inheritdoc/>
    public bool Equals(BgpGracefulRestartCapability? other) => other is not null && Restarted == other.Restarted && Notification == other.Notification
        && RestartSeconds == other.RestartSeconds && Families.AsSpan().SequenceEqual(other.Families.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Restarted, Notification, RestartSeconds, Families.Length);

    internal static BgpGracefulRestartCapability ReadValue(ReadOnlySpan<byte> value)
    {
        ushort first = BinaryPrimitives.ReadUInt16BigEndian(value);
        var families = ImmutableArray.CreateBuilder<BgpGracefulFamily>();
        for (int at = 2; at < value.Length; at += 4)
        {
            families.Add(new BgpGracefulFamily(new BgpFamily(BinaryPrimitives.ReadUInt16BigEndian(value[at..]), value[at + 2]), (value[at + 3] & 0x80) != 0));
        }

        return new BgpGracefulRestartCapability((first & 0x8000) != 0, (first & 0x4000) != 0, (ushort)(first & 0x0FFF), families.ToImmutable());
    }

    internal override void Write(BgpOctets to)
    {
        to.Short((ushort)((Restarted ? 0x8000 : 0) | (Notification ? 0x4000 : 0) | (RestartSeconds & 0x0FFF)));
        foreach (BgpGracefulFamily family in Families)
        {
            to.Short(family.Family.Afi);
            to.Octet(family.Family.Safi);
            to.Octet(family.ForwardingPreserved ? (byte)0x80 : (byte)0);
        }
    }
}

/// <summary>A family with several paths for a prefix.</summary>
/// <param name="Family">Which.</param>
/// <param name="SendReceive">1 receive, 2 send, 3 both.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BgpAddPathFamily(BgpFamily Family, byte SendReceive);

/// <summary>Several paths for a prefix (RFC 7911 section 4).</summary>
/// <param name="Families">Which families, and in which direction.</param>
public sealed record BgpAddPathCapability(ImmutableArray<BgpAddPathFamily> Families) : BgpCapability
{
    /// <inheritdoc/>
    public override byte Code => 69;

    /// <inheritdoc/>
    public bool Equals(BgpAddPathCapability? other) => other is not null && Families.AsSpan().SequenceEqual(other.Families.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Families.Length;

    internal static BgpAddPathCapability ReadValue(ReadOnlySpan<byte> value)
    {
        var families = ImmutableArray.CreateBuilder<BgpAddPathFamily>();
        for (int at = 0; at < value.Length; at += 4)
        {
            families.Add(new BgpAddPathFamily(new BgpFamily(BinaryPrimitives.ReadUInt16BigEndian(value[at..]), value[at + 2]), value[at + 3]));
        }

        return new BgpAddPathCapability(families.ToImmutable());
    }

    internal override void Write(BgpOctets to)
    {
        foreach (BgpAddPathFamily family in Families)
        {
            to.Short(family.Family.Afi);
            to.Octet(family.Family.Safi);
            to.Octet(family.SendReceive);
        }
    }
}

/// <summary>Any other capability, as octets.</summary>
/// <param name="OtherCode">Its code.</param>
/// <param name="Value">Its value.</param>
public sealed record BgpOtherCapability(byte OtherCode, ReadOnlyMemory<byte> Value) : BgpCapability
{
    /// <inheritdoc/>
    public override byte Code => OtherCode;

    /// <inheritdoc/>
    public bool Equals(BgpOtherCapability? other) => other is not null && OtherCode == other.OtherCode && Value.Span.SequenceEqual(other.Value.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(OtherCode, Value.Length);

    internal override void Write(BgpOctets to) => to.Octets(Value.Span);
}
