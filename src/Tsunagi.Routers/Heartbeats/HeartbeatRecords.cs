using System.Runtime.InteropServices;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Arms;

namespace Tsunagi.Routers.Heartbeats;

/// <summary>
/// What is kept of a heartbeat: the mean use of its CPUs, its first memory, and the counters of its first four interfaces. Rates are reckoned from the counters: boxes do not agree in what the rates they tell are over.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct HeartbeatRecords
{
    public byte Cpu;
    public long MemoryUsed;
    public long MemoryAvailable;
    public HeartbeatCounters Counters;

    /// <summary>False when a record goes beyond the datagram. Records of another make, and values of another length, are passed over.</summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out HeartbeatRecords said)
    {
        said = new HeartbeatRecords { Cpu = HeartbeatMinutes.NoPercent };
        var (cpus, use, hasMemory) = (0, 0, false);
        var reader = new HeartbeatReader(datagram);
        while (reader.MoveNext())
        {
            if (reader.Type == HeartbeatType.Cpu && HeartbeatCpu.TryRead(reader.Value, out var cpu))
            {
                (cpus, use) = (cpus + 1, use + Math.Min(cpu.UsePercent, (byte)100));
            }
            else if (reader.Type == HeartbeatType.Memory && !hasMemory && HeartbeatSpace.TryRead(reader.Value, out var memory))
            {
                (hasMemory, said.MemoryUsed, said.MemoryAvailable) = (true, Whole(memory.Used), Whole(memory.Available));
            }
            else if (reader.Type == HeartbeatType.TrafficCount && HeartbeatTraffic.TryRead(reader.Value, out var traffic) && said.Counters.Find(traffic.Interface) is >= 0 and var at)
            {
                said.Counters[at] = new HeartbeatCounter { IsThere = true, Interface = traffic.Interface, In = traffic.InOctets, Out = traffic.OutOctets };
            }
        }

        said.Cpu = cpus > 0 ? (byte)(use / cpus) : HeartbeatMinutes.NoPercent;
        return !reader.IsBroken;
    }

    /// <summary>Bits per second since what was counted before; none for an interface that was not there.</summary>
    /// <param name="elapsed">µs between the two.</param>
    public void SetRates(in HeartbeatCounters former, long elapsed)
    {
        for (var i = 0; i < HeartbeatMinutes.Interfaces && Counters[i].IsThere; i++)
        {
            ref var counter = ref Counters[i];
            if (former.Find(counter.Interface) is >= 0 and var at && former[at].IsThere && elapsed > 0)
            {
                counter.InRate = Rate(HeartbeatCounter.Since(former[at].In, counter.In), elapsed);
                counter.OutRate = Rate(HeartbeatCounter.Since(former[at].Out, counter.Out), elapsed);
            }
        }
    }

    public readonly void Fill(ref HeartbeatMinute minute)
    {
        minute.Cpu = Cpu;
        minute.Memory = MemoryUsed + MemoryAvailable is > 0 and var all ? (byte)(100.0 * MemoryUsed / all) : HeartbeatMinutes.NoPercent;
        for (var i = 0; i < HeartbeatMinutes.Interfaces; i++)
        {
            minute.Set(i, Counters[i].InRate, Counters[i].OutRate);
        }
    }

    private static float? Rate(ulong? octets, long elapsed) => octets is { } count ? (float)(8.0 * count * UnixMicros.PerSecond / elapsed) : null;

    // Half of the range for each, so that their sum is no surprise.
    private static long Whole(ulong octets) => (long)Math.Min(octets, long.MaxValue / 4);
}
