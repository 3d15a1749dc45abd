using System.Runtime.CompilerServices;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Traffic;

/// <summary>
/// Counts one record: (1) whose its destination is, (2) in the row of the address, (3) in that of the /24 (/64) around it and in that of the protected prefix, (4) and, where a row passes half of a limit or of an attack's floor, or is watched already, in the watch's picture of the traffic. On the collector's turn only.
/// </summary>
internal sealed class TrafficCounter(ProtectionContracts contracts, TrafficOptions options, WatchList watches)
{
    private const int SweepParts = 100;

    // One sampled packet stands for many and says nothing yet.
    private const ulong HotSamples = 3;
    private const int Around4 = 24;
    private const int Around6 = 64;

    // Prefixes have a table of their own: however many addresses a flood makes up, there is room for those it is told of.
    private const int AddressesOfPrefix = 8;
    private const int FewestPrefixes = 1_000;

    // For what somebody has bought protection for: it is counted whatever comes.
    private const int Reserved = 20_000;

    private readonly TrafficTable _hosts = new(options.MaxCounted, Reserved);
    private readonly TrafficTable _prefixes = new(Math.Max(FewestPrefixes, options.MaxCounted / AddressesOfPrefix), Reserved);

    /// <summary>Counters of addresses.</summary>
    public TrafficTable Hosts => _hosts;

    /// <summary>Counters of the protected prefixes, and of each /24 and /64 in them.</summary>
    public TrafficTable Prefixes => _prefixes;

    /// <summary>How often a record could not be counted for its address, or for the /24 or /64 around it, since all room was taken by others with traffic.</summary>
    public long Uncounted => _hosts.Overflows + _prefixes.Overflows;

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
        var isSure = prefix.Length == whole;
        Add(ref _hosts.Touch(record.Destination, whole, slot, isSure), record.Destination, whole, protection, protection.Host, in spread, packets, octets, in record);

        // (3)
        var around = isIPv4 ? Around4 : Around6;
        if (around > prefix.Length)
        {
            ref var row = ref _prefixes.Touch(record.Destination.Prefix(around), around, slot);
            if (!Unsafe.IsNullRef(ref row))
            {
                row.Add(in spread);
            }
        }

        if (!isSure)
        {
            Add(ref _prefixes.Touch(prefix.Address, prefix.Length, slot, isSure: true), prefix.Address, prefix.Length, protection, protection.Prefix, in spread, packets, octets, in record);
        }

        return protection;
    }

    /// <summary>Asks memory for the counters that the records' destinations need, first for where they stand and then for themselves; changes nothing.</summary>
    /// <param name="records">A few: at most <see cref="FlowBatch.Most"/>.</param>
    public void Fetch(ReadOnlySpan<FlowRecord> records)
    {
        // That of the protected prefix is near anyway.
        Span<uint> hosts = stackalloc uint[FlowBatch.Most];
        Span<uint> around = stackalloc uint[FlowBatch.Most];
        for (var i = 0; i < records.Length; i++)
        {
            ref readonly var destination = ref records[i].Destination;
            var isIPv4 = destination.IsIPv4;
            hosts[i] = _hosts.Seek(destination, isIPv4 ? 32 : 128);
            var length = isIPv4 ? Around4 : Around6;
            around[i] = _prefixes.Seek(destination.Prefix(length), length);
        }

        for (var i = 0; i < records.Length; i++)
        {
            _hosts.Fetch(hosts[i]);
            _prefixes.Fetch(around[i]);
        }
    }

    /// <summary>The row of an address or of a protected prefix; a null reference when it had no traffic lately.</summary>
    public ref TrafficRow Find(FlowAddress address, int length) => ref (length == (address.IsIPv4 ? 32 : 128) ? _hosts : _prefixes).Find(address, length);

    /// <summary>Takes out what had no traffic for long; once a look.</summary>
    public void Sweep(int slot)
    {
        var oldest = slot - (int)(options.ForgetAfter.TotalMilliseconds / TrafficSlots.Milliseconds);
        _hosts.Sweep((_hosts.Most / SweepParts) + 1, oldest);
        _prefixes.Sweep((_prefixes.Most / SweepParts) + 1, oldest);
    }

    private void Add(
        ref TrafficRow row, FlowAddress address, int length, Protection protection, Limits limits, in TrafficSpread spread, ulong packets, ulong octets, in FlowRecord record)
    {
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
