using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Tsunagi.Core.Api;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Outbound.Webhooks;

/// <summary>An address that is told of a tenant's events (Standard Webhooks shape).</summary>
/// <param name="Events">Types ("mail.message.accepted@1", with or without the version) or beginnings ("mail.*").</param>
/// <param name="State">One of <see cref="WebhookState"/>.</param>
/// <param name="LastStatus">HTTP status of the last delivery; absent when there was no answer.</param>
/// <param name="LastProblem">Why the last delivery failed, in a sentence.</param>
/// <param name="FailingSinceAt">Since when nothing was delivered, or absent.</param>
public sealed record Webhook(
    string Id, string TenantId, [property: JsonIgnore] string TenantPath, string Name, string Url, IReadOnlyList<string> Events, string State, long Version, long CreatedAt,
    long? LastTriedAt, int? LastStatus, string? LastProblem, long? FailingSinceAt);

/// <summary>Whether a webhook is told.</summary>
public static class WebhookState
{
    public const string Active = "active";

    /// <summary>Told again, from where it stopped, when it is active again.</summary>
    public const string Paused = "paused";

    /// <summary>Its host answered 410: it does not want to be told any more.</summary>
    public const string Gone = "gone";
}

/// <summary>The request to add a webhook.</summary>
public sealed record NewWebhook(
    [property: Required, Length(1, 80)] string Name,
    [property: Required, MaxLength(2_000)] string Url,
    [property: Length(1, 50)] IReadOnlyList<string> Events,
    [property: MaxLength(40)] string? TenantId = null) : ICheckedRequest
{
    Refusal? ICheckedRequest.Check() => WebhookRules.Check(Url, Events);
}

/// <summary>The request to change one. What is absent stays.</summary>
public sealed record WebhookChange(
    [property: Length(1, 80)] string? Name = null,
    [property: MaxLength(2_000)] string? Url = null,
    [property: Length(1, 50)] IReadOnlyList<string>? Events = null,
    [property: AllowedValues("active", "paused", null)] string? State = null) : ICheckedRequest
{
    Refusal? ICheckedRequest.Check() => WebhookRules.Check(Url, Events);
}

/// <summary>A webhook just made, with the secret its host checks signatures with. The secret is shown once.</summary>
public sealed record WebhookMade(Webhook Webhook, string Secret);

internal static class WebhookRules
{
    public static Refusal? Check(string? url, IReadOnlyList<string>? events)
    {
        if (url is not null && OutboundHttp.WhyNot(url) is { } wrong)
        {
            return Refusal.Invalid("webhook.url", "url", $"this address cannot be called: {wrong}", "https://host/path");
        }

        return events?.FirstOrDefault(static pattern => pattern.Length is 0 or > 100 || pattern.Any(static c => c is <= ' ' or > '~')) is { } bad
            ? Refusal.Invalid("webhook.event", "events", $"\"{bad}\" is no type of event", "a type such as mail.message.accepted, or a beginning such as mail.*")
            : null;
    }

    /// <summary>"*", "mail.*", "mail.message.accepted" and "mail.message.accepted@1" all match "mail.message.accepted@1".</summary>
    public static bool Matches(IReadOnlyList<string> patterns, string type)
    {
        var plain = type.Split('@')[0];
        return patterns.Any(pattern => pattern == "*" || pattern == type || pattern == plain || (pattern.EndsWith(".*", StringComparison.Ordinal) && type.StartsWith(pattern[..^1], StringComparison.Ordinal)));
    }
}
