using System.Buffers.Binary;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>
/// A FlowSpec rule read from the octets a router gets, by the text of RFC 8955 section 4.2 and RFC 8956 section 3 and nothing of the program's own: what it is checked by must not be what made it.
/// </summary>
internal sealed class WireRule
{
    private const int Destination = 1;
    private const int Source = 2;
    private const int TcpFlags = 9;
    private const int PacketLength = 10;
    private const int Fragment = 12;
    private const int FlowLabel = 13;

    private readonly List<(int Type, List<(byte Operator, ulong Value)> Terms)> _numbers = [];
    private (UInt128 Address, int Length, int Offset)? _source;

    public bool IsIPv6 { get; private init; }

    public UInt128 Start { get; private set; }

    public int Length { get; private set; } = -1;

    public UInt128 Last => Start + ((UInt128.One << ((IsIPv6 ? 128 : 32) - Length)) - 1);

    /// <summary>Null where the octets are not a rule; <paramref name="wrong"/> says why.</summary>
    public static WireRule? Read(ReadOnlySpan<byte> octets, bool isIPv6, out string wrong)
    {
        var rule = new WireRule { IsIPv6 = isIPv6 };
        wrong = rule.Parse(octets);
        return wrong.Length == 0 ? rule : null;
    }

    public bool Matches(in FlowRecord record)
    {
        if (record.IpVersion != (IsIPv6 ? 6 : 4) || !Within(Number(record.Destination), Start, Length, 0) || (_source is { } source && !Within(Number(record.Source), source.Address, source.Length, source.Offset)))
        {
            return false;
        }

        var isBehind = record.FragmentOffset != 0;
        var hasPorts = record.Protocol is 6 or 17 or 33 or 132 or 136 && !isBehind;
        foreach (var (type, terms) in _numbers)
        {
            var holds = type switch
            {
                3 => Holds(terms, record.Protocol, false),
                4 => hasPorts && (Holds(terms, record.SourcePort, false) || Holds(terms, record.DestinationPort, false)),
                5 => hasPorts && Holds(terms, record.DestinationPort, false),
                6 => hasPorts && Holds(terms, record.SourcePort, false),
                7 => record.Protocol is 1 or 58 && !isBehind && Holds(terms, record.IcmpType, false),
                8 => record.Protocol is 1 or 58 && !isBehind && Holds(terms, record.IcmpCode, false),
                TcpFlags => record.Protocol == 6 && !isBehind && Holds(terms, record.TcpFlags, true),
                PacketLength => Holds(terms, record.Octets, false),
                11 => Holds(terms, (ulong)(record.Tos >> 2), false),
                Fragment => Holds(terms, (isBehind ? 2UL : 0) | (isBehind && (record.FragmentFlags & 0x20) == 0 ? 8UL : 0) | (!isBehind && (record.FragmentFlags & 0x20) != 0 ? 4UL : 0) | ((record.FragmentFlags & 0x40) != 0 ? 1UL : 0), true),
                _ => Holds(terms, record.FlowLabel, false),
            };
            if (!holds)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The component that no packet of a link can match, tried value by value; 0 when there is none.</summary>
    public int Impossible(int longestPacket)
    {
        foreach (var (type, terms) in _numbers)
        {
            var (least, most) = type switch
            {
                3 or 7 or 8 => (0, 255),
                TcpFlags => (0, 0x1FF),
                PacketLength => (IsIPv6 ? 40 : 20, longestPacket),
                11 => (0, 63),
                Fragment => (0, 15),
                FlowLabel => (0, 0xF_FFFF),
                _ => (0, 65_535),
            };
            var isAny = false;
            for (var value = least; value <= most && !isAny; value++)
            {
                isAny = Holds(terms, (ulong)value, type is TcpFlags or Fragment);
            }

            if (!isAny)
            {
                return type;
            }
        }

        return 0;
    }

    public static UInt128 Number(FlowAddress address) => address.IsIPv4 ? address.IPv4 : new UInt128(address.High, address.Low);

    // The end-of-list bit stands in the last, the AND bit means nothing in the first; lt, gt, eq or not, match in the lowest three.
    private static bool Holds(List<(byte Operator, ulong Value)> terms, ulong value, bool isBits)
    {
        var (any, all) = (false, true);
        for (var i = 0; i < terms.Count; i++)
        {
            var (operation, with) = terms[i];
            if (i > 0 && (operation & 0x40) == 0)
            {
                (any, all) = (any || all, true);
            }

            all = all && (isBits
                ? ((operation & 1) != 0 ? (value & with) == with : (value & with) != 0) ^ ((operation & 2) != 0)
                : ((operation & 4) != 0 && value < with) || ((operation & 2) != 0 && value > with) || ((operation & 1) != 0 && value == with));
        }

        return any || all;
    }

    private bool Within(UInt128 address, UInt128 prefix, int length, int offset)
    {
        var bits = IsIPv6 ? 128 : 32;
        var mask = length == offset ? UInt128.Zero : ((UInt128.One << (length - offset)) - 1) << (bits - length);
        if (length - offset == 128)
        {
            mask = UInt128.MaxValue;
        }

        return ((address ^ prefix) & mask) == 0;
    }

    private string Parse(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < 2)
        {
            return "too short";
        }

        var isLong = octets[0] >= 0xF0;
        var length = isLong ? BinaryPrimitives.ReadUInt16BigEndian(octets) & 0x0FFF : octets[0];
        var body = octets[(isLong ? 2 : 1)..];
        if (length != body.Length || (isLong && length < 240))
        {
            return $"a length of {length} for {body.Length} octets";
        }

        var before = 0;
        while (!body.IsEmpty)
        {
            var type = (int)body[0];
            body = body[1..];
            if (type <= before || type > (IsIPv6 ? FlowLabel : Fragment))
            {
                return $"component {type} behind {before}";
            }

            before = type;
            var wrong = type is Destination or Source ? ParsePrefix(type, ref body) : ParseNumbers(type, ref body);
            if (wrong.Length > 0)
            {
                return $"component {type}: {wrong}";
            }
        }

        return Length < 0 ? "no destination" : "";
    }

    private string ParsePrefix(int type, ref ReadOnlySpan<byte> body)
    {
        var bits = IsIPv6 ? 128 : 32;
        if (body.Length < (IsIPv6 ? 2 : 1) || body[0] > bits || (IsIPv6 && body[1] > body[0]))
        {
            return "no prefix";
        }

        var (length, offset) = (body[0], IsIPv6 ? body[1] : 0);
        body = body[(IsIPv6 ? 2 : 1)..];
        var octets = (length - offset + 7) / 8;
        if (body.Length < octets)
        {
            return "cut short";
        }

        UInt128 address = 0;
        for (var i = 0; i < octets; i++)
        {
            var shift = bits - offset - 8 - (i * 8);
            address |= shift >= 0 ? (UInt128)body[i] << shift : (UInt128)body[i] >> -shift;
        }

        body = body[octets..];
        var free = bits - length;
        if (free > 0 && (free == 128 ? address : address & ((UInt128.One << free) - 1)) != 0)
        {
            return "bits behind its length";
        }

        if (type == Destination)
        {
            (Start, Length) = (address, length);
            return offset == 0 ? "" : "an offset";
        }

        _source = (address, length, offset);
        return "";
    }

    private string ParseNumbers(int type, ref ReadOnlySpan<byte> body)
    {
        var terms = new List<(byte, ulong)>();
        var most = type switch { 3 or 7 or 8 => 255UL, 4 or 5 or 6 or PacketLength => 65_535UL, 11 => 63UL, Fragment => 15UL, TcpFlags => 0xFFFUL, _ => 0xF_FFFFUL };
        for (var isEnd = false; !isEnd;)
        {
            if (body.IsEmpty)
            {
                return "no end of its list";
            }

            var operation = body[0];
            var octets = 1 << ((operation >> 4) & 3);
            if (body.Length < 1 + octets || (operation & 8) != 0 || (terms.Count == 0 && (operation & 0x40) != 0) || (type is TcpFlags or Fragment && (operation & 4) != 0))
            {
                return $"operator {operation:x2}";
            }

            var value = 0UL;
            foreach (var octet in body.Slice(1, octets))
            {
                value = (value << 8) | octet;
            }

            if (value > most)
            {
                return $"a value of {value}";
            }

            terms.Add((operation, value));
            isEnd = (operation & 0x80) != 0;
            body = body[(1 + octets)..];
        }

        _numbers.Add((type, terms));
        return "";
    }
}
