using System.Buffers;
using System.Buffers.Binary;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>How the search for a message ended.</summary>
public enum BgpFrameStatus
{
    /// <summary>A whole message.</summary>
    Message,

    /// <summary>More octets are needed.</summary>
    NeedMore,

    /// <summary>The stream can not be followed; the notification says why, and the session ends.</summary>
    Bad,
}

/// <summary>Cuts a stream of octets into messages (RFC 4271 section 4.1).</summary>
public static class BgpFrames
{
    internal const int HeaderOctets = 19;

    /// <summary>
    /// Takes one whole message, header included, off the front of <paramref name="input"/>. Nothing is taken when more octets are needed. The answer does not
    /// depend on how the octets are cut into segments.
    /// </summary>
    public static BgpFrameStatus Read(ref ReadOnlySequence<byte> input, BgpEncoding encoding, out ReadOnlySequence<byte> message, out BgpNotification? notification)
    {
        ArgumentNullException.ThrowIfNull(encoding);
        message = default;
        notification = null;
        if (input.Length < HeaderOctets)
        {
            return BgpFrameStatus.NeedMore;
        }

        Span<byte> header = stackalloc byte[HeaderOctets];
        input.Slice(0, HeaderOctets).CopyTo(header);
        ushort length = BinaryPrimitives.ReadUInt16BigEndian(header[16..]);
        notification = Check(header, length, encoding);
        if (notification is not null)
        {
            return BgpFrameStatus.Bad;
        }

        if (input.Length < length)
        {
            return BgpFrameStatus.NeedMore;
        }

        message = input.Slice(0, length);
        input = input.Slice(length);
        return BgpFrameStatus.Message;
    }

    // RFC 4271 section 6.1, RFC 8654 section 4.
    internal static BgpNotification? Check(ReadOnlySpan<byte> header, int length, BgpEncoding encoding)
    {
        if (header[..16].ContainsAnyExcept((byte)0xFF))
        {
            return new BgpNotification(1, 1, ReadOnlyMemory<byte>.Empty);
        }

        byte type = header[18];
        int shortest = type switch { 1 => 29, 2 => 23, 3 => 21, 4 => HeaderOctets, 5 => 23, _ => HeaderOctets };
        int longest = type switch { 1 => 4096, 4 => HeaderOctets, _ => encoding.MessageOctets };
        if (length < HeaderOctets || length > encoding.MessageOctets || (type is >= 1 and <= 5 && (length < shortest || length > longest)))
        {
            return new BgpNotification(1, 2, header.Slice(16, 2).ToArray());
        }

        return type is >= 1 and <= 5 ? null : new BgpNotification(1, 3, header.Slice(18, 1).ToArray());
    }
}
