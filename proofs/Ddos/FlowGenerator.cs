using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// An exporter that is as fast as it is asked to be, on loopback: NetFlow v9, 30 flows of 15 fields a datagram, each of 1 to 50 packets to one of so many addresses of 10.0.0.0/8, the same flows in every
/// run. This very program, started again with <see cref="Word"/>; it says what it sent and what CPU that took.
/// </summary>
internal static class FlowGenerator
{
    public const string Word = "--flow-generator";
    public const int PerDatagram = 30;

    private const uint Nobody = 0x2000_0000;
    private const int TemplateEvery = 2_000;
    private const int RecordOctets = 43;

    // IANA element and length: addresses, packets, octets, first and last switched, ports, protocol, flags, type of service, interfaces, AS numbers.
    private static readonly (ushort Id, ushort Length)[] Fields =
        [(8, 4), (12, 4), (2, 4), (1, 4), (22, 4), (21, 4), (7, 2), (11, 2), (4, 1), (6, 1), (5, 1), (10, 2), (14, 2), (16, 4), (17, 4)];

    /// <summary>All destinations one after the other, and not by chance.</summary>
    public const string InOrder = "in-order";

    /// <summary>Half of the destinations by chance from 10.0.0.0/8, half of them from 32.0.0.0 to 95.255.255.255.</summary>
    public const string Anywhere = "anywhere";

    /// <summary>All destinations by chance from 32.0.0.0 to 95.255.255.255.</summary>
    public const string Elsewhere = "elsewhere";

    /// <summary><c>--flow-generator PORT FLOWS_A_SECOND SECONDS ADDRESSES [in-order|anywhere|elsewhere]</c>; prints flows, datagrams, octets of the flows, seconds, CPU seconds.</summary>
    public static int Run(string[] args)
    {
        var (port, rate, seconds, addresses) = (Number(args[1]), Number(args[2]), Number(args[3]), (uint)Number(args[4]));
        var (isInOrder, half) = (args is [.., InOrder], args is [.., Anywhere] ? 0x0A00_0000 : args is [.., Elsewhere] ? Nobody : 0);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { SendBufferSize = 8 << 20 };
        socket.Connect(IPAddress.Loopback, port);
        Span<byte> datagram = new byte[1_500];
        var (random, unix) = (12_345u, (uint)DateTimeOffset.UnixEpoch.AddSeconds(1_782_864_000).ToUnixTimeSeconds());
        var (flows, datagrams, octets) = (0L, 0L, 0UL);
        var started = Stopwatch.GetTimestamp();
        for (var passed = 0.0; passed < seconds; passed = Stopwatch.GetElapsedTime(started).TotalSeconds)
        {
            if (flows > passed * rate)
            {
                Thread.Yield();
                continue;
            }

            // Sixteen at a time between two looks at the clock.
            for (var i = 0; i < 16; i++)
            {
                var isTemplate = datagrams % TemplateEvery == 0;
                var length = isTemplate ? Template(datagram) : Data(datagram, addresses, isInOrder ? (uint)flows : null, half, ref random, ref octets);
                BinaryPrimitives.WriteUInt16BigEndian(datagram, 9);
                BinaryPrimitives.WriteUInt16BigEndian(datagram[2..], isTemplate ? (ushort)1 : (ushort)PerDatagram);
                BinaryPrimitives.WriteUInt32BigEndian(datagram[4..], 100_000_000);
                BinaryPrimitives.WriteUInt32BigEndian(datagram[8..], unix);
                BinaryPrimitives.WriteUInt32BigEndian(datagram[12..], (uint)datagrams);
                BinaryPrimitives.WriteUInt32BigEndian(datagram[16..], 7);
                socket.Send(datagram[..length]);
                datagrams++;
                flows += isTemplate ? 0 : PerDatagram;
            }
        }

        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{flows} {datagrams} {octets} {took:0.000} {Environment.CpuUsage.TotalTime.TotalSeconds:0.000}"));
        return 0;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static int Template(Span<byte> datagram)
    {
        var set = datagram[20..];
        BinaryPrimitives.WriteUInt16BigEndian(set, 0);
        BinaryPrimitives.WriteUInt16BigEndian(set[2..], (ushort)(8 + (Fields.Length * 4)));
        BinaryPrimitives.WriteUInt16BigEndian(set[4..], 256);
        BinaryPrimitives.WriteUInt16BigEndian(set[6..], (ushort)Fields.Length);
        for (var i = 0; i < Fields.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(set[(8 + (i * 4))..], Fields[i].Id);
            BinaryPrimitives.WriteUInt16BigEndian(set[(10 + (i * 4))..], Fields[i].Length);
        }

        return 20 + 8 + (Fields.Length * 4);
    }

    private static int Data(Span<byte> datagram, uint addresses, uint? next, uint half, ref uint random, ref ulong octets)
    {
        var set = datagram[20..];
        var padded = (4 + (PerDatagram * RecordOctets) + 3) / 4 * 4;
        BinaryPrimitives.WriteUInt16BigEndian(set, 256);
        BinaryPrimitives.WriteUInt16BigEndian(set[2..], (ushort)padded);
        set.Slice(4, padded - 4).Clear();
        for (var i = 0; i < PerDatagram; i++)
        {
            var record = set.Slice(4 + (i * RecordOctets), RecordOctets);
            var (source, destination, packets) = (Next(ref random), Destination(next + (uint)i ?? Next(ref random), addresses, half), 1 + (Next(ref random) % 50));
            var (size, from, isWeb) = (packets * (64 + (Next(ref random) % 1_400)), (ushort)Next(ref random), (Next(ref random) & 1) != 0);
            octets += size;
            BinaryPrimitives.WriteUInt32BigEndian(record, source);
            BinaryPrimitives.WriteUInt32BigEndian(record[4..], destination);
            BinaryPrimitives.WriteUInt32BigEndian(record[8..], packets);
            BinaryPrimitives.WriteUInt32BigEndian(record[12..], size);
            BinaryPrimitives.WriteUInt32BigEndian(record[16..], 99_990_000);
            BinaryPrimitives.WriteUInt32BigEndian(record[20..], 99_999_000);
            BinaryPrimitives.WriteUInt16BigEndian(record[24..], from);
            BinaryPrimitives.WriteUInt16BigEndian(record[26..], isWeb ? (ushort)443 : (ushort)53);
            record[28] = isWeb ? (byte)6 : (byte)17;
            record[29] = 0x18;
            BinaryPrimitives.WriteUInt16BigEndian(record[31..], 1);
            BinaryPrimitives.WriteUInt16BigEndian(record[33..], 2);
            BinaryPrimitives.WriteUInt32BigEndian(record[35..], 64_500);
            BinaryPrimitives.WriteUInt32BigEndian(record[39..], 64_501);
        }

        return 20 + padded;
    }

    // Half of them from the 16,777,216 that begin there, the others from a quarter of all addresses; else from the first so many of 10.0.0.0/8.
    private static uint Destination(uint number, uint addresses, uint half) =>
        half == 0 ? 0x0A00_0000 | (number % addresses) : (number & 1) != 0 ? half | (number >> 8) : Nobody + (number >> 2);

    private static uint Next(ref uint state)
    {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state;
    }
}
