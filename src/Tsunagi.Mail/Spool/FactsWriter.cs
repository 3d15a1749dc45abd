using System.Buffers;
using System.Text;

namespace Tsunagi.Mail.Spool;

/// <summary>
/// Writes the facts of one spool record: numbers as LEB128 varints, texts as UTF-8 with their length before them. Kept and reused by a session,
/// so that the hot path allocates nothing for a message's facts.
/// </summary>
internal sealed class FactsWriter
{
    private byte[] _bytes = new byte[512];
    private int _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public void Byte(byte value)
    {
        Room(1);
        _bytes[_length++] = value;
    }

    public void Number(long value)
    {
        Room(10);
        var rest = (ulong)value;
        while (rest >= 0x80)
        {
            _bytes[_length++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        _bytes[_length++] = (byte)rest;
    }

    public void Text(ReadOnlySpan<char> text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= 1024)
        {
            Span<byte> utf8 = stackalloc byte[most];
            Utf8(utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(most);
        Utf8(rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
    }

    public void Utf8(ReadOnlySpan<byte> text)
    {
        Number(text.Length);
        Room(text.Length);
        text.CopyTo(_bytes.AsSpan(_length));
        _length += text.Length;
    }

    private void Room(int count)
    {
        if (_bytes.Length - _length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        }
    }
}
