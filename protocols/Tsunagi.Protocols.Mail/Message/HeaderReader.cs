namespace Tsunagi.Protocols.Mail.Message;

/// <summary>Why <see cref="HeaderReader"/> gives no more fields.</summary>
public enum HeaderEnd
{
    /// <summary>It still gives fields.</summary>
    NotYet,
    /// <summary>The empty line that ends the section was read.</summary>
    EmptyLine,
    /// <summary>The octets ended within the section.</summary>
    Input,
    /// <summary>A limit was reached.</summary>
    Limit,
}

/// <summary>
/// Walks the fields of a header section (RFC 5322 section 2.2, with the obsolete forms of section 4.5) without copying. Lines end in CRLF;
/// an LF alone is taken as well, since files come that way. A line that is neither field nor fold is passed over and counted.
/// </summary>
public ref struct HeaderReader
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly HeaderLimits _limits;
    private int _at;

    /// <summary>A reader at the head of a message.</summary>
    public HeaderReader(ReadOnlySpan<byte> message, HeaderLimits? limits = null)
    {
        _message = message;
        _limits = limits ?? HeaderLimits.Default;
        _at = 0;
        Field = default;
    }

    /// <summary>The field that <see cref="Read"/> found.</summary>
    public HeaderField Field { get; private set; }

    /// <summary>Fields given.</summary>
    public int Fields { get; private set; }

    /// <summary>Lines that were no field, and fields beyond their limit.</summary>
    public int Malformed { get; private set; }

    /// <summary>Why Read returned false.</summary>
    public HeaderEnd End { get; private set; }

    /// <summary>Where the field begins in the message; after the end of the section, where the body begins.</summary>
    public int Offset { get; private set; }

    /// <summary>Where the field's last line ends, its line end not counted.</summary>
    internal int FieldEnd { get; private set; }

    /// <summary>Moves to the next field.</summary>
    public bool Read()
    {
        while (End == HeaderEnd.NotYet)
        {
            if (_at >= _message.Length)
            {
                return Stop(HeaderEnd.Input);
            }

            int length = Line(_message[_at..], out int end);
            if (length == 0)
            {
                _at += end;
                return Stop(HeaderEnd.EmptyLine);
            }
            int start = _at;
            int stop = start + length;
            _at += end;
            // FWS: a line that begins with white space belongs to the line before it.
            while (_at < _message.Length && _message[_at] is (byte)' ' or (byte)'\t')
            {
                stop = _at + Line(_message[_at..], out end);
                _at += end;
            }
            if (_at > _limits.SectionOctets || Fields >= _limits.Fields)
            {
                _at = start;
                return Stop(HeaderEnd.Limit);
            }
            if (!TrySplit(_message[start..stop], out HeaderField field) || stop - start > _limits.FieldOctets)
            {
                Malformed++;
                continue;
            }
            Field = field;
            Offset = start;
            FieldEnd = stop;
            Fields++;
            return true;
        }
        return false;
    }

    private bool Stop(HeaderEnd end)
    {
        End = end;
        Offset = _at;
        Field = default;
        return false;
    }

    // field = field-name *WSP ":" unstructured ; field-name = 1*ftext ; ftext = %d33-57 / %d59-126 ; the white space is of obs-optional
    private static bool TrySplit(ReadOnlySpan<byte> line, out HeaderField field)
    {
        field = default;
        int colon = line.IndexOf((byte)':');
        if (colon <= 0)
        {
            return false;
        }

        ReadOnlySpan<byte> name = line[..colon].TrimEnd(" \t"u8);
        if (name.IsEmpty || name.ContainsAnyExceptInRange((byte)33, (byte)126))
        {
            return false;
        }

        field = new HeaderField(name, line[(colon + 1)..]);
        return true;
    }

    private static int Line(ReadOnlySpan<byte> text, out int end)
    {
        int lf = text.IndexOf((byte)'\n');
        end = lf < 0 ? text.Length : lf + 1;
        int length = lf < 0 ? text.Length : lf;
        return length > 0 && lf >= 0 && text[length - 1] == '\r' ? length - 1 : length;
    }
}
