using System.Text;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>xtext = *( xchar / hexchar ) ; hexchar = "+" 2(upper HEXDIG) (RFC 3461 section 4).</summary>
internal static class Xtext
{
    /// <summary>False for text outside ASCII and for a "+" that no two upper-case hexadecimal digits follow.</summary>
    public static bool TryDecode(ReadOnlySpan<char> xtext, out string text)
    {
        text = "";
        if (!Ascii.IsValid(xtext))
        {
            return false;
        }

        var decoded = new StringBuilder(xtext.Length);
        for (int at = 0; at < xtext.Length; at++)
        {
            if (xtext[at] != '+')
            {
                decoded.Append(xtext[at]);
            }
            else if (at + 2 < xtext.Length && IsHex(xtext[at + 1]) && IsHex(xtext[at + 2]))
            {
                decoded.Append((char)Convert.FromHexString(xtext.Slice(at + 1, 2))[0]);
                at += 2;
            }
            else
            {
                return false;
            }
        }

        text = decoded.ToString();
        return true;
    }

    private static bool IsHex(char c) => c is (>= '0' and <= '9') or (>= 'A' and <= 'F');
}
