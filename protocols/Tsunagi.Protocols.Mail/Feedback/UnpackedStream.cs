namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>What comes out of a packed file, counted: beyond a limit it ends the reading with a <see cref="FeedbackLimitException"/>, before anybody has the octets.</summary>
/// <param name="inner">The decompressor.</param>
/// <param name="packedOctets">Size of what it reads; 0 for a file that is not packed.</param>
/// <param name="limits">How much may come.</param>
/// <param name="budget">What may still come of all files of a message.</param>
internal sealed class UnpackedStream(Stream inner, long packedOctets, FeedbackLimits limits, UnpackBudget budget) : Stream
{
    private readonly byte[] _first = new byte[64];
    private int _firstLength;
    private int _firstAt;
    private long _count;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The first octets, which are read again afterwards; white space and a byte order mark before a document are taken off.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        while (_firstLength < _first.Length)
        {
            int count = ReadInner(_first.AsSpan(_firstLength));
            if (count == 0)
            {
                break;
            }

            _firstLength += count;
            if (_firstLength == count && _first.AsSpan(0, count).StartsWith("\uFEFF"u8))
            {
                _firstAt = 3;
            }

            // XML does not allow white space before its declaration; reporters have it there.
            while (_firstAt < _firstLength && _first[_firstAt] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                _firstAt++;
            }

            if (_firstAt == _firstLength)
            {
                (_firstAt, _firstLength) = (0, 0);
            }
        }

        return _first.AsSpan(_firstAt, _firstLength - _firstAt);
    }

    public override int Read(Span<byte> buffer)
    {
        if (_firstAt < _firstLength)
        {
            int count = Math.Min(buffer.Length, _firstLength - _firstAt);
            _first.AsSpan(_firstAt, count).CopyTo(buffer);
            _firstAt += count;
            return count;
        }

        return ReadInner(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int ReadInner(Span<byte> buffer)
    {
        int count = inner.Read(buffer);
        _count += count;
        budget.Left -= packedOctets > 0 ? count : 0;
        if (budget.Left < 0)
        {
            throw new FeedbackLimitException($"it unpacks to more than {limits.Octets} octets");
        }

        if (packedOctets > 0 && _count > limits.RatioFree && _count > packedOctets * limits.Ratio)
        {
            throw new FeedbackLimitException($"it unpacks to more than {limits.Ratio} times its size");
        }

        return count;
    }
}

/// <summary>Octets that may still be unpacked.</summary>
internal sealed class UnpackBudget(long octets)
{
    public long Left { get; set; } = octets;
}

/// <summary>A limit met in the middle of a stream; never leaves this folder.</summary>
internal sealed class FeedbackLimitException(string message) : Exception(message);
