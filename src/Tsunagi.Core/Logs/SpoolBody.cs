using System.Buffers;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

/// <summary>
/// A body on its way in. Up to the spool's inline limit it stays in pooled memory; what is longer goes to a file of its own as it arrives. Given
/// to <see cref="Spool.AcceptAsync"/> it belongs to the spool; disposed before that, it never was. For one thread at a time.
/// </summary>
public sealed class SpoolBody : IBufferWriter<byte>, IDisposable
{
    private const int FirstBytes = 4 << 10;
    private const int WriteOutBytes = 256 << 10;

    private readonly BodyFiles _files;
    private readonly SpoolOptions _options;
    private byte[]? _buffer;
    private int _used;
    private BodyFile? _file;
    private long _written;
    private long _begun;
    private uint _checksum = Crc32C.Initial;

    internal SpoolBody(BodyFiles files, SpoolOptions options) => (_files, _options) = (files, options);

    public long Length => _written + _used;

    /// <summary>True when it was begun by the spool that has these files, not by one that was closed and opened again since.</summary>
    internal bool IsOf(BodyFiles files) => _files == files;

    internal bool IsFile => _file is not null;

    internal BodyFile? File => _file;

    /// <summary>The body, while it is short enough to lie in the log.</summary>
    internal ReadOnlyMemory<byte> Inline => _buffer.AsMemory(0, _used);

    internal BodyPlace Place => new(Length, IsFile ? ~_checksum : 0, _file?.Name ?? default, LogPosition.Start);

    /// <exception cref="IOException">The disk does not take it, or the body is longer than <see cref="SpoolOptions.MaxBodyBytes"/>.</exception>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(_buffer is null ? FirstBytes : 1, sizeHint));
        return _buffer.AsMemory(_used);
    }

    /// <inheritdoc cref="GetMemory"/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer?.Length - _used ?? 0), nameof(count));
        _used += count;
    }

    /// <summary>The whole of it so far, when it lies in memory; good until the next write.</summary>
    public bool TryGetWritten(out ReadOnlyMemory<byte> whole)
    {
        whole = _file is null ? Inline : default;
        return _file is null;
    }

    /// <summary>Reads back what was written, before it is given to the spool. Fewer than asked for only at its end.</summary>
    /// <exception cref="IOException">The disk does not give it back.</exception>
    public int Read(long offset, Span<byte> into)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var read = 0;
        if (offset < _written)
        {
            var stored = into[..(int)Math.Min(into.Length, _written - offset)];
            if (_file!.File.Read(offset, stored) < stored.Length)
            {
                throw new IOException("a body being written is shorter in its file than it was");
            }

            (offset, read) = (_written, stored.Length);
            into = into[read..];
        }

        var pending = Inline.Span[(int)Math.Min(offset - _written, _used)..];
        pending = pending[..Math.Min(pending.Length, into.Length)];
        pending.CopyTo(into);
        return read + pending.Length;
    }

    public void Dispose()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
            _used = 0;
        }

        if (_file is not null)
        {
            _file.File.Dispose();
            _files.Delete(_file.Name);
            _file = null;
        }
    }

    /// <summary>Everything into the file, when there is one. A body of exactly the limit or less stays in memory.</summary>
    internal void Finish()
    {
        ThrowIfTooLong();
        if (_used > _options.InlineBodyBytes && _file is null)
        {
            Spill();
        }

        if (_file is not null)
        {
            Flush();

            // A used file may have held a much longer body: what lies behind this one is not kept for as long as the item lives.
            if (!_file.IsNew && _file.File.Length - _written > _written / 4)
            {
                _file.File.Truncate(_written);
                _file = _file with { IsCut = true };
            }
        }
    }

    /// <summary>The file now belongs to an item: disposing closes it and no longer deletes it.</summary>
    internal void Release()
    {
        _file?.File.Dispose();
        _file = null;
    }

    private void MakeRoom(int wanted)
    {
        ThrowIfTooLong();
        if (_buffer is not null && _buffer.Length - _used >= wanted)
        {
            return;
        }

        // Only what is longer than the limit for certain leaves the memory: a size hint may be larger than what comes.
        if (_file is null && _used > _options.InlineBodyBytes)
        {
            Spill();
        }

        if (_file is not null)
        {
            Flush();
        }

        if (_buffer is null || _buffer.Length - _used < wanted)
        {
            Grow(Math.Max(_used + wanted, Math.Min(_options.InlineBodyBytes + 1, 2 * _used)));
        }
    }

    private void ThrowIfTooLong()
    {
        if (Length > _options.MaxBodyBytes)
        {
            throw new IOException($"a body of more than {_options.MaxBodyBytes} bytes does not fit in the spool");
        }
    }

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length);
        if (_buffer is not null)
        {
            _buffer.AsSpan(0, _used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
    }

    private void Spill() => _file = _files.Create();

    private void Flush()
    {
        var bytes = _buffer.AsSpan(0, _used);
        _file!.File.Write(_written, bytes);
        _checksum = Crc32C.Append(_checksum, bytes);
        _written += _used;
        _used = 0;

        // 50 MB at once in the final fsync would hold up every small fsync of the same disk.
        if (_written - _begun >= WriteOutBytes)
        {
            _file.File.BeginWriting(_begun, _written - _begun);
            _begun = _written;
        }
    }
}
