using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Cpe.Arms;

namespace Tsunagi.Routers.Heartbeats;

/// <summary>A box as the store has it.</summary>
/// <param name="FirstAt">µs: since when it is its site's.</param>
/// <param name="KeyedAt">µs: when its passphrase was made.</param>
/// <param name="HeardAt">µs: when it was last heard, by any node; 0 for never.</param>
internal sealed record HeartbeatBox(DistributionId Id, string Device, long FirstAt, long KeyedAt, byte[] Passphrase, long HeardAt, HeartbeatCounters Counters, HeartbeatMinutes Minutes);

/// <summary>What is to be kept of a box.</summary>
/// <param name="Hour">Null when its time has not come.</param>
internal sealed record HeartbeatKept(
    UInt128 Id, string Device, long FirstAt, long HeardAt, UInt128 Address, int Streak, byte Cpu, long MemoryUsed, long MemoryAvailable, string Interfaces, long Minute, string? Hour);

/// <summary>What is known of a box.</summary>
/// <param name="Cpu">Per cent; 255 for none.</param>
internal sealed record HeartbeatReading(
    long FirstAt, long HeardAt, string Address, byte Cpu, long MemoryUsed, long MemoryAvailable, IReadOnlyList<HeartbeatInterface> Interfaces, HeartbeatMinutes Minutes);

/// <summary>An interface at the last heartbeat.</summary>
/// <param name="InBps">Bits per second since the heartbeat before; null for none.</param>
internal sealed record HeartbeatInterface(int Index, decimal InOctets, decimal OutOctets, double? InBps, double? OutBps);

/// <summary>Heartbeats of a box were refused.</summary>
/// <param name="Why">wrong-hmac or older.</param>
internal sealed record HeartbeatTrouble(string Device, string Why);

/// <summary>Interfaces as the store keeps them: "2 1520 88 12.5 -" for each, with semicolons between.</summary>
internal static class HeartbeatInterfaces
{
    public static IReadOnlyList<HeartbeatInterface> Of(in HeartbeatCounters counters)
    {
        List<HeartbeatInterface> interfaces = [];
        for (var i = 0; i < HeartbeatMinutes.Interfaces && counters[i].IsThere; i++)
        {
            interfaces.Add(new HeartbeatInterface(counters[i].Interface, counters[i].In, counters[i].Out, counters[i].InRate, counters[i].OutRate));
        }

        return interfaces;
    }

    public static string Write(in HeartbeatCounters counters)
    {
        Span<char> text = stackalloc char[512];
        var length = 0;
        for (var i = 0; i < HeartbeatMinutes.Interfaces && counters[i].IsThere; i++)
        {
            ref readonly var counter = ref counters[i];
            text[(length)..].TryWrite(CultureInfo.InvariantCulture, $"{(i > 0 ? ";" : "")}{counter.Interface} {counter.In} {counter.Out} ", out var head);
            length += head;
            length += Rate(counter.InRate, text[length..]);
            text[length++] = ' ';
            length += Rate(counter.OutRate, text[length..]);
        }

        return new string(text[..length]);
    }

    public static IReadOnlyList<HeartbeatInterface> Read(string text) =>
    [
        .. text.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static one => one.Split(' ')).Where(static parts => parts.Length == 5).Select(static parts => new HeartbeatInterface(
            int.Parse(parts[0], CultureInfo.InvariantCulture), decimal.Parse(parts[1], CultureInfo.InvariantCulture), decimal.Parse(parts[2], CultureInfo.InvariantCulture), Rate(parts[3]), Rate(parts[4]))),
    ];

    /// <summary>The counters of a text; its rates are of the past.</summary>
    public static HeartbeatCounters Counters(string text)
    {
        var counters = default(HeartbeatCounters);
        foreach (var (i, one) in Read(text).Take(HeartbeatMinutes.Interfaces).Index())
        {
            counters[i] = new HeartbeatCounter { IsThere = true, Interface = (ushort)one.Index, In = (ulong)one.InOctets, Out = (ulong)one.OutOctets };
        }

        return counters;
    }

    private static int Rate(float? rate, Span<char> text)
    {
        if (rate is not { } known)
        {
            text[0] = '-';
            return 1;
        }

        _ = known.TryFormat(text, out var written, "0", CultureInfo.InvariantCulture);
        return written;
    }

    private static double? Rate(string text) => text == "-" ? null : double.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>Addresses in 128 bits: those of IPv4 as ::ffff:a.b.c.d.</summary>
internal static class HeartbeatAddress
{
    private const int PortOctets = 2;

    /// <summary>struct sockaddr_in or sockaddr_in6.</summary>
    public static UInt128 Of(SocketAddress from)
    {
        var octets = from.Buffer.Span;
        return from.Family == AddressFamily.InterNetwork
            ? ((UInt128)0xFFFF << 32) | BinaryPrimitives.ReadUInt32BigEndian(octets[(2 + PortOctets)..])
            : BinaryPrimitives.ReadUInt128BigEndian(octets[(2 + PortOctets + 4)..]);
    }

    public static string Text(UInt128 address)
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, address);
        var ip = new IPAddress(octets);
        return address == 0 ? "" : (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString();
    }
}
