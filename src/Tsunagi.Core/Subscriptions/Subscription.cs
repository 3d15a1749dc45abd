using System.Text.Json.Serialization;
using Tsunagi.Core.Api;

namespace Tsunagi.Core.Subscriptions;

/// <summary>One product instance of a tenant.</summary>
/// <param name="Version">Counts every change; the ETag of the API.</param>
public sealed record Subscription(string Id, string TenantPath, string TenantId, string PlanId, string Name, [property: JsonConverter(typeof(JsonTextConverter))] string ExternalRefs, long Version, long CreatedAt);

/// <summary>
/// What held when, known since when: valid time says when the terms apply, known time when we learned them. A correction closes the known time
/// of the old row and adds a new one; nothing is overwritten.
/// </summary>
public sealed record SubscriptionVersion(
    string SubscriptionId, long Number, string TenantPath, long PlanVersion, long Quantity, [property: JsonConverter(typeof(JsonTextConverter))] string Settings,
    long ValidFrom, long? ValidTo, long KnownFrom, long? KnownTo);

/// <summary>
/// A reason why a subscription does not run fully: each has an owner, and lifting one lifts only that one.
/// </summary>
/// <param name="OwnerPath">The part of the tree its owner acted for: only who covers it may lift it, so no customer lifts his provider's hold.</param>
public sealed record Hold(
    string Id, string TenantPath, string SubscriptionId, string Kind, string Owner, string OwnerPath, string Reason, long PlacedAt, long? LiftedAt,
    string? LiftedBy);

/// <summary>The kinds of hold. What each means is said by the service (mail under non-payment is held, not rejected).</summary>
public static class HoldKind
{
    public const string NonPayment = "non-payment";
    public const string Abuse = "abuse";
    public const string Customer = "customer";
    public const string Technical = "technical";

    public static readonly IReadOnlyList<string> All = [NonPayment, Abuse, Customer, Technical];
}
