using System.Globalization;
using System.Numerics;
using Tsunagi.Core.Exchange.Credits;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Sla;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Sla;

/// <summary>
/// Hands what a month gives back to whoever bills, when an operator says so: (1) the month is over and gives something back; (2) there is no other proposal for it that was not rejected, so a month
/// is never given back twice; (3) the proposal, a share of the month's charges, with the promises that did not hold.
/// </summary>
internal sealed class SlaCredits(Stores stores, SlaDesk desk, ServiceCredits credits)
{
    internal const string Source = "connectivity.sla";
    private static readonly BigInteger MillionthsOfPercent = 100_000_000;

    /// <summary>Proposes the month's credit. The same one a second time is the first again.</summary>
    /// <param name="period">"2026-10".</param>
    public async ValueTask<Outcome<ServiceCredit>> ProposeAsync(Caller caller, string subscriptionId, string period, CancellationToken cancellationToken)
    {
        // (1)
        var judged = await desk.JudgeAsync(caller, subscriptionId, period, cancellationToken);
        if (!judged.Ok)
        {
            return judged.Refusal;
        }

        var month = judged.Value;
        if ((OutageBook.NotOperator(caller) ?? NothingToGive(month.Statement)) is { } no)
        {
            return no;
        }

        var wanted = Of(month);
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                // (2)
                var other = await transaction.FirstOrDefaultAsync<string>(
                    "SELECT id FROM service_credit WHERE source = @Source AND subscription_id = @SubscriptionId AND from_at = @FromMicros AND credit_key <> @Key AND state <> 'rejected'",
                    new { wanted.Source, wanted.SubscriptionId, wanted.FromMicros, wanted.Key });
                if (other is not null)
                {
                    return Refusal.Conflict("connectivity.sla.proposed", $"another credit is proposed or given for this month: {other}; reject it first");
                }

                // (3)
                var proposed = await credits.ProposeAsync(transaction, caller, wanted);
                return proposed is { Ok: true, Value.State: ServiceCreditState.Rejected }
                    ? Refusal.Conflict("connectivity.sla.rejected", $"this credit was rejected: {proposed.Value.Id}")
                    : proposed;
            },
            cancellationToken);
    }

    private static Refusal? NothingToGive(SlaStatement told) =>
        !told.IsWhole ? Refusal.Conflict("connectivity.sla.running", "the month is not over: what it gives back is known then")
        : told.Share.Numerator.IsZero ? Refusal.Conflict("connectivity.sla.nothing", "nothing is to be given back for this month")
        : null;

    private static NewServiceCredit Of(SlaMonth month)
    {
        var told = month.Statement;
        var percent = (decimal)((MillionthsOfPercent * told.Share.Numerator) / told.Share.Denominator) / 1_000_000;
        var broken = string.Join(", ", told.Results.Where(static result => result.IsBroken).Select(static result => Text(result)));
        return new NewServiceCredit(
            Source, string.Create(CultureInfo.InvariantCulture, $"{told.Period}:{month.Subscription.Id}:{percent:0.######}"), month.Subscription.Id, month.Month.FromMicros, month.Month.ToMicros,
            $"SLA {told.Terms.Name}, {told.Period}: {broken}" + (told.IsUnclear ? " (much of the month was not measured)" : ""), $"/api/v1/connectivity/sla/{month.Subscription.Id}?month={told.Period}")
        {
            Percent = decimal.Max(percent, 0.000_001m),
        };
    }

    // As the statement's own page shows it.
    private static string Text(SlaResult result)
    {
        string In(double value) => result.Objective.Indicator switch
        {
            SlaIndicator.Availability => string.Create(CultureInfo.InvariantCulture, $"{value / 10_000:0.0000} %"),
            SlaIndicator.Loss => string.Create(CultureInfo.InvariantCulture, $"{value / 10_000:0.000} %"),
            SlaIndicator.Delay => string.Create(CultureInfo.InvariantCulture, $"{value / 1_000:0.00} ms"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{value / 60:0} min"),
        };
        return $"{result.Objective.Indicator.ToString().ToLowerInvariant()} {In(result.Value ?? 0)}, promised {In(result.Objective.Target)}";
    }
}
