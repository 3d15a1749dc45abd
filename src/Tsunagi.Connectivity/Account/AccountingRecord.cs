using System.Buffers.Binary;
using System.Net;
using System.Text;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Radius;

namespace Tsunagi.Connectivity.Account;

/// <summary>
/// One Accounting-Request as it lies in the log: the packet's own octets, and what this node knew when it came: which NAS, which line. That is the truth of a session; whatever else is
/// known of it is made from these records.
/// </summary>
/// <param name="NasId">The NAS that sent it.</param>
/// <param name="LineId">The line; empty when none was found.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="Packet">The packet, verified.</param>
internal readonly record struct AccountingRecord(
    string NasId, string NasName, string LineId, string TenantId, string TenantPath, string SubscriptionId, int InterimSeconds, IPEndPoint Source, ReadOnlyMemory<byte> Packet)
{
    /// <summary>Kind of the record in the log.</summary>
    public const byte Kind = 1;

    /// <summary>Kind of a record that is to be relayed to a home server too.</summary>
    public const byte RelayedKind = 2;

    private const byte Version = 1;

    // version, six texts (length in two octets), interim interval, port, address (length in one octet), packet

    /// <summary>The first octets of a record: what is the same for all that one line's sessions at one NAS report.</summary>
    public static byte[] Prefix(Nas nas, Line? line, TimeSpan interim)
    {
        string[] texts = [nas.NasId, nas.Name, line?.LineId ?? "", line?.TenantId ?? "", line?.TenantPath ?? "", line?.SubscriptionId ?? ""];
        var octets = new byte[1 + texts.Sum(static text => 2 + Encoding.UTF8.GetByteCount(text)) + 4];
        octets[0] = Version;
        var at = 1;
        foreach (var text in texts)
        {
            var length = Encoding.UTF8.GetBytes(text, octets.AsSpan(at + 2));
            BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(at), (ushort)length);
            at += 2 + length;
        }

        BinaryPrimitives.WriteInt32BigEndian(octets.AsSpan(at), (int)(line?.Plan.InterimInterval ?? interim).TotalSeconds);
        return octets;
    }

    /// <summary>A whole record.</summary>
    public static byte[] Write(ReadOnlySpan<byte> prefix, RadiusSource source, ReadOnlySpan<byte> packet)
    {
        Span<byte> address = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(address, source.Address);
        var own = source.IsV4 ? address[12..] : address;
        var octets = GC.AllocateUninitializedArray<byte>(prefix.Length + 3 + own.Length + packet.Length);
        prefix.CopyTo(octets);
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(prefix.Length), source.Port);
        octets[prefix.Length + 2] = (byte)own.Length;
        own.CopyTo(octets.AsSpan(prefix.Length + 3));
        packet.CopyTo(octets.AsSpan(prefix.Length + 3 + own.Length));
        return octets;
    }

    /// <summary>False when the octets are none of ours.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> octets, out AccountingRecord record)
    {
        record = default;
        var span = octets.Span;
        if (span.IsEmpty || span[0] != Version)
        {
            return false;
        }

        var texts = new string[6];
        var at = 1;
        for (var i = 0; i < texts.Length; i++)
        {
            if (at + 2 > span.Length || at + 2 + BinaryPrimitives.ReadUInt16BigEndian(span[at..]) > span.Length)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(span[at..]);
            texts[i] = Encoding.UTF8.GetString(span.Slice(at + 2, length));
            at += 2 + length;
        }

        if (at + 7 > span.Length || span[at + 6] is not (4 or 16) || at + 7 + span[at + 6] > span.Length)
        {
            return false;
        }

        var source = new IPEndPoint(new IPAddress(span.Slice(at + 7, span[at + 6])), BinaryPrimitives.ReadUInt16BigEndian(span[(at + 4)..]));
        record = new AccountingRecord(
            texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], BinaryPrimitives.ReadInt32BigEndian(span[at..]), source, octets[(at + 7 + span[at + 6])..]);
        return true;
    }
}
