using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tsunagi.Protocols.Cpe.Xml;

/// <summary>Writes elements and escaped text as UTF-8. What XML 1.0 cannot hold (most control characters, halves of pairs) becomes U+FFFD.</summary>
internal readonly struct XmlOut(IBufferWriter<byte> output, bool ascii = false)
{
    public void Raw(ReadOnlySpan<byte> octets) => output.Write(octets);

    public void Raw(string text) => Encoding.UTF8.GetBytes(text, output);

    public void Start(string name) => Raw($"<{name}>");

    public void End(string name) => Raw($"</{name}>");

    public void Field(string name, string text)
    {
        Start(name);
        Text(text);
        End(name);
    }

    public void Field(string name, long number) => Field(name, number.ToString(CultureInfo.InvariantCulture));

    public void Field(string name, bool truth) => Field(name, truth ? "1" : "0");

    public void Text(string text)
    {
        if (!NeedsEscape(text))
        {
            Raw(text);
            return;
        }

        var escaped = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\r' => escaped.Append("&#xD;"),
                < ' ' and not ('\t' or '\n') or 0xFFFE or 0xFFFF => escaped.Append(ascii ? "&#xFFFD;" : "\uFFFD"),
                > 127 when ascii => escaped.Append(CultureInfo.InvariantCulture, $"&#x{rune.Value:X};"),
                _ => escaped.Append(rune.ToString()),
            };
        }

        Raw(escaped.ToString());
    }

    private bool NeedsEscape(string text)
    {
        foreach (var character in text)
        {
            if (character is '&' or '<' or '>' or '"' or '\r' || (character < ' ' && character is not ('\t' or '\n')) || character >= 0xD800 || (ascii && character > 127))
            {
                return true;
            }
        }

        return false;
    }
}
