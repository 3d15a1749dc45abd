using System.Globalization;

namespace Tsunagi.BackOffice.Orders;

/// <summary>
/// The term of a subscription: the least time it is taken for, how it is renewed, the notice an end needs, and what an earlier end costs. Days are civil days of the account. Terms are counted from the
/// beginning each time, so a term from the 31st ends on the last day of a shorter month and on the 31st again after it.
/// </summary>
public sealed record Agreement(string SubscriptionId, string BeginsOn, long MinimumMonths, long RenewalMonths, long NoticeDays, string EarlyPercent, string OrderId)
{
    internal const string Columns = "subscription_id, begins_on, minimum_months, renewal_months, notice_days, early_percent, order_id";

    private const int MostTerms = 10_000;

    public decimal EarlyTerminationPercent => decimal.Parse(EarlyPercent, CultureInfo.InvariantCulture);

    /// <summary>The first day after the term that holds this day; null where it is bound by none.</summary>
    public DateOnly? TermEnd(DateOnly on)
    {
        var begins = CivilTime.Read(BeginsOn);
        for (var term = 0; term < MostTerms; term++)
        {
            var end = begins.AddMonths((int)(MinimumMonths + (term * RenewalMonths)));
            if (end > on)
            {
                return end;
            }

            if (RenewalMonths == 0)
            {
                break;
            }
        }

        return null;
    }

    /// <summary>The earliest end, not before a day, that term and notice allow.</summary>
    /// <param name="wanted">The day from which it shall not run any more.</param>
    /// <param name="given">The day on which notice is given.</param>
    public DateOnly OrdinaryEnd(DateOnly wanted, DateOnly given)
    {
        var noticed = given.AddDays((int)NoticeDays);
        var least = wanted > noticed ? wanted : noticed;

        // An end on the very day on which a term is over is allowed, so the term that holds the day before decides.
        return TermEnd(least.AddDays(-1)) is { } end && end > least ? end : least;
    }
}
