using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Globalization;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>One hop of a packet: the secret it is signed with there, and the authenticator that values are hidden with.</summary>
internal readonly ref struct RadiusHop(RadiusSecret? secret, ReadOnlySpan<byte> authenticator)
{
    /// <summary>Null when it is not known any more: what is hidden is left out.</summary>
    public RadiusSecret? Secret { get; } = secret;

    public ReadOnlySpan<byte> Authenticator { get; } = authenticator;
}

/// <summary>Values that are hidden under the secret of one hop, hidden anew under that of the next (RFC 2865 section 2.3: User-Password; Tunnel-Password; MPPE keys; what else the dictionary knows).</summary>
internal static class HiddenAttributes
{
    private const int LongestValue = 253;
    private const int SaltOctets = 2;
    private const byte LastTag = 0x1F;

    private static readonly RadiusAttributeDefinition?[] Standard = new RadiusAttributeDefinition?[256];
    private static readonly FrozenDictionary<(uint Vendor, byte Type), RadiusAttributeDefinition> OfVendors = Read();

    /// <summary>Adds the attribute as the next hop needs it. False when what is hidden can not be opened: then the packet does not go on.</summary>
    public static bool TryAdd(ref RadiusWriter writer, scoped RadiusAttribute attribute, scoped RadiusHop from, scoped RadiusHop to)
    {
        Span<byte> fresh = stackalloc byte[LongestValue];
        if (Standard[attribute.Type] is { } definition)
        {
            if (from.Secret is null)
            {
                return true;
            }

            if (!TryHide(definition, attribute.Value, from, to, fresh, out var length))
            {
                return false;
            }

            writer.Add(attribute.Type, fresh[..length]);
            return true;
        }

        if (attribute.Type != RadiusType.VendorSpecific || !HoldsHidden(attribute.Value))
        {
            writer.AddEncoded(attribute.Octets);
            return true;
        }

        if (from.Secret is null)
        {
            return true;
        }

        if (!TryHideVendor(attribute.Value, from, to, fresh, out var whole))
        {
            return false;
        }

        writer.Add(RadiusType.VendorSpecific, fresh[..whole]);
        return true;
    }

    private static bool HoldsHidden(ReadOnlySpan<byte> value)
    {
        if (value.Length < 6)
        {
            return false;
        }

        var vendor = BinaryPrimitives.ReadUInt32BigEndian(value);
        for (value = value[4..]; value.Length >= 2 && value[1] >= 2 && value[1] <= value.Length; value = value[value[1]..])
        {
            if (OfVendors.ContainsKey((vendor, value[0])))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryHideVendor(ReadOnlySpan<byte> value, scoped RadiusHop from, scoped RadiusHop to, Span<byte> fresh, out int length)
    {
        var vendor = BinaryPrimitives.ReadUInt32BigEndian(value);
        value[..4].CopyTo(fresh);
        length = 4;
        for (value = value[4..]; !value.IsEmpty; value = value[value[1]..])
        {
            if (value.Length < 2 || value[1] < 2 || value[1] > value.Length || fresh.Length - length < 2)
            {
                return false;
            }

            var inner = value[2..value[1]];
            var written = inner.Length;
            if (OfVendors.TryGetValue((vendor, value[0]), out var definition))
            {
                if (!TryHide(definition, inner, from, to, fresh[(length + 2)..], out written))
                {
                    return false;
                }
            }
            else if (!inner.TryCopyTo(fresh[(length + 2)..]))
            {
                return false;
            }

            fresh[length] = value[0];
            fresh[length + 1] = (byte)(2 + written);
            length += 2 + written;
        }

        return true;
    }

    private static bool TryHide(RadiusAttributeDefinition definition, ReadOnlySpan<byte> value, scoped RadiusHop from, scoped RadiusHop to, Span<byte> fresh, out int length)
    {
        Span<byte> clear = stackalloc byte[256];
        length = 0;
        switch (definition.Encryption)
        {
            case RadiusEncryption.UserPassword:
                // As long as it was: zeros at the end of a key are a part of it.
                return from.Secret!.TryRevealPassword(value, from.Authenticator, clear, out _) && (length = to.Secret!.HidePassword(clear[..value.Length], to.Authenticator, fresh)) > 0;
            case RadiusEncryption.Salted:
                var tag = definition.HasTag && value.Length > 0 && value[0] <= LastTag ? 1 : 0;
                if (value.Length < tag + SaltOctets || fresh.Length < tag || !from.Secret!.TryRevealSalted(value[tag..], from.Authenticator, clear, out var octets))
                {
                    return false;
                }

                value[..tag].CopyTo(fresh);
                var hidden = to.Secret!.HideSalted(clear[..octets], BinaryPrimitives.ReadUInt16BigEndian(value[tag..]), to.Authenticator, fresh[tag..]);
                length = tag + hidden;
                return hidden > 0;
            default:
                if (fresh.Length < 16)
                {
                    return false;
                }

                from.Secret!.AscendSecret(value, from.Authenticator, clear);
                to.Secret!.AscendSecret(clear[..16], to.Authenticator, fresh);
                length = 16;
                return true;
        }
    }

    private static FrozenDictionary<(uint Vendor, byte Type), RadiusAttributeDefinition> Read()
    {
        var ofVendors = new Dictionary<(uint, byte), RadiusAttributeDefinition>();
        foreach (var definition in RadiusDictionary.Standard.Attributes.Where(static each => each.Encryption != RadiusEncryption.None))
        {
            switch (definition.Oid.Split('.'))
            {
                case [var type]:
                    Standard[byte.Parse(type, CultureInfo.InvariantCulture)] = definition;
                    break;
                case ["26", var vendor, var type] when byte.TryParse(type, CultureInfo.InvariantCulture, out var number):
                    ofVendors[(uint.Parse(vendor, CultureInfo.InvariantCulture), number)] = definition;
                    break;
            }
        }

        return ofVendors.ToFrozenDictionary();
    }
}
