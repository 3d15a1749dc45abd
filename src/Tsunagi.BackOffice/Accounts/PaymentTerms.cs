using System.Globalization;

namespace Tsunagi.BackOffice.Accounts;

/// <summary>When an invoice is to be paid: "net:30" is 30 days after its date, "eom:1" the end of the month after it (翌月末払い), "eom:0" the end of its own.</summary>
public readonly record struct PaymentTerms(bool EndOfMonth, int Count)
{
    public static bool TryParse(string text, out PaymentTerms terms)
    {
        terms = default;
        var cut = text.IndexOf(':', StringComparison.Ordinal);
        if (cut < 0 || text[..cut] is not ("net" or "eom") || !int.TryParse(text.AsSpan(cut + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        terms = new PaymentTerms(text[0] == 'e', count);
        return terms.EndOfMonth ? count <= 12 : count <= 365;
    }

    public DateOnly DueAfter(DateOnly issued)
    {
        if (!EndOfMonth)
        {
            return issued.AddDays(Count);
        }

        var month = new DateOnly(issued.Year, issued.Month, 1).AddMonths(Count + 1);
        return month.AddDays(-1);
    }
}
