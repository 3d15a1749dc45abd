using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Protocols.Cpe.Arms;

namespace Tsunagi.Proofs.Routers;

/// <summary>
/// So many boxes that send heartbeats of the recorded size (four CPUs, two memories, two disks, three interfaces: 538 octets with the radio), each at its own moment of the interval, with counters that go on: this very program,
/// started again with <see cref="Word"/>.
/// </summary>
internal static class HeartbeatSender
{
    public const string Word = "--heartbeat-sender";

    /// <summary><c>--heartbeat-sender PORT BOXES SECONDS_A_ROUND ROUNDS FIRST_ROUND</c>; prints how many were sent and the longest delay in milliseconds.</summary>
    public static int Run(string[] args)
    {
        var (port, boxes, roundSeconds, rounds, firstRound) = (Number(args[1]), Number(args[2]), Number(args[3]), Number(args[4]), Number(args[5]));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { SendBufferSize = 8 << 20 };
        socket.Connect(IPAddress.Loopback, port);
        using var pause = new ManualResetEventSlim();
        var (sent, total, longest, started) = (0L, (long)boxes * rounds, 0.0, Stopwatch.GetTimestamp());
        while (sent < total)
        {
            var due = Math.Min(total, (long)(Stopwatch.GetElapsedTime(started).TotalSeconds / roundSeconds * boxes));
            if (sent >= due)
            {
                pause.Wait(1);
                continue;
            }

            longest = Math.Max(longest, (due - sent) * 1_000.0 * roundSeconds / boxes);
            for (; sent < due; sent++)
            {
                socket.Send(Datagram((int)(sent % boxes), (ulong)(firstRound + (sent / boxes))));
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sent} {longest:0}"));
        return 0;
    }

    private static byte[] Datagram(int box, ulong round)
    {
        List<HeartbeatRecord> records = [];
        for (ushort cpu = 0; cpu < 4; cpu++)
        {
            records.Add(new HeartbeatCpu(cpu, (byte)(((ulong)box + round + cpu) % 100)).ToRecord());
            records.Add(new HeartbeatRecord(HeartbeatType.CpuDetail, new byte[7]));
        }

        foreach (var type in (ReadOnlySpan<ushort>)[HeartbeatType.Memory, HeartbeatType.Disk])
        {
            records.Add(new HeartbeatSpace(0, 100_000_000 + (round * 1_000), 156_000_000).ToRecord(type));
            records.Add(new HeartbeatSpace(1, 1_000, 2_000).ToRecord(type));
        }

        for (ushort i = 0; i < 3; i++)
        {
            var octets = round * (1_000_000 + (ulong)box);
            records.Add(new HeartbeatTraffic(i, 1_000_000, 500_000, 900, 800, 0, 0).ToRecord(HeartbeatType.TrafficRate));
            records.Add(new HeartbeatTraffic(i, octets, octets / 2, octets / 1_000, octets / 1_200, 0, 0).ToRecord(HeartbeatType.TrafficCount));
        }

        records.Add(new HeartbeatRecord(HeartbeatType.Radio, new byte[6]));
        return new Heartbeat { DistributionId = HeartbeatServerProcess.IdOf(box), Records = records }.Write(Encoding.ASCII.GetBytes(HeartbeatServerProcess.PassphraseOf(box)));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
