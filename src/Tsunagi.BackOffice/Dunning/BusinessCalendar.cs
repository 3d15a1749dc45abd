namespace Tsunagi.BackOffice.Dunning;

/// <summary>
/// The operator's calendar: rest days of the week and holidays he wrote down, by civil date. Dunning acts on days that are no rest day and are not followed by
/// one, so that a customer can still answer on the day after. Pure.
/// </summary>
internal sealed class BusinessCalendar(IReadOnlyCollection<DayOfWeek> restDays, IEnumerable<DateOnly> holidays)
{
    private const int MaxSearch = 60;
    private readonly HashSet<DateOnly> _holidays = [.. holidays];
    private readonly HashSet<int> _years = [.. holidays.Select(static day => day.Year)];

    public bool IsRest(DateOnly day) => restDays.Contains(day.DayOfWeek) || _holidays.Contains(day);

    /// <summary>Neither a rest day nor the day before one.</summary>
    public bool IsActing(DateOnly day) => !IsRest(day) && !IsRest(day.AddDays(1));

    /// <summary>The first day from this one on on which something may be done; null when the calendar leaves none within two months.</summary>
    public DateOnly? FirstActing(DateOnly from)
    {
        for (var day = from; day < from.AddDays(MaxSearch); day = day.AddDays(1))
        {
            if (IsActing(day))
            {
                return day;
            }
        }

        return null;
    }

    /// <summary>True when holidays of that day's year and of the next day's are written down: a year without any is one nobody entered yet.</summary>
    public bool Knows(DateOnly day) => _years.Contains(day.Year) && _years.Contains(day.AddDays(1).Year);

    /// <summary>Business days after the first up to and with the last.</summary>
    public int BusinessDays(DateOnly after, DateOnly upTo)
    {
        var count = 0;
        for (var day = upTo; day > after && count < MaxSearch; day = day.AddDays(-1))
        {
            count += IsRest(day) ? 0 : 1;
        }

        return count;
    }
}
