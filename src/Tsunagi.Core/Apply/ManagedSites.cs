using System.Text.Json.Nodes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Apply;

/// <summary>Sites of tenants.</summary>
internal sealed class ManagedSites(Sites sites) : IManagedKind
{
    public string Kind => "site";

    public string? Removal => "the site is removed";

    public async ValueTask<PresentThing?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        await sites.FindAsync(caller, id, cancellationToken) is { } site ? Present(site) : null;

    public async ValueTask<PresentThing?> MatchAsync(Caller caller, WantedThing wanted, Tenant? owner, CancellationToken cancellationToken)
    {
        var after = "";
        while (owner is not null && await sites.ListAsync(caller, after, 200, owner.Id, cancellationToken) is { Count: > 0 } page)
        {
            if (page.FirstOrDefault(s => s.Name == (string?)wanted.Fields["name"]) is { } same)
            {
                return Present(same);
            }

            after = page[^1].Id;
        }

        return null;
    }

    public async ValueTask<Outcome<MadeThing>> CreateAsync(Caller caller, WantedThing wanted, Tenant owner, CancellationToken cancellationToken)
    {
        var fields = wanted.Fields;
        var made = await sites.AddAsync(
            caller, owner.Id, (string)fields["name"]!, (string?)fields["address"], (double?)fields["latitude"], (double?)fields["longitude"], cancellationToken);
        return made.Ok ? new MadeThing(made.Value.Id, made.Value.TenantPath) : made.Refusal;
    }

    public async ValueTask<Refusal?> ChangeAsync(Caller caller, WantedThing wanted, PresentThing present, JsonObject changed, CancellationToken cancellationToken)
    {
        var (fields, now) = (wanted.Fields, present.Fields);
        return (await sites.ChangeAsync(
            caller, present.Id, (string)fields["name"]!, (string?)(fields["address"] ?? now["address"]), (double?)(fields["latitude"] ?? now["latitude"]),
            (double?)(fields["longitude"] ?? now["longitude"]), null, cancellationToken)).Refusal;
    }

    public async ValueTask<Refusal?> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken) => (await sites.RemoveAsync(caller, id, cancellationToken)).Refusal;

    private static PresentThing Present(Site site) => new(
        site.Id, site.TenantPath, new JsonObject { ["name"] = site.Name, ["address"] = site.Address, ["latitude"] = site.Latitude, ["longitude"] = site.Longitude });
}
