using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

/// <summary>
/// A body being read, in memory or from its file. It stays readable when the item is removed meanwhile. A file is checked against its checksum
/// when it is read from the beginning to the end. For one thread at a time.
/// </summary>
public sealed class SpoolBodyReader : IDisposable
{
    private readonly SpoolId _id;
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly BodyFiles? _files;
    private readonly UInt128 _name;
    private readonly uint _checksum;
    private readonly Action<SpoolId> _lost;
    private IDiskFile? _file;
    private long _checkedTo;
    private uint _running = Crc32C.Initial;

    internal SpoolBodyReader(SpoolId id, ReadOnlyMemory<byte> memory)
    {
        (_id, _memory, _lost) = (id, memory, static _ => { });
        Length = memory.Length;
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It cannot be opened just now.</exception>
    internal SpoolBodyReader(SpoolId id, BodyFiles files, in BodyPlace place, Action<SpoolId> lost)
    {
        (_id, _files, _name, _lost) = (id, files, place.File, lost);
        (Length, _checksum) = (place.Length, place.Checksum);
        _file = files.Open(_name);
    }

    public long Length { get; }

    /// <summary>The whole body, when it lies in memory.</summary>
    public bool TryGetMemory(out ReadOnlyMemory<byte> body)
    {
        body = _memory;
        return _files is null;
    }

    /// <summary>Up to the length of <paramref name="into"/>; 0 only at the end.</summary>
    /// <exception cref="SpoolBodyLostException">The file is shorter than it was, or its checksum does not agree.</exception>
    public int Read(long offset, Span<byte> into)
    {
        var wanted = (int)Math.Min(into.Length, Math.Max(0, Length - offset));
        if (_files is null)
        {
            _memory.Span.Slice((int)Math.Min(offset, Length), wanted).CopyTo(into);
            return wanted;
        }

        into = into[..wanted];
        ObjectDisposedException.ThrowIf(_file is null, this);
        if (_file.Read(offset, into) < wanted)
        {
            throw Lost("is shorter than it was");
        }

        if (offset == _checkedTo && wanted > 0)
        {
            _running = Crc32C.Append(_running, into);
            _checkedTo += wanted;
            if (_checkedTo == Length && ~_running != _checksum)
            {
                throw Lost("does not agree with its checksum");
            }
        }

        return wanted;
    }

    /// <summary>The body from its beginning, as a stream that can seek. Disposing the stream does not dispose the reader.</summary>
    public Stream AsStream() => new SpoolBodyStream(this);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _file, null) is { } file)
        {
            _files!.Close(_name, file);
        }
    }

    private SpoolBodyLostException Lost(string what)
    {
        _lost(_id);
        return new SpoolBodyLostException($"the body file of {_id} {what}");
    }
}
