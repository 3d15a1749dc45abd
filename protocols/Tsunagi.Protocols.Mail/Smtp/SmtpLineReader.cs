using System.Buffers;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>What <see cref="SmtpLineReader.Read"/> found.</summary>
public enum SmtpLineStatus
{
    /// <summary>No whole line yet.</summary>
    NeedMore,
    /// <summary>One line.</summary>
    Line,
    /// <summary>A line beyond the limit; it was read over up to its end.</summary>
    TooLong,
    /// <summary>LF without CR before it.</summary>
    BareLf,
    /// <summary>CR without LF behind it.</summary>
    BareCr,
}

/// <summary>
/// Cuts lines that end in CRLF and in nothing else (RFC 5321 section 2.3.8); one per connection, also for the replies a client reads.
/// Not thread-safe.
/// </summary>
public sealed class SmtpLineReader
{
    private readonly byte[] _joined;
    private bool _skipping;

    /// <summary>A reader of lines of at most <paramref name="maxLineOctets"/>, CRLF included.</summary>
    public SmtpLineReader(int maxLineOctets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLineOctets, 2);
        _joined = new byte[maxLineOctets];
    }

    /// <summary>Takes the next line off the head of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">Unread octets; moved behind what was taken. With NeedMore it keeps the part of a line that came.</param>
    /// <param name="line">The line without CRLF; valid until the buffer or the reader is used again.</param>
    public SmtpLineStatus Read(ref ReadOnlySequence<byte> buffer, out ReadOnlySpan<byte> line)
    {
        line = default;
        while (true)
        {
            SmtpLineStatus status = Find(buffer, out long length);
            if (_skipping)
            {
                if (status == SmtpLineStatus.NeedMore)
                {
                    // A CR that may be the first half of the end stays.
                    buffer = buffer.Slice(buffer.Length - (EndsInCr(buffer) ? 1 : 0));
                    return SmtpLineStatus.NeedMore;
                }
                buffer = buffer.Slice(length);
                if (status != SmtpLineStatus.Line)
                {
                    return status;
                }

                _skipping = false;
                return SmtpLineStatus.TooLong;
            }
            if (status is SmtpLineStatus.BareCr or SmtpLineStatus.BareLf)
            {
                buffer = buffer.Slice(length);
                return status;
            }
            if (length > _joined.Length)
            {
                _skipping = true;
                continue;
            }
            if (status == SmtpLineStatus.NeedMore)
            {
                return status;
            }

            line = Text(buffer.Slice(0, length - 2));
            buffer = buffer.Slice(length);
            return SmtpLineStatus.Line;
        }
    }

    // The length up to and with the line end, or of all there is when no end is there.
    private static SmtpLineStatus Find(in ReadOnlySequence<byte> buffer, out long length)
    {
        ReadOnlySpan<byte> first = buffer.FirstSpan;
        int end = first.IndexOfAny((byte)'\r', (byte)'\n');
        if (end >= 0 && end + 1 < first.Length)
        {
            length = end + (first[end] == '\r' && first[end + 1] == '\n' ? 2 : 1);
            return first[end] == '\n' ? SmtpLineStatus.BareLf : first[end + 1] == '\n' ? SmtpLineStatus.Line : SmtpLineStatus.BareCr;
        }
        return FindSplit(buffer, out length);
    }

    private static SmtpLineStatus FindSplit(in ReadOnlySequence<byte> buffer, out long length)
    {
        var reader = new SequenceReader<byte>(buffer);
        length = buffer.Length;
        if (!reader.TryAdvanceToAny("\r\n"u8, advancePastDelimiter: false))
        {
            return SmtpLineStatus.NeedMore;
        }

        reader.TryRead(out byte end);
        if (end == '\n')
        {
            length = reader.Consumed;
            return SmtpLineStatus.BareLf;
        }
        if (!reader.TryPeek(out byte next))
        {
            return SmtpLineStatus.NeedMore;
        }

        length = reader.Consumed + (next == '\n' ? 1 : 0);
        return next == '\n' ? SmtpLineStatus.Line : SmtpLineStatus.BareCr;
    }

    private static bool EndsInCr(in ReadOnlySequence<byte> buffer) =>
        !buffer.IsEmpty && buffer.Slice(buffer.Length - 1).FirstSpan[0] == '\r';

    private ReadOnlySpan<byte> Text(ReadOnlySequence<byte> line)
    {
        if (line.IsSingleSegment)
        {
            return line.FirstSpan;
        }

        line.CopyTo(_joined);
        return _joined.AsSpan(0, (int)line.Length);
    }
}
