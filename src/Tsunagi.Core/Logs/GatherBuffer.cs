using System.Buffers;

namespace Tsunagi.Core.Logs;

/// <summary>
/// The records that wait for the next write, laid out as they will lie on the disk, and who waits for them. A few of these take turns: some are
/// written and synced while another gathers. It grows up to the limit of a batch and keeps its memory.
/// <para>Places are taken under the log's gate, one after the other; records are copied into them outside it, side by side.</para>
/// </summary>
internal sealed class GatherBuffer(int maxBytes)
{
    private const int FirstBytes = 256 << 10;
    private const int Page = 4096;
    private const int MaxMark = RecordHeader.Size + Page;

    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(Math.Min(FirstBytes, maxBytes + MaxMark), pinned: true);
    private AppendOperation[] _waiting = new AppendOperation[256];
    private int _filled;

    public int Length { get; private set; }

    public int Count { get; private set; }

    private Span<byte> Bytes => _bytes.AsSpan(0, Length);

    public bool HasRoomFor(long recordLength) => Length + recordLength <= maxBytes;

    /// <summary>Under the log's gate: room for a record of this total length. The place must be filled at once.</summary>
    public Place Reserve(AppendOperation operation, int total)
    {
        Grow(Length + total + MaxMark, Count + 1);
        var place = new Place(this, _bytes, Length, total);
        operation.Offset = Length;
        _waiting[Count++] = operation;
        Length += total;
        return place;
    }

    /// <summary>Of the writer that has taken the buffer: waits for the appenders that are still copying, a matter of nanoseconds.</summary>
    public void WaitUntilFilled()
    {
        while (Volatile.Read(ref _filled) < Count)
        {
            Thread.Yield();
        }
    }

    /// <summary>
    /// Completes the headers for the place where the batch will lie, and returns what is to be written there: the records, and behind them the mark of
    /// the end (zeroes as long as a header, or what the segment has room for), which the next batch overwrites. The zeroes go on to the end of a page, so
    /// that the kernel never has to read a page of a used segment in order to write a part of it.
    /// </summary>
    public ReadOnlySpan<byte> Seal(in SegmentHeader segment, long offset, long syncedBefore, long timeMicros)
    {
        for (var at = 0; at < Length;)
        {
            at += RecordHeader.Seal(_bytes.AsSpan(at), segment, offset + at, (int)syncedBefore, timeMicros);
        }

        var end = (offset + Length + RecordHeader.Size + Page - 1) & -Page;
        var withMark = _bytes.AsSpan(0, (int)(Math.Min(end, segment.FileLength) - offset));
        withMark[Length..].Clear();
        return withMark;
    }

    /// <summary>Lets everybody be told where his record lies, and is empty again.</summary>
    public void Complete(LogPosition batch, CompletionRoundPool rounds)
    {
        _waiting = rounds.Rent().Start(_waiting, Count, batch);
        Reset();
    }

    public void Fail(Exception why)
    {
        for (var i = 0; i < Count; i++)
        {
            _waiting[i].Fail(why);
        }

        Reset();
    }

    private void Reset()
    {
        Length = 0;
        Count = 0;
        _filled = 0;
    }

    private void Grow(int bytes, int waiting)
    {
        if (bytes > _bytes.Length)
        {
            // Whoever is still copying does so into the old array.
            WaitUntilFilled();
            var larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(maxBytes + MaxMark, Math.Max(bytes, 2L * _bytes.Length)), pinned: true);
            Bytes.CopyTo(larger);
            _bytes = larger;
        }

        if (waiting > _waiting.Length)
        {
            Array.Resize(ref _waiting, 2 * _waiting.Length);
        }
    }

    /// <summary>Room for one record, taken in order, filled in any.</summary>
    public readonly struct Place(GatherBuffer buffer, byte[] bytes, int offset, int total)
    {
        public void Fill(byte kind, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> facts, in ReadOnlySequence<byte> body)
        {
            var factsLength = prefix.Length + facts.Length;
            var bodyLength = (int)body.Length;
            var record = bytes.AsSpan(offset, total);
            try
            {
                prefix.CopyTo(record[RecordHeader.Size..]);
                facts.CopyTo(record[(RecordHeader.Size + prefix.Length)..]);
                body.CopyTo(record[(RecordHeader.Size + factsLength)..]);
                record[(RecordHeader.Size + factsLength + bodyLength)..].Clear();
                RecordHeader.Begin(record, kind, factsLength, bodyLength);
            }
            catch
            {
                // The place is taken; what lies there must be a record all the same, one that nobody is shown.
                RecordHeader.Begin(record, RecordHeader.Hole, 0, total - RecordHeader.Size);
                throw;
            }
            finally
            {
                Interlocked.Increment(ref buffer._filled);
            }
        }
    }
}
