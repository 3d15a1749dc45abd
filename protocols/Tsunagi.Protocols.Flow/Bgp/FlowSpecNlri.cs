using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>Reads and writes the routes of the FlowSpec families (RFC 8955 section 4, RFC 8956 section 3).</summary>
public static class FlowSpecNlri
{
    private const int LongestShort = 239;
    private const int Longest = 4095;
    private const byte EndBit = 0x80;

    /// <summary>
    /// Reads one route at the start of <paramref name="octets"/>: length, route distinguisher inside a VPN, components in ascending order.
    /// A pattern that is none of <paramref name="offset"/>'s form is tried in the other one, since both are sent.
    /// </summary>
    /// <returns>False when it is malformed; <paramref name="length"/> is still where it ends if that could be told, else 0.</returns>
    public static bool TryRead(ReadOnlySpan<byte> octets, BgpFamily family, FlowSpecOffset offset, out FlowSpecRule? rule, out int length)
    {
        rule = null;
        length = 0;
        if (octets.IsEmpty || (octets[0] >= 0xF0 && octets.Length < 2))
        {
            return false;
        }

        // RFC 8955 section 4.1: below 240 one octet, else two whose first four bits are set.
        int header = octets[0] < 0xF0 ? 1 : 2;
        int content = octets[0] < 0xF0 ? octets[0] : (octets[0] & 0x0F) << 8 | octets[1];
        if (content > octets.Length - header)
        {
            return false;
        }

        length = header + content;
        ReadOnlySpan<byte> body = octets.Slice(header, content);
        ulong? distinguisher = null;
        if (family.Safi == 134)
        {
            if (body.Length < 8)
            {
                return false;
            }

            distinguisher = BinaryPrimitives.ReadUInt64BigEndian(body);
            body = body[8..];
        }

        bool is6 = family.Afi == 2;
        if (!TryReadComponents(body, is6, offset, out ImmutableArray<FlowSpecComponent> components)
            && (!is6 || !TryReadComponents(body, is6, offset == FlowSpecOffset.Rfc8956 ? FlowSpecOffset.WholePrefix : FlowSpecOffset.Rfc8956, out components)))
        {
            return false;
        }

        rule = new FlowSpecRule(is6, components, distinguisher);
        return true;
    }

    /// <summary>The octets of a route, with its length in front.</summary>
    public static byte[] Write(FlowSpecRule rule, FlowSpecOffset offset = FlowSpecOffset.Rfc8956)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var to = new BgpOctets();
        Write(to, rule, offset);
        return to.ToArray();
    }

    internal static void Write(BgpOctets to, FlowSpecRule rule, FlowSpecOffset offset)
    {
        var body = new BgpOctets();
        if (rule.RouteDistinguisher is { } distinguisher)
        {
            body.Long(distinguisher);
        }

        foreach (FlowSpecComponent component in rule.Components)
        {
            body.Octet((byte)component.Type);
            if (component.IsPrefix)
            {
                WritePrefix(body, component, offset);
            }
            else
            {
                WriteTerms(body, component);
            }
        }

        if (body.Length > Longest)
        {
            throw new ArgumentException($"writing a FlowSpec route: {body.Length} octets are more than the {Longest} that its length can say", nameof(rule));
        }

        if (body.Length <= LongestShort)
        {
            to.Octet((byte)body.Length);
        }
        else
        {
            to.Short((ushort)(0xF000 | body.Length));
        }

        to.Octets(body.Span);
    }

    internal static void WriteTerms(BgpOctets to, FlowSpecComponent component)
    {
        for (int i = 0; i < component.Terms.Length; i++)
        {
            FlowSpecTerm term = component.Terms[i];
            int width = term.Octets switch { 1 => 0, 2 => 1, 4 => 2, _ => 3 };
            to.Octet((byte)(term.Operator & 0x4F | width << 4 | (i == component.Terms.Length - 1 ? EndBit : 0)));
            switch (width)
            {
                case 0:
                    to.Octet((byte)term.Value);
                    break;
                case 1:
                    to.Short((ushort)term.Value);
                    break;
                case 2:
                    to.Int((uint)term.Value);
                    break;
                default:
                    to.Long(term.Value);
                    break;
            }
        }
    }

    private static void WritePrefix(BgpOctets to, FlowSpecComponent component, FlowSpecOffset offset)
    {
        BgpPrefix prefix = component.Prefix;
        to.Octet(prefix.Length);
        if (!prefix.IsIPv6)
        {
            to.Bits(prefix, prefix.Length);
            return;
        }

        to.Octet(component.Offset);
        if (component.Offset == 0 || offset == FlowSpecOffset.WholePrefix)
        {
            to.Bits(prefix, prefix.Length);
            return;
        }

        // RFC 8956 section 3.1: the pattern begins with the first bit behind the offset.
        UInt128 number = new UInt128(prefix.Address.High, prefix.Address.Low) << component.Offset;
        var shifted = new BgpPrefix(new FlowAddress((ulong)(number >> 64), (ulong)number), 0, true);
        to.Bits(shifted, prefix.Length - component.Offset);
    }

    private static bool TryReadComponents(ReadOnlySpan<byte> body, bool is6, FlowSpecOffset offset, out ImmutableArray<FlowSpecComponent> components)
    {
        components = [];
        var list = ImmutableArray.CreateBuilder<FlowSpecComponent>();
        byte before = 0;
        while (!body.IsEmpty)
        {
            byte type = body[0];
            body = body[1..];
            if (type <= before || type > (is6 ? 13 : 12)) // RFC 8955 section 4.2: strict order, known types only
            {
                return false;
            }

            before = type;
            FlowSpecComponent? component = type <= 2 ? ReadPrefix(ref body, (FlowSpecType)type, is6, offset) : ReadTerms(ref body, (FlowSpecType)type);
            if (component is null)
            {
                return false;
            }

            list.Add(component);
        }

        components = list.ToImmutable();
        return components.Length > 0;
    }

    private static FlowSpecComponent? ReadPrefix(ref ReadOnlySpan<byte> body, FlowSpecType type, bool is6, FlowSpecOffset form)
    {
        int header = is6 ? 2 : 1;
        if (body.Length < header)
        {
            return null;
        }

        byte length = body[0], offset = is6 ? body[1] : (byte)0;
        if (length > (is6 ? 128 : 32) || (offset >= length && offset != 0))
        {
            return null;
        }

        bool whole = offset == 0 || form == FlowSpecOffset.WholePrefix;
        int octets = ((whole ? length : length - offset) + 7) / 8;
        if (body.Length - header < octets)
        {
            return null;
        }

        Span<byte> pattern = stackalloc byte[16];
        pattern.Clear();
        body.Slice(header, octets).CopyTo(pattern[(is6 ? 0 : 12)..]);
        if (!is6)
        {
            pattern[10] = pattern[11] = 0xFF;
        }

        body = body[(header + octets)..];
        var address = FlowAddress.FromOctets(pattern);
        UInt128 number = new(address.High, address.Low);
        number = whole ? number : number >> offset;
        FlowAddress cut = BgpPrefix.Cut(new FlowAddress((ulong)(number >> 64), (ulong)number), length, is6);
        if (whole && form == FlowSpecOffset.WholePrefix && offset != 0 && cut != address)
        {
            return null; // bits behind the prefix: not this form
        }

        return new FlowSpecComponent(type) { Prefix = new BgpPrefix(cut, length, is6), Offset = offset };
    }

    // RFC 8955 section 4.2.1: end, AND, two bits of length, operator; then the value.
    private static FlowSpecComponent? ReadTerms(ref ReadOnlySpan<byte> body, FlowSpecType type)
    {
        var terms = ImmutableArray.CreateBuilder<FlowSpecTerm>();
        bool end = false;
        while (!end)
        {
            if (body.IsEmpty)
            {
                return null;
            }

            byte operation = body[0];
            int octets = 1 << (operation >> 4 & 3);
            if (body.Length - 1 < octets)
            {
                return null;
            }

            end = (operation & EndBit) != 0;
            byte kept = (byte)(operation & (terms.Count == 0 ? 0x0F : 0x4F)); // AND has no meaning on the first
            bool isBitmask = type is FlowSpecType.TcpFlags or FlowSpecType.Fragment;
            terms.Add(new FlowSpecTerm((byte)(kept & (isBitmask ? 0x43 : 0x47)), Ipfix.FieldPlan.ReadNumber(body.Slice(1, octets)), (byte)octets));
            body = body[(1 + octets)..];
        }

        return new FlowSpecComponent(type) { Terms = terms.ToImmutable() };
    }
}
