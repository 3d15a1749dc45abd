using System.Buffers;
using System.Text;

namespace Tsunagi.Mail.Inbound;

/// <summary>
/// Takes from the header section, as it arrives, the few facts that the trace and the loop check need: how often the message was received, and its
/// Message-ID, Subject and From domain. It copies the header section (up to 64 KiB) and reads it once, when its end is there.
/// </summary>
internal sealed class HeaderScan : IDisposable
{
    public const int MaxHeaderBytes = 64 * 1024;
    private const int MaxSubjectBytes = 1000;

    private readonly byte[] _ownName;
    private byte[] _header = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;
    private bool _ended;

    /// <param name="ownName">Our name as it stands behind "by" in our trace headers.</param>
    public HeaderScan(string ownName) => _ownName = Encoding.ASCII.GetBytes("by " + ownName + " (Tsunagi)");

    public int ReceivedHeaders { get; private set; }

    /// <summary>Received headers that this gateway wrote.</summary>
    public int OwnHeaders { get; private set; }

    public string MessageId { get; private set; } = "";

    public string Subject { get; private set; } = "";

    public string FromDomain { get; private set; } = "";

    /// <summary>The header section holds bytes above 127, which only SMTPUTF8 allows (RFC 6532).</summary>
    public bool HasEightBit { get; private set; }

    public void Reset()
    {
        _length = 0;
        _ended = false;
        ReceivedHeaders = 0;
        OwnHeaders = 0;
        MessageId = "";
        Subject = "";
        FromDomain = "";
        HasEightBit = false;
    }

    /// <summary>The next bytes of the content, with dots unstuffed.</summary>
    public void Feed(ReadOnlySpan<byte> content)
    {
        if (_ended)
        {
            return;
        }

        var searchFrom = Math.Max(0, _length - 3);
        var take = Math.Min(content.Length, MaxHeaderBytes - _length);
        Room(take);
        content[..take].CopyTo(_header.AsSpan(_length));
        _length += take;
        if (_length >= 2 && _header[0] == '\r' && _header[1] == '\n')
        {
            // No header section at all.
            _ended = true;
            return;
        }

        var end = _header.AsSpan(searchFrom, _length - searchFrom).IndexOf("\r\n\r\n"u8);
        if (end >= 0)
        {
            _length = searchFrom + end + 2;
        }
        else if (_length < MaxHeaderBytes)
        {
            return;
        }

        Read(_header.AsSpan(0, _length));
    }

    /// <summary>The content ended; a message may have no body.</summary>
    public void End()
    {
        if (!_ended)
        {
            Read(_header.AsSpan(0, _length));
        }
    }

    public void Dispose()
    {
        if (_header.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_header);
            _header = [];
        }
    }

    private void Read(ReadOnlySpan<byte> header)
    {
        _ended = true;
        HasEightBit = !Ascii.IsValid(header);
        while (!header.IsEmpty)
        {
            var field = header[..FieldLength(header)];
            header = header[field.Length..];
            ReadField(field);
        }
    }

    // A field runs to the first CRLF that no white space follows (RFC 5322 section 2.2.3, folding).
    private static int FieldLength(ReadOnlySpan<byte> header)
    {
        for (var at = 0; ;)
        {
            var crlf = header[at..].IndexOf("\r\n"u8);
            if (crlf < 0)
            {
                return header.Length;
            }

            at += crlf + 2;
            if (at >= header.Length || header[at] is not ((byte)' ' or (byte)'\t'))
            {
                return at;
            }
        }
    }

    private void ReadField(ReadOnlySpan<byte> field)
    {
        switch (field[0] | 0x20)
        {
            case 'r' when TryValue(field, "received:"u8, out _):
                ReceivedHeaders++;
                OwnHeaders += field.IndexOf(_ownName) >= 0 ? 1 : 0;
                break;
            case 'm' when MessageId.Length == 0 && TryValue(field, "message-id:"u8, out var value):
                MessageId = Cut(Text(value).Trim('<', '>'), 500);
                break;
            case 's' when Subject.Length == 0 && TryValue(field, "subject:"u8, out var value):
                Subject = Text(value[..Math.Min(value.Length, MaxSubjectBytes)]);
                break;
            case 'f' when FromDomain.Length == 0 && TryValue(field, "from:"u8, out var value):
                FromDomain = DomainOf(value);
                break;
        }
    }

    private static bool TryValue(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (field.Length < name.Length || !Ascii.EqualsIgnoreCase(field[..name.Length], name))
        {
            return false;
        }

        value = field[name.Length..].Trim(" \t\r\n"u8);
        return true;
    }

    // The addr-spec stands in the last angle brackets, or alone; what follows its last "@" up to a delimiter is the domain.
    private static string DomainOf(ReadOnlySpan<byte> from)
    {
        var at = from.LastIndexOf((byte)'@');
        if (at < 0)
        {
            return "";
        }

        var domain = from[(at + 1)..];
        var end = domain.IndexOfAny(" \t\r\n>,;()\""u8);
        return Cut(Text(end < 0 ? domain : domain[..end]).ToLowerInvariant(), 253);
    }

    // Unfolded, with control characters taken out: it goes to pages, tables and terminals.
    private static string Text(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value);
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1F') && !text.Contains('\x7F', StringComparison.Ordinal))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var c in text.Replace("\r\n", "", StringComparison.Ordinal))
        {
            clean.Append(c == '\t' ? ' ' : char.IsControl(c) ? '\uFFFD' : c);
        }

        return clean.ToString();
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..most];

    private void Room(int count)
    {
        if (_header.Length - _length >= count)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_header.Length * 2, _length + count));
        _header.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_header);
        _header = larger;
    }
}
