using System.Buffers.Binary;
using System.Globalization;

namespace Tsunagi.Protocols.Cpe.Arms;

/// <summary>Who a service adaptor is: version (16 bits), vendor (32), type (16) and code (64), written as eight groups of four hexadecimal digits.</summary>
/// <param name="Value">All 128 bits.</param>
public readonly record struct DistributionId(UInt128 Value)
{
    /// <summary>Octets of the binary form in a heartbeat.</summary>
    public const int Octets = 16;

    /// <summary>The first group.</summary>
    public int Version => (int)(ushort)(Value >> 112);

    /// <summary>The second and third group.</summary>
    public long Vendor => (long)(uint)(Value >> 80);

    /// <summary>The fourth group: the kind of device.</summary>
    public int SaType => (int)(ushort)(Value >> 64);

    /// <summary>The last four groups: often made from the MAC address.</summary>
    public ulong SaCode => (ulong)Value;

    /// <summary>Reads <c>VVVV-vvvv-vvvv-TTTT-cccc-cccc-cccc-cccc</c>, in either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DistributionId id)
    {
        id = default;
        if (text.Length != 39)
        {
            return false;
        }

        UInt128 value = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (i % 5 == 4)
            {
                if (text[i] != '-')
                {
                    return false;
                }

                continue;
            }

            if (!char.IsAsciiHexDigit(text[i]))
            {
                return false;
            }

            value = (value << 4) | (UInt128)Convert.ToInt32(text[i].ToString(), 16);
        }

        id = new DistributionId(value);
        return true;
    }

    /// <summary>Reads the binary form.</summary>
    public static DistributionId Read(ReadOnlySpan<byte> octets) => new(BinaryPrimitives.ReadUInt128BigEndian(octets));

    /// <summary>Upper-case groups.</summary>
    public override string ToString()
    {
        var digits = Value.ToString("X32", CultureInfo.InvariantCulture);
        return string.Join('-', Enumerable.Range(0, 8).Select(i => digits.Substring(i * 4, 4)));
    }
}
