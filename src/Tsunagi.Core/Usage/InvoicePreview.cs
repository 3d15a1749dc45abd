using Tsunagi.Core.Rating;

namespace Tsunagi.Core.Usage;

/// <summary>What the bill of a period would be if it were written now: no number, no tax document, nothing is stored.</summary>
public sealed record InvoicePreview(
    string TenantId, string TenantName, string Period, string TimeZone, string Currency, IReadOnlyList<PreviewSubscription> Subscriptions, long TotalMinor)
{
    public string Total => Rating.Currency.Find(Currency)!.Format(TotalMinor);
}

/// <summary>One subscription's lines.</summary>
public sealed record PreviewSubscription(string SubscriptionId, string Name, string PlanCode, IReadOnlyList<RatedLine> Lines, long TotalMinor);
