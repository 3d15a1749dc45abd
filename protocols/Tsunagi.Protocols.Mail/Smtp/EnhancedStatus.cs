using System.Globalization;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>An enhanced status code such as <c>5.1.1</c> (RFC 3463): class 2, 4 or 5, subject and detail 0–999.</summary>
/// <param name="Class">2 success, 4 persistent transient failure, 5 permanent failure.</param>
/// <param name="Subject">What the status is about: 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 policy.</param>
/// <param name="Detail">The precise condition within the subject.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct EnhancedStatus(int Class, int Subject, int Detail)
{
    /// <summary>Reads <c>class "." subject "." detail</c> (RFC 3463 section 2) from the head of <paramref name="text"/>.</summary>
    /// <returns>False when the head is no status code; a code must be followed by a space or the end.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out EnhancedStatus status, out int length)
    {
        status = default;
        length = 0;
        // status-code = class "." subject "." detail ; class = "2"/"4"/"5" ; subject = 1*3digit ; detail = 1*3digit
        if (text.Length < 5 || text[0] is not ('2' or '4' or '5') || text[1] != '.')
        {
            return false;
        }

        int at = 2;
        if (!TryReadNumber(text, ref at, out int subject) || at >= text.Length || text[at++] != '.' || !TryReadNumber(text, ref at, out int detail))
        {
            return false;
        }

        if (at < text.Length && text[at] != ' ')
        {
            return false;
        }

        status = new EnhancedStatus(text[0] - '0', subject, detail);
        length = at;
        return true;
    }

    /// <summary>The dotted form.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Class}.{Subject}.{Detail}");

    private static bool TryReadNumber(ReadOnlySpan<char> text, ref int at, out int number)
    {
        number = 0;
        int start = at;
        while (at < text.Length && at - start < 3 && char.IsAsciiDigit(text[at]))
        {
            number = number * 10 + (text[at++] - '0');
        }

        return at > start;
    }
}
