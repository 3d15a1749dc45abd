using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Tsunagi.Connectivity.Addresses;

namespace Tsunagi.Connectivity.Leases;

/// <summary>Why a lease is written down.</summary>
internal enum LeaseStep : byte
{
    /// <summary>It is new.</summary>
    Granted = 1,

    /// <summary>It goes on, or another client of the line has it now.</summary>
    Extended = 2,

    /// <summary>It is over.</summary>
    Ended = 3,
}

/// <summary>A lease as it lies in the log: all that is known of it, so that the last record of each is enough.</summary>
internal static class LeaseRecord
{
    /// <summary>Kind of the record in the log.</summary>
    public const byte Kind = 1;

    private const byte Version = 2;
    private const byte WithoutNextHop = 1;
    private const int NumberOctets = 3 + 4 + (2 * 18) + (6 * 8) + 1;

    // version, step, state, kind, IAID, two blocks (16 octets, length), six times, thirteen texts (length in two octets); version 1 has twelve

    public static byte[] Write(LeaseStep step, Lease lease)
    {
        var texts = Texts(lease);
        var length = NumberOctets + texts.Length * 2;
        foreach (var text in texts)
        {
            length += Encoding.UTF8.GetByteCount(text);
        }

        var octets = new byte[length];
        octets[0] = Version;
        octets[1] = (byte)step;
        octets[2] = (byte)lease.State;
        octets[3] = (byte)lease.Kind;
        BinaryPrimitives.WriteUInt32BigEndian(octets.AsSpan(4), lease.Iaid);
        var at = Put(octets, 8, lease.Prefix);
        at = Put(octets, at, lease.Part);
        foreach (var time in (ReadOnlySpan<long>)[lease.SinceAt, lease.HeardAt, lease.ValidUntil, lease.ChangedAt, lease.EndedAt ?? -1, lease.FreeAt])
        {
            BinaryPrimitives.WriteInt64BigEndian(octets.AsSpan(at), time);
            at += 8;
        }

        foreach (var text in texts)
        {
            var written = Encoding.UTF8.GetBytes(text, octets.AsSpan(at + 2));
            BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(at), (ushort)written);
            at += 2 + written;
        }

        return octets;
    }

    /// <summary>False when the octets are none of ours.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out LeaseStep step, out Lease? lease)
    {
        (step, lease) = (default, null);
        if (octets.Length < NumberOctets || octets[0] is not (Version or WithoutNextHop))
        {
            return false;
        }

        var at = 8;
        var prefix = Take(octets, ref at);
        var part = Take(octets, ref at);
        Span<long> times = stackalloc long[6];
        foreach (ref var time in times)
        {
            time = BinaryPrimitives.ReadInt64BigEndian(octets[at..]);
            at += 8;
        }

        var texts = new string[13];
        texts[^1] = "";
        for (var i = 0; i < (octets[0] == WithoutNextHop ? 12 : 13); i++)
        {
            if (at + 2 > octets.Length || at + 2 + BinaryPrimitives.ReadUInt16BigEndian(octets[at..]) > octets.Length)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(octets[at..]);
            texts[i] = Encoding.UTF8.GetString(octets.Slice(at + 2, length));
            at += 2 + length;
        }

        step = (LeaseStep)octets[1];
        lease = new Lease
        {
            Id = texts[0], LineId = texts[1], TenantId = texts[2], TenantPath = texts[3], SubscriptionId = texts[4], Duid = texts[5], Iaid = BinaryPrimitives.ReadUInt32BigEndian(octets[4..]), Kind = (LeaseKind)octets[3],
            Prefix = prefix, Part = part, Pool = texts[6], VrfId = texts[7], Owner = texts[8], Node = texts[9], Relay = texts[10], Hardware = texts[11], NextHop = texts[12], State = (LeaseState)octets[2],
            SinceAt = times[0], HeardAt = times[1], ValidUntil = times[2], ChangedAt = times[3], EndedAt = times[4] < 0 ? null : times[4], FreeAt = times[5],
        };
        return true;
    }

    private static string[] Texts(Lease lease) =>
    [
        lease.Id, lease.LineId, lease.TenantId, lease.TenantPath, lease.SubscriptionId, lease.Duid, lease.Pool, lease.VrfId, lease.Owner, lease.Node, lease.Relay, lease.Hardware, lease.NextHop,
    ];

    private static int Put(byte[] octets, int at, AddressBlock block)
    {
        BinaryPrimitives.WriteUInt128BigEndian(octets.AsSpan(at), block.Base);
        octets[at + 16] = (byte)block.Length;
        octets[at + 17] = (byte)(block.Is6 ? 6 : 4);
        return at + 18;
    }

    private static AddressBlock Take(ReadOnlySpan<byte> octets, ref int at)
    {
        var block = new AddressBlock(BinaryPrimitives.ReadUInt128BigEndian(octets[at..]), octets[at + 16], octets[at + 17] == 6);
        at += 18;
        return block;
    }
}
