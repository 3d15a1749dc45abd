using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tsunagi.Protocols.Mail.Links;

/// <summary>
/// The host of a link as browsers understand it (RFC 3986 section 3.2.2, and the host parser of the WHATWG's URL standard, which takes more): (1) percent-encoded octets are UTF-8, (2) letters of other forms (full width,
/// mathematical, circled) are the plain ones, the full stops of East Asia are dots and what is not seen is nothing (the mappings of UTS 46 that deceive people; the rest of its table is not here), (3) brackets hold an IPv6
/// address, (4) a name whose last label is a number is an IPv4 address, of one to four numbers in decimal, octal or hexadecimal, (5) labels that are not ASCII become A-labels (RFC 5891 section 4, RFC 3492).
/// </summary>
public static class LinkHost
{
    /// <summary>Longest host, and room that is always enough (RFC 1035 section 2.3.4).</summary>
    public const int MaxCharacters = 253;

    private const int MaxLabel = 63;
    private const int MaxWritten = 1_000;

    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    // RFC 3987 section 2.2 leaves them out of a host as RFC 3986 does; what browsers take for a host has none of them.
    private static readonly SearchValues<char> Never = SearchValues.Create(string.Concat(Enumerable.Range(0, 32).Select(static c => (char)c)) + " #/:<>?@[\\]^|%\"'`{}()&=+;,!$*~\u007f");

    /// <summary>Reads a host.</summary>
    /// <param name="written">The host as it stands in the link, without user information and port; brackets belong to it.</param>
    /// <param name="host">Room for <see cref="MaxCharacters"/>.</param>
    /// <param name="form">What is peculiar: of <see cref="LinkForm.Address"/>, <see cref="LinkForm.OddAddress"/>, <see cref="LinkForm.EncodedHost"/>, <see cref="LinkForm.International"/>.</param>
    /// <returns>Characters of the host: a name in lower case and A-labels without its last dot, or an address. 0 for what is no host: letters that none has, an empty label, one longer than 63 octets, a name longer than 253.</returns>
    public static int Read(ReadOnlySpan<char> written, Span<char> host, out LinkForm form)
    {
        form = LinkForm.None;
        if (written.IsEmpty || written.Length > MaxWritten)
        {
            return 0;
        }

        Span<char> room = stackalloc char[MaxWritten];
        int length;
        if (written.Length <= MaxCharacters && !written.ContainsAnyExcept(Plain))
        {
            written.CopyTo(room);
            length = written.Length;
        }
        else
        {
            // (1), (2)
            length = Fold(written, room, out bool isEncoded);
            form |= isEncoded ? LinkForm.EncodedHost : LinkForm.None;
        }

        ReadOnlySpan<char> name = room[..length];
        if (name.Length > 1 && name[0] == '[')
        {
            return ReadLiteral(name, host, ref form); // (3)
        }

        name = name.EndsWith(".") ? name[..^1] : name;
        if (name.IsEmpty || name.ContainsAny(Never))
        {
            return 0;
        }

        if (EndsInNumber(name))
        {
            return TryReadAddress(name, out uint address) ? Write(address, name, host, ref form) : 0; // (4)
        }

        return WriteName(name, host, ref form); // (5)
    }

    /// <summary>The labels of a host as people see them: A-labels become U-labels.</summary>
    /// <param name="host">As <see cref="Read"/> gave it.</param>
    public static string Shown(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!host.Contains("xn--", StringComparison.Ordinal))
        {
            return host;
        }

        var shown = new StringBuilder(host.Length);
        Span<char> label = stackalloc char[2 * MaxLabel];
        foreach (Range range in host.AsSpan().Split('.'))
        {
            ReadOnlySpan<char> one = host.AsSpan(range);
            shown.Append(shown.Length > 0 ? "." : "").Append(one.StartsWith("xn--") && Punycode.TryDecode(one[4..], label, out int length) ? label[..length] : one);
        }

        return shown.ToString();
    }

    private static int Fold(scoped ReadOnlySpan<char> written, Span<char> to, out bool isEncoded)
    {
        isEncoded = written.Contains('%');
        Span<char> decoded = stackalloc char[MaxWritten];
        if (isEncoded)
        {
            Span<byte> octets = stackalloc byte[MaxWritten * 3];
            written = decoded[..Encoding.UTF8.GetChars(octets[..Octets(written, octets)], decoded)];
        }

        int length = 0;
        foreach (Rune rune in written.EnumerateRunes())
        {
            int folded = Fold(rune.Value);
            if (folded >= 0 && length + 2 <= to.Length)
            {
                length += new Rune(folded).EncodeToUtf16(to[length..]);
            }
        }

        return length;
    }

    // -1 for what is not seen. The mapped letters of UTS 46 (RFC 5895 section 2 tells the same of lower case, width and the full stops).
    private static int Fold(int value) => value switch
    {
        >= 'A' and <= 'Z' => value | 0x20,
        < 0x80 => value,
        0xAD or 0x034F or (>= 0x180B and <= 0x180D) or (>= 0x200B and <= 0x200D) or 0x2060 or 0x2064 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF => -1,
        0x3002 or 0xFF0E or 0xFF61 => '.',
        >= 0xFF01 and <= 0xFF5E => Fold(value - 0xFEE0),
        >= 0x24B6 and <= 0x24CF => value - 0x24B6 + 'a',
        >= 0x24D0 and <= 0x24E9 => value - 0x24D0 + 'a',
        >= 0x1D400 and <= 0x1D6A3 => ((value - 0x1D400) % 26) + 'a',
        >= 0x1D7CE and <= 0x1D7FF => ((value - 0x1D7CE) % 10) + '0',
        0xFFFD => 0xFFFD,
        _ => Rune.ToLowerInvariant(new Rune(value)).Value,
    };

    // Percent-encoded octets and UTF-8 of the rest.
    private static int Octets(ReadOnlySpan<char> text, Span<byte> octets)
    {
        int length = 0;
        for (int at = 0; at < text.Length;)
        {
            if (text[at] == '%' && at + 2 < text.Length && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]))
            {
                octets[length++] = byte.Parse(text.Slice(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                at += 3;
                continue;
            }

            int used = char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
            length += Encoding.UTF8.GetBytes(text.Slice(at, used), octets[length..]);
            at += used;
        }

        return length;
    }

    // IP-literal = "[" ( IPv6address / IPvFuture ) "]"
    private static int ReadLiteral(ReadOnlySpan<char> name, Span<char> host, ref LinkForm form)
    {
        int end = name.IndexOf(']');
        ReadOnlySpan<char> inside = end < 0 ? name[1..] : name[1..end];
        int zone = inside.IndexOf('%');
        inside = zone < 0 ? inside : inside[..zone];
        if (!inside.Contains(':') || !IPAddress.TryParse(inside, out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return 0;
        }

        form |= LinkForm.Address;
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.TryFormat(host, out int length) ? length : 0;
    }

    private static bool EndsInNumber(ReadOnlySpan<char> name)
    {
        ReadOnlySpan<char> last = name[(name.LastIndexOf('.') + 1)..];
        return !last.IsEmpty && (!last.ContainsAnyExceptInRange('0', '9') || (last.Length > 2 && last[0] == '0' && last[1] == 'x' && IsHex(last[2..])) || last.SequenceEqual("0x"));
    }

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }

    // As inet_aton reads it, which RFC 3986 section 7.4 tells of: the last number fills all octets that are left.
    private static bool TryReadAddress(ReadOnlySpan<char> name, out uint address)
    {
        address = 0;
        int parts = name.Count('.') + 1;
        if (parts > 4)
        {
            return false;
        }

        int part = 0;
        foreach (Range range in name.Split('.'))
        {
            if (!TryReadNumber(name[range], out ulong number) || number > (++part == parts ? (1UL << (8 * (5 - parts))) - 1 : 255))
            {
                return false;
            }

            address |= part == parts ? (uint)number : (uint)number << (32 - (8 * part));
        }

        return true;
    }

    private static bool TryReadNumber(ReadOnlySpan<char> text, out ulong number)
    {
        number = 0;
        bool isHex = text.StartsWith("0x");
        uint radix = isHex ? 16u : text.Length > 1 && text[0] == '0' ? 8u : 10u;
        if (text.IsEmpty)
        {
            return false;
        }

        foreach (char c in isHex ? text[2..] : text)
        {
            uint digit = char.IsAsciiHexDigit(c) ? (uint)(char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10) : 16;
            if (digit >= radix || number > uint.MaxValue)
            {
                return false;
            }

            number = (number * radix) + digit;
        }

        return true;
    }

    private static int Write(uint address, ReadOnlySpan<char> name, Span<char> host, ref LinkForm form)
    {
        host.TryWrite(CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}", out int length);
        form |= LinkForm.Address | (name.SequenceEqual(host[..length]) ? LinkForm.None : LinkForm.OddAddress);
        return length;
    }

    private static int WriteName(ReadOnlySpan<char> name, Span<char> host, ref LinkForm form)
    {
        int length = 0;
        Span<char> encoded = stackalloc char[MaxLabel];
        foreach (Range range in name.Split('.'))
        {
            ReadOnlySpan<char> label = name[range];
            if (length > 0)
            {
                if (length >= MaxCharacters)
                {
                    return 0;
                }

                host[length++] = '.';
            }

            int start = length;
            if (!Ascii.IsValid(label))
            {
                if (!Punycode.TryEncode(label, encoded, out int written) || written + 4 > MaxLabel || length + written + 4 > MaxCharacters)
                {
                    return 0;
                }

                "xn--".CopyTo(host[length..]);
                encoded[..written].CopyTo(host[(length + 4)..]);
                length += written + 4;
            }
            else
            {
                if (label.Length is 0 or > MaxLabel || length + label.Length > MaxCharacters)
                {
                    return 0;
                }

                label.CopyTo(host[length..]);
                length += label.Length;
            }

            form |= host[start..length].StartsWith("xn--") ? LinkForm.International : LinkForm.None;
        }

        return length;
    }
}
