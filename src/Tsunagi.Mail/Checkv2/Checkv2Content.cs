using System.Buffers;
using System.Text;
using Tsunagi.Mail.Beside;

namespace Tsunagi.Mail.Checkv2;

/// <summary>
/// Cuts a posted message into its header fields and its body, and gives them on as milter would: any cut into pieces gives the same. Where the first line ends in LF alone (a file), every
/// lone LF is made CRLF, because signatures are over what went over SMTP.
/// </summary>
internal sealed class Checkv2Content(BesideMessage message, int maxHeaderBytes)
{
    private readonly ArrayBufferWriter<byte> _header = new(4096);
    private readonly ArrayBufferWriter<byte> _lines = new(4096);
    private bool _isBody;
    private bool? _isLone;
    private byte _last;

    /// <summary>Nothing more is taken.</summary>
    public bool IsHeaderTooLong { get; private set; }

    public void Feed(ReadOnlySpan<byte> piece)
    {
        if (IsHeaderTooLong || piece.IsEmpty)
        {
            return;
        }

        var content = WithLineEnds(piece);
        if (_isBody)
        {
            message.Write(content);
            return;
        }

        var from = Math.Max(0, _header.WrittenCount - 3);
        _header.Write(content);
        var written = _header.WrittenSpan;
        var end = written.StartsWith("\r\n"u8) ? 0 : written[from..].IndexOf("\r\n\r\n"u8) is >= 0 and var found ? from + found + 2 : -1;
        if ((end < 0 ? written.Length : end) > maxHeaderBytes)
        {
            IsHeaderTooLong = true;
        }
        else if (end >= 0)
        {
            _isBody = true;
            GiveFields(written[..end]);
            message.EndHeader();
            message.Write(written[(end + 2)..]);
        }
    }

    /// <summary>The content ended; a message may have no body.</summary>
    public void End()
    {
        if (!_isBody && !IsHeaderTooLong)
        {
            GiveFields(_header.WrittenSpan);
        }
    }

    private void GiveFields(ReadOnlySpan<byte> section)
    {
        while (!section.IsEmpty)
        {
            var end = 0;
            do
            {
                var next = section[end..].IndexOf((byte)'\n');
                end = next < 0 ? section.Length : end + next + 1;
            }
            while (end < section.Length && section[end] is (byte)' ' or (byte)'\t');

            var field = section[..end];
            var colon = field.IndexOf((byte)':');
            message.AddField(colon < 0 ? "" : Encoding.Latin1.GetString(field[..colon].TrimEnd(" \t\r\n"u8)), field);
            section = section[end..];
        }
    }

    private ReadOnlySpan<byte> WithLineEnds(ReadOnlySpan<byte> piece)
    {
        if (_isLone is null && piece.IndexOf((byte)'\n') is >= 0 and var first)
        {
            _isLone = (first == 0 ? _last : piece[first - 1]) != (byte)'\r';
        }

        var last = _last;
        _last = piece[^1];
        if (_isLone is not true)
        {
            return piece;
        }

        _lines.ResetWrittenCount();
        while (piece.IndexOf((byte)'\n') is >= 0 and var at)
        {
            var before = at == 0 ? last : piece[at - 1];
            _lines.Write(piece[..at]);
            _lines.Write(before == (byte)'\r' ? "\n"u8 : "\r\n"u8);
            piece = piece[(at + 1)..];
            last = (byte)'\n';
        }

        _lines.Write(piece);
        return _lines.WrittenSpan;
    }
}
