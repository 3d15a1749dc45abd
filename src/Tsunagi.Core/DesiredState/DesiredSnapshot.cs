namespace Tsunagi.Core.DesiredState;

/// <summary>Everything wanted of one module at one moment. Immutable; the engine compares it with what runs.</summary>
/// <param name="Revision">Grows with each change of any record.</param>
public sealed record DesiredSnapshot(long Revision, IReadOnlyDictionary<string, DesiredRecord> Records);

/// <summary>
/// One wish: what a subscription (or another module) means to the engine.
/// </summary>
/// <param name="Key">Unique in the module: the subscription's id, or "noun:…" for exchange records.</param>
/// <param name="Kind">Which record type <paramref name="Settings"/> holds (the specification's id, or an exchange noun).</param>
/// <param name="Settings">JSON of the specification's settings record.</param>
/// <param name="Holds">Kinds of the holds in force ("non-payment"); empty when the service is to run fully.</param>
/// <param name="ExpiresMicros">When the wish ends by itself, or null.</param>
public sealed record DesiredRecord(
    string Key, string Kind, string TenantId, string TenantPath, string Owner, int Priority, string Settings, IReadOnlyList<string> Holds, long? ExpiresMicros, long Revision);

/// <summary>What became of one wish on this node. <paramref name="WhyNotYet"/> is null when it runs; else a sentence for operator and tenant.</summary>
public sealed record ReconcileOutcome(string Key, long Revision, string? WhyNotYet);
