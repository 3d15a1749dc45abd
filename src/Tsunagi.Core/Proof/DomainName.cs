using System.Globalization;

namespace Tsunagi.Core.Proof;

/// <summary>What counts as a domain a tenant can own: RFC 1035 section 2.3.1 labels, at least two, in A-label form (RFC 5890).</summary>
public static class DomainName
{
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>The name in lower-case A-labels without a final dot, or null when it is not a domain name.</summary>
    public static string? Canonical(string text)
    {
        text = text.Trim().TrimEnd('.');
        if (text.Length is 0 or > 253)
        {
            return null;
        }

        try
        {
            // Lower case first: U-labels have no capitals (RFC 5894 section 3.1.3), and people type them. An A-label must be the one its U-label gives.
            var name = Idn.GetAscii(text.ToLowerInvariant()).ToLowerInvariant();
            var shown = Idn.GetUnicode(name);
            if (text.Any(IsNotPlainlyWritten) || shown.Any(char.IsControl) || Idn.GetAscii(shown) != name)
            {
                return null;
            }

            text = name;
        }
        catch (ArgumentException)
        {
            return null;
        }

        var labels = text.Split('.');
        return labels.Length >= 2 && text.Length <= 253 && labels.All(IsLabel) && !labels[^1].All(char.IsAsciiDigit) ? text : null;
    }

    /// <summary>
    /// Full-width letters and letters put together from parts have another spelling that looks the same (RFC 5891 section 5.2 wants NFC, which this
    /// program, having no ICU, cannot make). A script that needs combining marks is given as A-labels.
    /// </summary>
    private static bool IsNotPlainlyWritten(char c) => c is >= '\uff00' and <= '\uffef' || char.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark;

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
