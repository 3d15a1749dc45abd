using System.Buffers.Binary;
using System.Net;

namespace Tsunagi.Tests.Protocols.Flow;

/// <summary>Octets of a message under construction, big endian.</summary>
public sealed class Wire
{
    private readonly List<byte> _octets = [];

    public int Length => _octets.Count;

    public Wire U8(params int[] values) => Each(values, static (wire, value) => wire._octets.Add((byte)value));

    public Wire U16(params int[] values) => Each(values, static (wire, value) => wire._octets.AddRange([(byte)(value >> 8), (byte)value]));

    public Wire U32(params long[] values)
    {
        Span<byte> octets = stackalloc byte[4];
        foreach (long value in values)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)value);
            _octets.AddRange(octets);
        }

        return this;
    }

    public Wire U64(params ulong[] values)
    {
        Span<byte> octets = stackalloc byte[8];
        foreach (ulong value in values)
        {
            BinaryPrimitives.WriteUInt64BigEndian(octets, value);
            _octets.AddRange(octets);
        }

        return this;
    }

    public Wire Address(string address) => Octets(IPAddress.Parse(address).GetAddressBytes());

    public Wire Octets(params ReadOnlySpan<byte> octets)
    {
        _octets.AddRange(octets);
        return this;
    }

    public Wire Hex(string hex) => Octets(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    public byte[] ToArray() => [.. _octets];

    /// <summary>An IPFIX or NetFlow v9 set around the content.</summary>
    public Wire Set(int id, Wire content, int padding = 0) => U16(id, 4 + content.Length + padding).Octets(content.ToArray()).Octets(new byte[padding]);

    /// <summary>An IPFIX message around these sets.</summary>
    public byte[] Ipfix(uint sequence = 0, uint domain = 7, uint time = 1_700_000_000) =>
        new Wire().U16(10, 16 + Length).U32(time, sequence, domain).Octets(ToArray()).ToArray();

    /// <summary>A NetFlow v9 datagram around these sets: up for 1,000 s.</summary>
    public byte[] NetFlow9(uint sequence = 0, uint source = 7, uint time = 1_700_000_000) =>
        new Wire().U16(9, 1).U32(1_000_000, time, sequence, source).Octets(ToArray()).ToArray();

    /// <summary>An sFlow datagram of agent 192.0.2.9 around these samples.</summary>
    public byte[] Sflow(int samples, uint sequence = 0) => new Wire().U32(5, 1).Address("192.0.2.9").U32(0, sequence, 1000, samples).Octets(ToArray()).ToArray();

    private Wire Each(int[] values, Action<Wire, int> add)
    {
        foreach (int value in values)
        {
            add(this, value);
        }

        return this;
    }
}
