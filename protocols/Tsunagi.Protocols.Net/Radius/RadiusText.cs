using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Unicode;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>Values as people read and write them.</summary>
public static class RadiusText
{
    private const int LongestValue = 65_535;
    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Whether octets have the form that their definition says.</summary>
    public static bool Fits(RadiusAttributeDefinition definition, ReadOnlySpan<byte> value)
    {
        if (definition.IsArray && WidthOf(definition.Type) is { } width)
        {
            return value.Length > 0 && value.Length % width == 0;
        }

        return definition.Type switch
        {
            RadiusValueType.Octets => definition.FixedOctets is not { } octets || value.Length == octets,
            RadiusValueType.Text => true,
            RadiusValueType.AnyAddress => value.Length is 4 or 16,
            RadiusValueType.IPv4Prefix => value.Length == 6 && value[1] <= 32,
            RadiusValueType.IPv6Prefix => value.Length is >= 2 and <= 18 && value[1] <= 128,
            var type => WidthOf(type) is { } octets && value.Length == octets,
        };
    }

    /// <summary>The text of a value that <see cref="Fits"/>; of any other, its octets in hexadecimal behind "0x".</summary>
    public static string Format(RadiusAttributeDefinition definition, ReadOnlySpan<byte> value)
    {
        if (!Fits(definition, value))
        {
            return "0x" + Convert.ToHexStringLower(value);
        }

        if (!definition.IsArray || WidthOf(definition.Type) is not { } width)
        {
            return FormatOne(definition, value);
        }

        var text = new StringBuilder();
        for (int at = 0; at < value.Length; at += width)
        {
            text.Append(at == 0 ? "" : ", ").Append(FormatOne(definition, value.Slice(at, width)));
        }

        return text.ToString();
    }

    /// <summary>The octets of a text; false with the reason when it is none of the definition's type. "0x…" gives octets for any type they fit.</summary>
    public static bool TryParse(RadiusAttributeDefinition definition, string text, out byte[] value, out string reason)
    {
        reason = "";
        if (definition.IsArray && WidthOf(definition.Type) is not null && text.Contains(',', StringComparison.Ordinal))
        {
            var all = new List<byte>();
            foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
            {
                if (!TryParseOne(definition, part, out byte[]? one))
                {
                    value = [];
                    reason = Wrong(definition, part);
                    return false;
                }

                all.AddRange(one);
            }

            value = [.. all];
            return true;
        }

        if (TryParseOne(definition, text, out byte[]? octets) && octets.Length <= LongestValue)
        {
            value = octets;
            return true;
        }

        value = [];
        reason = Wrong(definition, text);
        return false;
    }

    /// <summary>A text in quotes: what is no printable UTF-8, and quotes and backslashes themselves, escaped.</summary>
    public static string Quote(ReadOnlySpan<byte> value)
    {
        var text = new StringBuilder("\"");
        while (!value.IsEmpty)
        {
            bool isWhole = Rune.DecodeFromUtf8(value, out Rune rune, out int octets) == System.Buffers.OperationStatus.Done;
            if (!isWhole || Rune.IsControl(rune))
            {
                foreach (byte octet in value[..octets])
                {
                    text.Append("\\x").Append(octet.ToString("x2", CultureInfo.InvariantCulture));
                }
            }
            else
            {
                text.Append(rune.Value is '"' or '\\' ? "\\" : "").Append(rune.ToString());
            }

            value = value[octets..];
        }

        return text.Append('"').ToString();
    }

    private static string Wrong(RadiusAttributeDefinition definition, string text) =>
        definition.ValueNames.Count > 0 ? $"{definition.Name}: \"{text}\" is none of its values and no number" : $"{definition.Name}: \"{text}\" is no {definition.Type}";

    private static int? WidthOf(RadiusValueType type) => type switch
    {
        RadiusValueType.Byte => 1,
        RadiusValueType.Short => 2,
        RadiusValueType.Integer or RadiusValueType.Signed or RadiusValueType.Date or RadiusValueType.IPv4Address => 4,
        RadiusValueType.Ethernet => 6,
        RadiusValueType.Integer64 or RadiusValueType.InterfaceId => 8,
        RadiusValueType.IPv6Address => 16,
        _ => null,
    };

    private static string FormatOne(RadiusAttributeDefinition definition, ReadOnlySpan<byte> value) => definition.Type switch
    {
        RadiusValueType.Text => Utf8.IsValid(value) && value.IndexOfAnyInRange((byte)0, (byte)0x1F) < 0 ? Encoding.UTF8.GetString(value) : Quote(value),
        RadiusValueType.Byte or RadiusValueType.Short or RadiusValueType.Integer or RadiusValueType.Integer64 => Number(definition, Unsigned(value)),
        RadiusValueType.Signed => Number(definition, unchecked((ulong)BinaryPrimitives.ReadInt32BigEndian(value)), isSigned: true),
        RadiusValueType.Date => DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(value)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        RadiusValueType.IPv4Address or RadiusValueType.IPv6Address or RadiusValueType.AnyAddress => new IPAddress(value).ToString(),
        RadiusValueType.IPv4Prefix => string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(value[2..])}/{value[1]}"),
        RadiusValueType.IPv6Prefix => Prefix(value),
        RadiusValueType.InterfaceId => string.Create(CultureInfo.InvariantCulture, $"{Unsigned(value[..2]):x}:{Unsigned(value[2..4]):x}:{Unsigned(value[4..6]):x}:{Unsigned(value[6..]):x}"),
        RadiusValueType.Ethernet => string.Join(':', value.ToArray().Select(static octet => octet.ToString("x2", CultureInfo.InvariantCulture))),
        _ => "0x" + Convert.ToHexStringLower(value),
    };

    private static string Prefix(ReadOnlySpan<byte> value)
    {
        Span<byte> address = stackalloc byte[16];
        address.Clear();
        value[2..].CopyTo(address);
        for (int bit = value[1]; bit < 128; bit++)
        {
            // "Bits outside of the Prefix-Length, if included, must be zero" (RFC 3162 section 2.3); where they are not, they mean nothing.
            address[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(address)}/{value[1]}");
    }

    private static ulong Unsigned(ReadOnlySpan<byte> value)
    {
        ulong number = 0;
        foreach (byte octet in value)
        {
            number = (number << 8) | octet;
        }

        return number;
    }

    private static string Number(RadiusAttributeDefinition definition, ulong number, bool isSigned = false) =>
        definition.ValueNames.TryGetValue(unchecked((long)number), out string? name) ? name
        : isSigned ? unchecked((long)number).ToString(CultureInfo.InvariantCulture) : number.ToString(CultureInfo.InvariantCulture);

    private static bool TryParseOne(RadiusAttributeDefinition definition, string text, out byte[] value)
    {
        value = [];
        if (definition.Type != RadiusValueType.Text && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && text.Length % 2 == 0 && text.AsSpan(2).IndexOfAnyExcept(HexDigits) < 0)
        {
            value = Convert.FromHexString(text.AsSpan(2));
            if (Fits(definition, value))
            {
                return true;
            }
        }

        byte[]? parsed = definition.Type switch
        {
            RadiusValueType.Text => Encoding.UTF8.GetBytes(text),
            RadiusValueType.Octets when definition.FixedOctets is null && !text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) => Encoding.UTF8.GetBytes(text),
            RadiusValueType.Byte => Octets(definition, text, 1, byte.MaxValue),
            RadiusValueType.Short => Octets(definition, text, 2, ushort.MaxValue),
            RadiusValueType.Integer => Octets(definition, text, 4, uint.MaxValue),
            RadiusValueType.Integer64 => Octets(definition, text, 8, ulong.MaxValue),
            RadiusValueType.Signed => SignedOctets(definition, text),
            RadiusValueType.Date => DateOctets(text),
            RadiusValueType.IPv4Address => Address(text, AddressFamily.InterNetwork),
            RadiusValueType.IPv6Address => Address(text, AddressFamily.InterNetworkV6),
            RadiusValueType.AnyAddress => Address(text, AddressFamily.InterNetwork) ?? Address(text, AddressFamily.InterNetworkV6),
            RadiusValueType.IPv4Prefix => PrefixOctets(text, AddressFamily.InterNetwork),
            RadiusValueType.IPv6Prefix => PrefixOctets(text, AddressFamily.InterNetworkV6),
            RadiusValueType.InterfaceId => Groups(text, 4, 4),
            RadiusValueType.Ethernet => Groups(text.Replace('-', ':'), 6, 2),
            _ => null,
        };
        value = parsed ?? [];
        return parsed is not null;
    }

    private static byte[]? Octets(RadiusAttributeDefinition definition, string text, int width, ulong most)
    {
        ulong number;
        if (definition.ValueNumbers.TryGetValue(text, out long named))
        {
            number = unchecked((ulong)named);
        }
        else if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            return null;
        }

        if (number > most)
        {
            return null;
        }

        byte[] octets = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(octets, number);
        return octets[(8 - width)..];
    }

    private static byte[]? SignedOctets(RadiusAttributeDefinition definition, string text)
    {
        if (!definition.ValueNumbers.TryGetValue(text, out long number) && !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            return null;
        }

        if (number is < int.MinValue or > int.MaxValue)
        {
            return null;
        }

        byte[] octets = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(octets, (int)number);
        return octets;
    }

    private static byte[]? DateOctets(string text)
    {
        long seconds;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date) && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            seconds = date.ToUnixTimeSeconds();
        }
        else if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds))
        {
            return null;
        }

        if (seconds is < 0 or > uint.MaxValue)
        {
            return null;
        }

        byte[] octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)seconds);
        return octets;
    }

    private static byte[]? Address(string text, AddressFamily family)
    {
        // A single dotted quad, or colons: the many other forms that IPAddress takes ("1", "0x7f.1") are none.
        bool isForm = family == AddressFamily.InterNetwork ? text.Count(static each => each == '.') == 3 && text.All(static each => each == '.' || char.IsAsciiDigit(each)) : text.Contains(':', StringComparison.Ordinal);
        return isForm && IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == family && address.ScopeIdOrZero() == 0 ? address.GetAddressBytes() : null;
    }

    private static long ScopeIdOrZero(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;

    private static byte[]? PrefixOctets(string text, AddressFamily family)
    {
        int most = family == AddressFamily.InterNetwork ? 32 : 128;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        int length = most;
        if (Address(slash < 0 ? text : text[..slash], family) is not { } address
            || (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > most)))
        {
            return null;
        }

        for (int bit = length; bit < most; bit++)
        {
            address[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        // RFC 3162 section 2.3 lets the zeros of an IPv6 prefix go; RFC 8044 section 3.11 keeps those of IPv4.
        byte[] octets = new byte[2 + (family == AddressFamily.InterNetwork ? 4 : (length + 7) / 8)];
        octets[1] = (byte)length;
        address.AsSpan(0, octets.Length - 2).CopyTo(octets.AsSpan(2));
        return octets;
    }

    private static byte[]? Groups(string text, int count, int digits)
    {
        string[] parts = text.Split(':');
        if (parts.Length != count)
        {
            return null;
        }

        var octets = new List<byte>();
        foreach (string part in parts)
        {
            if (part.Length == 0 || part.Length > digits || !uint.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number))
            {
                return null;
            }

            if (digits == 4)
            {
                octets.Add((byte)(number >> 8));
            }

            octets.Add((byte)number);
        }

        return [.. octets];
    }
}
