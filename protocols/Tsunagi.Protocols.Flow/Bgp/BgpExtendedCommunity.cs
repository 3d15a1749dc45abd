using System.Globalization;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>An extended community (RFC 4360), among them what a FlowSpec rule does (RFC 8955 section 7).</summary>
/// <param name="Value">Its eight octets.</param>
public readonly record struct BgpExtendedCommunity(ulong Value)
{
    /// <summary>Type and subtype.</summary>
    public ushort Kind => (ushort)(Value >> 48);

    /// <summary>traffic-rate-bytes; 0 discards. <paramref name="informativeAs"/> tells a person who asked for it.</summary>
    public static BgpExtendedCommunity RateBytes(float octetsPerSecond, ushort informativeAs = 0) => OfFloat(0x8006, informativeAs, octetsPerSecond);

    /// <summary>traffic-rate-packets (RFC 8955 section 7.2).</summary>
    public static BgpExtendedCommunity RatePackets(float packetsPerSecond, ushort informativeAs = 0) => OfFloat(0x800C, informativeAs, packetsPerSecond);

    /// <summary>traffic-action: let further rules act only if <paramref name="terminal"/>'s bit is set, as the RFC has it; sample what matches.</summary>
    public static BgpExtendedCommunity Action(bool sample, bool terminal) => new(0x8007UL << 48 | (sample ? 2UL : 0) | (terminal ? 1UL : 0));

    /// <summary>traffic-marking with a DSCP.</summary>
    public static BgpExtendedCommunity Mark(byte dscp) => new(0x8009UL << 48 | (uint)(dscp & 63));

    /// <summary>rt-redirect by a route target; an AS above 65535 takes the form of four octets.</summary>
    public static BgpExtendedCommunity Redirect(uint administrator, uint number) => administrator <= ushort.MaxValue
        ? new BgpExtendedCommunity(0x8008UL << 48 | (ulong)administrator << 32 | number)
        : new BgpExtendedCommunity(0x8208UL << 48 | (ulong)administrator << 16 | (ushort)number);

    /// <summary>rt-redirect by a route target of an IPv4 address.</summary>
    public static BgpExtendedCommunity RedirectIPv4(uint address, ushort number) => new(0x8108UL << 48 | (ulong)address << 16 | number);

    /// <summary>Redirect, or copy, to the next hop of the route (draft-simpson-idr-flowspec-redirect).</summary>
    public static BgpExtendedCommunity RedirectToNextHop(bool copy = false) => new(0x0800UL << 48 | (copy ? 1UL : 0));

    /// <summary>The rate of traffic-rate-bytes; null for others.</summary>
    public float? BytesPerSecond => Kind == 0x8006 ? Rate : null;

    /// <summary>The rate of traffic-rate-packets; null for others.</summary>
    public float? PacketsPerSecond => Kind == 0x800C ? Rate : null;

    /// <summary>It discards all that matches.</summary>
    public bool IsDiscard => Kind is 0x8006 or 0x800C && Rate == 0;

    private float Rate => BitConverter.UInt32BitsToSingle((uint)Value);

    private ushort InformativeAs => (ushort)(Value >> 32);

    /// <summary>The form of the rule text, see <see cref="FlowSpecText"/>.</summary>
    public override string ToString() => Kind switch
    {
        0x8006 when Value == 0x8006UL << 48 => "discard",
        0x8006 when float.IsFinite(Rate) => $"rate {Rate.ToString("R", CultureInfo.InvariantCulture)}{AsText()}",
        0x800C when float.IsFinite(Rate) => $"rate-packets {Rate.ToString("R", CultureInfo.InvariantCulture)}{AsText()}",
        0x8007 when (Value & 0xFFFF_FFFF_FFFC) == 0 && (Value & 3) != 0 => (Value & 3) switch { 3 => "sample-terminal", 2 => "sample", _ => "terminal" },
        0x8009 when (Value & 0xFFFF_FFFF_FFC0) == 0 => $"mark {Value & 63}",
        0x8008 => $"redirect {InformativeAs}:{(uint)Value}",
        0x8108 => $"redirect {FlowAddress.FromIPv4((uint)(Value >> 16))}:{(ushort)Value}",
        0x8208 when (uint)(Value >> 16) > ushort.MaxValue => $"redirect {(uint)(Value >> 16)}:{(ushort)Value}",
        0x0800 when (Value & 0xFFFF_FFFF_FFFF) <= 1 => (Value & 1) == 0 ? "redirect-to-nexthop" : "copy-to-nexthop",
        _ => $"extended 0x{Value:x16}",
    };

    private string AsText() => InformativeAs == 0 ? "" : $" as {InformativeAs}";

    private static BgpExtendedCommunity OfFloat(ushort kind, ushort informativeAs, float rate) =>
        new((ulong)kind << 48 | (ulong)informativeAs << 32 | BitConverter.SingleToUInt32Bits(rate));
}
