using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;

namespace Tsunagi.BackOffice.Facts;

/// <summary>One account's input of a bill, and what the document needs besides.</summary>
/// <param name="Input">Null when nothing is to be billed for the period, or it cannot be; see <paramref name="Problem"/>.</param>
/// <param name="AfterSeq">The account's newest document when this was read: what is made of it is issued after that one or not at all.</param>
/// <param name="PreviousMinor">The total of the bill before.</param>
/// <param name="Services">Names of the subscriptions as they were when this was read.</param>
internal sealed record AccountBill(
    BillingAccount Account, BillInput? Input, string? Problem, bool IsBilled, long AfterSeq, long? PreviousMinor, IReadOnlyDictionary<string, string> Services);

/// <summary>Since when facts are new to the accounts of a run, and which subscriptions have late ones: the first moment each is about.</summary>
internal sealed record LateFacts(IReadOnlyDictionary<string, long> BySubscription);
