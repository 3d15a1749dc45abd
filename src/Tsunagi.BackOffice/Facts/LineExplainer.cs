using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Usage;

namespace Tsunagi.BackOffice.Facts;

/// <summary>"Why this line?": the terms it was rated by, and what was counted, day by day, down to each record of usage that a person or another system made.</summary>
internal sealed class LineExplainer(Stores stores, AccountBook accounts, InvoiceBook invoices)
{
    private const int MostRecords = 500;

    public static readonly TenantQuery Terms = new("backoffice.explain.terms", """
        SELECT v.number, v.plan_version, v.quantity, v.valid_from, v.valid_to, v.known_from, v.known_to FROM subscription_version v
        WHERE {tenant:v} AND v.subscription_id = @Subscription AND v.known_from < @KnownAt AND (v.known_to IS NULL OR v.known_to >= @KnownAt) AND v.valid_from < @End ORDER BY v.valid_from, v.number
        """);

    public static readonly TenantQuery Hours = new("backoffice.explain.hours", """
        SELECT (minute / 3600000000) AS hour, CAST(sum(quantity) AS bigint) AS quantity, count(*) AS records FROM meter_delta
        WHERE {tenant} AND subscription_id = @Subscription AND meter = @Meter AND minute >= @Begin AND minute < @End AND recorded_at < @KnownAt GROUP BY minute / 3600000000 ORDER BY hour
        """);

    public static readonly TenantQuery Records = new("backoffice.explain.records", """
        SELECT id, at, quantity, source, foreign_key, reason, recorded_at, recorded_by FROM usage_record
        WHERE {tenant} AND subscription_id = @Subscription AND meter = @Meter AND at >= @Begin AND at < @End AND recorded_at < @KnownAt ORDER BY at, id LIMIT @Limit
        """);

    public async ValueTask<Outcome<LineExplanation>> ExplainAsync(Caller caller, string invoiceId, int no, CancellationToken cancellationToken)
    {
        var invoice = await invoices.FindAsync(caller, invoiceId, cancellationToken);
        if (invoice is null || await invoices.BillAsync(caller, invoice.Id, cancellationToken) is not { } bill)
        {
            return Refusal.NotFound("invoice", invoiceId);
        }

        if (bill.Lines.FirstOrDefault(line => line.No == no) is not { } line)
        {
            return Refusal.NotFound("line of " + invoice.Number, no.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        if (line.SubscriptionId is not { } subscription)
        {
            return new LineExplanation(invoice.Number, invoice.KnownAt, line, [], [], []);
        }

        var account = (await accounts.FindAsync(caller, invoice.AccountId, cancellationToken))!;
        var month = BillingPeriod.Parse(line.Month, account.TimeZone, account.ClosingDay).Value!;
        var store = new TenantStore(stores.Control, caller.Scope);
        var parameters = new { Subscription = subscription, Meter = line.Meter ?? "", Begin = month.FromMicros, End = month.ToMicros, invoice.KnownAt, Limit = (long)MostRecords };
        var terms = await store.QueryAsync<ExplainedTerms>(Terms, parameters, cancellationToken);
        if (line.Meter is null)
        {
            return new LineExplanation(invoice.Number, invoice.KnownAt, line, terms, [], []);
        }

        var hours = await store.QueryAsync<(long Hour, long Quantity, long Records)>(Hours, parameters, cancellationToken);
        var days = hours.GroupBy(hour => month.DateAt(hour.Hour * 3_600_000_000)).Select(static day => new ExplainedDay(day.Key, day.Sum(static hour => hour.Quantity), day.Sum(static hour => hour.Records)));
        return new LineExplanation(invoice.Number, invoice.KnownAt, line, terms, [.. days], await store.QueryAsync<ExplainedRecord>(Records, parameters, cancellationToken));
    }
}

/// <summary>Where a line comes from, as it was known when the bill was made.</summary>
/// <param name="Days">What this program's own meters counted, by civil day of the account.</param>
/// <param name="Records">Usage of other systems and corrections; the first 500.</param>
public sealed record LineExplanation(
    string BillNo, long KnownAt, BillLine Line, IReadOnlyList<ExplainedTerms> Terms, IReadOnlyList<ExplainedDay> Days, IReadOnlyList<ExplainedRecord> Records);

/// <summary>Terms that held, since when they are known.</summary>
public sealed record ExplainedTerms(long Number, long PlanVersion, long Quantity, long ValidFrom, long? ValidTo, long KnownFrom, long? KnownTo);

/// <summary>What was counted on a day, in how many delta records.</summary>
public sealed record ExplainedDay(DateOnly Day, long Quantity, long Records);

/// <summary>One record of foreign usage, or a correction.</summary>
public sealed record ExplainedRecord(string Id, long At, long Quantity, string Source, string ForeignKey, string? Reason, long RecordedAt, string RecordedBy);
