using System.Buffers.Binary;

namespace Tsunagi.Protocols.Cpe.Arms;

/// <summary>The records of a heartbeat's datagram one after the other, where they lie: nothing is copied. Whose it is, and whether it is genuine, is <see cref="Heartbeat.IsMadeWith"/>'s to say first.</summary>
/// <param name="datagram">A whole datagram for which <see cref="Heartbeat.TryReadId"/> held.</param>
public ref struct HeartbeatReader(ReadOnlySpan<byte> datagram)
{
    private const int Head = 4;
    private const int FirstRecord = 44;
    private ReadOnlySpan<byte> _rest = datagram.Length >= FirstRecord ? datagram[FirstRecord..] : [];

    /// <summary>One of <see cref="HeartbeatType"/>, or another.</summary>
    public ushort Type { get; private set; }

    /// <summary>Big-endian numbers; they lie in the datagram.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>A record goes beyond the datagram's end.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>False behind the last record, and at one that is broken.</summary>
    public bool MoveNext()
    {
        if (_rest.Length == 0)
        {
            return false;
        }

        if (_rest.Length < Head || _rest.Length < Head + BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]))
        {
            IsBroken = true;
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        Type = BinaryPrimitives.ReadUInt16BigEndian(_rest);
        Value = _rest.Slice(Head, length);
        _rest = _rest[(Head + length)..];
        return true;
    }
}
