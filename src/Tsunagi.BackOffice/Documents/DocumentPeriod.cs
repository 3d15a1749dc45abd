namespace Tsunagi.BackOffice.Documents;

/// <summary>Civil dates of the account's zone. <paramref name="End"/> is the first day after the period; documents print <see cref="LastDay"/>.</summary>
public sealed record DocumentPeriod(DateOnly Start, DateOnly End)
{
    public DateOnly LastDay => End > Start ? End.AddDays(-1) : Start;
}
