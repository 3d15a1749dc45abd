using System.Globalization;
using System.Text;

namespace Tsunagi.Protocols.Net.Dns;

/// <summary>
/// A domain name as the DNS holds it: labels of any octets, at most 63 each and 255 together (RFC 1035 section 2.3.4). Compared without
/// regard to the case of ASCII letters (RFC 4343); case is kept as it came, so a resolver can check the case of its own question.
/// </summary>
public sealed class DnsName : IEquatable<DnsName>
{
    internal const int MaxOctets = 255;
    private const int MaxLabelOctets = 63;
    private readonly byte[] _wire;

    private DnsName(byte[] wire) => _wire = wire;

    /// <summary>The root.</summary>
    public static DnsName Root { get; } = new([0]);

    /// <summary>The labels with their length octets and the root's zero, uncompressed.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>The name is the root.</summary>
    public bool IsRoot => _wire.Length == 1;

    /// <summary>The name without its first label; the root's parent is the root.</summary>
    public DnsName Parent => IsRoot ? this : new DnsName(_wire[(_wire[0] + 1)..]);

    /// <summary>Reads the presentation form (RFC 1035 section 5.1): a final dot may stand or not, <c>\.</c> and <c>\065</c> escape.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DnsName? name)
    {
        name = null;
        if (text is ".")
        {
            name = Root;
            return true;
        }
        Span<byte> wire = stackalloc byte[MaxOctets];
        int start = 0; // where the length of the current label stands
        int at = 1;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '.')
            {
                if (!Close(wire, ref start, ref at))
                {
                    return false;
                }

                continue;
            }
            if (!TryReadOctet(text, ref i, out byte octet) || at >= MaxOctets)
            {
                return false;
            }

            wire[at++] = octet;
        }
        if (at - start > 1 && !Close(wire, ref start, ref at))
        {
            return false;
        }

        if (start == 0)
        {
            return false;
        }

        wire[start] = 0;
        name = new DnsName(wire[..(start + 1)].ToArray());
        return true;
    }

    /// <summary>Reads the presentation form that is known to be right.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static DnsName Parse(string text) =>
        TryParse(text, out DnsName? name) ? name!
            : throw new FormatException($"reading '{text}' as a domain name: labels have 1 to 63 octets, names at most 255");

    /// <summary>
    /// Reads a name at <paramref name="at"/> of a message and moves behind it. A compression pointer must point before all that was read
    /// of this name (RFC 1035 section 4.1.4: "a prior occurrence"), so no name can loop, and none needs more steps than it has octets.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int at, out DnsName? name)
    {
        name = null;
        Span<byte> wire = stackalloc byte[MaxOctets];
        int length = 0;
        int place = at;
        int lowest = at;
        bool jumped = false;
        while (place < message.Length)
        {
            int octet = message[place];
            if ((octet & 0xC0) == 0xC0) // pointer = 11 and 14 bits of offset
            {
                if (place + 1 >= message.Length)
                {
                    return false;
                }

                int target = (octet & 0x3F) << 8 | message[place + 1];
                if (target >= lowest)
                {
                    return false;
                }

                if (!jumped)
                {
                    at = place + 2;
                }

                jumped = true;
                place = lowest = target;
                continue;
            }
            if (octet > MaxLabelOctets || length + 1 + octet > MaxOctets || place + 1 + octet > message.Length)
            {
                return false;
            }

            message.Slice(place, octet + 1).CopyTo(wire[length..]);
            length += octet + 1;
            place += octet + 1;
            if (octet == 0)
            {
                if (!jumped)
                {
                    at = place;
                }

                name = length == 1 ? Root : new DnsName(wire[..length].ToArray());
                return true;
            }
        }
        return false;
    }

    /// <summary>The name is <paramref name="ancestor"/> or stands below it.</summary>
    public bool IsWithin(DnsName ancestor)
    {
        ArgumentNullException.ThrowIfNull(ancestor);
        int at = 0;
        while (_wire.Length - at > ancestor._wire.Length)
        {
            at += _wire[at] + 1;
        }

        return _wire.Length - at == ancestor._wire.Length && EqualsIgnoreCase(_wire.AsSpan(at), ancestor._wire);
    }

    /// <summary>The octets are the same, case included: the check of a question sent in mixed case.</summary>
    public bool EqualsExactly(DnsName other) => other is not null && _wire.AsSpan().SequenceEqual(other._wire);

    /// <inheritdoc/>
    public bool Equals(DnsName? other) => other is not null && EqualsIgnoreCase(_wire, other._wire);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DnsName);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (byte octet in _wire)
        {
            hash.Add(Lower(octet));
        }

        return hash.ToHashCode();
    }

    /// <summary>The presentation form with its final dot.</summary>
    public override string ToString()
    {
        if (IsRoot)
        {
            return ".";
        }

        var text = new StringBuilder(_wire.Length + 8);
        for (int at = 0; _wire[at] != 0; at += _wire[at] + 1)
        {
            foreach (byte octet in _wire.AsSpan(at + 1, _wire[at]))
            {
                if (octet is (byte)'.' or (byte)'\\' or (byte)'"' or (byte)';' or (byte)'@' or (byte)'$' or (byte)'(' or (byte)')')
                {
                    text.Append('\\').Append((char)octet);
                }
                else if (octet is > 32 and < 127)
                {
                    text.Append((char)octet);
                }
                else
                {
                    text.Append('\\').Append(octet.ToString("D3", CultureInfo.InvariantCulture));
                }
            }
            text.Append('.');
        }
        return text.ToString();
    }

    private static bool Close(Span<byte> wire, ref int start, ref int at)
    {
        int length = at - start - 1;
        if (length is 0 or > MaxLabelOctets || at >= MaxOctets)
        {
            return false;
        }

        wire[start] = (byte)length;
        start = at++;
        return true;
    }

    private static bool TryReadOctet(ReadOnlySpan<char> text, ref int i, out byte octet)
    {
        octet = (byte)text[i];
        if (text[i] > 126 || text[i] < 33)
        {
            return false; // an A-label is asked for: names outside ASCII are the caller's to convert (RFC 5891)
        }

        if (text[i] != '\\')
        {
            return true;
        }

        if (i + 3 < text.Length && byte.TryParse(text.Slice(i + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out octet))
        {
            i += 3;
            return true;
        }
        if (++i >= text.Length || char.IsAsciiDigit(text[i]) || text[i] is < '!' or > '~')
        {
            return false;
        }

        octet = (byte)text[i];
        return true;
    }

    private static bool EqualsIgnoreCase(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length)
        {
            return false;
        }

        for (int i = 0; i < a.Length; i++)
        {
            if (Lower(a[i]) != Lower(b[i])) // a length is at most 63, below every letter
            {
                return false;
            }
        }

        return true;
    }

    private static byte Lower(byte octet) => octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;
}
