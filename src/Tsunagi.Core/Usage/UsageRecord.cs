namespace Tsunagi.Core.Usage;

/// <summary>
/// Usage that did not come from this node's own counting: another system's, or a person's correction (which may be negative).
/// </summary>
/// <param name="Source">Who says so ("correction", or the name of the foreign system).</param>
/// <param name="ForeignKey">The idempotency key within the source: the same key and content counts once, the same key with other content is refused.</param>
public sealed record UsageRecord(
    string Id, string TenantPath, string SubscriptionId, string Meter, long At, long Quantity, string Source, string ForeignKey, string ContentHash,
    string? Reason, long RecordedAt, string RecordedBy);

/// <summary>The request to record usage.</summary>
/// <param name="At">ISO 8601 with offset.</param>
/// <param name="Reason">Required for a correction.</param>
public sealed record NewUsage(string SubscriptionId, string Meter, DateTimeOffset At, long Quantity, string ForeignKey, string? Source = null, string? Reason = null);

/// <summary>Many records at once, at most 1,000: all are recorded or none.</summary>
public sealed record UsageBatch(IReadOnlyList<NewUsage> Records);

/// <summary>What came of a batch.</summary>
/// <param name="Recorded">How many are new.</param>
/// <param name="Known">How many had been recorded before, by the same key and with the same content.</param>
public sealed record UsageBatchResult(int Recorded, int Known);
