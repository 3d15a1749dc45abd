using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Tsunagi.Protocols.Flow.Packet;

namespace Tsunagi.Protocols.Flow.Ipfix;

/// <summary>
/// A template compiled: a list of copies from places of a record to places of a <see cref="FlowRecord"/>. Where several fields of a template
/// lead to one place, the more precise one is copied last, and only if it is not zero (exporters fill what they have not with zeros).
/// </summary>
public sealed partial class FieldPlan
{
    private readonly FieldCopy[] _copies;

    private FieldPlan(FieldCopy[] copies, FlowFields fields, bool completes)
    {
        _copies = copies;
        Fields = fields;
        Completes = completes;
    }

    /// <summary>What a record of this form reports.</summary>
    public FlowFields Fields { get; }

    /// <summary>How many copies a record takes.</summary>
    public int CopyCount => _copies.Length;

    /// <summary>Some copies leave values that must be put together when all have been made.</summary>
    internal bool Completes { get; }

    /// <summary>
    /// Copies one record. <paramref name="places"/> is empty for a template without variable fields, else what <see cref="Template.Locate"/> found.
    /// </summary>
    internal void Copy(scoped ReadOnlySpan<byte> octets, scoped ReadOnlySpan<int> places, ref FlowRecord record, ref FieldScratch scratch)
    {
        Span<byte> to = MemoryMarshal.AsBytes(new Span<FlowRecord>(ref record));
        int fieldCount = places.Length / 2;
        foreach (ref readonly FieldCopy copy in _copies.AsSpan())
        {
            int from = fieldCount == 0 ? copy.From : places[copy.Field];
            switch (copy.Code)
            {
                case FieldCode.Octet:
                    to[copy.To] = octets[from];
                    break;
                case FieldCode.Short:
                    MemoryMarshal.Write(to[copy.To..], BinaryPrimitives.ReadUInt16BigEndian(octets[from..]));
                    break;
                case FieldCode.OctetToShort:
                    MemoryMarshal.Write(to[copy.To..], (ushort)octets[from]);
                    break;
                case FieldCode.Int:
                    MemoryMarshal.Write(to[copy.To..], BinaryPrimitives.ReadUInt32BigEndian(octets[from..]));
                    break;
                case FieldCode.ShortToInt:
                    MemoryMarshal.Write(to[copy.To..], (uint)BinaryPrimitives.ReadUInt16BigEndian(octets[from..]));
                    break;
                case FieldCode.Long:
                    MemoryMarshal.Write(to[copy.To..], BinaryPrimitives.ReadUInt64BigEndian(octets[from..]));
                    break;
                case FieldCode.IntToLong:
                    MemoryMarshal.Write(to[copy.To..], (ulong)BinaryPrimitives.ReadUInt32BigEndian(octets[from..]));
                    break;
                case FieldCode.IPv4:
                    MemoryMarshal.Write(to[(copy.To + 8)..], 0xFFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(octets[from..]));
                    break;
                case FieldCode.IPv6:
                    MemoryMarshal.Write(to[copy.To..], BinaryPrimitives.ReadUInt64BigEndian(octets[from..]));
                    MemoryMarshal.Write(to[(copy.To + 8)..], BinaryPrimitives.ReadUInt64BigEndian(octets[(from + 8)..]));
                    break;
                default:
                    ReadOnlySpan<byte> field = octets.Slice(from, fieldCount == 0 ? copy.Length : places[fieldCount + copy.Field]);
                    CopyOther(in copy, field, to, ref record, ref scratch);
                    break;
            }
        }
    }

    /// <summary>The octets as a number, big endian; the last eight octets of longer ones.</summary>
    internal static ulong ReadNumber(ReadOnlySpan<byte> octets)
    {
        switch (octets.Length)
        {
            case 0:
                return 0;
            case 1:
                return octets[0];
            case 2:
                return BinaryPrimitives.ReadUInt16BigEndian(octets);
            case 4:
                return BinaryPrimitives.ReadUInt32BigEndian(octets);
            case >= 8:
                return BinaryPrimitives.ReadUInt64BigEndian(octets[^8..]);
            default:
                ulong number = 0;
                foreach (byte octet in octets)
                {
                    number = number << 8 | octet;
                }

                return number;
        }
    }

    private static void CopyOther(in FieldCopy copy, scoped ReadOnlySpan<byte> field, scoped Span<byte> to, ref FlowRecord record, ref FieldScratch scratch)
    {
        switch (copy.Code)
        {
            case FieldCode.Number:
                Store(to[copy.To..], copy.Width, ReadNumber(field));
                break;
            case FieldCode.NumberIfAny:
                if (ReadNumber(field) is var number and not 0)
                {
                    Store(to[copy.To..], copy.Width, number);
                }

                break;
            case FieldCode.AddressIfAny:
                // 0.0.0.0 goes where nothing is, so that "no IPv4 next hop" is told from "not reported".
                if (field.ContainsAnyExcept((byte)0) || (field.Length == 4 && !to.Slice(copy.To, 16).ContainsAnyExcept((byte)0)))
                {
                    MemoryMarshal.Write(to[copy.To..], FlowAddress.FromOctets(field));
                }

                break;
            case FieldCode.Label:
                // 20 bits of label, 3 of class, 1 of bottom of stack; all zero where the exporter has no label to report.
                if (ReadNumber(field) is var entry and not 0)
                {
                    Store(to[copy.To..], 4, entry >> 4);
                    record.MplsLabels++;
                }

                break;
            case FieldCode.Section:
                bool isPacket = PacketReader.TryRead(field, (PacketLink)copy.Width, scratch.Limits.PacketHeaders, scratch.Limits.Decapsulate, ref record);
                scratch.BadSection |= !isPacket;
                record.Packets = Math.Max(1, record.Packets);
                break;
            default:
                scratch.Note(copy.Code, ReadNumber(field), ref record);
                break;
        }
    }

    private static void Store(Span<byte> to, int width, ulong number)
    {
        switch (width)
        {
            case 1:
                to[0] = (byte)number;
                break;
            case 2:
                MemoryMarshal.Write(to, (ushort)number);
                break;
            case 4:
                MemoryMarshal.Write(to, (uint)number);
                break;
            default:
                MemoryMarshal.Write(to, number);
                break;
        }
    }
}

/// <summary>How a field is copied.</summary>
internal enum FieldCode : byte
{
    Octet, Short, OctetToShort, Int, ShortToInt, Long, IntToLong, IPv4, IPv6,

    // The rarer ones, of any length.
    Number, NumberIfAny, AddressIfAny, Label, Section,

    // Those that are put together when all fields have been read.
    StartUptime, EndUptime, StartSeconds, EndSeconds, StartMilliseconds, EndMilliseconds, StartMicroseconds, EndMicroseconds, StartDelta, EndDelta,
    ObservedSeconds, ObservedMilliseconds, ObservedMicroseconds, SystemInit, DurationMilliseconds, DurationMicroseconds, IcmpTypeCode, Dscp,
    SamplingInterval, SamplingSpace, SamplingPacketInterval, SamplingSize, SamplingPopulation, SelectionSequence,
}

/// <summary>One copy.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FieldCopy(FieldCode Code, byte Width, ushort From, ushort Length, ushort To, ushort Field);
