using System.Buffers;

namespace Tsunagi.Core.Logs;

internal enum Scanned
{
    Record,

    /// <summary>Bytes without a valid record, with something valid or the limit behind them.</summary>
    Gap,

    End,
}

/// <summary>
/// Walks the records of one segment. A record whose header is whole but whose bytes are bad is stepped over by its length; after a bad header
/// the next valid record is looked for at every multiple of 8. Used by recovery (bodies checked) and by readers (bodies stepped over).
/// </summary>
internal sealed class SegmentScanner(Segment segment, long offset, bool checkBodies) : IDisposable
{
    private const int WindowBytes = 128 << 10;

    private byte[] _window = ArrayPool<byte>.Shared.Rent(WindowBytes);
    private long _windowStart;
    private int _windowLength;

    private enum Found
    {
        Nothing,
        HeaderOnly,
        Valid,
    }

    public Segment Segment => segment;

    public long Offset { get; private set; } = offset;

    /// <summary>
    /// The next thing before <paramref name="limit"/>. Record: <paramref name="header"/> and <paramref name="facts"/> hold it (until the next call),
    /// and it began at <paramref name="at"/>. Gap: from <paramref name="at"/> to <see cref="Offset"/>.
    /// </summary>
    public Scanned Next(long limit, bool limitIsExact, out long at, out RecordHeader header, out ReadOnlySpan<byte> facts)
    {
        at = Offset;
        facts = default;
        header = default;
        if (at >= limit)
        {
            return Scanned.End;
        }

        switch (TryAt(at, limit, checkBodies, out header))
        {
            case Found.Valid:
                Offset = at + header.TotalLength;
                facts = Window(at + RecordHeader.Size, header.FactsLength, limit)[..header.FactsLength];
                return Scanned.Record;
            case Found.HeaderOnly:
                Offset = NextValid(Math.Min(limit, at + header.TotalLength), limit);
                return Scanned.Gap;
            default:
                Offset = NextValid(at + RecordHeader.Alignment, limit);
                return Offset == limit && !limitIsExact && IsEndMark(at, limit) ? Scanned.End : Scanned.Gap;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_window);
        _window = [];
        _windowLength = 0;
    }

    private Found TryAt(long at, long limit, bool withBody, out RecordHeader header)
    {
        if (!RecordHeader.TryRead(Window(at, RecordHeader.Size, limit), segment.Header, at, out header))
        {
            return Found.Nothing;
        }

        if (at + header.TotalLength > limit)
        {
            return Found.HeaderOnly;
        }

        var facts = Window(at + RecordHeader.Size, header.FactsLength, limit);
        if (facts.Length < header.FactsLength || Crc32C.Of(facts[..header.FactsLength]) != header.FactsChecksum)
        {
            return Found.HeaderOnly;
        }

        return !withBody || BodyIsWhole(at, limit, header) ? Found.Valid : Found.HeaderOnly;
    }

    private bool BodyIsWhole(long at, long limit, in RecordHeader header)
    {
        var checksum = Crc32C.Initial;
        var from = at + RecordHeader.Size + header.FactsLength;
        var end = from + header.BodyLength;
        while (from < end)
        {
            var wanted = (int)Math.Min(WindowBytes, end - from);
            var bytes = Window(from, wanted, limit);
            if (bytes.Length < wanted)
            {
                return false;
            }

            checksum = Crc32C.Append(checksum, bytes[..wanted]);
            from += wanted;
        }

        return ~checksum == header.BodyChecksum;
    }

    /// <summary>The offset of the first valid record at or after <paramref name="from"/>, or the limit.</summary>
    private long NextValid(long from, long limit)
    {
        while (from + RecordHeader.Size <= limit)
        {
            var bytes = Window(from, RecordHeader.Alignment, limit);
            if (bytes.IsEmpty)
            {
                return limit;
            }

            var zeroes = bytes.IndexOfAnyExcept((byte)0);
            zeroes = zeroes < 0 ? bytes.Length : zeroes;
            if (zeroes >= RecordHeader.Alignment)
            {
                from += zeroes & -RecordHeader.Alignment;
                continue;
            }

            if (TryAt(from, limit, withBody: true, out _) == Found.Valid)
            {
                return from;
            }

            from += RecordHeader.Alignment;
        }

        return limit;
    }

    /// <summary>Zeroes as long as a header are written behind each batch; what follows them is of the segment's life before this one.</summary>
    private bool IsEndMark(long at, long limit)
    {
        var bytes = Window(at, RecordHeader.Size, limit);
        return !bytes[..Math.Min(bytes.Length, RecordHeader.Size)].ContainsAnyExcept((byte)0);
    }

    /// <summary>At least <paramref name="wanted"/> bytes from the offset on (fewer at the limit or the file's end), as many as are at hand.</summary>
    private ReadOnlySpan<byte> Window(long from, int wanted, long limit)
    {
        wanted = (int)Math.Max(0, Math.Min(wanted, limit - from));
        if (from < _windowStart || from + wanted > _windowStart + _windowLength)
        {
            if (_window.Length < wanted)
            {
                ArrayPool<byte>.Shared.Return(_window);
                _window = ArrayPool<byte>.Shared.Rent(wanted);
            }

            _windowStart = from;
            _windowLength = segment.File.Read(from, _window.AsSpan(0, (int)Math.Min(_window.Length, limit - from)));
        }

        var start = (int)(from - _windowStart);
        return start >= _windowLength ? default : _window.AsSpan(start, _windowLength - start);
    }
}
