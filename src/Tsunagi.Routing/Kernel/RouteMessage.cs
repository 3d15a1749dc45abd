using System.Net;
using System.Runtime.InteropServices;

namespace Tsunagi.Routing.Kernel;

/// <summary>A route as the kernel has it.</summary>
/// <param name="Gateway">Null where the prefix is on the link itself.</param>
/// <param name="Interface">Its number.</param>
/// <param name="Protocol">Who set it.</param>
/// <param name="IsThisMachine">What goes there is this machine's own.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct KernelWay(IPNetwork Prefix, IPAddress? Gateway, int Interface, int Table, int Protocol, int Metric, bool IsThisMachine = false);

/// <summary>What a message of rtnetlink is, and what is wanted of it (netlink(7), rtnetlink(7)).</summary>
internal static class RouteMessageType
{
    public const ushort Error = 2;
    public const ushort Done = 3;
    public const ushort New = 24;
    public const ushort Delete = 25;
    public const ushort Get = 26;

    public const ushort Request = 1;
    public const ushort Acknowledge = 4;
    public const ushort Interrupted = 0x10;
    public const ushort Replace = 0x100;
    public const ushort Exclusive = 0x200;
    public const ushort Create = 0x400;
    public const ushort Dump = 0x300;
}

/// <summary>Messages of rtnetlink about IPv6 routes, in the machine's own order of octets.</summary>
internal static class RouteMessage
{
    public const int HeaderOctets = 16;
    public const int Longest = 128;

    private const int RouteOctets = 12;
    private const byte Inet6 = 10;
    private const byte Unicast = 1;
    private const byte Local = 2;
    private const ushort Destination = 1;
    private const ushort OutInterface = 4;
    private const ushort Gateway = 5;
    private const ushort Priority = 6;
    private const ushort Table = 15;

    // len(4) type(2) flags(2) sequence(4) port(4) | family dst-len src-len tos table protocol scope type flags(4) | attributes: len(2) type(2) value, to four octets

    /// <summary>A route to be set, taken away or looked for.</summary>
    /// <returns>The message's length.</returns>
    public static int Write(Span<byte> buffer, ushort type, ushort flags, uint sequence, in KernelWay way)
    {
        buffer[..(HeaderOctets + RouteOctets)].Clear();
        var route = buffer[HeaderOctets..];
        route[0] = Inet6;
        route[1] = (byte)way.Prefix.PrefixLength;
        route[4] = way.Table < 256 ? (byte)way.Table : (byte)0;
        route[5] = (byte)way.Protocol;
        route[7] = type == RouteMessageType.New ? Unicast : (byte)0;
        var at = HeaderOctets + RouteOctets;
        var isDump = (flags & RouteMessageType.Dump) == RouteMessageType.Dump && type == RouteMessageType.Get;
        if (!isDump)
        {
            Span<byte> address = stackalloc byte[16];
            way.Prefix.BaseAddress.TryWriteBytes(address, out _);
            at = Put(buffer, at, Destination, address);
        }

        if (way.Gateway is { } gateway)
        {
            Span<byte> address = stackalloc byte[16];
            gateway.TryWriteBytes(address, out _);
            at = Put(buffer, at, Gateway, address);
        }

        at = Put(buffer, at, OutInterface, way.Interface);
        at = Put(buffer, at, Priority, way.Metric);
        at = Put(buffer, at, Table, way.Table);
        MemoryMarshal.Write(buffer, at);
        MemoryMarshal.Write(buffer[4..], type);
        MemoryMarshal.Write(buffer[6..], (ushort)(flags | RouteMessageType.Request));
        MemoryMarshal.Write(buffer[8..], sequence);
        return at;
    }

    /// <summary>The length, type, flags and sequence of the message that a buffer begins with; false when there is none whole.</summary>
    public static bool TryHeader(ReadOnlySpan<byte> buffer, out int length, out ushort type, out ushort flags, out uint sequence)
    {
        (length, type, flags, sequence) = (0, 0, 0, 0);
        if (buffer.Length < HeaderOctets)
        {
            return false;
        }

        length = MemoryMarshal.Read<int>(buffer);
        type = MemoryMarshal.Read<ushort>(buffer[4..]);
        flags = MemoryMarshal.Read<ushort>(buffer[6..]);
        sequence = MemoryMarshal.Read<uint>(buffer[8..]);
        return length >= HeaderOctets && length <= buffer.Length;
    }

    /// <summary>A route of IPv6, from a whole message; false for all else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out KernelWay way)
    {
        way = default;
        if (message.Length < HeaderOctets + RouteOctets || message[HeaderOctets] != Inet6 || message[HeaderOctets + 1] > 128)
        {
            return false;
        }

        var route = message[HeaderOctets..];
        var (table, metric, index) = ((int)route[4], 0, 0);
        var destination = IPAddress.IPv6Any;
        IPAddress? gateway = null;
        var rest = route[RouteOctets..];
        while (rest.Length >= 4)
        {
            var (length, type) = (MemoryMarshal.Read<ushort>(rest), MemoryMarshal.Read<ushort>(rest[2..]));
            if (length < 4 || length > rest.Length)
            {
                return false;
            }

            var value = rest[4..length];
            switch (type)
            {
                case Destination when value.Length == 16:
                    destination = new IPAddress(value);
                    break;
                case Gateway when value.Length == 16:
                    gateway = new IPAddress(value);
                    break;
                case OutInterface when value.Length == 4:
                    index = MemoryMarshal.Read<int>(value);
                    break;
                case Priority when value.Length == 4:
                    metric = MemoryMarshal.Read<int>(value);
                    break;
                case Table when value.Length == 4:
                    table = MemoryMarshal.Read<int>(value);
                    break;
            }

            rest = rest[Math.Min(Padded(length), rest.Length)..];
        }

        way = new KernelWay(new IPNetwork(destination, route[1]), gateway, index, table, route[5], metric, route[7] == Local);
        return true;
    }

    private static int Put(Span<byte> buffer, int at, ushort type, int value)
    {
        if (value == 0)
        {
            return at;
        }

        Span<byte> octets = stackalloc byte[4];
        MemoryMarshal.Write(octets, value);
        return Put(buffer, at, type, octets);
    }

    private static int Put(Span<byte> buffer, int at, ushort type, ReadOnlySpan<byte> value)
    {
        MemoryMarshal.Write(buffer[at..], (ushort)(value.Length + 4));
        MemoryMarshal.Write(buffer[(at + 2)..], type);
        value.CopyTo(buffer[(at + 4)..]);
        return at + Padded(value.Length + 4);
    }

    private static int Padded(int length) => (length + 3) & ~3;
}
