using System.Buffers;
using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>What is counted while one message is read.</summary>
internal sealed class DhcpReading(DhcpLimits limits)
{
    public DhcpLimits Limits { get; } = limits;

    /// <summary>Options read so far.</summary>
    public int Options { get; set; }

    /// <summary>How deep the options lie that are being read.</summary>
    public int Depth { get; set; }

    /// <summary>How many relay messages lie around what is being read.</summary>
    public int Relays { get; set; }

    /// <summary>What was being read lies deeper than a limit.</summary>
    public bool IsTooDeep { get; set; }

    /// <summary>More options than the limit: the message is given up.</summary>
    public bool IsTooMany { get; set; }
}

/// <summary>Octets that are being read, up to the end of the part that a format may see.</summary>
internal ref struct DhcpInput(ReadOnlySpan<byte> octets, DhcpReading reading)
{
    private readonly ReadOnlySpan<byte> _octets = octets;

    public DhcpReading Reading { get; } = reading;

    public int At { get; private set; }

    public readonly int Left => _octets.Length - At;

    public readonly ReadOnlySpan<byte> Rest => _octets[At..];

    public bool TryTake(int count, out ReadOnlySpan<byte> taken)
    {
        if (count > Left)
        {
            taken = default;
            return false;
        }

        taken = _octets.Slice(At, count);
        At += count;
        return true;
    }

    public ReadOnlySpan<byte> TakeRest()
    {
        ReadOnlySpan<byte> rest = Rest;
        At = _octets.Length;
        return rest;
    }
}

/// <summary>How a value lies in octets: read and written by the same description.</summary>
internal abstract class DhcpFormat
{
    /// <summary>Reads a value from where the input stands; false when the octets do not follow the format.</summary>
    public abstract bool TryRead(ref DhcpInput input, out DhcpValue value);

    /// <summary>Writes a value; false when it is of another kind or does not fit.</summary>
    public abstract bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output);

    /// <summary>Reads octets that the value must fill.</summary>
    public bool TryReadWhole(ReadOnlySpan<byte> octets, DhcpReading reading, out DhcpValue value)
    {
        var input = new DhcpInput(octets, reading);
        return TryRead(ref input, out value) && input.Left == 0;
    }

    protected static ulong Number(ReadOnlySpan<byte> octets)
    {
        ulong number = 0;
        foreach (byte octet in octets)
        {
            number = number << 8 | octet;
        }

        return number;
    }

    protected static bool Put(ArrayBufferWriter<byte> output, ulong number, int octets)
    {
        if (octets < 8 && number >> (octets * 8) != 0)
        {
            return false;
        }

        Span<byte> all = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(all, number);
        output.Write(all[(8 - octets)..]);
        return true;
    }
}
