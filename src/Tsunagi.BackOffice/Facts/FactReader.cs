using System.Collections.Concurrent;
using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Orders;
using Tsunagi.BackOffice.Tax;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Usage;

namespace Tsunagi.BackOffice.Facts;

/// <summary>
/// Reads the facts of some accounts and makes the inputs of their bills: (1) their subscriptions, theirs and those of the tenants below that have no account of
/// their own, with all versions; (2) their documents so far; (3) which months are due, and which earlier ones have changed since they were billed; (4) what was
/// counted in those months; (5) what earlier bills asked for them; (6) amounts put on by hand. Nothing recorded at or after the moment of knowledge is seen, so
/// the same moment gives the same inputs for ever.
/// </summary>
internal sealed class FactReader(SpecificationCatalogue specifications, BackOfficeOptions options)
{
    private const string Subscriptions = """
        SELECT s.id, s.tenant_path, s.name, s.plan_id, p.code, p.name_en, p.name_ja, p.specification FROM subscription s JOIN plan p ON p.id = s.plan_id
        WHERE s.tenant_path >= @From AND s.tenant_path < @To ORDER BY s.created_at, s.id
        """;

    private const string Versions = """
        SELECT v.subscription_id, v.number, v.plan_version, v.quantity, v.valid_from, v.valid_to, v.known_from, v.known_to
        FROM subscription s JOIN subscription_version v ON v.subscription_id = s.id
        WHERE s.tenant_path >= @From AND s.tenant_path < @To AND v.known_from < @KnownAt ORDER BY v.subscription_id, v.valid_from, v.number
        """;

    private const string Agreed = $"""
        SELECT {AgreedRow.Columns} FROM bo_terms t WHERE t.tenant_path >= @From AND t.tenant_path < @To AND t.known_from < @KnownAt ORDER BY t.subscription_id, t.valid_from, t.known_from, t.id
        """;

    private const string Counted = """
        (SELECT d.subscription_id, d.meter, d.minute AS at, d.quantity FROM subscription s JOIN meter_delta d ON d.subscription_id = s.id
           WHERE s.tenant_path >= @From AND s.tenant_path < @To AND d.meter IN @Meters AND d.minute >= @Begin AND d.minute < @End AND d.recorded_at < @KnownAt
         UNION ALL
         SELECT u.subscription_id, u.meter, u.at, u.quantity FROM subscription s JOIN usage_record u ON u.subscription_id = s.id
           WHERE s.tenant_path >= @From AND s.tenant_path < @To AND u.meter IN @Meters AND u.at >= @Begin AND u.at < @End AND u.recorded_at < @KnownAt) AS counted
        """;

    private const string Sums = $"SELECT subscription_id, meter, CAST(sum(quantity) AS bigint) AS quantity FROM {Counted} GROUP BY subscription_id, meter";

    private const string Slots = $"""
        SELECT subscription_id, meter, (at / 300000000) AS slot, CAST(sum(quantity) AS bigint) AS quantity FROM {Counted} GROUP BY subscription_id, meter, at / 300000000
        """;

    private const string LateOfAll = """
        SELECT subscription_id, min(at) AS at FROM (
          SELECT subscription_id, minute AS at FROM meter_delta WHERE recorded_at >= @Since AND recorded_at < @KnownAt AND minute < @Before
          UNION ALL SELECT subscription_id, at FROM usage_record WHERE recorded_at >= @Since AND recorded_at < @KnownAt AND at < @Before) AS late GROUP BY subscription_id
        """;

    private const string LateOfSome = """
        SELECT subscription_id, min(at) AS at FROM (
          SELECT d.subscription_id, d.minute AS at FROM subscription s JOIN meter_delta d ON d.subscription_id = s.id
            WHERE s.tenant_path >= @From AND s.tenant_path < @To AND d.meter IN @Meters AND d.minute < @Before AND d.recorded_at >= @Since AND d.recorded_at < @KnownAt
          UNION ALL
          SELECT u.subscription_id, u.at FROM subscription s JOIN usage_record u ON u.subscription_id = s.id
            WHERE s.tenant_path >= @From AND s.tenant_path < @To AND u.meter IN @Meters AND u.at < @Before AND u.recorded_at >= @Since AND u.recorded_at < @KnownAt) AS late
        GROUP BY subscription_id
        """;

    private const long SlotMicros = 300_000_000;

    // A version of a plan is never changed, so what was read once is right for ever.
    private readonly ConcurrentDictionary<(string Plan, long Version), (string Currency, IReadOnlyList<Price> Prices)> _prices = new();
    private readonly string[] _meters = [.. specifications.Specifications.SelectMany(static s => s.Meters).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Which subscriptions have facts recorded since a moment about times before another; of all accounts, in one reading.</summary>
    public static async ValueTask<LateFacts> LateAsync(ISqlReader reader, long since, long knownAt, long before)
    {
        var rows = await reader.QueryAsync<LateRow>(LateOfAll, new { Since = since, KnownAt = knownAt, Before = before });
        return new LateFacts(rows.ToDictionary(static row => row.SubscriptionId, static row => row.At));
    }

    /// <param name="accounts">In the order of their paths.</param>
    /// <param name="late">Null to look for late facts here, which is right for a few accounts.</param>
    /// <param name="beforeSeq">Only documents before this one are seen: for making a bill again.</param>
    /// <param name="asBefore">The profile and rounding of a bill that is made again; null for those of today.</param>
    public async ValueTask<IReadOnlyList<AccountBill>> ReadAsync(
        ISqlReader reader, IReadOnlyList<BillingAccount> accounts, string period, long knownAt, LateFacts? late, long beforeSeq = long.MaxValue, Bill? asBefore = null)
    {
        // :: (1)
        var (from, to) = AccountTree.RangeOf(accounts);
        var range = new { From = from, To = to, KnownAt = knownAt };
        var payers = new AccountTree(await reader.QueryAsync<(string, string)>("SELECT id, tenant_path FROM bo_account WHERE tenant_path >= @From AND tenant_path < @To", range));
        var subscriptions = (await reader.QueryAsync<SubscriptionRow>(Subscriptions, range)).ToLookup(row => payers.PayerOf(row.TenantPath) ?? "");
        var versions = (await reader.QueryAsync<VersionRow>(Versions, range)).ToLookup(static row => row.SubscriptionId);

        var agreed = (await reader.QueryAsync<AgreedRow>(Agreed, range)).Where(row => row.KnownBefore(knownAt)).ToLookup(static row => row.SubscriptionId);

        // :: (2)
        var ids = accounts.Select(static account => account.Id).ToList();
        var documents = (await reader.QueryAsync<LastRow>(
            "SELECT account_id, account_seq, kind, period, run_id, known_at, total_minor FROM bo_invoice WHERE account_id IN @Ids AND account_seq < @Before ORDER BY account_id, account_seq",
            new { Ids = ids, Before = beforeSeq })).ToLookup(static row => row.AccountId);

        // :: (3)
        var spans = new List<AccountSpan>();
        foreach (var account in accounts)
        {
            var span = AccountSpan.Of(account, period, [.. documents[account.Id]], [.. subscriptions[account.Id]], versions, agreed, knownAt, options.MonthsCorrected);
            spans.Add(span);
        }

        await FindLateAsync(reader, spans, late, from, to, knownAt);

        // :: (4)
        var usage = await UsageAsync(reader, spans, from, to, knownAt);

        // :: (5), (6)
        var oldest = spans.SelectMany(static span => span.Months).Select(static month => month.Name).DefaultIfEmpty(period).Min(StringComparer.Ordinal)!;
        var billed = (await reader.QueryAsync<BilledRow>(
            """
            SELECT account_id, month, charge, min(revenue) AS revenue, min(nature) AS nature, CAST(sum(billed_minor) AS bigint) AS billed FROM bo_line
            WHERE account_id IN @Ids AND month >= @Oldest AND account_seq < @Before AND subscription_id IS NOT NULL GROUP BY account_id, month, charge
            """,
            new { Ids = ids, Oldest = oldest, Before = beforeSeq })).ToLookup(static row => row.AccountId);
        var adjustments = (await reader.QueryAsync<AdjustmentRow>(
            """
            SELECT id, account_id, label, amount_minor, tax, made_at, subscription_id, revenue, explanation FROM bo_adjustment
            WHERE account_id IN @Ids AND made_at < @KnownAt AND (invoice_seq IS NULL OR invoice_seq >= @Before) ORDER BY account_id, made_at, id
            """,
            new { Ids = ids, KnownAt = knownAt, Before = beforeSeq })).ToLookup(static row => row.AccountId);
        await LoadPricesAsync(reader, [.. spans.SelectMany(static span => span.Subscriptions.SelectMany(own => own.Versions.Select(version => (own.Row.PlanId, version.PlanVersion)))).Distinct()]);
        return [.. spans.Select(span => Assemble(span, period, knownAt, usage, billed[span.Account.Id], adjustments[span.Account.Id], asBefore))];
    }

    private async ValueTask FindLateAsync(ISqlReader reader, List<AccountSpan> spans, LateFacts? late, string from, string to, long knownAt)
    {
        var known = spans.Where(static span => span.LastKnownAt is not null && span.Due.Count > 0).ToList();
        if (known.Count == 0 || _meters.Length == 0)
        {
            return;
        }

        if (late is null)
        {
            var parameters = new { From = from, To = to, KnownAt = knownAt, Meters = _meters, Since = known.Min(static span => span.LastKnownAt!.Value), Before = known.Max(static span => span.Due[0].FromMicros) };
            late = new LateFacts((await reader.QueryAsync<LateRow>(LateOfSome, parameters)).ToDictionary(static row => row.SubscriptionId, static row => row.At));
        }

        foreach (var span in known)
        {
            span.AddLate(late);
        }
    }

    /// <summary>What was counted, by account, month and subscription. Accounts with the same months share a reading; an earlier month that one account needs is read for it.</summary>
    private async ValueTask<Dictionary<(string Month, string Subscription), MonthUsage>> UsageAsync(ISqlReader reader, List<AccountSpan> spans, string from, string to, long knownAt)
    {
        var usage = new Dictionary<(string, string), MonthUsage>();
        if (_meters.Length == 0)
        {
            return usage;
        }

        foreach (var group in spans.SelectMany(static span => span.Rated.Select(month => (span, month))).GroupBy(static pair => (pair.month.FromMicros, pair.month.ToMicros)))
        {
            var members = group.ToList();
            var range = members.Count == 1 ? AccountTree.RangeOf([members[0].span.Account]) : (From: from, To: to);
            var wanted = members.SelectMany(static pair => pair.span.Subscriptions.Select(own => own.Row.Id)).ToHashSet(StringComparer.Ordinal);
            await CountAsync(reader, usage, members[0].month, range, wanted, members, knownAt);
        }

        return usage;
    }

    private async ValueTask CountAsync(
        ISqlReader reader, Dictionary<(string, string), MonthUsage> usage, BillingPeriod month, (string From, string To) range, HashSet<string> wanted,
        List<(AccountSpan Span, BillingPeriod Month)> members, long knownAt)
    {
        var parameters = new { range.From, range.To, Meters = _meters, Begin = month.FromMicros, End = month.ToMicros, KnownAt = knownAt };
        var sums = (await reader.QueryAsync<SumRow>(Sums, parameters)).Where(row => wanted.Contains(row.SubscriptionId)).ToLookup(static row => row.SubscriptionId);
        string[] peaks = [.. _meters.Where(meter => specifications.Meter(meter)?.Kind == MeterKind.P95)];
        var slots = peaks.Length == 0
            ? Array.Empty<SlotRow>().ToLookup(static row => row.SubscriptionId)
            : (await reader.QueryAsync<SlotRow>(Slots, new { range.From, range.To, Meters = peaks, Begin = month.FromMicros, End = month.ToMicros, KnownAt = knownAt }))
                .Where(row => wanted.Contains(row.SubscriptionId)).ToLookup(static row => row.SubscriptionId);
        foreach (var own in members.SelectMany(static pair => pair.Span.Subscriptions))
        {
            var samples = peaks.Where(peak => specifications.Find(own.Row.Specification)?.Meters.Contains(peak) == true)
                .ToDictionary(static peak => peak, peak => Samples(own, month, [.. slots[own.Row.Id].Where(row => row.Meter == peak).Select(static row => (decimal)row.Quantity)], knownAt));
            var own2 = sums[own.Row.Id].Where(row => !peaks.Contains(row.Meter)).ToDictionary(static row => row.Meter, static row => (decimal)row.Quantity);
            if (own2.Count > 0 || samples.Count > 0)
            {
                usage[(month.Name, own.Row.Id)] = new MonthUsage(own2, samples);
            }
        }
    }

    /// <summary>A slot of the subscription's time in which nothing was counted is a sample of 0.</summary>
    private static IReadOnlyList<decimal> Samples(SubscriptionSpan own, BillingPeriod month, IReadOnlyList<decimal> counted, long knownAt)
    {
        if (own.Versions.Count == 0)
        {
            return [];
        }

        var from = Math.Max(month.FromMicros, own.Versions[0].ValidFrom);
        var to = Math.Min(Math.Min(month.ToMicros, own.Versions[^1].ValidTo ?? long.MaxValue), knownAt);
        var slots = to <= from ? 0 : ((to + SlotMicros - 1) / SlotMicros) - (from / SlotMicros);
        return [.. counted, .. Enumerable.Repeat(0m, (int)Math.Max(0, slots - counted.Count))];
    }

    private async ValueTask LoadPricesAsync(ISqlReader reader, IReadOnlyList<(string Plan, long Version)> wanted)
    {
        foreach (var plans in wanted.Where(key => !_prices.ContainsKey(key)).Select(static key => key.Plan).Distinct().Chunk(500))
        {
            foreach (var (plan, number, currency, prices) in await reader.QueryAsync<(string, long, string, string)>(
                "SELECT plan_id, number, currency, prices FROM plan_version WHERE plan_id IN @Plans", new { Plans = plans }))
            {
                _prices[(plan, number)] = (currency, JsonSerializer.Deserialize<IReadOnlyList<Price>>(prices, SettingsJson.Options)!);
            }
        }
    }

    private AccountBill Assemble(
        AccountSpan span, string period, long knownAt, Dictionary<(string Month, string Subscription), MonthUsage> usage, IEnumerable<BilledRow> billed, IEnumerable<AdjustmentRow> adjustments,
        Bill? asBefore)
    {
        var account = span.Account;
        var services = span.Subscriptions.ToDictionary(static own => own.Row.Id, own => own.Row.Name, StringComparer.Ordinal);
        var none = new AccountBill(account, null, span.Problem, span.IsBilled, span.LastSeq, span.PreviousMinor, services);
        if (span.Problem is not null || span.Due.Count == 0)
        {
            return none;
        }

        var foreign = span.Subscriptions.FirstOrDefault(own => own.Versions.Any(version => _prices[(own.Row.PlanId, version.PlanVersion)].Currency != account.Currency));
        if (foreign is not null)
        {
            return none with { Problem = $"the subscription {foreign.Row.Id} is priced in another currency than {account.Currency}" };
        }

        var months = span.Months.Select(month => new BillMonth(
            month.Name, month.FirstDate, month.AfterDate, span.WhichOf(month),
            span.Subscriptions.Where(own => usage.ContainsKey((month.Name, own.Row.Id))).ToDictionary(static own => own.Row.Id, own => usage[(month.Name, own.Row.Id)], StringComparer.Ordinal))).ToList();
        var names = months.Select(static month => month.Name).ToHashSet(StringComparer.Ordinal);
        var own = span.Due[^1];
        return none with
        {
            Input = new BillInput(
                account.Id, period, own.FirstDate, own.AfterDate, Currency.Find(account.Currency)!, TaxProfile.Find(asBefore?.TaxProfile ?? account.TaxProfile)!, asBefore?.Rounding ?? options.Issuer.Rounding, knownAt,
                [.. span.Subscriptions.Where(static each => each.Versions.Count > 0).Select(each => Subscribed(own, each))],
                months,
                billed.Where(row => names.Contains(row.Month)).ToDictionary(static row => (row.Month, row.Charge), static row => new BilledCharge(row.Billed, row.Revenue, row.Nature == RevenueKind.Once)),
                [.. adjustments.Select(static row => new BillAdjustment(row.Id, row.Label, row.AmountMinor, row.Tax, row.MadeAt, row.SubscriptionId, row.Revenue, row.Explanation))]),
        };
    }

    /// <summary>The terms of a subscription as they are known now, the last ones open: for what an end would cost.</summary>
    public ValueTask<IReadOnlyList<MonthTerms>> OpenTermsAsync(ISqlReader reader, BillingAccount account, string subscription) => TermsAsync(reader, account, subscription, stays: true);

    /// <summary>The terms of a subscription as they are known now.</summary>
    /// <param name="stays">True to see it as if it had no end.</param>
    public async ValueTask<IReadOnlyList<MonthTerms>> TermsAsync(ISqlReader reader, BillingAccount account, string subscription, bool stays)
    {
        var (versions, agreed) = (await VersionsAsync(reader, subscription), await AgreedAsync(reader, subscription));
        return await JoinAsync(reader, subscription, versions, agreed, BillingPeriod.Containing(versions[0].ValidFrom, account.TimeZone, account.ClosingDay), stays);
    }

    /// <summary>The terms of a subscription of which something was agreed, as they are known now; null of any other.</summary>
    public async ValueTask<IReadOnlyList<MonthTerms>?> AgreedTermsAsync(ISqlReader reader, string subscription, BillingPeriod zone) =>
        await AgreedAsync(reader, subscription) is { Count: > 0 } agreed ? await JoinAsync(reader, subscription, await VersionsAsync(reader, subscription), agreed, zone, stays: false) : null;

    private async ValueTask<IReadOnlyList<MonthTerms>> JoinAsync(
        ISqlReader reader, string subscription, IReadOnlyList<VersionRow> versions, IReadOnlyList<AgreedRow> agreed, BillingPeriod zone, bool stays)
    {
        var plan = (await reader.FirstOrDefaultAsync<string>("SELECT plan_id FROM subscription WHERE id = @Id", new { Id = subscription }))!;
        await LoadPricesAsync(reader, [.. versions.Select(version => (plan, version.PlanVersion)).Distinct()]);
        return [.. AgreedTerms.Join(versions, agreed, version => _prices[(plan, version)].Prices, zone, stays).Select(static piece => piece.Terms)];
    }

    private static ValueTask<IReadOnlyList<VersionRow>> VersionsAsync(ISqlReader reader, string subscription) => reader.QueryAsync<VersionRow>(
        """
        SELECT subscription_id, number, plan_version, quantity, valid_from, valid_to, known_from, known_to FROM subscription_version
        WHERE subscription_id = @Id AND known_to IS NULL ORDER BY valid_from, number
        """,
        new { Id = subscription });

    private static ValueTask<IReadOnlyList<AgreedRow>> AgreedAsync(ISqlReader reader, string subscription) => reader.QueryAsync<AgreedRow>(
        $"SELECT {AgreedRow.Columns} FROM bo_terms t WHERE t.subscription_id = @Id AND t.known_to IS NULL ORDER BY t.valid_from, t.known_from, t.id", new { Id = subscription });

    private BillSubscription Subscribed(BillingPeriod zone, SubscriptionSpan own)
    {
        var pieces = AgreedTerms.Join(own.Versions, own.Agreed, version => _prices[(own.Row.PlanId, version)].Prices, zone);
        return new BillSubscription(own.Row.Id, own.Row.Code, own.Row.Specification, [.. pieces.Select(static piece => piece.Terms)], [.. pieces.Select(static piece => piece.PlanVersion)])
        {
            Agreed = own.Agreed.Count == 0 ? [] : [.. pieces.Select(static piece => $"{piece.Terms.Begins} {piece.Terms.Ends} {piece.Agreed}")],
        };
    }
}
