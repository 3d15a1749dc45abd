using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Apply;

/// <summary>Tenants, and (as "provider") the root itself.</summary>
internal sealed class ManagedTenants(TenantDirectory tenants, string kind) : IManagedKind
{
    public string Kind => kind;

    public string? Removal => null;

    public async ValueTask<PresentThing?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        await tenants.FindAsync(caller, id, cancellationToken) is { } tenant ? Present(tenant) : null;

    public async ValueTask<PresentThing?> MatchAsync(Caller caller, WantedThing wanted, Tenant? owner, CancellationToken cancellationToken)
    {
        if (owner is null)
        {
            return null;
        }

        if (kind == "provider")
        {
            return Present(owner);
        }

        var (name, after) = ((string)wanted.Fields["name"]!, "");
        while (await tenants.ListAsync(caller, after, 200, (string)wanted.Fields["kind"]!, name, cancellationToken) is { Count: > 0 } page)
        {
            if (page.FirstOrDefault(t => t.ParentId == owner.Id && t.Name == name) is { } same)
            {
                return Present(same);
            }

            after = page[^1].TenantPath;
        }

        return null;
    }

    public async ValueTask<Outcome<MadeThing>> CreateAsync(Caller caller, WantedThing wanted, Tenant owner, CancellationToken cancellationToken)
    {
        var fields = wanted.Fields;
        var made = await tenants.AddAsync(
            caller,
            new NewTenant(owner.Id, (string)fields["kind"]!, (string)fields["name"]!, (string?)fields["locale"], (string?)fields["timeZone"], (string?)fields["currency"], Refs(fields)),
            cancellationToken);
        return made.Ok ? new MadeThing(made.Value.Id, made.Value.TenantPath) : made.Refusal;
    }

    public async ValueTask<Refusal?> ChangeAsync(Caller caller, WantedThing wanted, PresentThing present, JsonObject changed, CancellationToken cancellationToken) =>
        changed.ContainsKey("kind")
            ? Refusal.Conflict("apply.kind", $"the tenant {wanted.Key} is a {present.Fields["kind"]}; a tenant's kind does not change", "kind")
            : (await tenants.ChangeAsync(
                caller, present.Id,
                new TenantChange((string?)changed["name"], (string?)changed["locale"], (string?)changed["timeZone"], (string?)changed["currency"], Refs(changed)), null, cancellationToken)).Refusal;

    public ValueTask<Refusal?> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken) => ValueTask.FromResult<Refusal?>(null);

    private static Dictionary<string, string>? Refs(JsonObject fields) => fields["externalRefs"]?.Deserialize<Dictionary<string, string>>();

    private static PresentThing Present(Tenant tenant) => new(
        tenant.Id, tenant.TenantPath,
        new JsonObject
        {
            ["kind"] = tenant.Kind, ["name"] = tenant.Name, ["locale"] = tenant.Locale, ["timeZone"] = tenant.TimeZone, ["currency"] = tenant.Currency,
            ["externalRefs"] = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize<SortedDictionary<string, string>>(tenant.ExternalRefs)),
        });
}
