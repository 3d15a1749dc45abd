using System.Buffers;
using System.Buffers.Binary;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>Writes messages. What was read is written octet by octet as it was, as long as it was well formed.</summary>
public static class BgpMessageWriter
{
    /// <summary>Writes one message with its header; false when it is longer than the session allows, and then nothing is written.</summary>
    public static bool TryWrite(BgpMessage message, BgpEncoding encoding, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(encoding);
        ArgumentNullException.ThrowIfNull(output);
        var body = new BgpOctets();
        switch (message)
        {
            case BgpOpen open:
                WriteOpen(body, open);
                break;
            case BgpUpdate update:
                WriteUpdate(body, update, encoding);
                break;
            case BgpNotification notification:
                body.Octet(notification.Code);
                body.Octet(notification.Subcode);
                body.Octets(notification.Content.Span);
                break;
            case BgpRouteRefresh refresh:
                body.Short(refresh.Family.Afi);
                body.Octet(refresh.Subtype);
                body.Octet(refresh.Family.Safi);
                break;
        }

        int length = BgpFrames.HeaderOctets + body.Length;
        if (length > (message.Type == BgpMessageType.Open ? 4096 : encoding.MessageOctets))
        {
            return false;
        }

        Span<byte> o = output.GetSpan(length)[..length];
        o[..16].Fill(0xFF);
        BinaryPrimitives.WriteUInt16BigEndian(o[16..], (ushort)length);
        o[18] = (byte)message.Type;
        body.Span.CopyTo(o[BgpFrames.HeaderOctets..]);
        output.Advance(length);
        return true;
    }

    /// <summary>Writes one message; throws when it is longer than the session allows.</summary>
    public static byte[] Write(BgpMessage message, BgpEncoding? encoding = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        var output = new ArrayBufferWriter<byte>();
        return TryWrite(message, encoding ?? BgpEncoding.Default, output)
            ? output.WrittenSpan.ToArray()
            : throw new ArgumentException($"writing a {message.Type} message: it is longer than the session allows", nameof(message));
    }

    // version, AS, hold time, identifier, length of parameters, parameters
    private static void WriteOpen(BgpOctets to, BgpOpen open)
    {
        to.Octet(4);
        to.Short(open.As > ushort.MaxValue ? BgpOpen.AsTrans : (ushort)open.As);
        to.Short(open.HoldTimeSeconds);
        to.Int(open.Identifier);
        List<byte[]> parameters = Parameters(open);
        int length = parameters.Sum(p => p.Length + 2);
        bool extended = length > 255 || parameters.Exists(p => p.Length > 255);
        if (extended) // RFC 9072 section 2
        {
            to.Octet(255);
            to.Octet(255);
            to.Short((ushort)parameters.Sum(p => p.Length + 3));
        }
        else
        {
            to.Octet((byte)length);
        }

        foreach (byte[] parameter in parameters)
        {
            to.Octet(2);
            if (extended)
            {
                to.Short((ushort)parameter.Length);
            }
            else
            {
                to.Octet((byte)parameter.Length);
            }

            to.Octets(parameter);
        }
    }

    private static List<byte[]> Parameters(BgpOpen open)
    {
        var parameters = new List<byte[]>();
        IReadOnlyList<int> sizes = open.PerParameter.Length > 0 ? open.PerParameter : [open.Capabilities.Length];
        int next = 0;
        for (int i = 0; i < sizes.Count || next < open.Capabilities.Length; i++)
        {
            var parameter = new BgpOctets();
            int end = i < sizes.Count ? Math.Min(next + sizes[i], open.Capabilities.Length) : open.Capabilities.Length;
            for (; next < end; next++)
            {
                var value = new BgpOctets();
                open.Capabilities[next].Write(value);
                parameter.Octet(open.Capabilities[next].Code);
                parameter.Octet((byte)Math.Min(value.Length, 255));
                parameter.Octets(value.Span[..Math.Min(value.Length, 255)]);
            }

            if (parameter.Length > 0 || open.PerParameter.Length > 0)
            {
                parameters.Add(parameter.ToArray());
            }
        }

        return parameters;
    }

    // length of withdrawn routes, withdrawn routes, length of attributes, attributes, routes
    private static void WriteUpdate(BgpOctets to, BgpUpdate update, BgpEncoding encoding)
    {
        bool withPath = encoding.AddPath.Contains(BgpFamily.IPv4Unicast);
        var withdrawn = new BgpOctets();
        foreach (BgpPrefix prefix in update.Withdrawn)
        {
            withdrawn.Prefix(prefix, withPath);
        }

        var attributes = new BgpOctets();
        foreach (BgpAttribute attribute in update.Attributes)
        {
            WriteAttribute(attributes, attribute, encoding);
        }

        // Where a length does not fit, the whole message is above its limit too.
        to.Short((ushort)Math.Min(withdrawn.Length, ushort.MaxValue));
        to.Octets(withdrawn.Span);
        to.Short((ushort)Math.Min(attributes.Length, ushort.MaxValue));
        to.Octets(attributes.Span);
        foreach (BgpPrefix prefix in update.Nlri)
        {
            to.Prefix(prefix, withPath);
        }
    }

    private static void WriteAttribute(BgpOctets to, BgpAttribute attribute, BgpEncoding encoding)
    {
        var value = new BgpOctets();
        attribute.WriteValue(value, encoding);
        bool extended = value.Length > 255 || (attribute.Flags & BgpAttribute.ExtendedLength) != 0;
        to.Octet((byte)(attribute.Flags | (extended ? BgpAttribute.ExtendedLength : 0)));
        to.Octet(attribute.Type);
        if (extended)
        {
            to.Short((ushort)Math.Min(value.Length, ushort.MaxValue));
        }
        else
        {
            to.Octet((byte)value.Length);
        }

        to.Octets(value.Span);
    }
}
