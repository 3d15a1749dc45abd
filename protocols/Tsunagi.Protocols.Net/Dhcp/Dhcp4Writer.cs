using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>
/// Writes a message of DHCPv4 into the caller's buffer. An option longer than 255 octets is cut into parts (RFC 3396 section 6); the fields <c>file</c> and <c>sname</c> are not lent
/// to options. What does not fit is not written and makes <see cref="TryFinish"/> say so.
/// </summary>
public ref struct Dhcp4Writer
{
    /// <summary>The shortest message that old relays and clients take (RFC 1542 section 2.1).</summary>
    public const int LeastOctets = 300;

    private readonly Span<byte> _buffer;
    private int _at;
    private bool _isFull;

    /// <summary>A client's message.</summary>
    public Dhcp4Writer(Span<byte> buffer, Dhcp4Type type, uint transactionId, scoped ReadOnlySpan<byte> hardwareAddress)
        : this(buffer)
    {
        if (hardwareAddress.Length > 16)
        {
            throw new ArgumentException("a link-layer address has at most 16 octets here", nameof(hardwareAddress));
        }

        if (!_isFull)
        {
            _buffer[0] = 1;
            _buffer[1] = 1;
            _buffer[2] = (byte)hardwareAddress.Length;
            BinaryPrimitives.WriteUInt32BigEndian(_buffer[4..], transactionId);
            hardwareAddress.CopyTo(_buffer[28..]);
        }

        Add(53, [(byte)type]);
    }

    /// <summary>A server's answer: what RFC 2131 section 4.3.1 has it take over is taken from the request.</summary>
    public Dhcp4Writer(Span<byte> buffer, Dhcp4Type type, Dhcp4Message request)
        : this(buffer)
    {
        if (!_isFull)
        {
            request.Octets[..16].CopyTo(_buffer);
            request.Octets.Slice(24, 20).CopyTo(_buffer[24..]); // the relay's address and the client's link-layer address
            _buffer[0] = 2;
            _buffer[3] = 0;
            _buffer[8..10].Clear(); // seconds
            if (type is not Dhcp4Type.Ack)
            {
                _buffer[12..16].Clear(); // ciaddr goes back in an acknowledgement alone
            }
        }

        Add(53, [(byte)type]);
    }

    private Dhcp4Writer(Span<byte> buffer)
    {
        _buffer = buffer;
        _isFull = buffer.Length < Dhcp4Message.HeaderOctets;
        if (!_isFull)
        {
            buffer[..Dhcp4Message.HeaderOctets].Clear();
            BinaryPrimitives.WriteUInt32BigEndian(buffer[Dhcp4Format.FixedOctets..], Dhcp4Format.Cookie);
            _at = Dhcp4Message.HeaderOctets;
        }
    }

    /// <summary>Octets that are written.</summary>
    public readonly int Octets => _at;

    /// <summary>The client is answered by broadcast: a relay looks at this, not at what the client had said (RFC 2131 section 4.3.2).</summary>
    public readonly void SetBroadcast()
    {
        if (!_isFull)
        {
            _buffer[10] |= 0x80;
        }
    }

    /// <summary>The client's address that it gets: 4 octets.</summary>
    public readonly void SetYourAddress(scoped ReadOnlySpan<byte> address)
    {
        if (address.Length != 4)
        {
            throw new ArgumentException("an address of IPv4 has 4 octets", nameof(address));
        }

        if (!_isFull)
        {
            address.CopyTo(_buffer[16..]);
        }
    }

    /// <summary>An option and its octets.</summary>
    public void Add(byte code, scoped ReadOnlySpan<byte> value)
    {
        do
        {
            int part = Math.Min(value.Length, 255);
            _isFull |= part + 2 > _buffer.Length - _at;
            if (_isFull)
            {
                return;
            }

            _buffer[_at] = code;
            _buffer[_at + 1] = (byte)part;
            value[..part].CopyTo(_buffer[(_at + 2)..]);
            _at += part + 2;
            value = value[part..];
        }
        while (value.Length > 0);
    }

    /// <summary>Ends the options and fills up to <see cref="LeastOctets"/>.</summary>
    /// <returns>False when the buffer was too short.</returns>
    public bool TryFinish(out int length)
    {
        length = Math.Max(_at + 1, LeastOctets);
        _isFull |= length > _buffer.Length;
        if (_isFull)
        {
            length = 0;
            return false;
        }

        _buffer[_at] = 255;
        _buffer[(_at + 1)..length].Clear();
        return true;
    }
}
