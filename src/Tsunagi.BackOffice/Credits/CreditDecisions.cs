using System.Globalization;
using System.Numerics;
using Tsunagi.BackOffice.Facts;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Exchange.Credits;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Usage;

namespace Tsunagi.BackOffice.Credits;

/// <summary>
/// A person decides about credits that services propose. An approval is one transaction: (1) what it comes to, a share being of the month's fixed charges as they are known now, never more in all than
/// those, (2) the decision, (3) the line of the next bill, which names the source and so is there once.
/// </summary>
internal sealed class CreditDecisions(Stores stores, CreditBook book, ServiceCredits credits, FactReader facts, SpecificationCatalogue specifications, TimeProvider time)
{
    public async ValueTask<Outcome<ServiceCredit>> ApproveAsync(Caller caller, string id, string reason, CancellationToken cancellationToken)
    {
        if (await book.FindAsync(caller, id, cancellationToken) is not { } credit)
        {
            return Refusal.NotFound("credit", id);
        }

        return CheckReason(reason) is { } wrong ? wrong : await stores.Control.WriteAsync<Outcome<ServiceCredit>>(
            async transaction =>
            {
                if (await OrderBook.PayerAsync(transaction, credit.TenantPath) is not { } account)
                {
                    return Refusal.Conflict("backoffice.service-credit.account", "nobody pays for this subscription, so there is no bill to put the credit on");
                }

                // :: (1)
                var (name, specification) = await transaction.FirstOrDefaultAsync<(string Name, string Specification)>(
                    "SELECT s.name, p.specification FROM subscription s JOIN plan p ON p.id = s.plan_id WHERE s.id = @SubscriptionId", new { credit.SubscriptionId });
                var terms = await facts.TermsAsync(transaction, account, credit.SubscriptionId, stays: false);
                var (minor, sum) = credit.AmountMinor is { } fixedAmount
                    ? (fixedAmount, (string?)null)
                    : await ShareAsync(transaction, credit, account, terms);
                if (minor <= 0)
                {
                    return Refusal.Conflict("backoffice.service-credit.nothing", "nothing of the month's charges is left to give back");
                }

                // :: (2)
                var explanation = string.Join("; ", new[] { sum, credit.Reason, credit.Evidence }.Where(static part => part is not null));
                if (!await credits.DecideAsync(transaction, caller, credit, true, reason.Trim(), minor, explanation))
                {
                    return Decided;
                }

                // :: (3)
                await NextBill.PutAsync(transaction, time, new NextBillLine(
                    "credit:" + credit.Id, account, (account.Locale == "ja" ? "サービス品質保証による返還 " : "Service credit: ") + name, -minor, terms.SelectMany(static each => each.Prices).OfType<FlatPrice>().FirstOrDefault()?.Tax,
                    specifications.CategoryOf(specification), credit.SubscriptionId, specification, explanation, reason.Trim(), caller.ActorName));
                return (await CreditBook.FindAsync(transaction, credit.Id))!;
            },
            cancellationToken);
    }

    public async ValueTask<Outcome<ServiceCredit>> RejectAsync(Caller caller, string id, string reason, CancellationToken cancellationToken)
    {
        if (await book.FindAsync(caller, id, cancellationToken) is not { } credit)
        {
            return Refusal.NotFound("credit", id);
        }

        return CheckReason(reason) is { } wrong ? wrong : await stores.Control.WriteAsync<Outcome<ServiceCredit>>(
            async transaction => await credits.DecideAsync(transaction, caller, credit, false, reason.Trim(), null, null) ? (await CreditBook.FindAsync(transaction, credit.Id))! : Decided, cancellationToken);
    }

    private static async ValueTask<(long Minor, string? Sum)> ShareAsync(ISqlTransaction transaction, ServiceCredit credit, Accounts.BillingAccount account, IReadOnlyList<MonthTerms> terms)
    {
        var month = BillingPeriod.Containing(credit.FromAt, account.TimeZone, account.ClosingDay);
        var charged = EarlyCharge.SumOf(Currency.Find(account.Currency)!, month, terms);
        var given = await transaction.FirstOrDefaultAsync<long>(
            "SELECT CAST(coalesce(sum(credited_minor), 0) AS bigint) FROM service_credit WHERE subscription_id = @SubscriptionId AND state = 'approved' AND from_at >= @From AND from_at < @To",
            new { credit.SubscriptionId, From = month.FromMicros, To = month.ToMicros });
        var percent = decimal.Parse(credit.Percent!, CultureInfo.InvariantCulture);
        var share = (long)(((2 * new BigInteger(charged) * new BigInteger(percent * 1_000_000)) + 100_000_000) / 200_000_000);
        var minor = Math.Min(share, charged - given);
        var sum = string.Create(CultureInfo.InvariantCulture, $"{month.Name}: {charged:#,0} × {percent:0.######} %");
        return (minor, minor < share ? string.Create(CultureInfo.InvariantCulture, $"{sum}, {given:#,0} of it given before") : sum);
    }

    private static Refusal? CheckReason(string reason) => string.IsNullOrWhiteSpace(reason) || reason.Length > ServiceCredits.MaxReason
        ? Refusal.Invalid("backoffice.service-credit.reason", "reason", "a decision needs a reason", $"1 to {ServiceCredits.MaxReason} characters")
        : null;

    private static Refusal Decided => Refusal.Conflict("backoffice.service-credit.decided", "somebody has decided about this credit already");
}
