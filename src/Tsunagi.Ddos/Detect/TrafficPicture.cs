using System.Numerics;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Detect;

/// <summary>
/// What the traffic to one target looks like: packets by kind, the heaviest sources and source ports, how many sources. Of a fixed size, whatever comes: heavy
/// ones are kept by Space-Saving (<see cref="HeavyKeys{TKey}"/>), sources are estimated by linear counting over 4,096 bits (Whang and others, 1990).
/// </summary>
internal sealed class TrafficPicture
{
    private const int Kept = 64;
    private const int Bits = 4_096;
    private const int MostKeptInSlot = 200;
    private const ushort Syn = 0x02;
    private const ushort Rst = 0x04;
    private const ushort Ack = 0x10;

    private readonly HeavyKeys<FlowAddress> _sources = new(Kept);
    private readonly HeavyKeys<int> _ports = new(Kept);
    private readonly HeavyKeys<int> _portOctets = new(Kept);
    private readonly ulong[] _seen = new ulong[Bits / 64];
    private ulong _keptPackets;
    private ulong _keptOctets;
    private int _slot;
    private int _inSlot;

    public ulong Packets { get; private set; }

    public ulong Octets { get; private set; }

    /// <summary>Packets before sampling was put back: what the figures rest on.</summary>
    public ulong Samples { get; private set; }

    public ulong Tcp { get; private set; }

    public ulong Udp { get; private set; }

    public ulong Icmp { get; private set; }

    public ulong Fragments { get; private set; }

    /// <summary>Fragments behind the first: those have no ports.</summary>
    public ulong Behind { get; private set; }

    public ulong BehindOctets { get; private set; }

    /// <summary>TCP with SYN and nothing else.</summary>
    public ulong SynOnly { get; private set; }

    public ulong SynAck { get; private set; }

    public ulong RstOnly { get; private set; }

    public ulong AckOnly { get; private set; }

    /// <summary>TCP without any flag, where flags were reported.</summary>
    public ulong NoFlags { get; private set; }

    /// <summary>The largest other protocol's number; 0 when there is none.</summary>
    public byte OtherProtocol { get; private set; }

    public ulong Other { get; private set; }

    /// <summary>One of so many packets, of the newest record.</summary>
    public uint Rate { get; private set; } = 1;

    public SamplingSource RateSource { get; private set; }

    /// <summary>It came as flows and not as sampled packets: then flows can be counted.</summary>
    public bool HasFlows { get; private set; }

    /// <summary>Estimated number of sources.</summary>
    public long Sources
    {
        get
        {
            var zero = Bits - _seen.Sum(static word => BitOperations.PopCount(word));
            return zero == 0 ? Bits * 8L : (long)Math.Round(-Bits * Math.Log((double)zero / Bits));
        }
    }

    public void Add(in FlowRecord record, ulong packets, ulong octets, int slot)
    {
        Packets += packets;
        Octets += octets;
        Samples += Math.Max(1, record.Packets);
        Rate = Math.Max(1, record.SamplingRate);
        RateSource = record.SamplingSource;
        HasFlows |= record.Origin is FlowOrigin.NetFlow5 or FlowOrigin.NetFlow9 or FlowOrigin.Ipfix;
        AddKind(in record, packets, octets);
        var bit = (int)((record.Source.High * 0x9E3779B97F4A7C15 ^ (record.Source.Low * 0xC2B2AE3D27D4EB4F)) >> 52);
        _seen[bit / 64] |= 1UL << (bit % 64);

        // Under a flood the first of each slot tell who is heavy as well as all of them would.
        _inSlot = slot == _slot ? _inSlot + 1 : 1;
        _slot = slot;
        if (_inSlot > MostKeptInSlot)
        {
            return;
        }

        (_keptPackets, _keptOctets) = (_keptPackets + packets, _keptOctets + octets);
        _sources.Add(record.Source, packets);
        if (record.Protocol is 6 or 17 && !record.IsFragment)
        {
            _ports.Add((record.Protocol << 16) | record.SourcePort, packets);
            _portOctets.Add((record.Protocol << 16) | record.SourcePort, octets);
        }
    }

    /// <summary>The heaviest sources with their share of all packets.</summary>
    public IReadOnlyList<Share> TopSources(int count) =>
        [.. _sources.All.OrderByDescending(static pair => pair.Value).ThenBy(static pair => pair.Key).Take(count).Select(pair => new Share(pair.Key.ToString(), Of(pair.Value)))];

    /// <summary>The heaviest source ports ("udp/53") with their share of all packets.</summary>
    public IReadOnlyList<Share> TopPorts(int count) =>
        [.. _ports.All.OrderByDescending(static pair => pair.Value).ThenBy(static pair => pair.Key).Take(count)
            .Select(pair => new Share($"{(pair.Key >> 16 == 6 ? "tcp" : "udp")}/{pair.Key & 0xFFFF}", Of(pair.Value)))];

    /// <summary>The part of all packets that comes from this UDP port.</summary>
    public double FromUdp(ushort port) => (double)_ports[(17 << 16) | port] / Math.Max(1, _keptPackets);

    /// <summary>The part of all octets that comes from this UDP port: answers of reflectors are large, so they may be most of the traffic and few of its packets.</summary>
    public double OctetsFromUdp(ushort port) => (double)_portOctets[(17 << 16) | port] / Math.Max(1, _keptOctets);

    /// <summary>What was seen loses half its weight, so that the picture follows the traffic.</summary>
    public void Fade()
    {
        (Packets, Octets, Samples, Tcp, Udp, Icmp) = (Packets / 2, Octets / 2, Samples / 2, Tcp / 2, Udp / 2, Icmp / 2);
        (Fragments, SynOnly, SynAck, RstOnly, AckOnly, NoFlags, Other) = (Fragments / 2, SynOnly / 2, SynAck / 2, RstOnly / 2, AckOnly / 2, NoFlags / 2, Other / 2);
        (Behind, BehindOctets, _keptPackets, _keptOctets) = (Behind / 2, BehindOctets / 2, _keptPackets / 2, _keptOctets / 2);
        _sources.Halve();
        _ports.Halve();
        _portOctets.Halve();
        Array.Clear(_seen);
    }

    private double Of(ulong packets) => _keptPackets == 0 ? 0 : Math.Round(Math.Min(1, (double)packets / _keptPackets), 4);

    private void AddKind(in FlowRecord record, ulong packets, ulong octets)
    {
        if (record.IsFragment)
        {
            Behind += packets;
            BehindOctets += octets;
        }

        if (record.IsFragment || (record.FragmentFlags & 0x20) != 0)
        {
            Fragments += packets;
        }

        switch (record.Protocol)
        {
            case 6 when !record.IsFragment:
                Tcp += packets;
                AddFlags(in record, packets);
                break;
            case 6:
                Tcp += packets;
                break;
            case 17:
                Udp += packets;
                break;
            case 1 or 58:
                Icmp += packets;
                break;
            default:
                Other += packets;
                OtherProtocol = record.Protocol;
                break;
        }
    }

    // Of a flow of several packets the flags are those of all of them: a flood's flows have one packet each.
    private void AddFlags(in FlowRecord record, ulong packets)
    {
        if ((record.Fields & FlowFields.TcpFlags) == FlowFields.None && record.Origin is not (FlowOrigin.Packet or FlowOrigin.Sflow))
        {
            return;
        }

        switch (record.TcpFlags & (Syn | Rst | Ack | 0x01))
        {
            case Syn:
                SynOnly += packets;
                break;
            case Syn | Ack:
                SynAck += packets;
                break;
            case Rst or (Rst | Ack):
                RstOnly += packets;
                break;
            case Ack:
                AckOnly += packets;
                break;
            case 0 when record.TcpFlags == 0:
                NoFlags += packets;
                break;
        }
    }
}

/// <summary>A source or port and its part of an attack's packets (of all packets where only a limit was passed), 0 to 1.</summary>
public sealed record Share(string Name, double Part);
