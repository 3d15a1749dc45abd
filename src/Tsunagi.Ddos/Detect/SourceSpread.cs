using System.Numerics;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Detect;

/// <summary>
/// From how many sources traffic comes, and how often the same flow comes again, over the running second and the one before. Sources are counted over 4,096 bits
/// (linear counting; Whang and others, 1990). For the flows a part of the sources is followed, chosen by their hash and halved whenever it would be too many, so that
/// a flow is either seen in all its packets or in none: forged sources hardly come twice, people come again.
/// </summary>
internal sealed class SourceSpread
{
    private const int Bits = 4_096;
    private const int MostFlows = 1_024;
    private const int SlotsOfGeneration = 10;
    private const ulong MostOfRecord = 10_000;

    private readonly ulong[] _sources = new ulong[Bits / 64];
    private readonly ulong[] _flows = new ulong[Bits / 64];
    private int _generation;
    private ulong _mask;
    private int _seen;
    private int _fresh;
    private int _set;
    private (long Sources, int Seen, int Fresh) _before;

    /// <summary>An estimate; it stops at about 34,000.</summary>
    public long Sources => Math.Max(_before.Sources, Estimate());

    /// <summary>Flows for each packet of the sources that are followed: near 1 when nobody comes again. NaN while too little was seen.</summary>
    public double FlowsPerPacket => _before.Seen + _seen < 50 ? double.NaN : (double)(_before.Fresh + _fresh) / (_before.Seen + _seen);

    public void Add(in FlowRecord record, int slot)
    {
        Turn(slot / SlotsOfGeneration);
        var source = Hash(record.Source.High ^ 0x9E3779B97F4A7C15, record.Source.Low);
        ref var word = ref _sources[(source >> 52) / 64];
        var bit = 1UL << (int)((source >> 52) % 64);
        _set += (word & bit) == 0 ? 1 : 0;
        word |= bit;
        if ((source & _mask) != 0)
        {
            return;
        }

        // A record of a flow is as many packets of it.
        _seen += (int)Math.Clamp(record.Packets, 1, MostOfRecord);
        var flow = Hash(source, ((ulong)record.SourcePort << 16) | record.DestinationPort);
        ref var flowWord = ref _flows[(flow >> 52) / 64];
        var flowBit = 1UL << (int)((flow >> 52) % 64);
        _fresh += (flowWord & flowBit) == 0 ? 1 : 0;
        flowWord |= flowBit;
        if (_fresh > MostFlows)
        {
            _mask = (_mask << 1) | 1;
            (_seen, _fresh) = (0, 0);
            Array.Clear(_flows);
        }
    }

    private void Turn(int generation)
    {
        if (generation == _generation)
        {
            return;
        }

        _before = generation == _generation + 1 ? (Estimate(), _seen, _fresh) : default;
        _generation = generation;
        (_seen, _fresh, _set) = (0, 0, 0);
        _mask = _before.Fresh < MostFlows / 8 ? _mask >> 1 : _mask;
        Array.Clear(_sources);
        Array.Clear(_flows);
    }

    private long Estimate()
    {
        var zero = Bits - _set;
        return zero <= 0 ? Bits * 8L : (long)Math.Round(-Bits * Math.Log((double)zero / Bits));
    }

    /// <summary>A flow's hash: source and ports.</summary>
    public static ulong FlowOf(in FlowRecord record) => Hash(Hash(record.Source.High ^ 0x9E3779B97F4A7C15, record.Source.Low), ((ulong)record.SourcePort << 16) | record.DestinationPort);

    private static ulong Hash(ulong a, ulong b)
    {
        var hash = (a * 0x9E3779B97F4A7C15) ^ BitOperations.RotateLeft(b * 0xC2B2AE3D27D4EB4F, 31);
        hash ^= hash >> 32;
        hash *= 0xFF51AFD7ED558CCD;
        return hash ^ (hash >> 29);
    }
}
