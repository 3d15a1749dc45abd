using System.Buffers;
using System.Text;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>What makes a message unfit to be passed on.</summary>
public enum SmtpDataViolation
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>CR without LF behind it (RFC 5321 section 2.3.8).</summary>
    BareCr,
    /// <summary>LF without CR before it (RFC 5321 section 2.3.8).</summary>
    BareLf,
    /// <summary>NUL: some hosts drop it, and so join what stood around it into an end of data.</summary>
    Nul,
}

/// <summary>
/// Reads the message behind 354 up to <c>CRLF . CRLF</c> and nothing else (RFC 5321 section 4.1.1.4), takes the added dots off
/// (section 4.5.2) and hands the octets on. A violation or a message beyond the limit does not stop it: it reads to the true end, so that
/// what follows is never taken for commands, and hands nothing more on. Any cut of the input into pieces gives the same result.
/// One reader serves one message; not thread-safe.
/// </summary>
public sealed class SmtpDataReader
{
    // Where the next octet stands. A CR is held back until it is known what follows.
    private enum Place { LineStart, Text, Cr, Dot, DotCr, End }

    private readonly long _maxOctets;
    private Place _place = Place.LineStart;
    private long _read;

    /// <summary>A reader for one message of at most <paramref name="maxOctets"/> after the dots are off.</summary>
    public SmtpDataReader(long maxOctets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxOctets);
        _maxOctets = maxOctets;
    }

    /// <summary>The end of data was read.</summary>
    public bool IsEnded => _place == Place.End;

    /// <summary>Octets handed on; never more than the limit.</summary>
    public long Octets { get; private set; }

    /// <summary>The message is longer than allowed.</summary>
    public bool IsTooLarge { get; private set; }

    /// <summary>The first violation.</summary>
    public SmtpDataViolation Violation { get; private set; }

    /// <summary>Where the first violation stands, in octets from the beginning of the data as sent; -1 when there is none.</summary>
    public long ViolationOffset { get; private set; } = -1;

    /// <summary>An octet above 127 came, so the next hop must know 8BITMIME (RFC 6152) or SMTPUTF8.</summary>
    public bool HasEightBit { get; private set; }

    /// <summary>
    /// Reads from the head of <paramref name="buffer"/> and moves it behind what was read: all of it, or up to behind the end of data.
    /// </summary>
    /// <returns>True when the end of data was read.</returns>
    public bool Read(ref ReadOnlySequence<byte> buffer, IBufferWriter<byte> output)
    {
        long taken = 0;
        foreach (ReadOnlyMemory<byte> piece in buffer)
        {
            bool ended = Read(piece.Span, output, out int consumed);
            taken += consumed;
            if (ended)
            {
                break;
            }
        }
        buffer = buffer.Slice(taken);
        return _place == Place.End;
    }

    /// <summary>The same on one piece.</summary>
    public bool Read(ReadOnlySpan<byte> input, IBufferWriter<byte> output, out int consumed)
    {
        int at = 0;
        while (at < input.Length && _place != Place.End)
        {
            switch (_place)
            {
                case Place.LineStart:
                    if (input[at] == '.')
                    {
                        _place = Place.Dot;
                        at++;
                    }
                    else
                    {
                        _place = Place.Text;
                    }
                    break;
                case Place.Text:
                    at = ReadText(input, at, output);
                    break;
                case Place.Cr:
                    if (input[at] == '\n')
                    {
                        Write("\r\n"u8, output);
                        _place = Place.LineStart;
                        at++;
                    }
                    else
                    {
                        Violate(SmtpDataViolation.BareCr, _read + at - 1);
                        _place = Place.Text;
                    }
                    break;
                case Place.Dot: // the dot is off the line whatever follows (section 4.5.2)
                    if (input[at] == '\r')
                    {
                        _place = Place.DotCr;
                        at++;
                    }
                    else
                    {
                        _place = Place.Text;
                    }
                    break;
                case Place.DotCr:
                    if (input[at] == '\n')
                    {
                        _place = Place.End;
                        at++;
                    }
                    else
                    {
                        Violate(SmtpDataViolation.BareCr, _read + at - 1);
                        _place = Place.Text;
                    }
                    break;
            }
        }
        _read += at;
        consumed = at;
        return _place == Place.End;
    }

    // Runs over as many well-formed lines as there are without touching them, so that ordinary text is copied in one piece.
    private int ReadText(ReadOnlySpan<byte> input, int start, IBufferWriter<byte> output)
    {
        int at = start;
        while (true)
        {
            int found = input[at..].IndexOfAny((byte)'\r', (byte)'\n', (byte)0);
            if (found < 0)
            {
                Write(input[start..], output);
                return input.Length;
            }
            int end = at + found;
            if (input[end] != '\r')
            {
                Write(input[start..end], output);
                Violate(input[end] == 0 ? SmtpDataViolation.Nul : SmtpDataViolation.BareLf, _read + end);
                return end + 1;
            }
            if (end + 2 >= input.Length || input[end + 1] != '\n')
            {
                Write(input[start..end], output);
                _place = Place.Cr;
                return end + 1;
            }
            at = end + 2;
            if (input[at] == '.')
            {
                Write(input[start..at], output);
                _place = Place.LineStart;
                return at;
            }
        }
    }

    private void Write(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        if (Violation != SmtpDataViolation.None || IsTooLarge)
        {
            return;
        }

        if (text.Length > _maxOctets - Octets)
        {
            IsTooLarge = true;
            text = text[..(int)(_maxOctets - Octets)];
        }
        HasEightBit |= !Ascii.IsValid(text);
        output.Write(text);
        Octets += text.Length;
    }

    private void Violate(SmtpDataViolation violation, long offset)
    {
        if (Violation != SmtpDataViolation.None)
        {
            return;
        }

        Violation = violation;
        ViolationOffset = offset;
    }
}
