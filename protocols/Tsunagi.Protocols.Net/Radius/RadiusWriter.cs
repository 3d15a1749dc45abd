using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>
/// Writes one packet into the caller's buffer: attributes in the order they are added, then one of the Finish methods, which puts in length and authenticators. What does not
/// fit is remembered and told at the end: <see cref="Fits"/>.
/// </summary>
public ref struct RadiusWriter
{
    private const int LongestValue = 253;

    private readonly Span<byte> _buffer;
    private int _at;
    private int _messageAuthenticatorAt;

    /// <summary>Starts a packet. The buffer is at least 20 octets long and no longer than a packet may be.</summary>
    public RadiusWriter(Span<byte> buffer, RadiusCode code, byte identifier)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, RadiusPacket.HeaderOctets, nameof(buffer));
        _buffer = buffer;
        _buffer[..RadiusPacket.HeaderOctets].Clear();
        _buffer[0] = (byte)code;
        _buffer[1] = identifier;
        _at = RadiusPacket.HeaderOctets;
        _messageAuthenticatorAt = -1;
        Fits = true;
    }

    /// <summary>False when something did not fit: a value above 253 octets, or the packet into the buffer.</summary>
    public bool Fits { get; private set; }

    /// <summary>Octets written so far.</summary>
    public readonly int Written => _at;

    /// <summary>The Request Authenticator: what passwords are hidden with. Set it before hiding any.</summary>
    public readonly Span<byte> Authenticator => _buffer.Slice(4, RadiusPacket.AuthenticatorOctets);

    /// <summary>Adds an attribute.</summary>
    public void Add(byte type, scoped ReadOnlySpan<byte> value) => value.TryCopyTo(Reserve(type, value.Length));

    /// <summary>Adds a text in UTF-8. An empty one is left out (RFC 2865 section 5: "Text of length zero MUST NOT be sent").</summary>
    public void Add(byte type, scoped ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        int octets = Encoding.UTF8.GetByteCount(text);
        Span<byte> value = Reserve(type, octets);
        if (value.Length == octets)
        {
            Encoding.UTF8.GetBytes(text, value);
        }
    }

    /// <summary>Adds a 32-bit number.</summary>
    public void Add(byte type, uint value)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        Add(type, octets);
    }

    /// <summary>Adds an address: 4 octets of IPv4 or 16 of IPv6.</summary>
    public void Add(byte type, IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out int written);
        Add(type, octets[..written]);
    }

    /// <summary>Adds an IPv6 prefix: a reserved octet, the length, and only the octets of the prefix itself (RFC 3162 section 2.3).</summary>
    public void Add(byte type, IPNetwork prefix)
    {
        if (prefix.BaseAddress.AddressFamily != AddressFamily.InterNetworkV6)
        {
            throw new ArgumentException("an IPv6 prefix is written, not " + prefix, nameof(prefix));
        }

        Span<byte> octets = stackalloc byte[18];
        octets.Clear();
        octets[1] = (byte)prefix.PrefixLength;
        prefix.BaseAddress.TryWriteBytes(octets[2..], out _);
        Add(type, octets[..(2 + ((prefix.PrefixLength + 7) / 8))]);
    }

    /// <summary>Adds a vendor's attribute with one octet of type and one of length, alone in its Vendor-Specific (RFC 2865 section 5.26).</summary>
    public void AddVendor(uint vendor, byte type, scoped ReadOnlySpan<byte> value)
    {
        Span<byte> octets = Reserve(RadiusType.VendorSpecific, 6 + value.Length);
        if (octets.IsEmpty)
        {
            return;
        }

        BinaryPrimitives.WriteUInt32BigEndian(octets, vendor);
        octets[4] = type;
        octets[5] = (byte)(2 + value.Length);
        value.CopyTo(octets[6..]);
    }

    /// <summary>Adds attributes that are octets already, type and length included.</summary>
    public void AddEncoded(scoped ReadOnlySpan<byte> attributes)
    {
        if (!Fits || attributes.Length > _buffer.Length - _at)
        {
            Fits = false;
            return;
        }

        attributes.CopyTo(_buffer[_at..]);
        _at += attributes.Length;
    }

    /// <summary>Room for an attribute's value, to be filled by the caller; empty when it does not fit.</summary>
    public Span<byte> Reserve(byte type, int octets)
    {
        if (!Fits || octets > LongestValue || octets + 2 > _buffer.Length - _at)
        {
            Fits = false;
            return [];
        }

        _buffer[_at] = type;
        _buffer[_at + 1] = (byte)(octets + 2);
        Span<byte> value = _buffer.Slice(_at + 2, octets);
        _at += octets + 2;
        return value;
    }

    /// <summary>
    /// Adds a Message-Authenticator here; it is filled in at the end. Answers carry it first, so that an attacker who can choose what stands behind it cannot forge an answer by a
    /// collision of MD5 (draft-ietf-radext-deprecating-radius section 5.2).
    /// </summary>
    public void AddMessageAuthenticator()
    {
        int at = _at;
        Span<byte> value = Reserve(RadiusType.MessageAuthenticator, RadiusPacket.AuthenticatorOctets);
        if (!value.IsEmpty)
        {
            value.Clear();
            _messageAuthenticatorAt = at;
        }
    }

    /// <summary>Ends an Access-Request or Status-Server, whose authenticator the caller chose at random. False when it did not fit.</summary>
    public readonly bool TryFinishAccess(RadiusSecret secret, out int length)
    {
        if (!TryPutLength(out length))
        {
            return false;
        }

        PutMessageAuthenticator(secret, Authenticator);
        return true;
    }

    /// <summary>Ends an Accounting-Request (RFC 2866 section 3), Disconnect-Request or CoA-Request (RFC 5176 section 2.3): the authenticator is a hash over packet and secret.</summary>
    public readonly bool TryFinishSigned(RadiusSecret secret, out int length)
    {
        if (!TryPutLength(out length))
        {
            return false;
        }

        Span<byte> zero = stackalloc byte[RadiusPacket.AuthenticatorOctets];
        zero.Clear();
        PutMessageAuthenticator(secret, zero);
        secret.Authenticate(_buffer[..length], zero, Authenticator);
        return true;
    }

    /// <summary>Ends an answer: the authenticator is a hash over the answer, the request's authenticator and the secret (RFC 2865 section 3).</summary>
    public readonly bool TryFinishAnswer(RadiusSecret secret, scoped ReadOnlySpan<byte> requestAuthenticator, out int length)
    {
        if (!TryPutLength(out length))
        {
            return false;
        }

        PutMessageAuthenticator(secret, requestAuthenticator);
        secret.Authenticate(_buffer[..length], requestAuthenticator, Authenticator);
        return true;
    }

    private readonly bool TryPutLength(out int length)
    {
        length = Fits && _at <= ushort.MaxValue ? _at : 0;
        if (length == 0)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)length);
        return true;
    }

    private readonly void PutMessageAuthenticator(RadiusSecret secret, scoped ReadOnlySpan<byte> authenticator)
    {
        if (_messageAuthenticatorAt >= 0)
        {
            secret.MessageAuthenticator(_buffer[.._at], _messageAuthenticatorAt, authenticator, _buffer.Slice(_messageAuthenticatorAt + 2, RadiusPacket.AuthenticatorOctets));
        }
    }
}
