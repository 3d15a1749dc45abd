using System.Text.Json.Nodes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Apply;

/// <summary>One kind of thing that a file manages, through the service of its noun: so every change is audited and told as any other.</summary>
internal interface IManagedKind
{
    string Kind { get; }

    /// <summary>The thing with this id as it is now, or null when it is gone (released, ended).</summary>
    ValueTask<PresentThing?> FindAsync(Caller caller, string id, CancellationToken cancellationToken);

    /// <summary>A thing that nobody's file manages and that plainly is the one that is wanted, so that it need not be made twice; null when there is none.</summary>
    /// <param name="owner">The tenant it belongs to, or null when that has yet to be made.</param>
    ValueTask<PresentThing?> MatchAsync(Caller caller, WantedThing wanted, Tenant? owner, CancellationToken cancellationToken);

    ValueTask<Outcome<MadeThing>> CreateAsync(Caller caller, WantedThing wanted, Tenant owner, CancellationToken cancellationToken);

    /// <summary>Null when it is as wanted now.</summary>
    ValueTask<Refusal?> ChangeAsync(Caller caller, WantedThing wanted, PresentThing present, JsonObject changed, CancellationToken cancellationToken);

    /// <summary>What removing it means; null for a kind whose records stay.</summary>
    string? Removal { get; }

    ValueTask<Refusal?> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken);
}

/// <summary>What was made: its id, its tenant's path, and a one-time link if there is one.</summary>
internal sealed record MadeThing(string Id, string TenantPath, string? Link = null);
