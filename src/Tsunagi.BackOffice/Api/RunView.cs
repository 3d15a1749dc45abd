using Tsunagi.BackOffice.Runs;

namespace Tsunagi.BackOffice.Api;

/// <summary>An invoice run.</summary>
/// <param name="State">"computing", "ready" (waits for release), "issuing", "issued", "discarded".</param>
/// <param name="Accounts">How many accounts there are to bill.</param>
/// <param name="Done">How many of them were dealt with, in the step the run is in.</param>
public sealed record RunView(
    string Id, string Period, string State, string IssueDate, long KnownAt, string? OnlyAccount, string MadeBy, long MadeAt, string? ReleasedBy, long? ReleasedAt, long? EndedAt, long Accounts,
    long Done, IReadOnlyList<RunCount> Bills)
{
    internal static RunView Of(RunRow run, IReadOnlyList<RunCount> counts) => new(
        run.Id, run.Period, run.State, run.IssueDate, run.KnownAt, run.OnlyAccount, run.MadeByName, run.MadeAt, run.ReleasedByName, run.ReleasedAt, run.EndedAt, run.Accounts,
        counts.Where(count => run.State != RunState.Issuing || count.State != DraftState.Ready).Sum(static count => count.Bills), counts);
}

/// <summary>One account's bill of a run.</summary>
/// <param name="PreviousMinor">The bill before; absent when there was none.</param>
public sealed record DraftView(
    string AccountId, string AccountName, string State, string Currency, long NetMinor, long TaxMinor, long TotalMinor, long? PreviousMinor, long? DifferenceMinor, long Lines, string? Problem,
    string? BillId)
{
    internal static DraftView Of(DraftRow row) => new(
        row.AccountId, row.AccountName, row.State, row.Currency, row.NetMinor, row.TaxMinor, row.TotalMinor, row.PreviousMinor, row.PreviousMinor is { } before ? row.TotalMinor - before : null,
        row.LineCount, row.Problem, row.InvoiceId);
}
