using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Dunning;

/// <summary>The operator's terms: which stages there are, and what must be so before anything is done.</summary>
/// <param name="Stages">In the order of their days.</param>
/// <param name="StaleAfterBusinessDays">Nothing is done while what is known of a bank account is older than so many business days.</param>
/// <param name="KeepDataDays">How long data of suspended services is kept, as the letters say; nothing is erased by the program itself.</param>
/// <param name="LeastMinor">Less than this in minor units is not asked for: a bank's fee taken from a payment, say.</param>
/// <param name="AutomaticFromHour">The hour of the account's zone from which an automatic stage acts.</param>
/// <param name="RestDays">Days of the week on which nothing is done, nor on the day before.</param>
/// <param name="ClosedBankAccounts">The provider's own accounts that no file comes of any more.</param>
public sealed record DunningTerms(
    IReadOnlyList<DunningStage> Stages, int StaleAfterBusinessDays = 3, int KeepDataDays = 60, long LeastMinor = 1, int AutomaticFromHour = 10, IReadOnlyList<DayOfWeek>? RestDays = null,
    IReadOnlyList<string>? ClosedBankAccounts = null)
{
    public const int MaxStages = 8, MaxDays = 730;

    /// <summary>What holds until the operator writes terms of his own: four stages, none automatic.</summary>
    public static DunningTerms Default { get; } = new(
    [
        new DunningStage("reminder", DunningAction.Remind, 7, false, LetterDefaults.ReminderEn, LetterDefaults.ReminderJa),
        new DunningStage("last-notice", DunningAction.LastNotice, 21, false, LetterDefaults.LastNoticeEn, LetterDefaults.LastNoticeJa),
        new DunningStage("suspension", DunningAction.Suspend, 35, false, LetterDefaults.SuspensionEn, LetterDefaults.SuspensionJa),
        new DunningStage("hand-over", DunningAction.HandOver, 90, false, LetterDefaults.HandOverEn, LetterDefaults.HandOverJa),
    ]);

    internal IReadOnlyList<DayOfWeek> Rest => RestDays ?? [DayOfWeek.Saturday, DayOfWeek.Sunday];

    internal DunningStage? Find(string stage) => Stages.FirstOrDefault(each => each.Id == stage);

    /// <summary>What is wrong with them, or null.</summary>
    internal Refusal? Check()
    {
        if (Stages.Count is 0 or > MaxStages || Stages.Any(static stage => stage is null))
        {
            return Refusal.Invalid("backoffice.dunning.stages", "stages", $"there are {Stages.Count} stages", $"1 to {MaxStages}");
        }

        if (StaleAfterBusinessDays is < 1 or > 30 || KeepDataDays is < 0 or > 3_650 || LeastMinor is < 1 or > 1_000_000_000 || AutomaticFromHour is < 0 or > 23 || Rest.Distinct().Count() > 5 || ClosedBankAccounts is { Count: > 50 })
        {
            return Refusal.Invalid(
                "backoffice.dunning.numbers", "staleAfterBusinessDays", "a number of the terms is out of its range",
                "1 to 30 business days, data kept 0 to 3650 days, a least amount of 1 to 1000000000, an hour of 0 to 23, at most 5 rest days a week, at most 50 closed accounts");
        }

        return CheckStages();
    }

    private Refusal? CheckStages()
    {
        DunningStage? before = null;
        foreach (var stage in Stages)
        {
            if (stage.Id is not { Length: > 0 and <= 20 } || !stage.Id.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') || Stages.Count(each => each.Id == stage.Id) > 1)
            {
                return Refusal.Invalid("backoffice.dunning.stage-id", "stages", $"\"{stage.Id}\" is no name of a stage, or two have it", "1 to 20 of a-z, 0-9 and -; each once");
            }

            if (stage.DaysAfterDue is < 1 or > MaxDays || stage.DaysAfterDue <= (before?.DaysAfterDue ?? 0))
            {
                return Refusal.Invalid("backoffice.dunning.days", "stages", $"the stage {stage.Id} is {stage.DaysAfterDue} days after the due date", $"1 to {MaxDays}, more than the stage before it");
            }

            if (stage.Action == DunningAction.Suspend && !Stages.TakeWhile(each => each != stage).Any(static each => each.Action == DunningAction.LastNotice))
            {
                return Refusal.Invalid("backoffice.dunning.notice", "stages", $"the stage {stage.Id} suspends without a last notice before it", "a stage of act lastNotice before one of act suspend");
            }

            if (LetterText.Check(stage) is { } wrong)
            {
                return wrong;
            }

            before = stage;
        }

        return null;
    }
}

/// <summary>A stage.</summary>
/// <param name="Id">"reminder": what an invoice has passed is kept under it.</param>
/// <param name="DaysAfterDue">Days after the due date from which it is proposed; at least as many days after the stage before it was done as lie between the two.</param>
/// <param name="Automatic">True: it is done without a person, once it may be.</param>
public sealed record DunningStage(string Id, DunningAction Action, int DaysAfterDue, bool Automatic, LetterTemplate En, LetterTemplate Ja);
