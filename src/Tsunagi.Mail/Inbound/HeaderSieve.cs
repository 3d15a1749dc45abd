using System.Buffers;

namespace Tsunagi.Mail.Inbound;

/// <summary>
/// Holds the header section of one arriving message field by field and lets through what is not forged. Behind the section's end it lets everything
/// through unseen. Any cut of the content into pieces gives the same result, and memory is bounded whatever a field's length: one longer than
/// <see cref="MaxFieldBytes"/> is judged by its head.
/// </summary>
internal sealed class HeaderSieve(ForgedFields forged) : IDisposable
{
    public const int MaxFieldBytes = 16 * 1024;

    // Between fields; within one that was too long to be kept; behind the section.
    private enum Place { Field, Passing, Dropping, Body }

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;
    private Place _place;

    /// <summary>The header section is over: nothing is kept back, and nothing more need be given.</summary>
    public bool IsOpen => _place == Place.Body;

    /// <summary>Forged fields taken out.</summary>
    public int Removed { get; private set; }

    public void Reset()
    {
        (_length, _place, Removed) = (0, Place.Field, 0);
    }

    /// <summary>Where the next content goes.</summary>
    public Memory<byte> GetMemory(int sizeHint)
    {
        var wanted = Math.Max(sizeHint, 512);
        if (_buffer.Length - _length < wanted)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + wanted));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsMemory(_length);
    }

    /// <summary>The next <paramref name="count"/> bytes were written there; what is decided goes to <paramref name="output"/>.</summary>
    public void Advance(int count, IBufferWriter<byte> output)
    {
        _length += count;
        var content = _buffer.AsSpan(0, _length);
        var decided = 0;
        var kept = 0;
        for (var more = true; more && _place != Place.Body;)
        {
            more = TryStep(content, ref decided, out var drop);
            if (drop.Length > 0)
            {
                output.Write(content[kept..drop.Start]);
                kept = drop.Start + drop.Length;
            }
        }

        var end = _place == Place.Body ? _length : decided;
        if (end > kept)
        {
            output.Write(content[kept..end]);
        }

        content[end..].CopyTo(_buffer);
        _length -= end;
    }

    /// <summary>The content ended: the last field is decided on.</summary>
    public void End(IBufferWriter<byte> output)
    {
        var rest = _buffer.AsSpan(0, _length);
        if (_place == Place.Passing || (_place == Place.Field && !IsForged(rest)))
        {
            output.Write(rest);
        }

        _length = 0;
        _place = Place.Body;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    /// <summary>Decides on the field at <paramref name="at"/>, or on the next piece of a long one; false when more must come.</summary>
    private bool TryStep(ReadOnlySpan<byte> content, ref int at, out (int Start, int Length) drop)
    {
        drop = default;
        var rest = content[at..];
        if (_place == Place.Field && rest.StartsWith("\r\n"u8))
        {
            _place = Place.Body;
            return false;
        }

        var end = EndOfField(rest);
        var whole = end >= 0;
        if (!whole)
        {
            if (_place == Place.Field && rest.Length <= MaxFieldBytes)
            {
                return false;
            }

            // A line end may be followed by a fold: it stays until it is known.
            end = rest.EndsWith("\n"u8) ? rest.Length - 1 : rest.Length;
            if (end == 0)
            {
                return false;
            }
        }

        if (_place == Place.Field)
        {
            _place = IsForged(rest[..end]) ? Place.Dropping : Place.Passing;
        }

        drop = _place == Place.Dropping ? (at, end) : default;
        at += end;
        _place = whole ? Place.Field : _place;
        return whole;
    }

    private bool IsForged(ReadOnlySpan<byte> field)
    {
        var found = forged.Contains(field);
        Removed += found ? 1 : 0;
        return found;
    }

    // Behind the line end that no white space follows (RFC 5322 section 2.2.3); -1 when it is not there yet.
    private static int EndOfField(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (text[at..].IndexOf((byte)'\n') is var found && found >= 0)
        {
            at += found + 1;
            if (at >= text.Length)
            {
                return -1;
            }

            if (text[at] is not ((byte)' ' or (byte)'\t'))
            {
                return at;
            }
        }

        return -1;
    }
}
