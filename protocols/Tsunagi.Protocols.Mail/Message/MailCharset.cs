using System.Text;
using System.Text.Unicode;

namespace Tsunagi.Protocols.Mail.Message;

/// <summary>The charsets mail comes in. Names that mean a superset in practice are read as the superset (RFC 2047 says nothing of it; senders do).</summary>
internal static class MailCharset
{
    private const int ShiftJis = 932;
    private const int Iso2022Jp = 50220;

    /// <summary>Octets of a named charset; an unknown name is read as bare text.</summary>
    public static string Decode(ReadOnlySpan<byte> octets, string charset) => Find(charset) is { } encoding ? encoding.GetString(octets) : DecodeBare(octets);

    /// <summary>
    /// Octets without a name: ASCII or UTF-8 if they are that; ISO-2022-JP if its escapes stand there; else Shift_JIS where that decodes
    /// without a gap (the bare text Japanese senders write), else ISO-8859-1.
    /// </summary>
    public static string DecodeBare(ReadOnlySpan<byte> octets)
    {
        if (octets.IndexOf("\e$"u8) >= 0)
        {
            return Numbered(Iso2022Jp).GetString(octets);
        }

        if (Utf8.IsValid(octets))
        {
            return Encoding.UTF8.GetString(octets);
        }

        string japanese = Numbered(ShiftJis).GetString(octets);
        return japanese.AsSpan().ContainsAny('\uFFFD', '\u30FB') ? Encoding.Latin1.GetString(octets) : japanese;
    }

    /// <summary>As <see cref="Decode(ReadOnlySpan{byte}, string)"/>, into room of the caller's; without a name as <see cref="DecodeBare"/>.</summary>
    /// <returns>Characters written; what does not fit is left away.</returns>
    public static int Decode(ReadOnlySpan<byte> octets, string charset, Span<char> to)
    {
        if (charset.Length == 0 ? Utf8.IsValid(octets) && octets.IndexOf("\e$"u8) < 0 : Find(charset) is { })
        {
            Encoding encoding = charset.Length == 0 ? Encoding.UTF8 : Find(charset)!;
            if (encoding.TryGetChars(octets, to, out int written))
            {
                return written;
            }
        }

        string text = charset.Length == 0 ? DecodeBare(octets) : Decode(octets, charset);
        int count = Math.Min(text.Length, to.Length);
        text.AsSpan(0, count).CopyTo(to);
        return count;
    }

    private static Encoding? Find(string charset)
    {
        switch (charset.ToUpperInvariant())
        {
            case "UTF-8" or "UTF8" or "US-ASCII" or "ASCII":
                return Encoding.UTF8;
            case "ISO-8859-1" or "LATIN1":
                return Numbered(1252); // as browsers and mail programs read it
            case "SHIFT_JIS" or "SHIFT-JIS" or "SJIS" or "X-SJIS" or "WINDOWS-31J" or "CP932" or "MS_KANJI":
                return Numbered(ShiftJis);
            case "ISO-2022-JP" or "ISO-2022-JP-MS" or "ISO-2022-JP-1" or "CP50220" or "CP50221":
                return Numbered(Iso2022Jp);
            case "UTF-7" or "UNICODE-1-1-UTF-7":
                return null; // hides text from every filter and is written by nobody else
        }
        return CodePagesEncodingProvider.Instance.GetEncoding(charset);
    }

    private static Encoding Numbered(int codePage) => CodePagesEncodingProvider.Instance.GetEncoding(codePage)!;
}
