using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>What <see cref="SmtpReplyReader.Read"/> found.</summary>
public enum SmtpReplyStatus
{
    /// <summary>No whole reply yet.</summary>
    NeedMore,
    /// <summary>One reply.</summary>
    Reply,
    /// <summary>The server does not speak SMTP, or says too much; the connection is of no further use.</summary>
    Bad,
}

/// <summary>Reads the replies of a server, line by line as they come (RFC 5321 section 4.2.1); one per connection. Not thread-safe.</summary>
public sealed class SmtpReplyReader
{
    private readonly SmtpLineReader _lineReader;
    private readonly int _maxLines;
    private readonly ImmutableArray<string>.Builder _lines = ImmutableArray.CreateBuilder<string>();
    private int _code;
    private EnhancedStatus? _status;

    /// <summary>A reader with limits.</summary>
    /// <param name="maxLineOctets">Longest line; servers pass the 512 of RFC 5321 section 4.5.3.1.5.</param>
    /// <param name="maxLines">Most lines of one reply.</param>
    public SmtpReplyReader(int maxLineOctets = 2048, int maxLines = 128)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLines, 1);
        _lineReader = new SmtpLineReader(maxLineOctets);
        _maxLines = maxLines;
    }

    /// <summary>Why the last answer was Bad.</summary>
    public string? Reason { get; private set; }

    /// <summary>Takes the next reply off the head of <paramref name="buffer"/>, which is moved behind every whole line that was read.</summary>
    public SmtpReplyStatus Read(ref ReadOnlySequence<byte> buffer, out SmtpReply? reply)
    {
        reply = null;
        while (true)
        {
            switch (_lineReader.Read(ref buffer, out ReadOnlySpan<byte> line))
            {
                case SmtpLineStatus.NeedMore:
                    return SmtpReplyStatus.NeedMore;
                case SmtpLineStatus.TooLong:
                    return Bad("a reply line is too long");
                case SmtpLineStatus.BareCr or SmtpLineStatus.BareLf:
                    return Bad("a reply line does not end in CRLF");
            }
            if (!TryAdd(line, out bool last))
            {
                return SmtpReplyStatus.Bad;
            }

            if (last)
            {
                reply = new SmtpReply(_code, _status, _lines.ToImmutable());
                _lines.Clear();
                return SmtpReplyStatus.Reply;
            }
        }
    }

    // Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
    private bool TryAdd(ReadOnlySpan<byte> line, out bool last)
    {
        last = false;
        if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5' || line[1..3].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return Refuse("a reply does not begin with a code");
        }

        if (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-'))
        {
            return Refuse("a reply code is followed by neither space nor hyphen");
        }

        int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
        if (_lines.Count > 0 && code != _code)
        {
            return Refuse("the lines of a reply have different codes");
        }

        if (_lines.Count == _maxLines)
        {
            return Refuse("a reply has too many lines");
        }

        last = line.Length == 3 || line[3] == ' ';
        string text = line.Length > 4 ? Encoding.UTF8.GetString(line[4..]) : "";
        bool hasStatus = EnhancedStatus.TryParse(text, out EnhancedStatus status, out int length) && status.Class == code / 100;
        if (_lines.Count == 0)
        {
            _code = code;
            _status = hasStatus ? status : null;
        }
        // RFC 2034 section 4: every line of a reply carries the same status code.
        _lines.Add(hasStatus && _status == status ? text.AsSpan(length).TrimStart(' ').ToString() : text);
        return true;
    }

    private bool Refuse(string reason)
    {
        Bad(reason);
        return false;
    }

    private SmtpReplyStatus Bad(string reason)
    {
        Reason = reason;
        _lines.Clear();
        return SmtpReplyStatus.Bad;
    }
}
