using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.BackOffice.Dunning;

/// <summary>One step that may be taken with one account, made from the facts of now; releasing it names its id, which is of exactly this account, stage and set of invoices.</summary>
/// <param name="From">The day from which it may be done.</param>
/// <param name="AmountMinor">What is open of the invoices once the account's own money is counted.</param>
/// <param name="Blocks">Why it is not done now; empty when it can be.</param>
public sealed record DunningProposal(
    string Id, DunningAccount Account, DunningStage Stage, DateOnly From, long AmountMinor, IReadOnlyList<DunningInvoice> Invoices, IReadOnlyList<DunningBlock> Blocks)
{
    internal static string IdOf(string accountId, string stage, IEnumerable<DunningInvoice> invoices) => "dp_" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('|', (string[])[accountId, stage, .. invoices.Select(static invoice => invoice.Id).Order(StringComparer.Ordinal)]))).AsSpan(0, 13));
}

/// <summary>Why a step waits.</summary>
public enum DunningBlock
{
    /// <summary>Today is a rest day or a holiday, or the day before one.</summary>
    RestDay,

    /// <summary>No holidays are written down for this year: the operator enters them first.</summary>
    NoCalendar,

    /// <summary>No file of the bank was imported for too many business days: the customer may have paid.</summary>
    BankStale,

    /// <summary>A booking that waits for a person may be this account's payment.</summary>
    PerhapsPaid,

    /// <summary>The account is never suspended.</summary>
    NeverSuspend,

    /// <summary>Nobody knows where to send the letter.</summary>
    NoAddress,

    /// <summary>The letter of the stage before has not gone out.</summary>
    LetterWaits,
}
