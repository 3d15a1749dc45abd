using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Invoices;

/// <summary>Puts amounts on an account's next bill by hand: a fee no plan has, a discount that was promised.</summary>
internal sealed class AdjustmentOrders(Stores stores, AccountBook accounts, ChangeRecorder changes, TimeProvider time)
{
    private const long MaxAmount = 1_000_000_000_000;

    public async ValueTask<Outcome<Adjustment>> AddAsync(Caller caller, string accountId, NewAdjustment wanted, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(caller, accountId, cancellationToken);
        if (account is null)
        {
            return Refusal.NotFound("billing account", accountId);
        }

        if (string.IsNullOrWhiteSpace(wanted.Label) || wanted.Label.Length > 200 || wanted.Label.Any(char.IsControl))
        {
            return Refusal.Invalid("backoffice.adjustment.label", "label", "an adjustment needs a label: it is the text of its line on the bill", "1 to 200 characters");
        }

        if (string.IsNullOrWhiteSpace(wanted.Reason) || wanted.Reason.Length > 500)
        {
            return Refusal.Invalid("backoffice.adjustment.reason", "reason", "an adjustment needs a reason", "1 to 500 characters");
        }

        if (wanted.AmountMinor is 0 or < -MaxAmount or > MaxAmount)
        {
            return Refusal.Invalid("backoffice.adjustment.amount", "amountMinor", $"the amount is {wanted.AmountMinor}", $"{-MaxAmount} to {MaxAmount}, not 0");
        }

        if (wanted.Tax is { } tax && !PriceTax.All.Contains(tax))
        {
            return Refusal.Invalid("backoffice.adjustment.tax", "tax", $"there is no tax category {tax}", string.Join(", ", PriceTax.All));
        }

        var adjustment = new Adjustment(Id.New("aj", time), account.Id, wanted.Label, wanted.AmountMinor, wanted.Tax, wanted.Reason, caller.ActorName, time.NowMicros(), wanted.Category);
        return await stores.Control.WriteAsync<Outcome<Adjustment>>(
            async transaction =>
            {
                adjustment = adjustment with { MadeAt = time.NowMicros() };
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO bo_adjustment (id, tenant_path, account_id, label, amount_minor, tax, reason, made_by, made_at, invoice_seq, category)
                    VALUES (@Id, @TenantPath, @AccountId, @Label, @AmountMinor, @Tax, @Reason, @MadeBy, @MadeAt, NULL, @Category)
                    """,
                    new { adjustment.Id, account.TenantPath, adjustment.AccountId, adjustment.Label, adjustment.AmountMinor, adjustment.Tax, adjustment.Reason, adjustment.MadeBy, adjustment.MadeAt, Category = adjustment.Category?.Word() });
                await changes.RecordAsync(
                    transaction, caller, BackOfficeEvents.Adjusted, account.Id, account.TenantPath, null, adjustment, JsonSerializer.Serialize(new { adjustment.AmountMinor }), wanted.Reason);
                return adjustment;
            },
            cancellationToken);
    }
}

/// <summary>The request to put an amount on the next bill.</summary>
/// <param name="AmountMinor">Without tax, in minor units; below zero for a discount.</param>
/// <param name="Tax">A category of a price; the standard rate without it.</param>
/// <param name="Category">Of the portfolio, for the revenue reports; none without it.</param>
public sealed record NewAdjustment(string Label, long AmountMinor, string Reason, string? Tax = null, OfferingCategory? Category = null);

/// <summary>An amount that waits for the next bill.</summary>
public sealed record Adjustment(string Id, string AccountId, string Label, long AmountMinor, string? Tax, string Reason, string MadeBy, long MadeAt, OfferingCategory? Category = null);
