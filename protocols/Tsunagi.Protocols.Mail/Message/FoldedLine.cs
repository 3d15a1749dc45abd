using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tsunagi.Protocols.Mail.Message;

/// <summary>
/// Writes a field of ASCII tokens in place, folded at 76 octets between tokens, as <see cref="HeaderWriter.Structured"/> does. The caller has made
/// sure that everything fits.
/// </summary>
internal ref struct FoldedLine
{
    private const int FoldAt = 76;

    private readonly Span<byte> _into;
    private int _at;
    private int _lineStart;
    private int _tokenStart;
    private bool _hasToken;

    public FoldedLine(Span<byte> into, ReadOnlySpan<byte> name)
    {
        _into = into;
        name.CopyTo(into);
        _at = name.Length;
        _lineStart = 0;
        _tokenStart = _at;
    }

    public static bool IsBadInAtom(char c) => c is <= ' ' or '(' or ')' or '<' or '>' or ';' or '"' or '\\' or ',' or '\x7f';

    public static bool IsBadInComment(char c) => c is < ' ' or '(' or ')' or '\\' or '\x7f';

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref FoldedLine Begin()
    {
        _tokenStart = _at;
        _into[_at++] = (byte)' ';
        return ref this;
    }

    /// <summary>The token is whole: it moves to a line of its own when it does not fit behind another.</summary>
    public void End()
    {
        bool first = !_hasToken;
        _hasToken = true;
        if (first || _at - _lineStart <= FoldAt)
        {
            return;
        }

        _into[_tokenStart.._at].CopyTo(_into[(_tokenStart + 2)..]);
        _into[_tokenStart] = (byte)'\r';
        _into[_tokenStart + 1] = (byte)'\n';
        _lineStart = _tokenStart + 2;
        _at += 2;
    }

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref FoldedLine Put(string ascii)
    {
        _at += Encoding.ASCII.GetBytes(ascii, _into[_at..]);
        return ref this;
    }

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref FoldedLine PutAtom(string text)
    {
        if (text.Length == 0)
        {
            return ref Put("unknown");
        }

        foreach (char c in text)
        {
            _into[_at++] = IsBadInAtom(c) ? (byte)'_' : (byte)c;
        }

        return ref this;
    }

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref FoldedLine PutComment(string text)
    {
        if (text.Length == 0)
        {
            return ref Put("unknown");
        }

        foreach (char c in text)
        {
            _into[_at++] = IsBadInComment(c) ? (byte)'_' : (byte)c;
        }

        return ref this;
    }

    // address-literal of RFC 5321 section 4.1.3
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref FoldedLine PutLiteral(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;
        Put(address.AddressFamily == AddressFamily.InterNetworkV6 ? "[IPv6:" : "[");
        address.TryFormat(_into[_at..], out int written);
        _at += written;
        return ref Put("]");
    }

    // date-time of RFC 5322 section 3.3, as MailDate writes it
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref FoldedLine PutDate(DateTimeOffset time)
    {
        time.TryFormat(_into[_at..], out int written, "ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture);
        _at += written;
        Put(time.Offset < TimeSpan.Zero ? "-" : "+");
        time.Offset.TryFormat(_into[_at..], out written, "hhmm", CultureInfo.InvariantCulture);
        _at += written;
        return ref this;
    }

    /// <summary>Ends the field; how many octets it has.</summary>
    public int Finish()
    {
        _into[_at++] = (byte)'\r';
        _into[_at++] = (byte)'\n';
        return _at;
    }
}
