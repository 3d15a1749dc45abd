using System.Buffers.Text;
using System.Globalization;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>Octets being written: PDF syntax is ASCII around binary streams. Numbers are rounded to hundredths, so no machine writes them otherwise.</summary>
internal sealed class PdfBuffer(int capacity)
{
    private byte[] _octets = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _octets.AsSpan(0, Length);

    public ArraySegment<byte> Segment => new(_octets, 0, Length);

    public PdfBuffer Append(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(Room(octets.Length));
        Length += octets.Length;
        return this;
    }

    /// <summary>Latin-1 text: PDF syntax and names.</summary>
    public PdfBuffer Append(string text)
    {
        Length += System.Text.Encoding.Latin1.GetBytes(text, Room(text.Length));
        return this;
    }

    public PdfBuffer Append(int value)
    {
        Utf8Formatter.TryFormat(value, Room(11), out var written);
        Length += written;
        return this;
    }

    /// <summary>A coordinate or a length in points: at most two digits behind the point.</summary>
    public PdfBuffer Append(double value)
    {
        var hundredths = (long)Math.Round(value * 100, MidpointRounding.AwayFromZero);
        var room = Room(24);
        var at = 0;
        if (hundredths < 0)
        {
            room[at++] = (byte)'-';
            hundredths = -hundredths;
        }

        Utf8Formatter.TryFormat(hundredths / 100, room[at..], out var written);
        at += written;
        var fraction = (int)(hundredths % 100);
        if (fraction != 0)
        {
            room[at++] = (byte)'.';
            room[at++] = (byte)('0' + (fraction / 10));
            if (fraction % 10 != 0)
            {
                room[at++] = (byte)('0' + (fraction % 10));
            }
        }

        Length += at;
        return this;
    }

    public PdfBuffer AppendHex(int value, int digits)
    {
        var room = Room(digits);
        for (var i = digits - 1; i >= 0; i--, value >>= 4)
        {
            room[i] = "0123456789ABCDEF"u8[value & 15];
        }

        Length += digits;
        return this;
    }

    /// <summary>A text string of the document level as UTF-16BE with a mark (ISO 32000-1 section 7.9.2.2).</summary>
    public PdfBuffer AppendText(string text)
    {
        Append("<FEFF"u8);
        foreach (var unit in text)
        {
            AppendHex(unit, 4);
        }

        return Append(">"u8);
    }

    public void AppendZeros(int count)
    {
        Room(count).Clear();
        Length += count;
    }

    public void Align(int boundary)
    {
        if (Length % boundary != 0)
        {
            AppendZeros(boundary - (Length % boundary));
        }
    }

    public Span<byte> Patch(int at, int count) => _octets.AsSpan(at, count);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Length} octets");

    private Span<byte> Room(int count)
    {
        if (_octets.Length - Length < count)
        {
            Array.Resize(ref _octets, Math.Max(_octets.Length * 2, Length + count));
        }

        return _octets.AsSpan(Length, count);
    }
}
