using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Cpe.Arms;

/// <summary>The records of a heartbeat of protocol 2.0.</summary>
public static class HeartbeatType
{
    /// <summary>Use of a CPU: <see cref="HeartbeatCpu"/>.</summary>
    public const ushort Cpu = 0x0033;

    /// <summary>The same by idle, interrupts, user, system and other.</summary>
    public const ushort CpuDetail = 0x0034;

    /// <summary>Memory: <see cref="HeartbeatSpace"/>.</summary>
    public const ushort Memory = 0x0035;

    /// <summary>Disk: <see cref="HeartbeatSpace"/>.</summary>
    public const ushort Disk = 0x0037;

    /// <summary>What an interface counted since it is there: <see cref="HeartbeatTraffic"/>.</summary>
    public const ushort TrafficCount = 0x0038;

    /// <summary>What it counted of late: <see cref="HeartbeatTraffic"/>.</summary>
    public const ushort TrafficRate = 0x0039;

    /// <summary>Radio wave.</summary>
    public const ushort Radio = 0x002c;
}

/// <summary>Record 0x0033.</summary>
/// <param name="Index">Which CPU.</param>
/// <param name="UsePercent">0 to 100, as the box says it: up to 255 comes as it is.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct HeartbeatCpu(ushort Index, byte UsePercent)
{
    private const int Length = 3;

    /// <summary>False when the value has another length.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out HeartbeatCpu cpu)
    {
        cpu = value.Length == Length ? new HeartbeatCpu(BinaryPrimitives.ReadUInt16BigEndian(value), value[2]) : default;
        return value.Length == Length;
    }

    /// <summary>As it goes into a heartbeat.</summary>
    public HeartbeatRecord ToRecord() => new(HeartbeatType.Cpu, new byte[] { (byte)(Index >> 8), (byte)Index, UsePercent });
}

/// <summary>Records 0x0035 and 0x0037.</summary>
/// <param name="Index">Which memory, which disk.</param>
/// <param name="Used">Octets.</param>
/// <param name="Available">Octets.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct HeartbeatSpace(ushort Index, ulong Used, ulong Available)
{
    private const int Length = 18;

    /// <summary>False when the value has another length.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out HeartbeatSpace space)
    {
        space = value.Length == Length
            ? new HeartbeatSpace(BinaryPrimitives.ReadUInt16BigEndian(value), BinaryPrimitives.ReadUInt64BigEndian(value[2..]), BinaryPrimitives.ReadUInt64BigEndian(value[10..])) : default;
        return value.Length == Length;
    }

    /// <summary>As it goes into a heartbeat.</summary>
    /// <param name="type"><see cref="HeartbeatType.Memory"/> or <see cref="HeartbeatType.Disk"/>.</param>
    public HeartbeatRecord ToRecord(ushort type)
    {
        var value = new byte[Length];
        BinaryPrimitives.WriteUInt16BigEndian(value, Index);
        BinaryPrimitives.WriteUInt64BigEndian(value.AsSpan(2), Used);
        BinaryPrimitives.WriteUInt64BigEndian(value.AsSpan(10), Available);
        return new HeartbeatRecord(type, value);
    }
}

/// <summary>Records 0x0038 and 0x0039.</summary>
/// <param name="Interface">Its index on the box.</param>
/// <param name="InOctets">Octets that came in.</param>
/// <param name="OutOctets">Octets that went out.</param>
/// <param name="InPackets">Packets that came in.</param>
/// <param name="OutPackets">Packets that went out.</param>
/// <param name="InErrors">Those that came in broken.</param>
/// <param name="OutErrors">Those that could not go out.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct HeartbeatTraffic(ushort Interface, ulong InOctets, ulong OutOctets, ulong InPackets, ulong OutPackets, ulong InErrors, ulong OutErrors)
{
    private const int Length = 50;

    /// <summary>False when the value has another length.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out HeartbeatTraffic traffic)
    {
        traffic = default;
        if (value.Length != Length)
        {
            return false;
        }

        traffic = new HeartbeatTraffic(
            BinaryPrimitives.ReadUInt16BigEndian(value), BinaryPrimitives.ReadUInt64BigEndian(value[2..]), BinaryPrimitives.ReadUInt64BigEndian(value[10..]), BinaryPrimitives.ReadUInt64BigEndian(value[18..]),
            BinaryPrimitives.ReadUInt64BigEndian(value[26..]), BinaryPrimitives.ReadUInt64BigEndian(value[34..]), BinaryPrimitives.ReadUInt64BigEndian(value[42..]));
        return true;
    }

    /// <summary>As it goes into a heartbeat.</summary>
    /// <param name="type"><see cref="HeartbeatType.TrafficCount"/> or <see cref="HeartbeatType.TrafficRate"/>.</param>
    public HeartbeatRecord ToRecord(ushort type)
    {
        var value = new byte[Length];
        BinaryPrimitives.WriteUInt16BigEndian(value, Interface);
        ReadOnlySpan<ulong> counts = [InOctets, OutOctets, InPackets, OutPackets, InErrors, OutErrors];
        for (var i = 0; i < counts.Length; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(value.AsSpan(2 + (8 * i)), counts[i]);
        }

        return new HeartbeatRecord(type, value);
    }
}
