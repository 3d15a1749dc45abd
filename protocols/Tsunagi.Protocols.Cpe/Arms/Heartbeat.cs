using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Tsunagi.Protocols.Cpe.Arms;

/// <summary>
/// A heartbeat of protocol 2.0: type-length-value records in one datagram, of which the first is an HMAC-SHA1 over all of it and the second the distribution id. It has no
/// clock and no number: whoever recorded one can send it again.
/// </summary>
public sealed record Heartbeat
{
    private const ushort HmacType = 0x0001;
    private const ushort IdType = 0x0011;
    private const int Head = 4;
    private const int Longest = 8192;

    /// <summary>Who.</summary>
    public required DistributionId DistributionId { get; init; }

    /// <summary>The records after the first two, in order.</summary>
    public IReadOnlyList<HeartbeatRecord> Records { get; init; } = [];

    /// <summary>Whose a datagram says it is, so that the passphrase can be found; nothing of it is believed yet.</summary>
    public static bool TryReadId(ReadOnlySpan<byte> datagram, out DistributionId id)
    {
        id = default;
        if (datagram.Length is < Head + HMACSHA1.HashSizeInBytes + Head + Arms.DistributionId.Octets or > Longest
            || BinaryPrimitives.ReadUInt16BigEndian(datagram) != HmacType || BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) != HMACSHA1.HashSizeInBytes
            || BinaryPrimitives.ReadUInt16BigEndian(datagram[24..]) != IdType || BinaryPrimitives.ReadUInt16BigEndian(datagram[26..]) != Arms.DistributionId.Octets)
        {
            return false;
        }

        id = Arms.DistributionId.Read(datagram[28..44]);
        return true;
    }

    /// <summary>Reads a datagram that was made with this passphrase. False when it was not, or is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> passphrase, out Heartbeat? heartbeat)
    {
        heartbeat = null;
        if (!IsMadeWith(datagram, passphrase) || !TryReadId(datagram, out var id))
        {
            return false;
        }

        var records = new List<HeartbeatRecord>();
        var reader = new HeartbeatReader(datagram);
        while (reader.MoveNext())
        {
            records.Add(new HeartbeatRecord(reader.Type, reader.Value.ToArray()));
        }

        heartbeat = reader.IsBroken ? null : new Heartbeat { DistributionId = id, Records = records };
        return !reader.IsBroken;
    }

    /// <summary>Whether a datagram is a heartbeat that was made with this passphrase, as far as its HMAC tells: its records are not looked at. Allocates nothing.</summary>
    public static bool IsMadeWith(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> passphrase)
    {
        if (!TryReadId(datagram, out _))
        {
            return false;
        }

        Span<byte> made = stackalloc byte[HMACSHA1.HashSizeInBytes];
        Sign(datagram, passphrase, made);
        return CryptographicOperations.FixedTimeEquals(made, datagram.Slice(Head, HMACSHA1.HashSizeInBytes));
    }

    /// <summary>The datagram, made with this passphrase.</summary>
    public byte[] Write(ReadOnlySpan<byte> passphrase)
    {
        var datagram = new byte[44 + Records.Sum(static record => Head + record.Value.Length)];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, HmacType);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), HMACSHA1.HashSizeInBytes);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(24), IdType);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(26), Arms.DistributionId.Octets);
        BinaryPrimitives.WriteUInt128BigEndian(datagram.AsSpan(28), DistributionId.Value);
        var at = 44;
        foreach (var record in Records)
        {
            BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(at), record.Type);
            BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(at + 2), (ushort)record.Value.Length);
            record.Value.Span.CopyTo(datagram.AsSpan(at + Head));
            at += Head + record.Value.Length;
        }

        Sign(datagram, passphrase, datagram.AsSpan(Head, HMACSHA1.HashSizeInBytes));
        return datagram;
    }

    // Over the whole datagram with the octets of the HMAC itself zero.
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "the protocol's")]
    private static void Sign(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> passphrase, Span<byte> hmac)
    {
        Span<byte> copy = datagram.Length <= Longest ? stackalloc byte[datagram.Length] : new byte[datagram.Length];
        datagram.CopyTo(copy);
        copy.Slice(Head, HMACSHA1.HashSizeInBytes).Clear();
        HMACSHA1.HashData(passphrase, copy, hmac);
    }
}

/// <summary>One record of a heartbeat: 0x0033 CPU, 0x0034 CPU in detail, 0x0035 memory, 0x0037 disk, 0x0038 traffic, 0x0039 traffic rate, 0x002c radio wave.</summary>
/// <param name="Type">Which.</param>
/// <param name="Value">Big-endian numbers; all but the first of most begin with a 16-bit index.</param>
public sealed record HeartbeatRecord(ushort Type, ReadOnlyMemory<byte> Value);
