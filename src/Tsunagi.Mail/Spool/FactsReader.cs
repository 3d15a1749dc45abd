using System.Text;

namespace Tsunagi.Mail.Spool;

/// <summary>
/// Reads what <see cref="FactsWriter"/> wrote. Records are our own, but may come from a newer version or a damaged disk, so a short or senseless
/// record sets <see cref="Failed"/> and gives empty values; it never throws.
/// </summary>
internal ref struct FactsReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public bool Failed { get; private set; }

    public byte Byte()
    {
        if (_rest.IsEmpty)
        {
            Failed = true;
            return 0;
        }

        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public long Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)value;
            }
        }

        Failed = true;
        return 0;
    }

    /// <summary>A number that counts things to follow: never more than what is left could hold.</summary>
    public int Count()
    {
        var count = Number();
        if (count < 0 || count > _rest.Length)
        {
            Failed = true;
            return 0;
        }

        return (int)count;
    }

    public ReadOnlySpan<byte> Utf8()
    {
        var length = Count();
        var text = _rest[..length];
        _rest = _rest[length..];
        return text;
    }

    public string Text()
    {
        var utf8 = Utf8();
        return utf8.IsEmpty ? "" : Encoding.UTF8.GetString(utf8);
    }
}
