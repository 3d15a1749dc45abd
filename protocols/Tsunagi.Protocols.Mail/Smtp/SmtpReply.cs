using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>
/// A reply (RFC 5321 section 4.2): code, enhanced status code and text. The text may come from anywhere: writing replaces every control
/// character, so no reply can be made to look like two, and cuts lines at 512 octets (RFC 5321 section 4.5.3.1.5).
/// </summary>
public sealed record SmtpReply
{
    private const int LineOctets = 512;

    /// <summary>A reply of one line.</summary>
    /// <param name="code">200–599.</param>
    /// <param name="status">The enhanced status code; null in the greeting and the replies to HELO and EHLO (RFC 2034 section 4).</param>
    /// <param name="text">What a person reads.</param>
    public SmtpReply(int code, EnhancedStatus? status, string text) : this(code, status, [text]) { }

    /// <summary>A reply of several lines.</summary>
    public SmtpReply(int code, EnhancedStatus? status, ImmutableArray<string> lines)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 599);
        Code = code;
        Status = status;
        Lines = lines.IsDefaultOrEmpty ? [""] : lines;
    }

    /// <summary>The three digits.</summary>
    public int Code { get; }

    /// <summary>The enhanced status code (RFC 3463); written at the head of every line.</summary>
    public EnhancedStatus? Status { get; }

    /// <summary>The text of each line, at least one, without codes.</summary>
    public ImmutableArray<string> Lines { get; }

    /// <summary>2yz.</summary>
    public bool IsPositive => Code / 100 == 2;

    /// <summary>3yz: the server waits for more.</summary>
    public bool IsIntermediate => Code / 100 == 3;

    /// <summary>4yz: the same may succeed later.</summary>
    public bool IsTransient => Code / 100 == 4;

    /// <summary>5yz: the same will fail again.</summary>
    public bool IsPermanent => Code / 100 == 5;

    /// <summary>Writes the reply with its line ends.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="utf8">The client said SMTPUTF8, so text outside ASCII may be sent (RFC 6531 section 3.7.4); else it is replaced.</param>
    public void WriteTo(IBufferWriter<byte> output, bool utf8 = false)
    {
        string prefix = Status is { } status ? $"{status} " : "";
        int room = LineOctets - 2 - 4 - prefix.Length;
        for (int i = 0; i < Lines.Length; i++)
        {
            string text = Clean(Lines[i], utf8);
            ReadOnlySpan<char> rest = text;
            do
            {
                int take = Fit(rest, room);
                bool last = i == Lines.Length - 1 && take == rest.Length;
                WriteLine(output, prefix, rest[..take].TrimEnd(' '), last);
                rest = rest[take..].TrimStart(' ');
            }
            while (!rest.IsEmpty);
        }
    }

    /// <summary>Code, status and text on one line, for logs and traces.</summary>
    public override string ToString()
    {
        string text = Clean(string.Join(' ', Lines), utf8: true);
        return Status is { } status ? $"{Code} {status} {text}" : $"{Code} {text}";
    }

    /// <inheritdoc/>
    public bool Equals(SmtpReply? other) =>
        other is not null && Code == other.Code && Status == other.Status && Lines.AsSpan().SequenceEqual(other.Lines.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Code, Status, Lines.Length, Lines[0]);

    // Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
    private void WriteLine(IBufferWriter<byte> output, string prefix, ReadOnlySpan<char> text, bool last)
    {
        Span<byte> line = output.GetSpan(LineOctets);
        line[0] = (byte)('0' + Code / 100);
        line[1] = (byte)('0' + Code / 10 % 10);
        line[2] = (byte)('0' + Code % 10);
        line[3] = last ? (byte)' ' : (byte)'-';
        int at = 4 + Encoding.ASCII.GetBytes(prefix, line[4..]);
        at += Encoding.UTF8.GetBytes(text, line[at..]);
        line[at++] = (byte)'\r';
        line[at++] = (byte)'\n';
        output.Advance(at);
    }

    // textstring = 1*(%d09 / %d32-126)
    private static string Clean(string text, bool utf8)
    {
        bool clean = true;
        foreach (char c in text)
        {
            clean &= c is >= ' ' and < '\x7f';
        }

        if (clean)
        {
            return text;
        }

        return string.Create(text.Length, (text, utf8), static (chars, state) =>
        {
            for (int i = 0; i < chars.Length; i++)
            {
                char c = state.text[i];
                chars[i] = c switch
                {
                    '\r' or '\n' or '\t' => ' ',
                    < ' ' or '\x7f' => '?',
                    > '\x7f' => state.utf8 && !char.IsControl(c) ? c : '?',
                    _ => c,
                };
            }
        });
    }

    // How many characters of the text fit into the octets; broken at a space where there is one in the second half.
    private static int Fit(ReadOnlySpan<char> text, int octets)
    {
        int taken = 0;
        int used = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (used + rune.Utf8SequenceLength > octets)
            {
                int space = text[..taken].LastIndexOf(' ');
                return space > taken / 2 ? space : taken;
            }
            used += rune.Utf8SequenceLength;
            taken += rune.Utf16SequenceLength;
        }
        return text.Length;
    }
}
