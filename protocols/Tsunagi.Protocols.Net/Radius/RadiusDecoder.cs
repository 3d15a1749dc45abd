using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>
/// Takes the attributes of a packet apart by a dictionary. For people and tools: servers look at a <see cref="RadiusPacket"/> itself. Whatever the octets are, the pairs written by
/// <see cref="RadiusEncoder"/> are the same octets again; what would not be is kept raw.
/// </summary>
public static class RadiusDecoder
{
    private const byte MoreFlag = 0x80;
    private const byte HighestTag = 0x1F;
    private const int ExtendedVendorType = 26;

    /// <summary>The pairs of a packet in their order.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="dictionary">Names and types.</param>
    /// <param name="secret">Opens what is hidden; null leaves it.</param>
    /// <param name="requestAuthenticator">The authenticator of the request: the packet's own, or for an answer that of what it answers. Needed with a secret only.</param>
    /// <param name="limits">How deep TLVs may lie.</param>
    public static ImmutableArray<RadiusPair> Decode(
        RadiusPacket packet, RadiusDictionary dictionary, RadiusSecret? secret = null, ReadOnlySpan<byte> requestAuthenticator = default, RadiusLimits? limits = null) =>
        DecodeAttributes(packet.Attributes, dictionary, secret, requestAuthenticator, limits);

    /// <summary>The pairs of attributes; false when they are no whole attributes.</summary>
    public static bool TryDecodeAttributes(
        ReadOnlySpan<byte> attributes, RadiusDictionary dictionary, RadiusSecret? secret, ReadOnlySpan<byte> requestAuthenticator, out ImmutableArray<RadiusPair> pairs, out RadiusError error)
    {
        pairs = [];
        if (!RadiusAttributes.Check(attributes, RadiusLimits.Default.Attributes, 0, out error))
        {
            return false;
        }

        pairs = DecodeAttributes(new RadiusAttributes(attributes), dictionary, secret, requestAuthenticator, null);
        return true;
    }

    private static ImmutableArray<RadiusPair> DecodeAttributes(
        RadiusAttributes attributes, RadiusDictionary dictionary, RadiusSecret? secret, ReadOnlySpan<byte> requestAuthenticator, RadiusLimits? limits)
    {
        var walk = new Walk(dictionary, secret, requestAuthenticator.Length == RadiusPacket.AuthenticatorOctets ? requestAuthenticator.ToArray() : null, (limits ?? RadiusLimits.Default).Depth);
        ReadOnlySpan<byte> octets = attributes.Octets;
        var pairs = ImmutableArray.CreateBuilder<RadiusPair>();
        for (int at = 0; at < octets.Length;)
        {
            RadiusPair pair = walk.ReadRun(octets[at..], out int run);
            if (IsSame(pair, octets.Slice(at, run), walk))
            {
                pairs.Add(pair);
                at += run;
                continue;
            }

            // It would not be written as it came: one attribute at a time, typed where that gives the same octets, else raw.
            int length = octets[at + 1];
            RadiusPair one = run > length && octets[at] < 241 && octets[at] != RadiusType.VendorSpecific ? walk.ReadPlain(octets[at], octets.Slice(at + 2, length - 2)) : walk.Raw(octets[at], octets.Slice(at + 2, length - 2));
            pairs.Add(IsSame(one, octets.Slice(at, length), walk) ? one : walk.Raw(octets[at], octets.Slice(at + 2, length - 2)));
            at += length;
        }

        return pairs.ToImmutable();
    }

    private static bool IsSame(RadiusPair pair, ReadOnlySpan<byte> octets, Walk walk) =>
        RadiusEncoder.TryEncode([pair], walk.Dictionary, walk.Secret, walk.Authenticator, out byte[] written, out _) && octets.SequenceEqual(written);

    private sealed class Walk(RadiusDictionary dictionary, RadiusSecret? secret, byte[]? authenticator, int depth)
    {
        public RadiusDictionary Dictionary => dictionary;

        public RadiusSecret? Secret => authenticator is null ? null : secret;

        public byte[]? Authenticator => authenticator;

        /// <summary>The pair that begins here, with all attributes it goes over.</summary>
        public RadiusPair ReadRun(ReadOnlySpan<byte> octets, out int run)
        {
            byte type = octets[0];
            run = octets[1];
            ReadOnlySpan<byte> value = octets[2..run];
            RadiusAttributeDefinition? definition = dictionary.ByType(type);
            if (type == RadiusType.VendorSpecific)
            {
                return ReadVendorSpecific(octets, value, ref run);
            }

            if (definition is { IsConcatenated: true })
            {
                var whole = new List<byte>();
                whole.AddRange(value);
                while (run < octets.Length && octets[run] == type)
                {
                    whole.AddRange(octets.Slice(run + 2, octets[run + 1] - 2));
                    run += octets[run + 1];
                }

                return ReadLeaf(definition, definition.Name, definition.Oid, [.. whole]);
            }

            return definition?.Type switch
            {
                RadiusValueType.Extended when value.Length >= 1 => ReadExtended(definition, value[0], value[1..]),
                RadiusValueType.LongExtended when value.Length >= 2 => ReadLongExtended(definition, octets, value, ref run),
                _ => ReadPlain(type, value),
            };
        }

        public RadiusPair ReadPlain(byte type, ReadOnlySpan<byte> value)
        {
            RadiusAttributeDefinition? definition = dictionary.ByType(type);
            return definition is null ? Raw(type, value) : ReadValue(definition, definition.Name, definition.Oid, value, 0);
        }

        public RadiusPair Raw(byte type, ReadOnlySpan<byte> value)
        {
            string oid = type.ToString(CultureInfo.InvariantCulture);
            RadiusAttributeDefinition? definition = dictionary.ByOid(oid);
            return Raw(definition?.Name ?? "Attr-" + oid, oid, definition, value);
        }

        private static RadiusPair Raw(string name, string oid, RadiusAttributeDefinition? definition, ReadOnlySpan<byte> value) =>
            new() { Name = name, Oid = oid, Definition = definition, Form = RadiusPairForm.Raw, Value = value.ToArray() };

        private RadiusPair Known(string oid, ReadOnlySpan<byte> value, int level)
        {
            RadiusAttributeDefinition? definition = dictionary.ByOid(oid);
            return definition is null ? Raw("Attr-" + oid, oid, null, value) : ReadValue(definition, definition.Name, oid, value, level);
        }

        // RFC 2865 section 5.26; what other layouts vendors have is told by their RadiusVendor.
        private RadiusPair ReadVendorSpecific(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> value, ref int run)
        {
            if (value.Length < 4)
            {
                return Raw(RadiusType.VendorSpecific, value);
            }

            uint number = BinaryPrimitives.ReadUInt32BigEndian(value);
            RadiusVendor vendor = dictionary.Vendor(number) ?? new RadiusVendor("", number);
            ReadOnlySpan<byte> rest = value[4..];
            if (vendor.HasContinuation && rest.Length >= 3 && rest[1] == rest.Length && (rest[2] & MoreFlag) != 0)
            {
                return ReadContinued(vendor, octets, rest, ref run);
            }

            string prefix = string.Create(CultureInfo.InvariantCulture, $"26.{number}.");
            var children = ImmutableArray.CreateBuilder<RadiusPair>();
            do
            {
                if (!TryVendorAttribute(vendor, rest, out uint type, out ReadOnlySpan<byte> inner, out int length))
                {
                    return Raw(RadiusType.VendorSpecific, value);
                }

                children.Add(Known(prefix + type.ToString(CultureInfo.InvariantCulture), inner, 0));
                rest = rest[length..];
            }
            while (!rest.IsEmpty);
            return Vendor(vendor, number, children.ToImmutable());
        }

        private RadiusPair Vendor(RadiusVendor vendor, uint number, ImmutableArray<RadiusPair> children) => new()
        {
            Name = vendor.Name.Length > 0 ? vendor.Name : string.Create(CultureInfo.InvariantCulture, $"Vendor-{number}"),
            Oid = string.Create(CultureInfo.InvariantCulture, $"26.{number}"),
            Definition = dictionary.ByType(RadiusType.VendorSpecific),
            Children = children,
        };

        private RadiusPair ReadContinued(RadiusVendor vendor, ReadOnlySpan<byte> octets, ReadOnlySpan<byte> first, ref int run)
        {
            byte type = first[0];
            var whole = new List<byte>();
            whole.AddRange(first[3..]);
            bool isMore = true;
            while (isMore && run < octets.Length && octets[run] == RadiusType.VendorSpecific && octets[run + 1] >= 9)
            {
                ReadOnlySpan<byte> next = octets.Slice(run + 2, octets[run + 1] - 2);
                if (BinaryPrimitives.ReadUInt32BigEndian(next) != vendor.Number || next[4] != type || next[5] != next.Length - 4)
                {
                    break;
                }

                whole.AddRange(next[7..]);
                isMore = (next[6] & MoreFlag) != 0;
                run += octets[run + 1];
            }

            string oid = string.Create(CultureInfo.InvariantCulture, $"26.{vendor.Number}.{type}");
            return Vendor(vendor, vendor.Number, [Known(oid, whole.ToArray(), 0)]);
        }

        private static bool TryVendorAttribute(RadiusVendor vendor, ReadOnlySpan<byte> octets, out uint type, out ReadOnlySpan<byte> value, out int length)
        {
            int header = vendor.TypeOctets + vendor.LengthOctets + (vendor.HasContinuation ? 1 : 0);
            type = 0;
            length = 0;
            value = default;
            if (octets.Length < header)
            {
                return false;
            }

            foreach (byte octet in octets[..vendor.TypeOctets])
            {
                type = (type << 8) | octet;
            }

            length = vendor.LengthOctets switch
            {
                0 => octets.Length,
                1 => octets[vendor.TypeOctets],
                _ => BinaryPrimitives.ReadUInt16BigEndian(octets[vendor.TypeOctets..]),
            };
            if (length < header || length > octets.Length || (vendor.HasContinuation && octets[header - 1] != 0))
            {
                return false;
            }

            value = octets[header..length];
            return true;
        }

        // RFC 6929 section 2.1
        private RadiusPair ReadExtended(RadiusAttributeDefinition outer, byte type, ReadOnlySpan<byte> value)
        {
            string oid = string.Create(CultureInfo.InvariantCulture, $"{outer.Oid}.{type}");
            if (type != ExtendedVendorType)
            {
                return Known(oid, value, 0);
            }

            // RFC 6929 section 2.4: vendor's number, type, value
            if (value.Length < 5)
            {
                return Raw("Attr-" + oid, oid, null, value);
            }

            return Known(string.Create(CultureInfo.InvariantCulture, $"{oid}.{BinaryPrimitives.ReadUInt32BigEndian(value)}.{value[4]}"), value[5..], 0);
        }

        // RFC 6929 section 2.2: the flag "more" says that the value goes on in the next attribute.
        private RadiusPair ReadLongExtended(RadiusAttributeDefinition outer, ReadOnlySpan<byte> octets, ReadOnlySpan<byte> first, ref int run)
        {
            byte type = first[0];
            bool isMore = (first[1] & MoreFlag) != 0;
            var whole = new List<byte>();
            whole.AddRange(first[2..]);
            while (isMore && run < octets.Length && octets[run] == octets[0] && octets[run + 1] >= 4 && octets[run + 2] == type)
            {
                whole.AddRange(octets.Slice(run + 4, octets[run + 1] - 4));
                isMore = (octets[run + 3] & MoreFlag) != 0;
                run += octets[run + 1];
            }

            return ReadExtended(outer, type, whole.ToArray());
        }

        private RadiusPair ReadValue(RadiusAttributeDefinition definition, string name, string oid, ReadOnlySpan<byte> value, int level)
        {
            if (definition.Type != RadiusValueType.Tlv)
            {
                return ReadLeaf(definition, name, oid, value);
            }

            // RFC 6929 section 2.3
            if (level >= depth || value.IsEmpty || !RadiusAttributes.Check(value, int.MaxValue, 0, out _))
            {
                return Raw(name, oid, definition, value);
            }

            var children = ImmutableArray.CreateBuilder<RadiusPair>();
            foreach (RadiusAttribute child in new RadiusAttributes(value))
            {
                children.Add(Known(string.Create(CultureInfo.InvariantCulture, $"{oid}.{child.Type}"), child.Value, level + 1));
            }

            return new RadiusPair { Name = name, Oid = oid, Definition = definition, Children = children.ToImmutable() };
        }

        private RadiusPair ReadLeaf(RadiusAttributeDefinition definition, string name, string oid, ReadOnlySpan<byte> octets)
        {
            scoped ReadOnlySpan<byte> value = octets;
            byte? tag = null;
            if (definition.HasTag && !value.IsEmpty && value[0] <= HighestTag)
            {
                tag = value[0];
                value = value[1..];
            }

            if (definition is { HasTag: true, Type: RadiusValueType.Integer } && tag is null)
            {
                return Raw(name, oid, definition, octets);
            }

            ushort? salt = null;
            Span<byte> clear = stackalloc byte[256];
            if (definition.Encryption != RadiusEncryption.None)
            {
                if (Secret is null || !TryReveal(definition.Encryption, value, clear, out int length))
                {
                    return new RadiusPair { Name = name, Oid = oid, Definition = definition, Form = RadiusPairForm.Hidden, Value = octets.ToArray() };
                }

                salt = definition.Encryption == RadiusEncryption.Salted ? BinaryPrimitives.ReadUInt16BigEndian(value) : null;
                value = clear[..length];
            }

            if (definition is { HasTag: true, Type: RadiusValueType.Integer })
            {
                // RFC 2868 section 3.1: the tag stands in the first of the four octets.
                byte[] whole = [0, .. value];
                value = whole;
            }

            return RadiusText.Fits(definition, value)
                ? new RadiusPair { Name = name, Oid = oid, Definition = definition, Tag = tag, Salt = salt, Value = value.ToArray() }
                : Raw(name, oid, definition, octets);
        }

        private bool TryReveal(RadiusEncryption encryption, ReadOnlySpan<byte> hidden, Span<byte> clear, out int length)
        {
            switch (encryption)
            {
                case RadiusEncryption.UserPassword:
                    return secret!.TryRevealPassword(hidden, authenticator, clear, out length);
                case RadiusEncryption.Salted:
                    return secret!.TryRevealSalted(hidden, authenticator, clear, out length);
                default:
                    length = 16;
                    if (hidden.Length != length)
                    {
                        return false;
                    }

                    secret!.AscendSecret(hidden, authenticator, clear);
                    return true;
            }
        }
    }
}
