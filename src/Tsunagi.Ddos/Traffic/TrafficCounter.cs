using System.Runtime.CompilerServices;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Traffic;

/// <summary>
/// Counts one record: (1) whose its destination is, (2) in the row of the address, (3) in those of the prefixes around it (/24 /22 /20, /64 /56 /48) up to the
/// protected one, (4) and, where a row passes half of a limit or of an attack's floor, or is watched already, in the watch's picture of the traffic. On the collector's turn only.
/// </summary>
internal sealed class TrafficCounter(ProtectionContracts contracts, TrafficOptions options, WatchList watches)
{
    private const int SweepParts = 100;

    // One sampled packet stands for many and says nothing yet.
    private const ulong HotSamples = 3;
    private static readonly int[] Around4 = [24, 22, 20];
    private static readonly int[] Around6 = [64, 56, 48];

    private readonly TrafficTable _table = new(options.MaxCounted);

    public TrafficTable Table => _table;

    /// <summary>Records whose destination nobody has bought protection for.</summary>
    public long Unprotected { get; private set; }

    public long Counted { get; private set; }

    /// <summary>Whose it is; null when nobody has bought protection for its destination.</summary>
    /// <param name="milliseconds">Now, on a clock that only goes on.</param>
    /// <param name="spanMilliseconds">For how long the record speaks; 0 for a moment.</param>
    public Protection? Count(in FlowRecord record, long milliseconds, long spanMilliseconds)
    {
        // (1)
        if (contracts.Table.Find(record.Destination, out var prefix) is not { } protection)
        {
            Unprotected++;
            return null;
        }

        Counted++;
        var slot = TrafficSlots.Of(milliseconds);
        var span = (int)Math.Max(1, (spanMilliseconds + TrafficSlots.Milliseconds - 1) / TrafficSlots.Milliseconds);
        var (packets, octets) = (Math.Max(1, record.ScaledPackets), record.ScaledOctets);

        // A mark of the record's own, and not of its flow: all packets of one flow would fall into the same slot, and may miss the newest, or all that are kept.
        var spread = new TrafficSpread(slot, span, packets, octets, ((ulong)Counted * 0x9E3779B97F4A7C15) >> 32);
        protection.Usual.Offer(in record, slot);
        protection.Series.Add(milliseconds / 1_000, spanMilliseconds / 1_000, record.Protocol, packets, octets);

        // (2)
        var isIPv4 = record.Destination.IsIPv4;
        var whole = isIPv4 ? 32 : 128;
        Add(record.Destination, whole, protection, protection.Host, in spread, packets, octets, in record);

        // (3)
        foreach (var length in isIPv4 ? Around4 : Around6)
        {
            if (length > prefix.Length && length < whole)
            {
                ref var row = ref _table.Touch(record.Destination.Prefix(length), length);
                if (!Unsafe.IsNullRef(ref row))
                {
                    row.Add(in spread);
                }
            }
        }

        if (prefix.Length < whole)
        {
            Add(prefix.Address, prefix.Length, protection, protection.Prefix, in spread, packets, octets, in record);
        }

        return protection;
    }

    /// <summary>Asks memory for the counters that the record's destination needs; changes nothing.</summary>
    public void Fetch(in FlowRecord record)
    {
        var isIPv4 = record.Destination.IsIPv4;
        _table.Fetch(record.Destination, isIPv4 ? 32 : 128);

        // The shorter ones are so few that they are near anyway.
        var around = isIPv4 ? Around4[0] : Around6[0];
        _table.Fetch(record.Destination.Prefix(around), around);
    }

    /// <summary>Takes out what had no traffic for long; once a look.</summary>
    public void Sweep(int slot) => _table.Sweep((_table.Most / SweepParts) + 1, slot - (int)(options.ForgetAfter.TotalMilliseconds / TrafficSlots.Milliseconds));

    private void Add(
        FlowAddress address, int length, Protection protection, Limits limits, in TrafficSpread spread, ulong packets, ulong octets, in FlowRecord record)
    {
        ref var row = ref _table.Touch(address, length);
        if (Unsafe.IsNullRef(ref row))
        {
            return;
        }

        row.Add(in spread);

        // (4)
        var slot = spread.Slot;
        var index = slot % TrafficSlots.Window;
        var isHot = row.Packets[index] >= limits.HotPackets || row.Octets[index] >= limits.HotOctets || row.Records[index] >= limits.HotRecords
            || (row.Packets[index] >= protection.HotAttack && (record.SamplingRate <= 1 || row.Sum(slot).Records >= HotSamples));
        if (isHot || protection.Watched.Count > 0)
        {
            watches.Note(protection, new BgpPrefix(address, (byte)length, !address.IsIPv4), isHot, in spread, in record, packets, octets);
        }
    }
}
