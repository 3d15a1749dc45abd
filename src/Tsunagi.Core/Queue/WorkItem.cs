namespace Tsunagi.Core.Queue;

/// <summary>
/// Work taken by this worker. <paramref name="Attempt"/> counts how often it was taken and is the fence: what an earlier taker says is ignored.
/// </summary>
public sealed record WorkItem(string Id, string Kind, string TenantPath, string Payload, string? Key, int Attempt, long EnqueuedAt);
