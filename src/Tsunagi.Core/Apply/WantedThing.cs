using System.Text.Json.Nodes;

namespace Tsunagi.Core.Apply;

/// <summary>One thing the file wants.</summary>
/// <param name="Key">Unique among the file's things of its kind: the tenant's key, or "tenant/own key".</param>
/// <param name="Owner">Key of the tenant it belongs to (or stands below); "" for the provider.</param>
/// <param name="Path">Where it stands in the file ("$.tenants[0].domains[1]").</param>
/// <param name="Fields">Only what the file says of it, in canonical form.</param>
/// <param name="Reason">Why the operator vouches for it, where that is asked.</param>
internal sealed record WantedThing(string Kind, string Key, string Owner, string Path, JsonObject Fields, string? Reason = null);

/// <summary>Something that is there: its id, its tenant's path, and the fields that a file can manage.</summary>
internal sealed record PresentThing(string Id, string TenantPath, JsonObject Fields);

/// <summary>What a file managed when it was last applied.</summary>
internal sealed record ManagedThing(string Kind, string Key, string ObjectId, string ObjectPath, string Applied);
