using System.Buffers;
using System.Buffers.Binary;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>Octets that grow, with lengths that are filled in afterwards.</summary>
internal sealed class BgpOctets
{
    private readonly ArrayBufferWriter<byte> _octets = new(256);

    public int Length => _octets.WrittenCount;

    public ReadOnlySpan<byte> Span => _octets.WrittenSpan;

    public byte[] ToArray() => _octets.WrittenSpan.ToArray();

    public void Octet(byte value) => Take(1)[0] = value;

    public void Short(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);

    public void Int(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    public void Long(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);

    public void Octets(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>A length octet and its bits of prefix (RFC 4271 section 4.3).</summary>
    public void Prefix(BgpPrefix prefix, bool withPath)
    {
        if (withPath)
        {
            Int(prefix.PathId);
        }

        Octet(prefix.Length);
        Bits(prefix, prefix.Length);
    }

    /// <summary>The octets that hold so many bits of the prefix.</summary>
    public void Bits(BgpPrefix prefix, int bits)
    {
        Span<byte> address = stackalloc byte[16];
        prefix.Address.WriteTo(address);
        Octets(address.Slice(prefix.IsIPv6 ? 0 : 12, (bits + 7) / 8));
    }

    private Span<byte> Take(int octets)
    {
        Span<byte> span = _octets.GetSpan(octets)[..octets];
        _octets.Advance(octets);
        return span;
    }
}
