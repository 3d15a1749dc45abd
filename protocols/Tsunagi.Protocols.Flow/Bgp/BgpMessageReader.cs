using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>Reads messages. What a peer sends is never an exception: errors are told with what is to be done about them (RFC 7606).</summary>
public static class BgpMessageReader
{
    /// <summary>Reads one whole message, header included.</summary>
    public static BgpReadResult Read(ReadOnlySpan<byte> message, BgpEncoding? encoding = null)
    {
        encoding ??= BgpEncoding.Default;
        BgpNotification? bad = message.Length < BgpFrames.HeaderOctets ? new BgpNotification(1, 2, ReadOnlyMemory<byte>.Empty) : BgpFrames.Check(message, message.Length, encoding);
        if (bad is not null)
        {
            return Reset("a message: its header can not be", bad);
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(message[16..]) != message.Length)
        {
            return Reset("a message: its length is another", new BgpNotification(1, 2, message.Slice(16, 2).ToArray()));
        }

        ReadOnlySpan<byte> body = message[BgpFrames.HeaderOctets..];
        return (BgpMessageType)message[18] switch
        {
            BgpMessageType.Open => ReadOpen(body),
            BgpMessageType.Update => BgpUpdateReader.Read(body, encoding),
            BgpMessageType.Notification => Good(new BgpNotification(body[0], body[1], body[2..].ToArray())),
            BgpMessageType.Keepalive => Good(new BgpKeepalive()),
            _ => body.Length == 4
                ? Good(new BgpRouteRefresh(new BgpFamily(BinaryPrimitives.ReadUInt16BigEndian(body), body[3]), body[2]))
                : Reset("a ROUTE-REFRESH message: its length is not 23", new BgpNotification(7, 1, message.ToArray())), // RFC 7313 section 5
        };
    }

    internal static BgpReadResult Good(BgpMessage message) => new(message, BgpErrorHandling.None, "", null);

    internal static BgpReadResult Reset(string what, BgpNotification notification) => new(null, BgpErrorHandling.SessionReset, $"reading {what}", notification);

    // RFC 4271 section 4.2 and 6.2
    private static BgpReadResult ReadOpen(ReadOnlySpan<byte> body)
    {
        if (body[0] != 4)
        {
            return Reset($"an OPEN message: version {body[0]} is not 4", new BgpNotification(2, 1, (byte[])[0, 4]));
        }

        uint autonomous = BinaryPrimitives.ReadUInt16BigEndian(body[1..]);
        ushort hold = BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
        uint identifier = BinaryPrimitives.ReadUInt32BigEndian(body[5..]);
        if (hold is 1 or 2)
        {
            return Reset($"an OPEN message: a hold time of {hold} s is neither 0 nor at least 3", new BgpNotification(2, 6, ReadOnlyMemory<byte>.Empty));
        }

        if (identifier == 0) // RFC 6286 section 2.1
        {
            return Reset("an OPEN message: the identifier is 0", new BgpNotification(2, 3, ReadOnlyMemory<byte>.Empty));
        }

        if (!TryReadParameters(body[9..], out ImmutableArray<BgpCapability> capabilities, out ImmutableArray<int> sizes, out byte unknown))
        {
            return Reset("an OPEN message: its parameters can not be read", new BgpNotification(2, unknown != 0 ? (byte)4 : (byte)0, ReadOnlyMemory<byte>.Empty));
        }

        autonomous = capabilities.OfType<BgpFourOctetAsCapability>().FirstOrDefault()?.As ?? autonomous;
        return autonomous == 0 // RFC 7607
            ? Reset("an OPEN message: the AS is 0", new BgpNotification(2, 2, ReadOnlyMemory<byte>.Empty))
            : Good(new BgpOpen(autonomous, hold, identifier, capabilities) { PerParameter = sizes });
    }

    // length, then type, length, value each; or 255, 255 and lengths of two octets (RFC 9072)
    private static bool TryReadParameters(ReadOnlySpan<byte> octets, out ImmutableArray<BgpCapability> capabilities, out ImmutableArray<int> sizes, out byte unknown)
    {
        capabilities = [];
        sizes = [];
        unknown = 0;
        bool extended = octets.Length >= 4 && octets[0] != 0 && octets[1] == 255;
        int length = extended ? BinaryPrimitives.ReadUInt16BigEndian(octets[2..]) : octets[0];
        octets = octets[(extended ? 4 : 1)..];
        if (length != octets.Length)
        {
            return false;
        }

        int header = extended ? 3 : 2;
        var list = ImmutableArray.CreateBuilder<BgpCapability>();
        var counts = ImmutableArray.CreateBuilder<int>();
        while (!octets.IsEmpty)
        {
            if (octets.Length < header)
            {
                return false;
            }

            int one = extended ? BinaryPrimitives.ReadUInt16BigEndian(octets[1..]) : octets[1];
            if (octets[0] != 2)
            {
                unknown = octets[0] == 0 ? (byte)255 : octets[0];
                return false;
            }

            int before = list.Count;
            if (one > octets.Length - header || !TryReadCapabilities(octets.Slice(header, one), list))
            {
                return false;
            }

            counts.Add(list.Count - before);
            octets = octets[(header + one)..];
        }

        sizes = counts.Count == 1 && counts[0] > 0 ? [] : counts.ToImmutable();
        capabilities = list.ToImmutable();
        return true;
    }

    private static bool TryReadCapabilities(ReadOnlySpan<byte> octets, ImmutableArray<BgpCapability>.Builder list)
    {
        while (!octets.IsEmpty)
        {
            if (octets.Length < 2 || octets[1] > octets.Length - 2)
            {
                return false;
            }

            list.Add(BgpCapability.Read(octets[0], octets.Slice(2, octets[1])));
            octets = octets[(2 + octets[1])..];
        }

        return true;
    }
}
