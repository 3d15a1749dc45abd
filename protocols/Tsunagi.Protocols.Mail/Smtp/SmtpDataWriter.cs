using System.Buffers;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>
/// Writes a message behind 354: adds a dot to each line that begins with one (RFC 5321 section 4.5.2) and ends with <c>CRLF . CRLF</c>.
/// Whatever the input holds, the output holds no bare CR, no bare LF, no NUL and no line of a single dot but the last:
/// a bare CR or bare LF is written as CRLF, a NUL is left out, and <see cref="HasNormalised"/> says that this happened.
/// One writer serves one message; not thread-safe.
/// </summary>
public sealed class SmtpDataWriter
{
    private bool _atLineStart = true;
    private bool _heldCr;

    /// <summary>The message was not well-formed and was changed on the way.</summary>
    public bool HasNormalised { get; private set; }

    /// <summary>Writes a piece of the message.</summary>
    public void Write(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        int start = 0;
        int at = 0;
        while (at < text.Length)
        {
            if (_heldCr)
            {
                _heldCr = false;
                EndLine(output, normalised: text[at] != '\n');
                start = text[at] == '\n' ? ++at : at;
                continue;
            }
            if (_atLineStart && text[at] == '.')
            {
                output.Write(text[start..at]);
                output.Write("."u8);
                start = at;
            }
            int found = text[at..].IndexOfAny((byte)'\r', (byte)'\n', (byte)0);
            int end = found < 0 ? text.Length : at + found;
            _atLineStart &= end == at;
            if (end == text.Length)
            {
                break;
            }

            if (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n')
            {
                at = end + 2; // a line end as it should be: stays in the run
                _atLineStart = true;
                continue;
            }
            output.Write(text[start..end]);
            start = at = end + 1;
            if (text[end] == '\r')
            {
                _heldCr = true;
            }
            else if (text[end] == '\n')
            {
                EndLine(output, normalised: true);
            }
            else
            {
                HasNormalised = true;
            }
        }
        if (start < text.Length)
        {
            output.Write(text[start..]);
        }
    }

    /// <summary>Ends the last line if it has no end, and writes the end of data.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        if (_heldCr)
        {
            EndLine(output, normalised: true);
        }

        if (!_atLineStart)
        {
            output.Write("\r\n"u8);
        }

        output.Write(".\r\n"u8);
        _heldCr = false;
        _atLineStart = true;
    }

    private void EndLine(IBufferWriter<byte> output, bool normalised)
    {
        output.Write("\r\n"u8);
        _atLineStart = true;
        HasNormalised |= normalised;
    }
}
