namespace Tsunagi.Core.Events;

/// <summary>An event with its place in the feed. <paramref name="Data"/> is a JSON object.</summary>
public sealed record FeedEvent(
    long Position, string Id, string Type, long Severity, long TimeUs, string TenantPath, string Subject, string Data, string? EvidenceHash);
