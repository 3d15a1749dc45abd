using System.Text.Json.Serialization;
using Tsunagi.Core.Api;

namespace Tsunagi.Core.Subscriptions;

/// <summary>A subscription as people look at it: the terms that hold now, the holds in force, and what runs.</summary>
/// <param name="EndedAt">When the last version's validity ended, or null while it is active.</param>
public sealed record SubscriptionView(
    string Id, string TenantPath, string TenantId, string TenantName, string PlanId, string PlanCode, string PlanNameEn, string PlanNameJa, string Specification,
    string Name, long Version, long CreatedAt, long PlanVersion, long Quantity, [property: JsonConverter(typeof(JsonTextConverter))] string Settings, long ValidFrom, long? EndedAt, long OpenHolds);

/// <summary>What one node made of the wish. <paramref name="WhyNotYet"/> is null when it runs as wanted.</summary>
public sealed record RunningState(string Node, string Key, long Revision, string? WhyNotYet, long UpdatedAt);
