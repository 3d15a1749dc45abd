namespace Tsunagi.Core.Outbound.Webhooks;

/// <summary>What became of telling a webhook of one event.</summary>
/// <param name="EventId">The event (e_…): the webhook-id header of the delivery.</param>
/// <param name="State">One of <see cref="WebhookToldState"/>.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="FirstAt">The first try.</param>
/// <param name="TriedAt">The last try.</param>
/// <param name="Status">HTTP status of the last answer; absent when there was none.</param>
/// <param name="Problem">Why the last try failed.</param>
public sealed record WebhookTold(string EventId, string Type, string State, long Attempts, long FirstAt, long TriedAt, int? Status, string? Problem);

/// <summary>How a delivery stands.</summary>
public static class WebhookToldState
{
    public const string Told = "told";

    /// <summary>It failed and is tried again.</summary>
    public const string Waiting = "waiting";

    /// <summary>It failed for good: the host wants none, or every attempt failed.</summary>
    public const string GivenUp = "given-up";
}
