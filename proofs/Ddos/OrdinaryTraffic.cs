using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// What flows to a customer all day, as raw packets with sources of many: pages (TCP from port 443, acknowledgements to it), calls and videos (UDP 443), answers of name and time servers. This very
/// program, started again with <see cref="Word"/> in the namespace it is to come from; it ends by itself.
/// </summary>
internal static class OrdinaryTraffic
{
    public const string Word = "--ordinary-traffic";

    private const int Header = 20;
    private const int Flows = 200;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary><c>--ordinary-traffic PACKETS_A_SECOND NETWORK...</c>: to the first 30 addresses of each.</summary>
    public static int Run(string[] args)
    {
        var rate = int.Parse(args[1], CultureInfo.InvariantCulture);
        var networks = args[2..].Select(static text => BinaryPrimitives.ReadUInt32BigEndian(IPAddress.Parse(text).GetAddressBytes())).ToArray();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw);
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
        Span<byte> packet = stackalloc byte[1_500];
        var state = 0x9E3779B97F4A7C15UL;
        var started = Stopwatch.GetTimestamp();
        for (var sent = 0L; Stopwatch.GetElapsedTime(started) < Longest;)
        {
            if (sent >= Stopwatch.GetElapsedTime(started).TotalSeconds * rate)
            {
                using var pause = new ManualResetEventSlim();
                pause.Wait(TimeSpan.FromMilliseconds(2));
                continue;
            }

            var length = Make(packet, networks, Next(ref state));
            socket.SendTo(packet[..length], SocketFlags.None, new IPEndPoint(new IPAddress(packet.Slice(16, 4)), 0));
            sent++;
        }

        return 0;
    }

    private static int Make(Span<byte> packet, uint[] networks, ulong random)
    {
        var flow = (uint)(random % Flows);
        var (kind, host) = (flow % 10, networks[flow % (uint)networks.Length] + 1 + (flow / 7 % 30));
        var ephemeral = (ushort)(20_000 + flow);
        var (protocol, from, to, length, flags) = kind switch
        {
            0 => ((byte)17, (ushort)53, (ushort)(20_000 + ((random >> 40) % 40_000)), 80 + (int)((random >> 20) % 140), (byte)0),
            1 => ((byte)17, (ushort)123, ephemeral, 76, (byte)0),
            2 or 3 => ((byte)17, (ushort)443, ephemeral, 300 + (int)((random >> 20) % 950), (byte)0),
            4 or 5 => ((byte)6, ephemeral, (ushort)443, 52, (byte)0x10),
            _ => ((byte)6, (ushort)443, ephemeral, 400 + (int)((random >> 20) % 1_100), (byte)0x18),
        };
        packet[..length].Clear();
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)length);
        packet[8] = 60;
        packet[9] = protocol;
        BinaryPrimitives.WriteUInt32BigEndian(packet[12..], 0xCB00_7100 + flow); // 203.0.113.x
        BinaryPrimitives.WriteUInt32BigEndian(packet[16..], host);
        BinaryPrimitives.WriteUInt16BigEndian(packet[Header..], from);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(Header + 2)..], to);
        if (protocol == 17)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[(Header + 4)..], (ushort)(length - Header));
        }
        else
        {
            packet[Header + 12] = 0x50;
            packet[Header + 13] = flags;
        }

        return length;
    }

    // xorshift64*: the same packets in every run.
    private static ulong Next(ref ulong state)
    {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return state * 0x2545F4914F6CDD1D;
    }
}
