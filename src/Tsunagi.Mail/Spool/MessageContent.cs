using Tsunagi.Core.Logs;

namespace Tsunagi.Mail.Spool;

/// <summary>The content of one message being read from its beginning: out of the spool, or out of memory. For one reader.</summary>
internal sealed class MessageContent : IDisposable
{
    private readonly SpoolBodyReader? _body;
    private readonly ReadOnlyMemory<byte> _memory;
    private long _offset;

    public MessageContent(SpoolBodyReader body) => _body = body;

    public MessageContent(ReadOnlyMemory<byte> memory) => _memory = memory;

    /// <summary>The whole of it, when it lies in memory.</summary>
    public bool TryGetMemory(out ReadOnlyMemory<byte> whole)
    {
        whole = _memory;
        return _body is null || _body.TryGetMemory(out whole);
    }

    /// <summary>The next bytes; 0 at the end.</summary>
    public int Read(Span<byte> into)
    {
        int count;
        if (_body is not null)
        {
            count = _body.Read(_offset, into);
        }
        else
        {
            count = (int)Math.Min(into.Length, _memory.Length - _offset);
            _memory.Span.Slice((int)_offset, count).CopyTo(into);
        }

        _offset += count;
        return count;
    }

    public void Dispose() => _body?.Dispose();
}
