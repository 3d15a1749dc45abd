using System.Runtime.InteropServices;

namespace Tsunagi.BackOffice.Ledger;

/// <summary>
/// Revenue that was billed before it is earned: an issued line's amount, earned day by day over the civil days it pays for, less what was taken back of it since. Pure. What is earned by the end of a day
/// is the amount times the days gone by over all days, rounded once (half away from zero): the last day takes what is left, so the parts always come to the whole.
/// </summary>
/// <param name="AmountMinor">Without tax; below zero of a line that gives something.</param>
/// <param name="First">The first civil day it pays for.</param>
/// <param name="After">The first civil day it does not pay for.</param>
/// <param name="BookedOn">The day it was invoiced: days before it are earned with that day's month.</param>
/// <param name="Cuts">What corrections and credit notes took back, each with the day.</param>
/// <param name="Ended">Of an amount that is spread over a term, the day from which its subscription does not run: nothing is left to be done for it then, so all that remains is earned.</param>
internal sealed record Deferral(long AmountMinor, DateOnly First, DateOnly After, DateOnly BookedOn, IReadOnlyList<DeferralCut> Cuts, DateOnly? Ended = null)
{
    /// <summary>What is earned by the days before one.</summary>
    public long EarnedBefore(DateOnly day) => Walk(day).Earned;

    /// <summary>What a correction or credit note of a day may still take back: what is not earned by then, and no more than the last cut left where there is a later one, for what is taken before it is not there to be taken by it. One unit stays then: a time that is cut in two is rounded twice.</summary>
    public long UnearnedOn(DateOnly day)
    {
        var left = Walk(day).Left;
        if (!Cuts.Any(cut => cut.On > day))
        {
            return left;
        }

        var later = Walk(Cuts.Max(static cut => cut.On)).Left;
        return Math.Sign(later) != Math.Sign(left) ? 0 : Math.Sign(left) * Math.Min(Math.Abs(left), Math.Abs(later) - 1);
    }

    /// <summary>What the books have to have released when a month is closed: nothing while the invoice is of a later month.</summary>
    public long ReleasedWith(DateOnly monthAfter) => BookedOn >= monthAfter ? 0 : EarnedBefore(monthAfter);

    /// <summary>From cut to cut: what was earned until then stays earned, what is left is spread over the days that are left.</summary>
    private (long Earned, long Left) Walk(DateOnly day)
    {
        var (earned, left, from) = (0L, AmountMinor, First);
        foreach (var cut in Cuts.Where(cut => cut.On <= day).OrderBy(static cut => cut.On))
        {
            var until = Due(left, from, cut.On);
            earned = checked(earned + until);
            left = checked(left - until - cut.AmountMinor);
            from = cut.On > from ? cut.On : from;
        }

        var rest = Due(left, from, day);
        return (checked(earned + rest), checked(left - rest));
    }

    private long Due(long amount, DateOnly from, DateOnly day)
    {
        if (day >= After || (Ended is { } ended && day >= ended))
        {
            return amount;
        }

        var (gone, all) = (day.DayNumber - from.DayNumber, After.DayNumber - from.DayNumber);
        return gone <= 0 ? 0 : (long)(Math.Sign(amount) * ((2 * Int128.Abs(amount) * gone) + all) / (2 * (Int128)all));
    }
}

/// <summary>What was taken back of a deferral before it was earned, with the sign of its amount.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DeferralCut(DateOnly On, long AmountMinor);
