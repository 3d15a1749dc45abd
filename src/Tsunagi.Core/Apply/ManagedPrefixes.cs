using System.Text.Json.Nodes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Apply;

/// <summary>Address blocks: claimed, and approved where the file gives the reason.</summary>
internal sealed class ManagedPrefixes(Prefixes prefixes) : IManagedKind
{
    public string Kind => "prefix";

    public string? Removal => "the block is released and rests before another tenant may have it";

    public async ValueTask<PresentThing?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        await prefixes.FindAsync(caller, id, cancellationToken) is { State: not ProofState.Released } prefix ? Present(prefix) : null;

    public async ValueTask<PresentThing?> MatchAsync(Caller caller, WantedThing wanted, Tenant? owner, CancellationToken cancellationToken)
    {
        var after = "";
        while (owner is not null && await prefixes.ListAsync(caller, after, 200, owner.Id, cancellationToken) is { Count: > 0 } page)
        {
            if (page.FirstOrDefault(p => p.Cidr == (string?)wanted.Fields["cidr"] && p.State != ProofState.Released) is { } same)
            {
                return Present(same);
            }

            after = page[^1].Id;
        }

        return null;
    }

    public async ValueTask<Outcome<MadeThing>> CreateAsync(Caller caller, WantedThing wanted, Tenant owner, CancellationToken cancellationToken)
    {
        var made = await prefixes.ClaimAsync(caller, owner.Id, (string)wanted.Fields["cidr"]!, cancellationToken);
        if (made.Ok && wanted.Reason is { } reason)
        {
            made = await prefixes.ApproveAsync(caller, made.Value.Id, reason, cancellationToken);
        }

        return made.Ok ? new MadeThing(made.Value.Id, made.Value.TenantPath) : made.Refusal;
    }

    public async ValueTask<Refusal?> ChangeAsync(Caller caller, WantedThing wanted, PresentThing present, JsonObject changed, CancellationToken cancellationToken) =>
        changed.ContainsKey("proved") ? (await prefixes.ApproveAsync(caller, present.Id, wanted.Reason!, cancellationToken)).Refusal : null;

    public async ValueTask<Refusal?> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken) => (await prefixes.ReleaseAsync(caller, id, cancellationToken)).Refusal;

    private static PresentThing Present(AddressPrefix prefix) =>
        new(prefix.Id, prefix.TenantPath, new JsonObject { ["cidr"] = prefix.Cidr, ["proved"] = prefix.State == ProofState.Proved });
}
