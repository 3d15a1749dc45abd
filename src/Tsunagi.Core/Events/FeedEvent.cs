using System.Text.Json.Serialization;
using Tsunagi.Core.Api;

namespace Tsunagi.Core.Events;

/// <summary>An event with its place in the feed. <paramref name="Data"/> is a JSON object.</summary>
public sealed record FeedEvent(
    long Position, string Id, string Type, EventSeverity Severity, long At, string TenantPath, string Subject, [property: JsonConverter(typeof(JsonTextConverter))] string Data, string? EvidenceHash);
