using System.Buffers.Binary;
using System.Net;

namespace Tsunagi.Ddos.Try;

/// <summary>Writes what a router that speaks NetFlow v5 would send (Cisco, "NetFlow Export Datagram Formats", version 5: a header of 24 octets, 48 a record).</summary>
internal static class NetFlow5Datagram
{
    public const int MostFlows = 30;

    private const int Header = 24;
    private const int Record = 48;
    private const uint Uptime = 100_000;
    private const ushort SampledDeterministically = 0x4000;

    /// <param name="sequence">Flows told of before.</param>
    /// <param name="sampling">One of how many packets; 0 says nothing of it.</param>
    public static byte[] Write(uint sequence, IReadOnlyList<TrialFlow> flows, long unixSeconds, ushort sampling = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(flows.Count, MostFlows, nameof(flows));
        var octets = new byte[Header + (flows.Count * Record)];
        var span = octets.AsSpan();
        BinaryPrimitives.WriteUInt16BigEndian(span, 5);
        BinaryPrimitives.WriteUInt16BigEndian(span[2..], (ushort)flows.Count);
        BinaryPrimitives.WriteUInt32BigEndian(span[4..], Uptime);
        BinaryPrimitives.WriteUInt32BigEndian(span[8..], (uint)unixSeconds);
        BinaryPrimitives.WriteUInt32BigEndian(span[16..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(span[22..], sampling == 0 ? (ushort)0 : (ushort)(SampledDeterministically | sampling));
        for (var i = 0; i < flows.Count; i++)
        {
            Write(span.Slice(Header + (i * Record), Record), flows[i]);
        }

        return octets;
    }

    private static void Write(Span<byte> record, TrialFlow flow)
    {
        IPAddress.Parse(flow.Source).TryWriteBytes(record, out _);
        IPAddress.Parse(flow.Destination).TryWriteBytes(record[4..], out _);
        BinaryPrimitives.WriteUInt32BigEndian(record[16..], flow.Packets);
        BinaryPrimitives.WriteUInt32BigEndian(record[20..], flow.Octets);
        BinaryPrimitives.WriteUInt32BigEndian(record[24..], Uptime - flow.Lasted);
        BinaryPrimitives.WriteUInt32BigEndian(record[28..], Uptime);
        BinaryPrimitives.WriteUInt16BigEndian(record[32..], flow.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(record[34..], flow.DestinationPort);
        record[37] = flow.Flags;
        record[38] = flow.Protocol;
    }
}
