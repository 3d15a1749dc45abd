using System.Globalization;

namespace Tsunagi.Mail.Contract;

/// <summary>A mail domain as it is compared: lower-case A-labels (RFC 5890), without a closing dot.</summary>
internal static class MailDomain
{
    private static readonly IdnMapping Idn = new() { AllowUnassigned = false, UseStd3AsciiRules = true };

    /// <summary>Null when the text is no domain name.</summary>
    public static string? Normalize(string text)
    {
        var name = text.Trim().TrimEnd('.');
        if (name.Length is 0 or > 253)
        {
            return null;
        }

        try
        {
            // GetAscii also checks label lengths and the STD3 character set of plain names.
            return Idn.GetAscii(name).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
