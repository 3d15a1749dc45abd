using System.Text;

namespace Tsunagi.Protocols.Mail.Message;

/// <summary>One header field as it stands in the message (RFC 5322 section 2.2). The spans are of the octets that were read.</summary>
public readonly ref struct HeaderField
{
    internal HeaderField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> body)
    {
        Name = name;
        Body = body;
    }

    /// <summary>The name, without the colon.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>What stands behind the colon, folds included, without the last line end.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Compares the name without case (RFC 5322 section 1.2.2).</summary>
    public bool Is(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(Name, name);

    /// <summary>The body without folds (RFC 5322 section 2.2.3) and without white space at its ends.</summary>
    public string Unfold() => Encoding.UTF8.GetString(UnfoldOctets(Body));

    /// <summary>A slice of the body where it has no folds, as nearly every field; else a copy.</summary>
    internal static ReadOnlySpan<byte> UnfoldOctets(ReadOnlySpan<byte> body)
    {
        if (body.IndexOfAny((byte)'\r', (byte)'\n') < 0)
        {
            return body.Trim(" \t"u8);
        }

        byte[] text = new byte[body.Length];
        int length = 0;
        foreach (byte octet in body)
        {
            if (octet is not ((byte)'\r' or (byte)'\n'))
            {
                text[length++] = octet;
            }
        }

        return text.AsSpan(0, length).Trim(" \t"u8);
    }
}
