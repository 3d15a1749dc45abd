namespace Tsunagi.BackOffice.Tax;

/// <summary>
/// The registration number of an issuer of qualified invoices: "T" and the 13 digits of a corporate number, whose first is a check digit over the other twelve
/// (Ordinance on the designation of corporate numbers, article 2): 9 less the remainder by 9 of the sum of digit times 1 and 2 in turn, counted from the right.
/// </summary>
public static class RegistrationNumber
{
    public static bool IsJapanese(string text)
    {
        if (text.Length != 14 || text[0] != 'T' || !text.AsSpan(1).ContainsOnlyDigits())
        {
            return false;
        }

        var sum = 0;
        for (var n = 1; n <= 12; n++)
        {
            sum += (text[14 - n] - '0') * (n % 2 == 1 ? 1 : 2);
        }

        return text[1] - '0' == 9 - (sum % 9);
    }

    private static bool ContainsOnlyDigits(this ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
