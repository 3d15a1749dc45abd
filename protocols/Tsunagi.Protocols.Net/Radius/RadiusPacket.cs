using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>
/// A packet where it lies in the caller's buffer (RFC 2865 section 3): code, identifier, length, authenticator, attributes. Made by <see cref="TryParse"/>, so its attributes
/// are known to be whole; whether it is authentic is asked of a <see cref="RadiusSecret"/>. Nothing is copied or allocated.
/// </summary>
public readonly ref struct RadiusPacket
{
    /// <summary>Octets before the attributes, and of the shortest packet.</summary>
    public const int HeaderOctets = 20;

    /// <summary>Octets of an authenticator.</summary>
    public const int AuthenticatorOctets = 16;

    private RadiusPacket(ReadOnlySpan<byte> octets, int messageAuthenticatorAt)
    {
        Octets = octets;
        MessageAuthenticatorAt = messageAuthenticatorAt;
    }

    /// <summary>The packet, without what a datagram may hold behind it.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>The kind of packet.</summary>
    public RadiusCode Code => (RadiusCode)Octets[0];

    /// <summary>What pairs an answer with its request.</summary>
    public byte Identifier => Octets[1];

    /// <summary>16 octets: random in an Access-Request, else a hash over packet and secret.</summary>
    public ReadOnlySpan<byte> Authenticator => Octets.Slice(4, AuthenticatorOctets);

    /// <summary>The attributes in their order.</summary>
    public RadiusAttributes Attributes => new(Octets[HeaderOctets..]);

    /// <summary>Where the Message-Authenticator begins in <see cref="Octets"/>; -1 when there is none.</summary>
    public int MessageAuthenticatorAt { get; }

    /// <summary>
    /// Reads one datagram. Octets behind the stated length are padding and left out; a datagram shorter than that is refused (RFC 2865 section 3). A Message-Authenticator
    /// has 16 octets and comes once at most (RFC 2869 section 5.14 and 5.19).
    /// </summary>
    /// <returns>False, with the reason, for what must be silently discarded. Never throws on what a peer can send.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, RadiusLimits? limits, out RadiusPacket packet, out RadiusError error)
    {
        limits ??= RadiusLimits.Default;
        packet = default;
        if (datagram.Length < HeaderOctets)
        {
            error = new RadiusError("packet: shorter than its header", datagram.Length);
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if (length < HeaderOctets || length > datagram.Length || length > limits.PacketOctets)
        {
            error = new RadiusError(length < HeaderOctets ? "packet: its length is below 20" : length > datagram.Length ? "packet: shorter than its length" : "packet: longer than the limit", 2);
            return false;
        }

        ReadOnlySpan<byte> octets = datagram[..length];
        if (!RadiusAttributes.Check(octets[HeaderOctets..], limits.Attributes, HeaderOctets, out error))
        {
            return false;
        }

        int authenticatorAt = -1;
        foreach (RadiusAttribute attribute in new RadiusAttributes(octets[HeaderOctets..]))
        {
            if (attribute.Type != RadiusType.MessageAuthenticator)
            {
                continue;
            }

            if (attribute.Value.Length != AuthenticatorOctets || authenticatorAt >= 0)
            {
                error = new RadiusError(authenticatorAt >= 0 ? "Message-Authenticator: comes twice" : "Message-Authenticator: not 16 octets long", HeaderOctets + attribute.Offset);
                return false;
            }

            authenticatorAt = HeaderOctets + attribute.Offset;
        }

        packet = new RadiusPacket(octets, authenticatorAt);
        return true;
    }

    /// <summary>The value of the first attribute of a type.</summary>
    public bool TryFind(byte type, out ReadOnlySpan<byte> value)
    {
        foreach (RadiusAttribute attribute in Attributes)
        {
            if (attribute.Type == type)
            {
                value = attribute.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>The value of the first attribute of a type that is a 32-bit number; false when it is not there or has another length.</summary>
    public bool TryFind(byte type, out uint value)
    {
        if (TryFind(type, out ReadOnlySpan<byte> octets) && octets.Length == 4)
        {
            value = BinaryPrimitives.ReadUInt32BigEndian(octets);
            return true;
        }

        value = 0;
        return false;
    }

    /// <summary>The value of the first attribute of a vendor's type, where the vendor keeps to one octet of type and one of length (RFC 2865 section 5.26).</summary>
    public bool TryFindVendor(uint vendor, byte type, out ReadOnlySpan<byte> value)
    {
        foreach (RadiusAttribute attribute in Attributes)
        {
            if (attribute.Type == RadiusType.VendorSpecific && RadiusAttributes.TryVendor(attribute.Value, vendor, type, out value))
            {
                return true;
            }
        }

        value = default;
        return false;
    }
}
