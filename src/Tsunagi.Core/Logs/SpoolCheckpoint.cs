using System.Buffers.Binary;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

/// <summary>
/// The live set written down, so that a start replays only the records behind it. It is never synced and may be lost or torn: its checksum tells,
/// and then everything still in the log is replayed, which gives the same set.
/// <code>
/// "TSUNALIV"  version (u32)  count (u32)  replay from (i64)
/// per item: id, body length (i64), body checksum (u32), body file (16), body record (i64), home (i64), home segment (i64), accepted µs (i64),
///           length of the facts (i32), length of the note (i32, -1 for none), facts, note
/// CRC-32C of everything before it
/// </code>
/// </summary>
internal sealed class SpoolCheckpoint(IDisk disk, string path)
{
    private const int HeaderSize = 24;
    private const int ItemSize = SpoolId.Size + 8 + 4 + 16 + 8 + 8 + 8 + 8 + 4 + 4;
    private const uint Version = 1;
    private const int BufferBytes = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "TSUNALIV"u8;

    /// <summary>What was last written or read, in bytes.</summary>
    public long Length { get; private set; }

    public void Write(LogPosition replayFrom, IReadOnlyList<CheckpointItem> items)
    {
        var unfinished = path + ".new";
        disk.Delete(unfinished);
        using (var file = disk.Create(unfinished))
        {
            var writer = new Writer(file);
            var header = writer.Take(HeaderSize);
            Magic.CopyTo(header);
            BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Version);
            BinaryPrimitives.WriteInt32LittleEndian(header[12..], items.Count);
            BinaryPrimitives.WriteInt64LittleEndian(header[16..], replayFrom.Value);
            foreach (var item in items)
            {
                WriteItem(writer, item);
            }

            Length = writer.Finish();
        }

        disk.Rename(unfinished, path);
    }

    /// <summary>False when there is none, or it is damaged.</summary>
    public bool TryRead(out LogPosition replayFrom, out List<CheckpointItem> items)
    {
        replayFrom = LogPosition.Start;
        items = [];
        if (!disk.Exists(path))
        {
            return false;
        }

        using var file = disk.Open(path, forWriting: false);
        if (file.Length is < HeaderSize + 4 or > int.MaxValue)
        {
            return false;
        }

        var bytes = new byte[file.Length];
        if (file.Read(0, bytes) < bytes.Length
            || !bytes.AsSpan().StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4)) != Crc32C.Of(bytes.AsSpan(0, bytes.Length - 4))
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)) != Version)
        {
            return false;
        }

        Length = bytes.Length;
        replayFrom = new LogPosition(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16)));
        var rest = bytes.AsSpan(HeaderSize, bytes.Length - HeaderSize - 4);
        for (var left = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12)); left > 0; left--)
        {
            if (!TryReadItem(ref rest, out var item))
            {
                items.Clear();
                return false;
            }

            items.Add(item);
        }

        return true;
    }

    private static void WriteItem(Writer writer, in CheckpointItem item)
    {
        var bytes = writer.Take(ItemSize + item.Facts.Length + (item.Note?.Length ?? 0));
        SpoolRecordFormat.WriteAccept(bytes, item.Id, item.Body);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[44..], item.Body.Record.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[52..], item.Home.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[60..], item.HomeSegment);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[68..], item.AcceptedMicros);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[76..], item.Facts.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[80..], item.Note?.Length ?? -1);
        item.Facts.CopyTo(bytes[ItemSize..]);
        item.Note?.CopyTo(bytes[(ItemSize + item.Facts.Length)..]);
    }

    private static bool TryReadItem(ref Span<byte> rest, out CheckpointItem item)
    {
        item = default;
        if (rest.Length < ItemSize)
        {
            return false;
        }

        var factsLength = BinaryPrimitives.ReadInt32LittleEndian(rest[76..]);
        var noteLength = BinaryPrimitives.ReadInt32LittleEndian(rest[80..]);
        var length = ItemSize + (long)factsLength + Math.Max(0, noteLength);
        if (factsLength < 0 || noteLength < -1 || length > rest.Length)
        {
            return false;
        }

        var body = new BodyPlace(
            BinaryPrimitives.ReadInt64LittleEndian(rest[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(rest[24..]),
            BinaryPrimitives.ReadUInt128BigEndian(rest[28..]),
            new LogPosition(BinaryPrimitives.ReadInt64LittleEndian(rest[44..])));
        item = new CheckpointItem(
            SpoolId.Read(rest),
            rest.Slice(ItemSize, factsLength).ToArray(),
            noteLength < 0 ? null : rest.Slice(ItemSize + factsLength, noteLength).ToArray(),
            BinaryPrimitives.ReadInt64LittleEndian(rest[68..]),
            body,
            new LogPosition(BinaryPrimitives.ReadInt64LittleEndian(rest[52..])),
            BinaryPrimitives.ReadInt64LittleEndian(rest[60..]));
        rest = rest[(int)length..];
        return true;
    }

    private sealed class Writer(IDiskFile file)
    {
        private byte[] _buffer = new byte[BufferBytes];
        private int _used;
        private long _written;
        private uint _checksum = Crc32C.Initial;

        public Span<byte> Take(int length)
        {
            if (_used + length > _buffer.Length)
            {
                Flush();
            }

            if (length > _buffer.Length)
            {
                _buffer = new byte[length];
            }

            _used += length;
            return _buffer.AsSpan(_used - length, length);
        }

        public long Finish()
        {
            Flush();
            Span<byte> checksum = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(checksum, ~_checksum);
            file.Write(_written, checksum);
            return _written + checksum.Length;
        }

        private void Flush()
        {
            var bytes = _buffer.AsSpan(0, _used);
            file.Write(_written, bytes);
            _checksum = Crc32C.Append(_checksum, bytes);
            _written += _used;
            _used = 0;
        }
    }
}

/// <summary>One item of a checkpoint: a copy, made under the spool's lock.</summary>
internal readonly record struct CheckpointItem(
    SpoolId Id, byte[] Facts, byte[]? Note, long AcceptedMicros, BodyPlace Body, LogPosition Home, long HomeSegment);
