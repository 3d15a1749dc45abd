using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Flow.Sflow;

/// <summary>What an sFlow flow sample says of itself (sFlow version 5, section 5).</summary>
/// <param name="Sequence">Number of the sample at its source.</param>
/// <param name="SourceType">0 ifIndex, 1 VLAN, 2 entPhysicalIndex.</param>
/// <param name="SourceIndex">Which of them.</param>
/// <param name="Rate">One of how many packets was sampled.</param>
/// <param name="Pool">Packets that could have been sampled so far.</param>
/// <param name="Drops">Samples the agent had to drop so far.</param>
/// <param name="InputFormat">0 an ifIndex, 1 discarded, 2 several interfaces, 3 the agent itself.</param>
/// <param name="Input">ifIndex; for a discarded packet the reason.</param>
/// <param name="OutputFormat">As <paramref name="InputFormat"/>.</param>
/// <param name="Output">As <paramref name="Input"/>; for several interfaces how many.</param>
/// <param name="Agent">Address of the agent.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SflowSample(
    uint Sequence, uint SourceType, uint SourceIndex, uint Rate, uint Pool, uint Drops, byte InputFormat, uint Input, byte OutputFormat, uint Output, FlowAddress Agent)
{
    /// <summary>For a notice of a dropped packet (sFlow drops): the reason, as <c>net_dropmon</c> numbers it; 0 for a sample.</summary>
    public ushort DropReason { get; init; }
}

/// <summary>An sFlow counter sample.</summary>
public readonly ref struct SflowCounterSample
{
    internal SflowCounterSample(Ipfix.FlowHeader header, FlowAddress agent, uint sequence, uint sourceType, uint sourceIndex, int count, ReadOnlySpan<byte> records)
    {
        Header = header;
        Agent = agent;
        Sequence = sequence;
        SourceType = sourceType;
        SourceIndex = sourceIndex;
        Count = count;
        Records = records;
    }

    /// <summary>The header of the datagram.</summary>
    public Ipfix.FlowHeader Header { get; }

    /// <summary>Address of the agent.</summary>
    public FlowAddress Agent { get; }

    /// <summary>Number of the sample at its source.</summary>
    public uint Sequence { get; }

    /// <summary>0 ifIndex, 1 VLAN, 2 entPhysicalIndex.</summary>
    public uint SourceType { get; }

    /// <summary>Which of them.</summary>
    public uint SourceIndex { get; }

    /// <summary>How many records there are.</summary>
    public int Count { get; }

    /// <summary>The records as they came: format, length, content each.</summary>
    public ReadOnlySpan<byte> Records { get; }

    /// <summary>Walks the records.</summary>
    public Enumerator GetEnumerator() => new(Records, Count);

    /// <summary>Walks records.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;
        private int _left;

        internal Enumerator(ReadOnlySpan<byte> records, int count)
        {
            _rest = records;
            _left = count;
        }

        /// <summary>The record.</summary>
        public SflowCounterRecord Current { get; private set; }

        /// <summary>Goes to the next; false behind the last, or where one is cut off.</summary>
        public bool MoveNext()
        {
            if (_left-- <= 0 || !SflowReader.TryTake(ref _rest, out uint format, out ReadOnlySpan<byte> content))
            {
                return false;
            }

            Current = new SflowCounterRecord(format, content);
            return true;
        }
    }
}

/// <summary>One record of a counter sample.</summary>
public readonly ref struct SflowCounterRecord
{
    internal SflowCounterRecord(uint format, ReadOnlySpan<byte> content)
    {
        Format = format;
        Content = content;
    }

    /// <summary>Enterprise in the upper 20 bits, format in the lower 12; 1 is generic interface counters.</summary>
    public uint Format { get; }

    /// <summary>Its octets.</summary>
    public ReadOnlySpan<byte> Content { get; }

    /// <summary>Generic interface counters; false for another format or a record that is too short.</summary>
    public bool TryReadInterface(out SflowInterfaceCounters counters)
    {
        counters = default;
        if (Format != 1 || Content.Length < 88)
        {
            return false;
        }

        ReadOnlySpan<byte> c = Content;
        counters = new SflowInterfaceCounters(Int(c, 0), Int(c, 4), Long(c, 8), Int(c, 16), Int(c, 20), Long(c, 24), Int(c, 32), Int(c, 36), Int(c, 40), Int(c, 44), Int(c, 48),
            Int(c, 52), Long(c, 56), Int(c, 64), Int(c, 68), Int(c, 72), Int(c, 76), Int(c, 80), Int(c, 84));
        return true;
    }

    private static uint Int(ReadOnlySpan<byte> octets, int at) => BinaryPrimitives.ReadUInt32BigEndian(octets[at..]);

    private static ulong Long(ReadOnlySpan<byte> octets, int at) => BinaryPrimitives.ReadUInt64BigEndian(octets[at..]);
}

/// <summary>Generic interface counters of sFlow: those of the interfaces MIB (RFC 2863), by the same names.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SflowInterfaceCounters(
    uint IfIndex, uint IfType, ulong IfSpeed, uint IfDirection, uint IfStatus, ulong IfInOctets, uint IfInUcastPkts, uint IfInMulticastPkts, uint IfInBroadcastPkts,
    uint IfInDiscards, uint IfInErrors, uint IfInUnknownProtos, ulong IfOutOctets, uint IfOutUcastPkts, uint IfOutMulticastPkts, uint IfOutBroadcastPkts,
    uint IfOutDiscards, uint IfOutErrors, uint IfPromiscuousMode);
