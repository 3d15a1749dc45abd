namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>
/// Octets of an XML document on their way to its reader, which holds a tag with its attributes whole: where no "&lt;" (which stands in no attribute) comes for too long,
/// the reading ends.
/// </summary>
internal sealed class ElementGuard(Stream inner, int mostOctets) : Stream
{
    private long _since;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        // Pieces smaller than the limit, so that no piece hides a run of its own.
        int count = inner.Read(buffer[..Math.Min(buffer.Length, mostOctets)]);
        ReadOnlySpan<byte> read = buffer[..count];
        int first = read.IndexOf((byte)'<');
        _since += first < 0 ? count : first;
        if (_since > mostOctets)
        {
            throw new FeedbackLimitException($"one of its elements or texts is longer than {mostOctets} octets");
        }

        if (first >= 0)
        {
            _since = count - read.LastIndexOf((byte)'<') - 1;
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
