using Tsunagi.Core.Logs;

namespace Tsunagi.Mail.Spool;

/// <summary>
/// The content of one message being read from its beginning: the header fields we added, then what is stored in the spool (or lies in memory). For one reader.
/// </summary>
internal sealed class MessageContent : IDisposable
{
    private readonly SpoolBodyReader? _body;
    private readonly ReadOnlyMemory<byte> _memory;
    private long _offset;

    public MessageContent(SpoolBodyReader body, ReadOnlyMemory<byte> added)
    {
        _body = body;
        Added = added;
    }

    public MessageContent(ReadOnlyMemory<byte> memory) => _memory = memory;

    /// <summary>Header fields that stand before what is stored; mostly none.</summary>
    public ReadOnlyMemory<byte> Added { get; private set; }

    /// <summary>Octets of the signatures that stand on top.</summary>
    public int SignatureBytes { get; private set; }

    /// <summary>Puts signatures on top of a content that was read to be signed, and goes back to its beginning.</summary>
    public void SignWith(ReadOnlySpan<byte> signatures)
    {
        Added = (byte[])[.. signatures, .. Added.Span];
        SignatureBytes = signatures.Length;
        _offset = 0;
    }

    /// <summary>Goes back to the beginning.</summary>
    public void Rewind() => _offset = 0;

    /// <summary>What is stored, without <see cref="Added"/>, when it lies in memory as a whole.</summary>
    public bool TryGetMemory(out ReadOnlyMemory<byte> stored)
    {
        stored = _memory;
        return _body is null || _body.TryGetMemory(out stored);
    }

    /// <summary>The next bytes; 0 at the end.</summary>
    public int Read(Span<byte> into)
    {
        int count;
        if (_offset < Added.Length)
        {
            count = (int)Math.Min(into.Length, Added.Length - _offset);
            Added.Span.Slice((int)_offset, count).CopyTo(into);
        }
        else if (_body is not null)
        {
            count = _body.Read(_offset - Added.Length, into);
        }
        else
        {
            var at = (int)(_offset - Added.Length);
            count = Math.Min(into.Length, _memory.Length - at);
            _memory.Span.Slice(at, count).CopyTo(into);
        }

        _offset += count;
        return count;
    }

    public void Dispose() => _body?.Dispose();
}
