using Tsunagi.BackOffice.Accounts;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Orders;

/// <summary>Puts an amount on an account's next bill for a reason that is named: the same source is put there once, however often it is tried.</summary>
internal static class NextBill
{
    /// <summary>True when it is there now and was not before.</summary>
    public static async ValueTask<bool> PutAsync(ISqlTransaction transaction, TimeProvider time, NextBillLine line) => await transaction.ExecuteAsync(
        """
        INSERT INTO bo_adjustment (id, tenant_path, account_id, label, amount_minor, tax, reason, made_by, made_at, invoice_seq, category, subscription_id, revenue, explanation, source)
        VALUES (@Id, @TenantPath, @AccountId, @Label, @AmountMinor, @Tax, @Reason, @By, @Now, NULL, @Category, @SubscriptionId, @Revenue, @Explanation, @Source) ON CONFLICT (source) DO NOTHING
        """,
        new
        {
            Id = Id.New("aj", time), line.Account.TenantPath, AccountId = line.Account.Id, line.Label, line.AmountMinor, line.Tax, line.Reason, line.By, Now = time.NowMicros(), Category = line.Category.Word(),
            line.SubscriptionId, line.Revenue, line.Explanation, line.Source,
        }) > 0;
}

/// <summary>An amount for the next bill.</summary>
/// <param name="Source">What it is for ("termination:or_1:2"), unique.</param>
/// <param name="Tax">A category of a price; null for the standard rate.</param>
/// <param name="Revenue">The specification that earns it.</param>
/// <param name="Explanation">How it came about, in figures.</param>
internal sealed record NextBillLine(
    string Source, BillingAccount Account, string Label, long AmountMinor, string? Tax, OfferingCategory Category, string? SubscriptionId, string Revenue, string Explanation, string Reason, string By);
