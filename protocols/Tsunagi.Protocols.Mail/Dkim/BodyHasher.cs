using System.Buffers;
using System.Security.Cryptography;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>
/// Hashes a body in one of the two forms (RFC 6376 sections 3.4.3 and 3.4.4) as it comes, in pieces cut anywhere. What is counted and limited are
/// octets of that form (section 3.4.5).
/// </summary>
internal sealed class BodyHasher(Canonicalization how, long? limit) : IDisposable
{
    private const int Room = 8 * 1024;
    private static readonly SearchValues<byte> Space = SearchValues.Create(" \t\r\n"u8);
    private static readonly SearchValues<byte> LineEnd = SearchValues.Create("\r\n"u8);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _room = ArrayPool<byte>.Shared.Rent(Room);
    private int _used;
    private long _emptyLines;
    private bool _lineHasText;
    private bool _hasSpace;
    private bool _hasReturn;
    private byte[]? _result;

    public Canonicalization How => how;

    public long? Limit => limit;

    /// <summary>Octets of the whole body in this form, those beyond the limit too.</summary>
    public long Octets { get; private set; }

    /// <summary>The hash, once <see cref="Complete"/> was called.</summary>
    public ReadOnlySpan<byte> Hash => _result;

    public void Append(ReadOnlySpan<byte> body)
    {
        while (!body.IsEmpty)
        {
            if (_hasReturn)
            {
                _hasReturn = false;
                if (body[0] == '\n')
                {
                    EndLine();
                    body = body[1..];
                    continue;
                }

                Text("\r"u8); // a CR alone is text
            }

            int text = body.IndexOfAny(how == Canonicalization.Relaxed ? Space : LineEnd);
            if (text != 0)
            {
                Text(text < 0 ? body : body[..text]);
                body = text < 0 ? default : body[text..];
                continue;
            }

            switch (body[0])
            {
                case (byte)'\r':
                    _hasReturn = true;
                    break;
                case (byte)'\n':
                    Text("\n"u8); // so is an LF alone
                    break;
                default:
                    _hasSpace = true;
                    break;
            }

            body = body[1..];
        }
    }

    /// <summary>Ends the body. Nothing may follow.</summary>
    public void Complete()
    {
        if (_hasReturn)
        {
            _hasReturn = false;
            Text("\r"u8);
        }

        // A last line without a line end gets one; the simple form has one even of an empty body.
        if (_lineHasText || (how == Canonicalization.Simple && Octets == 0))
        {
            Out("\r\n"u8);
        }

        Flush();
        _result = _hash.GetHashAndReset();
        Dispose();
    }

    public void Dispose()
    {
        if (_used >= 0)
        {
            _used = -1;
            ArrayPool<byte>.Shared.Return(_room);
            _hash.Dispose();
        }
    }

    private void Text(ReadOnlySpan<byte> text)
    {
        // Empty lines count once something follows them.
        for (; _emptyLines > 0; _emptyLines--)
        {
            Out("\r\n"u8);
        }

        if (_hasSpace)
        {
            _hasSpace = false;
            Out(" "u8);
        }

        _lineHasText = true;
        Out(text);
    }

    private void EndLine()
    {
        _hasSpace = false; // white space at the end of a line
        if (_lineHasText)
        {
            _lineHasText = false;
            Out("\r\n"u8);
        }
        else
        {
            _emptyLines++;
        }
    }

    private void Out(ReadOnlySpan<byte> octets)
    {
        long open = limit is { } most ? Math.Max(0, most - Octets) : octets.Length;
        Octets += octets.Length;
        octets = octets[..(int)Math.Min(open, octets.Length)];
        if (octets.Length > Room - _used)
        {
            Flush();
            if (octets.Length > Room / 2)
            {
                _hash.AppendData(octets);
                return;
            }
        }

        octets.CopyTo(_room.AsSpan(_used));
        _used += octets.Length;
    }

    private void Flush()
    {
        _hash.AppendData(_room, 0, _used);
        _used = 0;
    }
}
