using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.BackOffice.Dunning;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Letters;

namespace Tsunagi.BackOffice.Api;

/// <summary>What dunning rests on now.</summary>
/// <param name="BankAsOf">Up to which day the bank's files reach, of the account that is furthest behind.</param>
/// <param name="BankStale">True: nothing is done until newer files are imported.</param>
/// <param name="HolidaysKnown">False: nothing is done until this year's holidays are entered.</param>
public sealed record DunningStateView(string Today, string? BankAsOf, string? BankAccount, bool BankStale, bool HolidaysKnown, bool ActingDay, long TermsVersion, IReadOnlyDictionary<string, long> Letters)
{
    internal static DunningStateView Of(DunningFrame frame, IReadOnlyDictionary<string, long> letters) => new(
        InvoiceBook.Text(frame.Bank.Today), frame.Bank.AsOf is { } asOf ? InvoiceBook.Text(asOf) : null, frame.Bank.Account, frame.IsStale, frame.Calendar.Knows(frame.Bank.Today), frame.Calendar.IsActing(frame.Bank.Today),
        frame.Version, letters);
}

/// <summary>A step that may be taken.</summary>
/// <param name="From">The day from which it may.</param>
/// <param name="Blocks">Why it waits: restDay, noCalendar, bankStale, perhapsPaid, neverSuspend, noAddress, letterWaits.</param>
public sealed record DunningProposalView(
    string Id, string AccountId, string AccountName, string Stage, DunningAction Action, bool Automatic, string From, MoneyView Amount, IReadOnlyList<DunnedInvoiceView> Invoices, IReadOnlyList<string> Blocks)
{
    internal static DunningProposalView Of(DunningProposal proposal) => new(
        proposal.Id, proposal.Account.Id, proposal.Account.Name, proposal.Stage.Id, proposal.Stage.Action, proposal.Stage.Automatic, InvoiceBook.Text(proposal.From), MoneyView.Of(proposal.AmountMinor, proposal.Account.Currency),
        [.. proposal.Invoices.Select(invoice => new DunnedInvoiceView(invoice.Number, InvoiceBook.Text(invoice.Due), MoneyView.Of(invoice.OpenMinor, proposal.Account.Currency)))], [.. proposal.Blocks.Select(DunningWords.Word)]);
}

/// <summary>An invoice of a proposal.</summary>
public sealed record DunnedInvoiceView(string Number, string Due, MoneyView Open);

/// <summary>A step that was taken or skipped.</summary>
/// <param name="State">done or skipped.</param>
/// <param name="DataKeptUntil">Of a suspension.</param>
/// <param name="EndedAt">Of a suspension: when the payment ended it.</param>
public sealed record DunningStepView(
    string Id, string AccountId, string AccountName, string Stage, DunningAction Action, string State, MoneyView Amount, IReadOnlyList<string> Invoices, string Day, long DecidedAt, string DecidedBy, bool Automatic,
    string? Reason, string? DataKeptUntil, long? EndedAt, string? LetterId, string? LetterState)
{
    internal static DunningStepView Of(DunningStep step) => new(
        step.Id, step.AccountId, step.AccountName, step.Stage, DunningActions.Parse(step.Action), step.State, MoneyView.Of(step.AmountMinor, step.Currency), step.Invoices.Split(' '), step.OnDay, step.DecidedAt, step.DecidedBy,
        step.Automatic != 0, step.Reason, step.DataKeptUntil, step.EndedAt, step.LetterId, step.LetterState);
}

/// <summary>The request to pass over a step.</summary>
public sealed record DunningSkip([property: Required, StringLength(DunningOrders.MaxReason, MinimumLength = 1), Description("Why.")] string Reason);

/// <summary>The request to take many steps.</summary>
public sealed record DunningReleases([property: Required, MinLength(1), MaxLength(DunningOrders.MostAtOnce), Description("Ids of proposals; each is taken by itself.")] IReadOnlyList<string> Proposals);

/// <summary>What became of each.</summary>
public sealed record DunningReleaseView(string Proposal, DunningStepView? Step, string? Refused);

/// <summary>The operator's terms.</summary>
public sealed record DunningTermsView(long Version, DunningTerms Terms);

/// <summary>The request to enter holidays: those of the years named take the place of those before.</summary>
public sealed record NewHolidays([property: Required, MinLength(1), MaxLength(DunningTermsOrders.MaxHolidays)] IReadOnlyList<Holiday> Holidays);

/// <summary>A booking of the bank that waits for a person.</summary>
/// <param name="AccountId">Whose it may be.</param>
public sealed record BookingView(string Booking, string? AccountId, string BookedOn, MoneyView Amount, string Payer)
{
    internal static BookingView Of(LeftRow row) => new(row.Key, row.AccountId, row.BookedOn, MoneyView.Of(row.AmountMinor, row.Currency), row.Payer);
}

/// <summary>The request to put a booking aside.</summary>
public sealed record BookingDismissal([property: Required, MaxLength(200), Description("Its key, as the import says it.")] string Booking, [property: Required, StringLength(DunningOrders.MaxReason, MinimumLength = 1), Description("Why.")] string Reason);

/// <summary>A letter.</summary>
/// <param name="State">waiting, handing, sent, failed or unknown.</param>
/// <param name="SentBy">The relay's answer, or the person who delivered it otherwise.</param>
public sealed record LetterView(
    string Id, string AccountId, string StepId, string Language, string Recipient, string Subject, string Body, string State, long Tries, string? Problem, long MadeAt, long? SentAt, string? SentOn, string? SentBy)
{
    internal static LetterView Of(Letter letter) => new(
        letter.Id, letter.AccountId, letter.StepId, letter.Language, letter.Recipient, letter.Subject, letter.Body, letter.State, letter.Tries, letter.Problem, letter.MadeAt, letter.SentAt, letter.SentOn, letter.SentBy);
}

/// <summary>How a letter reached its reader.</summary>
public sealed record LetterDelivery([property: Required, StringLength(LetterBook.MaxNote, MinimumLength = 1), Description("How: by post, by hand ...")] string Note);
