namespace Tsunagi.Core.Queue;

/// <summary>Work to be added.</summary>
/// <param name="Kind">Which handler does it ("webhook.deliver").</param>
/// <param name="TenantPath">Whose turn it takes.</param>
/// <param name="Payload">What the handler needs, as JSON; at most <see cref="WorkQueueOptions.MaxPayloadChars"/>.</param>
/// <param name="Key">Adding the same key again adds nothing, also after the work was done; null for none.</param>
/// <param name="NotBeforeMicros">Due from this time on, µs UTC; null for now.</param>
public sealed record NewWork(string Kind, string TenantPath, string Payload, string? Key = null, long? NotBeforeMicros = null);
