using System.Buffers.Binary;
using System.Net;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>
/// Writes a message of DHCPv6 into the caller's buffer. Options that hold options are opened by <see cref="Begin"/> and closed by <see cref="End"/>. What does not fit is not written
/// and makes <see cref="TryFinish"/> say so.
/// </summary>
public ref struct Dhcp6Writer
{
    private readonly Span<byte> _buffer;
    private int _at;
    private bool _isFull;

    /// <summary>A client's or a server's message.</summary>
    public Dhcp6Writer(Span<byte> buffer, Dhcp6Type type, int transactionId)
    {
        _buffer = buffer;
        Put([(byte)type, (byte)(transactionId >> 16), (byte)(transactionId >> 8), (byte)transactionId]);
    }

    /// <summary>A relay's message; the addresses have 16 octets each.</summary>
    public Dhcp6Writer(Span<byte> buffer, Dhcp6Type type, byte hopCount, scoped ReadOnlySpan<byte> linkAddress, scoped ReadOnlySpan<byte> peerAddress)
    {
        if (linkAddress.Length != 16 || peerAddress.Length != 16)
        {
            throw new ArgumentException("an address of IPv6 has 16 octets", linkAddress.Length != 16 ? nameof(linkAddress) : nameof(peerAddress));
        }

        _buffer = buffer;
        Put([(byte)type, hopCount]);
        Put(linkAddress);
        Put(peerAddress);
    }

    /// <summary>An option and its octets.</summary>
    public void Add(ushort code, scoped ReadOnlySpan<byte> value)
    {
        int mark = Begin(code);
        Put(value);
        End(mark);
    }

    /// <summary>An option that says yes by being there.</summary>
    public void AddFlag(ushort code) => Add(code, default);

    /// <summary>A number of 16 bits.</summary>
    public void AddNumber(ushort code, ushort value) => Add(code, [(byte)(value >> 8), (byte)value]);

    /// <summary>Opens an option; options added until <see cref="End"/> lie within it.</summary>
    /// <returns>What <see cref="End"/> is to be given.</returns>
    public int Begin(ushort code)
    {
        int mark = _at;
        Put([(byte)(code >> 8), (byte)code, 0, 0]);
        return mark;
    }

    /// <summary>Opens IA_NA or IA_PD (RFC 8415 section 21.4 and 21.21); times in seconds.</summary>
    public int BeginAssociation(ushort code, uint identifier, uint t1, uint t2)
    {
        int mark = Begin(code);
        Put(identifier);
        Put(t1);
        Put(t2);
        return mark;
    }

    /// <summary>Opens IA_TA (RFC 8415 section 21.5), which has no times.</summary>
    public int BeginTemporary(uint identifier)
    {
        int mark = Begin(Dhcp6Code.IaTa);
        Put(identifier);
        return mark;
    }

    /// <summary>An address of an IA (RFC 8415 section 21.6); lifetimes in seconds. Status and the like may be added until <see cref="End"/>.</summary>
    public int BeginAddress(IPAddress address, uint preferred, uint valid)
    {
        ArgumentNullException.ThrowIfNull(address);
        int mark = Begin(Dhcp6Code.IaAddress);
        Put(address.GetAddressBytes());
        Put(preferred);
        Put(valid);
        return mark;
    }

    /// <summary>A prefix of an IA (RFC 8415 section 21.22); lifetimes in seconds.</summary>
    public int BeginPrefix(IPNetwork prefix, uint preferred, uint valid)
    {
        int mark = Begin(Dhcp6Code.IaPrefix);
        Put(preferred);
        Put(valid);
        Put([(byte)prefix.PrefixLength]);
        Put(prefix.BaseAddress.GetAddressBytes());
        return mark;
    }

    /// <summary>A status (RFC 8415 section 21.13), its message in UTF-8.</summary>
    public void AddStatus(ushort status, scoped ReadOnlySpan<byte> message)
    {
        int mark = Begin(Dhcp6Code.StatusCode);
        Put([(byte)(status >> 8), (byte)status]);
        Put(message);
        End(mark);
    }

    /// <summary>Closes an option.</summary>
    public void End(int mark)
    {
        int length = _at - mark - Dhcp6Options.HeaderOctets;
        _isFull |= length > ushort.MaxValue;
        if (!_isFull)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_buffer[(mark + 2)..], (ushort)length);
        }
    }

    /// <summary>The length of the message; false when the buffer was too short.</summary>
    public readonly bool TryFinish(out int length)
    {
        length = _isFull ? 0 : _at;
        return !_isFull;
    }

    private void Put(uint number)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, number);
        Put(octets);
    }

    private void Put(scoped ReadOnlySpan<byte> octets)
    {
        _isFull |= octets.Length > _buffer.Length - _at;
        if (!_isFull)
        {
            octets.CopyTo(_buffer[_at..]);
            _at += octets.Length;
        }
    }
}
