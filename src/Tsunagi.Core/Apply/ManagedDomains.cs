using System.Text.Json.Nodes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Apply;

/// <summary>Domains: claimed, and approved where the file gives the reason.</summary>
internal sealed class ManagedDomains(Domains domains) : IManagedKind
{
    public string Kind => "domain";

    public string? Removal => "the domain is released and rests before another tenant may have it";

    public async ValueTask<PresentThing?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        await domains.FindAsync(caller, id, cancellationToken) is { State: not ProofState.Released } domain ? Present(domain) : null;

    public async ValueTask<PresentThing?> MatchAsync(Caller caller, WantedThing wanted, Tenant? owner, CancellationToken cancellationToken)
    {
        if (owner is null)
        {
            return null;
        }

        var name = (string)wanted.Fields["name"]!;

        // The list begins after a name: the one before the wanted name is the same without its last letter.
        var page = await domains.ListAsync(caller, name[..^1], 200, owner.Id, cancellationToken);
        return page.FirstOrDefault(d => d.Name == name && d.State != ProofState.Released) is { } same ? Present(same) : null;
    }

    public async ValueTask<Outcome<MadeThing>> CreateAsync(Caller caller, WantedThing wanted, Tenant owner, CancellationToken cancellationToken)
    {
        var made = await domains.ClaimAsync(caller, owner.Id, (string)wanted.Fields["name"]!, cancellationToken);
        if (made.Ok && wanted.Reason is { } reason)
        {
            made = await domains.ApproveAsync(caller, made.Value.Id, reason, cancellationToken);
        }

        return made.Ok ? new MadeThing(made.Value.Id, made.Value.TenantPath) : made.Refusal;
    }

    public async ValueTask<Refusal?> ChangeAsync(Caller caller, WantedThing wanted, PresentThing present, JsonObject changed, CancellationToken cancellationToken) =>
        changed.ContainsKey("proved") ? (await domains.ApproveAsync(caller, present.Id, wanted.Reason!, cancellationToken)).Refusal : null;

    public async ValueTask<Refusal?> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken) => (await domains.ReleaseAsync(caller, id, cancellationToken)).Refusal;

    private static PresentThing Present(Domain domain) =>
        new(domain.Id, domain.TenantPath, new JsonObject { ["name"] = domain.Name, ["proved"] = domain.State == ProofState.Proved });
}
