using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Routing.Scrub;

/// <summary>
/// Writes what a FlowSpec rule matches, but for its destination, as expressions of nftables (nft(8)) that match the same packets as <see cref="FlowSpecRule.Matches"/>. What one expression cannot say (this or that port,
/// pieces of IPv6 packets) becomes several, any of which may match.
/// </summary>
internal static class NftMatch
{
    private const int TcpFlagBits = 0x1FF;
    private const uint DontFragment = 0x4000;
    private const uint MoreFragments = 0x2000;
    private const uint OffsetBits = 0x1FFF;
    private const uint Behind = 2;

    // How a packet may be cut, in the bits of RFC 8955 section 4.2.2.12: whole, first piece, piece in the middle, last piece.
    private static readonly uint[] Pieces = [0, 4, 2, 2 | 8];

    /// <summary>The expressions; none when nothing can match, null when nftables cannot say it.</summary>
    public static IReadOnlyList<string>? Write(FlowSpecRule rule, out string whyNot)
    {
        whyNot = "";
        if (ProtocolsOf(rule) is not { } protocols)
        {
            return [];
        }

        List<string> all = [.. PiecesOf(rule).Select(pieces => Join(protocols, pieces))];
        foreach (var component in rule.Components)
        {
            if (component.Type == FlowSpecType.FlowLabel && !rule.IsIPv6)
            {
                whyNot = "IPv4 packets have no flow label";
                return null;
            }

            // Each of this component's expressions with each of those so far.
            var own = Write(component, rule.IsIPv6);
            all = [.. all.SelectMany(before => own.Select(after => Join(before, after)))];
        }

        return all;
    }

    private static string Join(string before, string after) => before.Length == 0 ? after : after.Length == 0 ? before : $"{before} {after}";

    // Of which protocols packets must be, by the rule's word and since others have no such field: "" for any, null for none.
    private static string? ProtocolsOf(FlowSpecRule rule)
    {
        var kinds = rule.Components.Select(static component => component.Type).ToHashSet();
        var asked = rule.Find(FlowSpecType.Protocol);
        var possible = Enumerable.Range(0, 256).Select(static number => (uint)number).Where(number =>
            (asked is null || asked.Holds(number))
            && (!kinds.Overlaps([FlowSpecType.Port, FlowSpecType.DestinationPort, FlowSpecType.SourcePort]) || number is 6 or 17 or 33 or 132 or 136)
            && (!kinds.Overlaps([FlowSpecType.IcmpType, FlowSpecType.IcmpCode]) || number is 1 or 58)
            && (!kinds.Contains(FlowSpecType.TcpFlags) || number == 6));
        var ranges = NumberRanges.From(possible.Select(static number => (number, number)), 255);
        return ranges.IsEmpty ? null : ranges.IsAll ? "" : $"meta l4proto {ranges}";
    }

    private static IReadOnlyList<string> Write(FlowSpecComponent component, bool is6) => component.Type switch
    {
        FlowSpecType.Destination or FlowSpecType.Protocol or FlowSpecType.Fragment => [""],
        FlowSpecType.Source => [Source(component)],
        FlowSpecType.Port => Numbers(component, ushort.MaxValue, "th sport", "th dport"),
        FlowSpecType.DestinationPort => Numbers(component, ushort.MaxValue, "th dport"),
        FlowSpecType.SourcePort => Numbers(component, ushort.MaxValue, "th sport"),
        FlowSpecType.IcmpType => Numbers(component, byte.MaxValue, "@th,0,8"),
        FlowSpecType.IcmpCode => Numbers(component, byte.MaxValue, "@th,8,8"),
        FlowSpecType.TcpFlags => TcpFlags(component),
        FlowSpecType.PacketLength => Numbers(component, ushort.MaxValue, "meta length"),
        FlowSpecType.Dscp => Numbers(component, 63, is6 ? "ip6 dscp" : "ip dscp"),
        FlowSpecType.FlowLabel => Numbers(component, 0xF_FFFF, "ip6 flowlabel"),
        _ => throw new ArgumentOutOfRangeException(nameof(component), component.Type, null),
    };

    private static IReadOnlyList<string> Numbers(FlowSpecComponent component, uint most, params string[] fields)
    {
        var ranges = NumberRanges.Of(component, most);
        return ranges.IsEmpty ? [] : ranges.IsAll ? [""] : [.. fields.Select(field => $"{field} {ranges}")];
    }

    private static string Source(FlowSpecComponent component)
    {
        var prefix = component.Prefix;
        if (prefix.Length == 0)
        {
            return "";
        }

        if (component.Offset == 0)
        {
            return $"{(prefix.IsIPv6 ? "ip6" : "ip")} saddr {prefix}";
        }

        // RFC 8956 section 3.1: the bits from the offset to the length alone.
        var mask = (UInt128.MaxValue << (128 - prefix.Length)) & (UInt128.MaxValue >> component.Offset);
        var bits = new UInt128(prefix.Address.High, prefix.Address.Low) & mask;
        return $"ip6 saddr & {Address(mask)} == {Address(bits)}";
    }

    private static IPAddress Address(UInt128 bits)
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, bits);
        return new IPAddress(octets);
    }

    // The nine bits stand at the end of octets 12 and 13 of the header (RFC 9293 section 3.1, RFC 3540); those that no term names do not matter.
    private static IReadOnlyList<string> TcpFlags(FlowSpecComponent component)
    {
        var named = (uint)(component.Terms.Aggregate(0UL, static (bits, term) => bits | term.Value) & TcpFlagBits);
        var bits = Enumerable.Range(0, TcpFlagBits + 1).Select(static value => (uint)value).Where(value => (value & ~named) == 0 && component.Holds(value)).ToList();
        return bits.Count == 0 ? [] : [Masked("@th,96,16", named, bits.ConvertAll(static value => (value, value)))];
    }

    // Pieces that the rule asks for. Those behind the first have no ports, flags or types, though some kernels read them in what they carry: they are left out by our own word.
    private static IReadOnlyList<string> PiecesOf(FlowSpecRule rule)
    {
        var component = rule.Find(FlowSpecType.Fragment);
        var hasTransport = rule.Components.Any(static each => each.Type is >= FlowSpecType.Port and <= FlowSpecType.TcpFlags);
        return component is null && !hasTransport ? [""] : rule.IsIPv6 ? Fragment6(Holds) : component is null ? [Masked("ip frag-off", OffsetBits, [(0, 0)])] : Fragment4(Holds);

        bool Holds(uint bits) => (component is null || component.Holds(bits)) && (!hasTransport || (bits & Behind) == 0);
    }

    private static IReadOnlyList<string> Fragment4(Func<uint, bool> holds)
    {
        var values = new List<(uint First, uint Last)>();
        foreach (var piece in Pieces)
        {
            foreach (var dont in (uint[])[0, 1])
            {
                if (holds(piece | dont))
                {
                    var flags = dont == 1 ? DontFragment : 0;
                    values.Add(piece switch
                    {
                        0 => (flags, flags),
                        4 => (flags | MoreFragments, flags | MoreFragments),
                        2 => (flags | MoreFragments | 1, flags | MoreFragments | OffsetBits),
                        _ => (flags | 1, flags | OffsetBits),
                    });
                }
            }
        }

        var ranges = NumberRanges.From(values.Order(), DontFragment | MoreFragments | OffsetBits);
        return ranges.IsEmpty ? [] : ranges.IsAll ? [""] : [Masked("ip frag-off", ranges.Most, ranges.Ranges)];
    }

    private static IReadOnlyList<string> Fragment6(Func<uint, bool> holds)
    {
        var (whole, first, middle, last) = (holds(Pieces[0]), holds(Pieces[1]), holds(Pieces[2]), holds(Pieces[3]));
        if (whole && first && middle && last)
        {
            return [""];
        }

        // A fragment header on a whole packet is possible (RFC 6946).
        List<string> all = whole ? ["exthdr frag missing"] : [];
        Add("frag frag-off 0", whole, first);
        Add("frag frag-off 1-8191", last, middle);
        return all;

        void Add(string offset, bool ends, bool goesOn)
        {
            if (ends || goesOn)
            {
                all.Add(ends && goesOn ? offset : $"{offset} frag more-fragments {(goesOn ? 1 : 0)}");
            }
        }
    }

    private static string Masked(string field, uint mask, IReadOnlyList<(uint First, uint Last)> values) =>
        string.Create(CultureInfo.InvariantCulture, $"{field} & {mask} == {new NumberRanges(values, mask)}");
}
