using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>Writes pairs as attributes: the mirror of <see cref="RadiusDecoder"/>.</summary>
public static class RadiusEncoder
{
    private const int LongestValue = 253;
    private const int ExtendedVendorType = 26;
    private const byte MoreFlag = 0x80;
    private const byte FirstExtended = 241;
    private const byte FirstLongExtended = 245;
    private const byte LastLongExtended = 246;

    /// <summary>A pair from texts. The name is one of the dictionary's, with ":tag" behind it if there is one, or "Attr-" and numbers, whose value is then octets ("0x…").</summary>
    public static bool TryMake(RadiusDictionary dictionary, string name, string value, out RadiusPair? pair, out string reason)
    {
        pair = null;
        byte? tag = null;
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && byte.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out byte number) && number <= 31)
        {
            tag = number;
            name = name[..colon];
        }

        RadiusAttributeDefinition? definition = dictionary.ByName(name);
        if (definition is null && name.StartsWith("Attr-", StringComparison.OrdinalIgnoreCase) && TryPath(name[5..], out _))
        {
            if (!value.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || value.Length % 2 != 0 || !value.AsSpan(2).ToString().All(char.IsAsciiHexDigit))
            {
                reason = $"{name}: \"{value}\" is no octets (0x and hexadecimal digits)";
                return false;
            }

            reason = "";
            pair = new RadiusPair { Name = name, Oid = name[5..], Form = RadiusPairForm.Raw, Value = Convert.FromHexString(value.AsSpan(2)) };
            return true;
        }

        if (definition is null || !TryPath(definition.Oid, out _) || definition.Type is RadiusValueType.Tlv or RadiusValueType.VendorSpecific or RadiusValueType.Extended or RadiusValueType.LongExtended or RadiusValueType.ExtendedVendorSpecific)
        {
            reason = definition is null ? $"{name}: the dictionary has no such attribute" : $"{name}: it has no value of its own in a packet";
            return false;
        }

        if (tag is not null && !definition.HasTag)
        {
            reason = $"{name}: it has no tag";
            return false;
        }

        if (!RadiusText.TryParse(definition, value, out byte[] octets, out reason))
        {
            return false;
        }

        pair = new RadiusPair { Name = definition.Name, Oid = definition.Oid, Definition = definition, Tag = tag, Value = octets };
        return true;
    }

    /// <summary>Writes pairs one behind the other. A pair of a vendor that stands alone gets a Vendor-Specific of its own.</summary>
    /// <param name="pairs">What is written.</param>
    /// <param name="dictionary">For the vendors' layouts.</param>
    /// <param name="secret">For values that are hidden on the wire; without it they cannot be written.</param>
    /// <param name="requestAuthenticator">The authenticator of the request, 16 octets; with a secret only.</param>
    /// <param name="attributes">The attributes.</param>
    /// <param name="reason">Which pair can not be written, and why.</param>
    public static bool TryEncode(IEnumerable<RadiusPair> pairs, RadiusDictionary dictionary, RadiusSecret? secret, byte[]? requestAuthenticator, out byte[] attributes, out string reason)
    {
        var output = new List<byte>();
        foreach (RadiusPair pair in pairs)
        {
            if (!TryPath(pair.Oid, out uint[] path) || !TryWrite(pair, path, dictionary, requestAuthenticator is null ? null : secret, requestAuthenticator, output))
            {
                attributes = [];
                reason = $"{pair.Name}: it can not be written (its numbers, its length, or a secret that is missing)";
                return false;
            }
        }

        attributes = [.. output];
        reason = "";
        return true;
    }

    private static bool TryWrite(RadiusPair pair, uint[] path, RadiusDictionary dictionary, RadiusSecret? secret, byte[]? authenticator, List<byte> output)
    {
        byte type = (byte)path[0];
        if (path.Length == 1)
        {
            return TryInner(pair, path, 1, secret, authenticator, out byte[] value) && TryPlain(type, value, pair is { Definition.IsConcatenated: true, Form: RadiusPairForm.Typed }, output);
        }

        if (type == RadiusType.VendorSpecific)
        {
            return TryVendor(pair, path, dictionary, secret, authenticator, output);
        }

        if (type is < FirstExtended or > LastLongExtended || path[1] > byte.MaxValue)
        {
            return false;
        }

        var body = new List<byte>();
        int level = 2;
        if (path[1] == ExtendedVendorType && path.Length >= 4)
        {
            Number(path[2], 4, body);
            Number(path[3], 1, body);
            level = 4;
        }

        if (!TryInner(pair, path, level, secret, authenticator, out byte[] inner))
        {
            return false;
        }

        body.AddRange(inner);
        return type < FirstLongExtended ? TryPlain(type, [(byte)path[1], .. body], false, output) : LongExtended(type, (byte)path[1], body, output);
    }

    private static bool TryPlain(byte type, byte[] value, bool mayContinue, List<byte> output)
    {
        if (value.Length > LongestValue && !mayContinue)
        {
            return false;
        }

        int at = 0;
        do
        {
            int part = Math.Min(LongestValue, value.Length - at);
            output.Add(type);
            output.Add((byte)(part + 2));
            output.AddRange(value.AsSpan(at, part));
            at += part;
        }
        while (at < value.Length);
        return true;
    }

    private static bool LongExtended(byte type, byte extended, List<byte> body, List<byte> output)
    {
        const int longest = LongestValue - 2;
        int at = 0;
        do
        {
            int part = Math.Min(longest, body.Count - at);
            output.AddRange([type, (byte)(part + 4), extended, at + part < body.Count ? MoreFlag : (byte)0]);
            output.AddRange(body.GetRange(at, part));
            at += part;
        }
        while (at < body.Count);
        return true;
    }

    private static bool TryVendor(RadiusPair pair, uint[] path, RadiusDictionary dictionary, RadiusSecret? secret, byte[]? authenticator, List<byte> output)
    {
        RadiusVendor vendor = dictionary.Vendor(path[1]) ?? new RadiusVendor("", path[1]);
        IEnumerable<RadiusPair> inside = path.Length == 2 ? pair.Children.IsDefault ? [] : pair.Children : [pair];
        var body = new List<byte>();
        int count = 0;
        foreach (RadiusPair child in inside)
        {
            if (!TryPath(child.Oid, out uint[] numbers) || numbers.Length < 3 || !TryInner(child, numbers, 3, secret, authenticator, out byte[] value))
            {
                return false;
            }

            count++;
            int header = vendor.TypeOctets + vendor.LengthOctets + (vendor.HasContinuation ? 1 : 0);
            if (vendor.HasContinuation && 4 + header + value.Length > LongestValue)
            {
                return count == 1 && Continued(vendor, (byte)numbers[2], value, output);
            }

            Number(numbers[2], vendor.TypeOctets, body);
            Number((uint)(header + value.Length), vendor.LengthOctets, body);
            Number(0, vendor.HasContinuation ? 1 : 0, body);
            body.AddRange(value);
        }

        var whole = new List<byte>();
        Number(path[1], 4, whole);
        whole.AddRange(body);
        return count > 0 && TryPlain(RadiusType.VendorSpecific, [.. whole], false, output);
    }

    private static bool Continued(RadiusVendor vendor, byte type, byte[] value, List<byte> output)
    {
        const int longest = LongestValue - 4 - 3;
        for (int at = 0; at < value.Length; at += longest)
        {
            int part = Math.Min(longest, value.Length - at);
            var body = new List<byte>();
            Number(vendor.Number, 4, body);
            body.AddRange([type, (byte)(part + 3), at + part < value.Length ? MoreFlag : (byte)0]);
            body.AddRange(value.AsSpan(at, part));
            TryPlain(RadiusType.VendorSpecific, [.. body], false, output);
        }

        return true;
    }

    // The value of a pair from a level of its numbers on: deeper levels are TLVs around it.
    private static bool TryInner(RadiusPair pair, uint[] path, int level, RadiusSecret? secret, byte[]? authenticator, out byte[] value)
    {
        if (path.Length > level)
        {
            value = [];
            return path[level] <= byte.MaxValue && TryInner(pair, path, level + 1, secret, authenticator, out byte[] deeper) && TryTlv((byte)path[level], deeper, out value);
        }

        if (pair.Children.IsDefault)
        {
            return TryLeaf(pair, secret, authenticator, out value);
        }

        var all = new List<byte>();
        value = [];
        foreach (RadiusPair child in pair.Children)
        {
            if (!TryPath(child.Oid, out uint[] numbers) || numbers.Length <= level || numbers[^1] > byte.MaxValue
                || !TryInner(child, numbers, numbers.Length, secret, authenticator, out byte[] inner) || !TryTlv((byte)numbers[^1], inner, out byte[] tlv))
            {
                return false;
            }

            all.AddRange(tlv);
        }

        value = [.. all];
        return true;
    }

    private static bool TryTlv(byte type, byte[] value, out byte[] tlv)
    {
        tlv = value.Length <= LongestValue && type > 0 ? [type, (byte)(value.Length + 2), .. value] : [];
        return tlv.Length > 0;
    }

    private static bool TryLeaf(RadiusPair pair, RadiusSecret? secret, byte[]? authenticator, out byte[] value)
    {
        value = pair.Value.ToArray();
        if (pair.Definition is not { } definition || pair.Form != RadiusPairForm.Typed)
        {
            return true;
        }

        if (definition.Encryption != RadiusEncryption.None)
        {
            if (secret is null || !TryHide(definition.Encryption, pair.Salt, secret, authenticator, ref value))
            {
                return false;
            }
        }

        if (definition is { HasTag: true, Type: RadiusValueType.Integer })
        {
            if (value.Length != 4 || value[0] > 0)
            {
                return pair.Tag is null && value.Length == 4;
            }

            value[0] = pair.Tag ?? 0;
        }
        else if (definition.HasTag && (pair.Tag is not null || definition.Encryption == RadiusEncryption.Salted || (value.Length > 0 && value[0] <= 0x1F)))
        {
            // RFC 2868 section 3.3: a text that begins like a tag needs one in front; Tunnel-Password always has it (section 3.5).
            value = [pair.Tag ?? 0, .. value];
        }

        return true;
    }

    private static bool TryHide(RadiusEncryption encryption, ushort? salt, RadiusSecret secret, byte[]? authenticator, ref byte[] value)
    {
        Span<byte> hidden = stackalloc byte[256];
        int length;
        switch (encryption)
        {
            case RadiusEncryption.UserPassword:
                length = secret.HidePassword(value, authenticator, hidden);
                break;
            case RadiusEncryption.Salted:
                length = secret.HideSalted(value, salt ?? (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1), authenticator, hidden);
                break;
            default:
                length = value.Length <= 16 ? 16 : 0;
                if (length > 0)
                {
                    secret.AscendSecret(value, authenticator, hidden);
                }

                break;
        }

        value = hidden[..length].ToArray();
        return length > 0;
    }

    private static void Number(uint number, int octets, List<byte> output)
    {
        Span<byte> all = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(all, number);
        output.AddRange(all[(4 - octets)..]);
    }

    // At most 16 numbers; the first is a type on the wire.
    private static bool TryPath(string oid, out uint[] path)
    {
        string[] parts = oid.Split('.');
        path = new uint[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!uint.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out path[i]))
            {
                return false;
            }
        }

        return parts.Length <= 16 && path[0] is > 0 and <= byte.MaxValue;
    }
}
