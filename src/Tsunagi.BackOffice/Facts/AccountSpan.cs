using System.Globalization;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Usage;

namespace Tsunagi.BackOffice.Facts;

/// <summary>
/// Which months an account's next bill is made of: those due (from the one after the last billed to the period), the one after for what is charged in advance, and
/// earlier ones of which something became known since they were billed.
/// </summary>
internal sealed class AccountSpan
{
    private readonly HashSet<string> _corrected = new(StringComparer.Ordinal);
    private readonly List<BillingPeriod> _earlier = [];

    private AccountSpan(BillingAccount account, IReadOnlyList<SubscriptionSpan> subscriptions)
    {
        Account = account;
        Subscriptions = subscriptions;
    }

    public BillingAccount Account { get; }

    public IReadOnlyList<SubscriptionSpan> Subscriptions { get; }

    /// <summary>Why no bill can be made, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>The period was billed already.</summary>
    public bool IsBilled { get; private set; }

    /// <summary>The months due, the period last; empty when nothing is.</summary>
    public IReadOnlyList<BillingPeriod> Due { get; private set; } = [];

    /// <summary>When the last bill knew what it knew; null before the first.</summary>
    public long? LastKnownAt { get; private set; }

    public long LastSeq { get; private set; }

    public long? PreviousMinor { get; private set; }

    /// <summary>Months whose usage is needed.</summary>
    public IEnumerable<BillingPeriod> Rated => _earlier.Where(month => _corrected.Contains(month.Name)).Concat(Due);

    /// <summary>All months that are rated, oldest first.</summary>
    public IEnumerable<BillingPeriod> Months => Due.Count == 0 ? [] : Rated.Append(Due[^1].Plus(1)).Where(month => WhichOrNone(month) is not null);

    public MonthCharges WhichOf(BillingPeriod month) => WhichOrNone(month)!.Value;

    public static AccountSpan Of(
        BillingAccount account, string period, IReadOnlyList<LastRow> documents, IReadOnlyList<SubscriptionRow> subscriptions, ILookup<string, VersionRow> versions, ILookup<string, AgreedRow> agreed, long knownAt,
        int monthsCorrected)
    {
        var span = new AccountSpan(account, [.. subscriptions.Select(row => new SubscriptionSpan(row, [.. versions[row.Id].Where(version => version.KnownBefore(knownAt))]) { Agreed = [.. agreed[row.Id]] })])
        {
            LastSeq = documents.Count > 0 ? documents[^1].AccountSeq : 0,
        };
        var bills = documents.Where(static row => row is { Kind: "invoice", RunId: not null }).ToList();
        span.PreviousMinor = bills.Count > 0 ? bills[^1].TotalMinor : null;
        span.LastKnownAt = bills.Count > 0 ? bills[^1].KnownAt : null;
        var last = bills.Count > 0 ? bills.Max(static row => row.Period) : null;
        var wanted = BillingPeriod.Parse(period, account.TimeZone, account.ClosingDay).Value!;
        var begins = BillingPeriod.Parse(Earlier(account.BillFrom, account.AdvanceFrom), account.TimeZone, account.ClosingDay).Value!;
        span.IsBilled = last is not null && string.CompareOrdinal(last, period) >= 0;
        if (span.IsBilled || string.CompareOrdinal(begins.Name, period) > 0)
        {
            return span;
        }

        var due = last is null ? begins : BillingPeriod.Parse(last, account.TimeZone, account.ClosingDay).Value!.Plus(1);
        if (MonthsBetween(due, wanted) >= monthsCorrected)
        {
            span.Problem = $"nothing was billed since {due.Name}: bill an earlier month first, or set the account's first month";
            return span;
        }

        span.Due = [.. Enumerable.Range(0, MonthsBetween(due, wanted) + 1).Select(due.Plus)];
        if (last is not null)
        {
            for (var month = due.Plus(-1); string.CompareOrdinal(month.Name, begins.Name) >= 0 && span._earlier.Count < monthsCorrected; month = month.Plus(-1))
            {
                span._earlier.Insert(0, month);
            }

            span.CompareTerms(subscriptions, versions, knownAt);
        }

        return span;
    }

    /// <summary>Usage that became known since the last bill: its month and those after it are rated again.</summary>
    public void AddLate(LateFacts late)
    {
        foreach (var own in Subscriptions)
        {
            if (late.BySubscription.TryGetValue(own.Row.Id, out var at))
            {
                _corrected.UnionWith(_earlier.Where(month => month.ToMicros > at).Select(static month => month.Name));
            }
        }
    }

    /// <summary>Terms that were corrected since the last bill: each earlier month in which they differ from what was known then.</summary>
    private void CompareTerms(IReadOnlyList<SubscriptionRow> subscriptions, ILookup<string, VersionRow> versions, long knownAt)
    {
        var since = LastKnownAt!.Value;
        foreach (var row in subscriptions)
        {
            if (!versions[row.Id].Any(version => version.KnownFrom >= since || version.KnownTo >= since))
            {
                continue;
            }

            var before = versions[row.Id].Where(version => version.KnownBefore(since)).ToList();
            var now = versions[row.Id].Where(version => version.KnownBefore(knownAt)).ToList();
            _corrected.UnionWith(_earlier.Where(month => Held(before, month) != Held(now, month)).Select(static month => month.Name));
        }
    }

    private static string Held(List<VersionRow> versions, BillingPeriod month) => string.Join(';', versions
        .Where(version => version.ValidFrom < month.ToMicros && (version.ValidTo is null || version.ValidTo > month.FromMicros))
        .Select(version => string.Create(
            CultureInfo.InvariantCulture,
            $"{Math.Max(version.ValidFrom, month.FromMicros)} {Math.Min(version.ValidTo ?? long.MaxValue, month.ToMicros)} {version.PlanVersion} {version.Quantity}")));

    private MonthCharges? WhichOrNone(BillingPeriod month)
    {
        var arrears = string.CompareOrdinal(month.Name, Account.BillFrom) >= 0 && string.CompareOrdinal(month.Name, Due[^1].Name) <= 0;
        var advance = string.CompareOrdinal(month.Name, Account.AdvanceFrom) >= 0;
        return arrears && advance ? MonthCharges.All : arrears ? MonthCharges.Arrears : advance ? MonthCharges.Advance : null;
    }

    private static string Earlier(string left, string right) => string.CompareOrdinal(left, right) <= 0 ? left : right;

    private static int MonthsBetween(BillingPeriod from, BillingPeriod to) =>
        ((Year(to) - Year(from)) * 12) + Month(to) - Month(from);

    private static int Year(BillingPeriod period) => int.Parse(period.Name.AsSpan(0, 4), CultureInfo.InvariantCulture);

    private static int Month(BillingPeriod period) => int.Parse(period.Name.AsSpan(5, 2), CultureInfo.InvariantCulture);
}

/// <summary>A subscription with the versions known at the moment, in the order of valid time.</summary>
internal sealed record SubscriptionSpan(SubscriptionRow Row, IReadOnlyList<VersionRow> Versions)
{
    /// <summary>What orders agreed about it, as known at the moment.</summary>
    public IReadOnlyList<AgreedRow> Agreed { get; init; } = [];
}
