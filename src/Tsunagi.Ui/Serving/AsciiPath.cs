namespace Tsunagi.Ui.Serving;

/// <summary>Paths as a header may carry them (RFC 9110 section 10.2.2, RFC 3986): what is not ASCII, or no letter at all, percent-encoded.</summary>
public static class AsciiPath
{
    public static string Of(string path) => string.Concat(path.EnumerateRunes().Select(static rune => rune.Value is > 0x20 and < 0x7f ? rune.ToString() : Uri.EscapeDataString(rune.ToString())));
}
