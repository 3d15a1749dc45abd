using System.Buffers;
using System.Text;

namespace Tsunagi.Protocols.Mail.Message;

/// <summary>
/// Writes header fields, folded at 76 characters where there is white space (RFC 5322 section 2.1.1). Values may come from strangers: CR, LF,
/// NUL and every other control character are written as a space, so one call writes one field whatever it is given.
/// </summary>
public static class HeaderWriter
{
    private const int FoldAt = 76;
    private const int MaxWord = 900; // 998 octets is the most a line may have (RFC 5322 section 2.1.1)

    /// <summary>A field of free text, such as Subject; text outside ASCII is written as encoded words (RFC 2047).</summary>
    public static void Unstructured(IBufferWriter<byte> output, string name, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string clean = DisplayText.Clean(text, int.MaxValue);
        // An encoded word that the text only looks like is encoded, so that it is shown as it stands.
        string[] words = clean.Split(' ');
        bool plain = Ascii.IsValid(clean) && !clean.Contains("=?", StringComparison.Ordinal) && !Array.Exists(words, word => word.Length > MaxWord);
        Write(output, name, plain ? words : EncodedWord.Encode(clean), utf8: false);
    }

    /// <summary>A field of tokens that belong on one line each as long as they fit, such as Received; a token is never broken.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="name">The field's name, one of ours.</param>
    /// <param name="tokens">The parts between which a line may be folded.</param>
    /// <param name="utf8">The message is SMTPUTF8, so UTF-8 may stand in its header (RFC 6532); else such characters are written as "?".</param>
    public static void Structured(IBufferWriter<byte> output, string name, IEnumerable<string> tokens, bool utf8 = false)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Write(output, name, tokens.Select(token => Clean(token, utf8)), utf8);
    }

    private static void Write(IBufferWriter<byte> output, string name, IEnumerable<string> words, bool utf8)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (name.Length == 0 || name.AsSpan().ContainsAnyExceptInRange('!', '~') || name.Contains(':', StringComparison.Ordinal))
        {
            throw new ArgumentException($"writing a header field: '{name}' is no field name", nameof(name));
        }

        var line = new StringBuilder(128).Append(name).Append(':');
        int lineStart = 0;
        bool empty = true;
        foreach (string word in words)
        {
            // A line of white space only would end the section for some readers, so an empty word never begins a line.
            if (!empty && word.Length > 0 && line.Length - lineStart + 1 + word.Length > FoldAt)
            {
                line.Append("\r\n");
                lineStart = line.Length;
            }
            line.Append(' ').Append(word);
            empty &= word.Length == 0;
        }
        line.Append("\r\n");
        Encoding encoding = utf8 ? Encoding.UTF8 : Encoding.ASCII;
        output.Write(encoding.GetBytes(line.ToString()));
    }

    private static string Clean(string token, bool utf8)
    {
        string clean = DisplayText.Clean(token, int.MaxValue);
        return utf8 ? clean : string.Create(clean.Length, clean, static (chars, source) =>
        {
            for (int i = 0; i < chars.Length; i++)
            {
                chars[i] = source[i] < 0x80 ? source[i] : '?';
            }
        });
    }
}
