using System.Runtime.InteropServices;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Detect;

/// <summary>
/// What the traffic to one target is made of, exactly and over a time that is short: packets of each kind in the slots of the last second and in the seconds of the last ten,
/// from how many sources, who opens connections, and the newest samples. Of a fixed size. On the collector's turn only.
/// </summary>
internal sealed class TrafficShape
{
    public const int Seconds = 10;

    /// <summary>Slots that samples are kept of.</summary>
    private const int SampleSlots = 20;

    // Of each slot so many, chosen by chance from all of it: traffic is not the same all the time. Few until something is wrong: most targets are looked at and are well.
    private const int FewInSlot = 8;
    private const int ManyInSlot = 48;

    private const int MostOpeners = 512;
    // Of a packet, and at most of a record: a flow of many packets is more of the traffic than one of few.
    private const double MeanWeight = 1 / 32.0;
    private const double MostWeight = 0.5;

    // By kind, then by slot.
    private readonly uint[] _slots = new uint[TrafficKind.Count * TrafficSlots.Window];
    private readonly uint[] _seconds = new uint[Seconds * TrafficKind.Count];
    private readonly float[] _meanOctets = new float[TrafficKind.Count];
    private readonly RecentPorts?[] _ports = new RecentPorts?[TrafficKind.Count];
    private readonly SourceSpread?[] _spreads = new SourceSpread?[TrafficKind.Count];
    private readonly Dictionary<FlowAddress, uint> _openers = [];
    private readonly (int Slot, int Seen)[] _sampled = new (int, int)[SampleSlots];
    private FlowReturns? _returns;
    private TrafficSample[] _samples = [];
    private ulong _state = 0x9E3779B97F4A7C15;
    private Dictionary<FlowAddress, uint> _openersBefore = [];
    private int _openersSecond;
    private int _slot;

    /// <summary>One of so many packets, of the newest record.</summary>
    public uint Rate { get; private set; } = 1;

    public void Add(in FlowRecord record, in TrafficSpread spread)
    {
        var kind = TrafficKind.Of(in record);
        Turn(spread.Slot);
        Rate = Math.Max(1, record.SamplingRate);
        Put(kind, in spread);
        var octets = record.Packets > 1 ? record.Octets / record.Packets : record.Octets;
        ref var mean = ref _meanOctets[kind];
        mean = mean == 0 ? octets : (float)(mean + ((octets - mean) * Math.Min(MostWeight, record.Packets * MeanWeight)));
        (_ports[kind] ??= new RecentPorts()).Add(record.DestinationPort, record.Packets);
        (_spreads[kind] ??= new SourceSpread()).Add(in record, spread.Slot);
        if (kind == TrafficKind.Udp && Rate > 1)
        {
            (_returns ??= new FlowReturns()).Add(SourceSpread.FlowOf(in record), spread.Slot);
        }

        if (TrafficKind.Opens(kind) && IsWeb(record.DestinationPort))
        {
            Open(record.Source, Rate, spread.Slot);
        }

        Sample(in record, kind, spread.Slot);
    }

    /// <summary>Packets a second of each kind over the last second, or over several, at the end of <paramref name="last"/>.</summary>
    public KindRates Rates(int last, int seconds)
    {
        Turn(last);
        var rates = new KindRates(Rate, seconds);
        for (var kind = 0; kind < TrafficKind.Count; kind++)
        {
            var packets = 0UL;
            for (var slot = 0; seconds == 1 && slot < TrafficSlots.Window; slot++)
            {
                packets += _slots[(kind * TrafficSlots.Window) + slot];
            }

            rates.Set(kind, seconds == 1 ? packets : SumSeconds(kind, last, seconds));
        }

        return rates;
    }

    public double MeanOctets(int kind) => _meanOctets[kind];

    public long Sources(int kind) => _spreads[kind]?.Sources ?? 0;

    public double FlowsPerPacket(int kind) => _spreads[kind]?.FlowsPerPacket ?? double.NaN;

    /// <summary>Under sampling: the part of the newest UDP packets that belongs to flows not seen in the ten seconds before. NaN while too little was seen.</summary>
    public double NewUdpFlows => _returns?.NewPart ?? double.NaN;

    /// <summary>The destination port that most of the newest go to, and the part of them that does.</summary>
    public (ushort Port, double Part) DestinationPort(int kind) => _ports[kind]?.Most ?? default;

    /// <summary>Connections to web ports a second by who opens them, of the last whole second and the one before it: the larger.</summary>
    public IReadOnlyList<(FlowAddress Source, uint PerSecond)> Openers
    {
        get
        {
            var larger = _openersBefore.Values.Aggregate(0L, static (sum, value) => sum + value) > _openers.Values.Aggregate(0L, static (sum, value) => sum + value) ? _openersBefore : _openers;
            return [.. larger.Select(static pair => (pair.Key, pair.Value))];
        }
    }

    /// <summary>Samples of the last two seconds; each stands for as many packets as it was chosen from.</summary>
    public IReadOnlyList<TrafficSample> Samples
    {
        get
        {
            var each = _samples.Length / SampleSlots;
            var list = new List<TrafficSample>(_samples.Length);
            for (var slot = Math.Max(0, _slot - SampleSlots + 1); slot <= _slot && each > 0; slot++)
            {
                var (of, seen) = _sampled[slot % SampleSlots];
                var kept = Math.Min(seen, each);
                for (var i = 0; of == slot && i < kept; i++)
                {
                    var sample = _samples[(slot % SampleSlots * each) + i];
                    list.Add(sample with { Packets = Math.Max(1, sample.Packets * (ulong)seen / (ulong)kept) });
                }
            }

            return list;
        }
    }

    /// <summary>Something is wrong: from now on more samples are kept.</summary>
    public void KeepMore()
    {
        if (_samples.Length < SampleSlots * ManyInSlot)
        {
            var more = new TrafficSample[SampleSlots * ManyInSlot];
            var each = _samples.Length / SampleSlots;
            for (var slot = 0; slot < SampleSlots; slot++)
            {
                _samples.AsSpan(slot * each, each).CopyTo(more.AsSpan(slot * ManyInSlot));

                // What was chosen from many stands for as many as before: it counts as all that was seen.
                _sampled[slot].Seen = Math.Min(_sampled[slot].Seen, each);
            }

            _samples = more;
        }
    }

    private void Sample(in FlowRecord record, int kind, int slot)
    {
        if (_samples.Length == 0)
        {
            _samples = new TrafficSample[SampleSlots * FewInSlot];
        }

        var each = _samples.Length / SampleSlots;
        ref var place = ref _sampled[slot % SampleSlots];
        if (place.Slot > slot)
        {
            return;
        }

        place = place.Slot == slot ? (slot, place.Seen + 1) : (slot, 1);
        var at = place.Seen - 1;
        if (at >= each)
        {
            // Reservoir of the slot, by xorshift64*.
            _state ^= _state >> 12;
            _state ^= _state << 25;
            _state ^= _state >> 27;
            at = (int)(_state * 0x2545F4914F6CDD1D % (ulong)place.Seen);
        }

        if (at < each)
        {
            _samples[(slot % SampleSlots * each) + at] = TrafficSample.Of(in record, kind, Math.Max(1, record.Packets) * Rate);
        }
    }

    private static bool IsWeb(ushort port) => port is 80 or 443 or 8000 or 8080 or 8443;

    private void Open(FlowAddress source, uint rate, int slot)
    {
        var second = slot / TrafficSlots.Window;
        if (second != _openersSecond)
        {
            _openersBefore = second == _openersSecond + 1 ? new Dictionary<FlowAddress, uint>(_openers) : [];
            _openersSecond = second;
            _openers.Clear();
        }

        if (_openers.Count < MostOpeners || _openers.ContainsKey(source))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_openers, source, out _) += rate;
        }
    }

    private void Put(int kind, in TrafficSpread spread)
    {
        var slots = _slots.AsSpan(kind * TrafficSlots.Window, TrafficSlots.Window);
        if (spread.Slot == _slot)
        {
            SlotCounts.Add(slots, spread.Packets);
        }
        else
        {
            for (var at = Math.Max(spread.Slot, _slot) - TrafficSlots.Window + 1; at <= spread.Slot; at++)
            {
                AddTo(ref slots[at % TrafficSlots.Window], spread.Packets[at % TrafficSlots.Window]);
            }
        }

        Span<ulong> seconds = stackalloc ulong[Seconds];
        var oldest = Math.Max(0, (_slot / TrafficSlots.Window) - Seconds + 1);
        var newest = spread.Slot / TrafficSlots.Window;
        var count = spread.Seconds(seconds);
        for (var i = 0; i < count && newest - i >= oldest; i++)
        {
            AddTo(ref _seconds[((newest - i) % Seconds * TrafficKind.Count) + kind], seconds[i]);
        }
    }

    private static void AddTo(ref uint counter, ulong packets) => counter = (uint)Math.Min(uint.MaxValue, counter + packets);

    private ulong SumSeconds(int kind, int last, int seconds)
    {
        ulong sum = 0;
        var second = last / TrafficSlots.Window;
        for (var at = second - seconds + 1; at <= second; at++)
        {
            sum += _seconds[((at % Seconds) + (at < 0 ? Seconds : 0)) * TrafficKind.Count + kind];
        }

        return sum;
    }

    private void Turn(int slot)
    {
        if (slot <= _slot)
        {
            return;
        }

        for (var at = Math.Max(_slot + 1, slot - TrafficSlots.Window + 1); at <= slot; at++)
        {
            for (var kind = 0; kind < TrafficKind.Count; kind++)
            {
                _slots[(kind * TrafficSlots.Window) + (at % TrafficSlots.Window)] = 0;
            }
        }

        var (from, to) = (_slot / TrafficSlots.Window, slot / TrafficSlots.Window);
        for (var at = Math.Max(from + 1, to - Seconds + 1); at <= to; at++)
        {
            Array.Clear(_seconds, at % Seconds * TrafficKind.Count, TrafficKind.Count);
        }

        _slot = slot;
    }
}

/// <summary>Packets a second by kind over some seconds, with the samples behind each figure.</summary>
internal sealed class KindRates(uint rate, int seconds)
{
    private readonly ulong[] _packets = new ulong[TrafficKind.Count];

    /// <summary>One of so many packets was seen.</summary>
    public uint Rate => rate;

    /// <summary>Over how many seconds.</summary>
    public int Seconds => seconds;

    public ulong this[int kind] => _packets[kind] / (ulong)seconds;

    public ulong Samples(int kind) => _packets[kind] / rate;

    public void Set(int kind, ulong packets) => _packets[kind] = packets;
}
