using Tsunagi.Core.Rating;

namespace Tsunagi.BackOffice.Bank;

/// <summary>Amounts as text, exactly: no floating point, nothing rounded away.</summary>
internal static class BankAmount
{
    /// <summary>[sign] digits with group signs [decimal sign digits]: "1,234.50", "-500", "1.234,5".</summary>
    /// <param name="decimalSign">'.' or ','; the other of the two, spaces and apostrophes group digits.</param>
    /// <param name="minor">In minor units of the currency.</param>
    public static bool TryParse(ReadOnlySpan<char> text, Currency currency, char decimalSign, out long minor)
    {
        minor = 0;
        text = text.Trim();
        var isNegative = text.Length > 0 && text[0] is ('-' or '\u2212' or '△' or '▲');
        if (text.Length > 0 && (isNegative || text[0] == '+'))
        {
            text = text[1..];
        }

        Int128 value = 0;
        int digits = 0, fraction = -1;
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                digits++;
                if (fraction >= currency.MinorDigits)
                {
                    if (c != '0')
                    {
                        return false;
                    }

                    continue;
                }

                fraction += fraction >= 0 ? 1 : 0;
                value = (value * 10) + (c - '0');
                if (value > long.MaxValue)
                {
                    return false;
                }
            }
            else if (c == decimalSign && fraction < 0)
            {
                fraction = 0;
            }
            else if (fraction >= 0 || digits == 0 || c is not (',' or '.' or ' ' or '\'' or '\u00A0') || c == decimalSign)
            {
                return false;
            }
        }

        for (var i = Math.Max(fraction, 0); i < currency.MinorDigits; i++)
        {
            value *= 10;
        }

        if (digits == 0 || value > long.MaxValue)
        {
            return false;
        }

        minor = (long)(isNegative ? -value : value);
        return true;
    }
}
