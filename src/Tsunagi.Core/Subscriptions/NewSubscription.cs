using System.Text.Json;

namespace Tsunagi.Core.Subscriptions;

/// <summary>The request to take a service.</summary>
/// <param name="Plan">The plan's id or code.</param>
/// <param name="Settings">The specification's settings record as JSON.</param>
public sealed record NewSubscription(string TenantId, string Plan, string Name, JsonElement Settings, long Quantity = 1, IReadOnlyDictionary<string, string>? ExternalRefs = null);

/// <summary>The request to change a running subscription. What is null stays; <paramref name="ToNewestPrices"/> moves it to the plan's newest version.</summary>
/// <param name="From">Since when the new terms hold: null for now, a past moment for a correction of what was known so far.</param>
public sealed record SubscriptionChange(
    string? Name = null, long? Quantity = null, JsonElement? Settings = null, bool ToNewestPrices = false, DateTimeOffset? From = null);

/// <summary>The request to place a hold.</summary>
public sealed record NewHold(string Kind, string Reason);
