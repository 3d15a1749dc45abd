using System.Buffers.Text;

namespace Tsunagi.Protocols.Mail.Mime;

/// <summary>The content transfer encodings of RFC 2045 section 6, read as senders write them.</summary>
public static class TransferEncoding
{
    private const int Outside = -1;
    private const int White = -2;
    private const int Padding = -3;

    /// <summary>Reads the value of Content-Transfer-Encoding.</summary>
    public static MimeEncoding Of(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Trim().ToUpperInvariant() switch
        {
            "" or "7BIT" or "8BIT" or "BINARY" => MimeEncoding.Identity,
            "BASE64" => MimeEncoding.Base64,
            "QUOTED-PRINTABLE" => MimeEncoding.QuotedPrintable,
            _ => MimeEncoding.Unknown,
        };
    }

    /// <summary>Decodes a body; never more octets than the body has.</summary>
    /// <param name="body">As it stands in the message.</param>
    /// <param name="encoding">How it is encoded; an unknown one is taken as it stands.</param>
    /// <param name="maxOctets">Most octets given.</param>
    /// <param name="isFlawed">Something stands there that the encoding does not have.</param>
    public static byte[] Decode(ReadOnlySpan<byte> body, MimeEncoding encoding, int maxOctets, out bool isFlawed)
    {
        byte[] octets = new byte[Math.Min(maxOctets, encoding == MimeEncoding.Base64 ? (body.Length / 4 * 3) + 3 : body.Length)];
        int count = Decode(body, encoding, octets, out isFlawed);
        return count == octets.Length ? octets : octets[..count];
    }

    /// <summary>Decodes a body into room of the caller's, as far as that reaches.</summary>
    /// <returns>Octets written.</returns>
    /// <param name="body">As it stands in the message.</param>
    /// <param name="encoding">How it is encoded; an unknown one is taken as it stands.</param>
    /// <param name="octets">Takes what is decoded: never more than the body has.</param>
    /// <param name="isFlawed">Something stands there that the encoding does not have.</param>
    public static int Decode(ReadOnlySpan<byte> body, MimeEncoding encoding, Span<byte> octets, out bool isFlawed)
    {
        isFlawed = false;
        switch (encoding)
        {
            case MimeEncoding.Base64:
                return FromBase64(body, octets, out isFlawed);
            case MimeEncoding.QuotedPrintable:
                return FromQuotedPrintable(body, octets, out isFlawed);
            default:
                int count = Math.Min(body.Length, octets.Length);
                body[..count].CopyTo(octets);
                return count;
        }
    }

    // What is no letter of the alphabet is passed over (RFC 2045 section 6.8) and told; an incomplete end is left away.
    private static int FromBase64(ReadOnlySpan<byte> body, Span<byte> octets, out bool isFlawed)
    {
        isFlawed = false;
        int count = 0, bits = 0, have = 0;
        bool ended = false;
        foreach (byte octet in body)
        {
            int value = ValueOf(octet);
            if (value < 0)
            {
                isFlawed |= value == Outside;
                if (value == Padding)
                {
                    (ended, have) = (true, 0); // what is left of a group ends with it
                }

                continue;
            }

            isFlawed |= ended; // some stop at the padding, some go on
            bits = (bits << 6) | value;
            have += 6;
            if (have >= 8)
            {
                have -= 8;
                if (count == octets.Length)
                {
                    return count;
                }

                octets[count++] = (byte)(bits >> have);
            }
        }

        return count;
    }

    private static int ValueOf(byte octet) => octet switch
    {
        >= (byte)'A' and <= (byte)'Z' => octet - 'A',
        >= (byte)'a' and <= (byte)'z' => octet - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => octet - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        (byte)'=' => Padding,
        (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' => White,
        _ => Outside,
    };

    // quoted-printable = *( ptext / "=" 2HEXDIG / "=" *LWSP CRLF ) (RFC 2045 section 6.7); a "=" that begins nothing stays as it is.
    private static int FromQuotedPrintable(ReadOnlySpan<byte> body, Span<byte> octets, out bool isFlawed)
    {
        isFlawed = false;
        int count = 0;
        for (int at = 0; at < body.Length && count < octets.Length; at++)
        {
            if (body[at] != '=')
            {
                octets[count++] = body[at];
                continue;
            }

            ReadOnlySpan<byte> rest = body[(at + 1)..];
            int white = rest.IndexOfAnyExcept(" \t\r"u8);
            if (white >= 0 && rest[white] == '\n')
            {
                at += white + 1;
            }
            else if (rest.Length >= 2 && Utf8Parser.TryParse(rest[..2], out byte value, out int used, 'x') && used == 2)
            {
                octets[count++] = value;
                at += 2;
            }
            else
            {
                isFlawed = true;
                octets[count++] = (byte)'=';
            }
        }

        return count;
    }
}
