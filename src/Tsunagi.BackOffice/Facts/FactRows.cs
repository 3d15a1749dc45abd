namespace Tsunagi.BackOffice.Facts;

/// <summary>A subscription as its rows are read.</summary>
internal sealed record SubscriptionRow(string Id, string TenantPath, string Name, string PlanId, string Code, string NameEn, string NameJa, string Specification);

/// <summary>One row of what held when, known since when.</summary>
internal sealed record VersionRow(string SubscriptionId, long Number, long PlanVersion, long Quantity, long ValidFrom, long? ValidTo, long KnownFrom, long? KnownTo)
{
    public bool KnownBefore(long at) => KnownFrom < at && (KnownTo is null || KnownTo >= at);
}

internal sealed record SumRow(string SubscriptionId, string Meter, long Quantity);

internal sealed record SlotRow(string SubscriptionId, string Meter, long Slot, long Quantity);

internal sealed record LateRow(string SubscriptionId, long At);

internal sealed record LastRow(string AccountId, long AccountSeq, string Kind, string Period, string? RunId, long KnownAt, long TotalMinor);

internal sealed record BilledRow(string AccountId, string Month, string Charge, string Revenue, string? Nature, long Billed);

internal sealed record AdjustmentRow(string Id, string AccountId, string Label, long AmountMinor, string? Tax, long MadeAt, string? SubscriptionId, string? Revenue, string? Explanation);
