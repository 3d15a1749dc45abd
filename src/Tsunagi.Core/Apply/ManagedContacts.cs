using System.Text.Json.Nodes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Apply;

/// <summary>Contacts of tenants.</summary>
internal sealed class ManagedContacts(TenantDirectory tenants) : IManagedKind
{
    public string Kind => "contact";

    public string? Removal => "the contact is removed";

    public async ValueTask<PresentThing?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        await tenants.FindContactAsync(caller, id, cancellationToken) is { } contact ? Present(contact) : null;

    public async ValueTask<PresentThing?> MatchAsync(Caller caller, WantedThing wanted, Tenant? owner, CancellationToken cancellationToken) =>
        owner is not null
        && (await tenants.ContactsAsync(caller, owner.Id, cancellationToken)).FirstOrDefault(c => c.Role == (string?)wanted.Fields["role"] && c.Email == (string?)wanted.Fields["email"]) is { } same
            ? Present(same)
            : null;

    public async ValueTask<Outcome<MadeThing>> CreateAsync(Caller caller, WantedThing wanted, Tenant owner, CancellationToken cancellationToken)
    {
        var made = await tenants.AddContactAsync(caller, owner.Id, Contact(wanted.Fields), cancellationToken);
        return made.Ok ? new MadeThing(made.Value.Id, made.Value.TenantPath) : made.Refusal;
    }

    public async ValueTask<Refusal?> ChangeAsync(Caller caller, WantedThing wanted, PresentThing present, JsonObject changed, CancellationToken cancellationToken)
    {
        var fields = wanted.Fields.DeepClone().AsObject();
        fields.TryAdd("phone", present.Fields["phone"]?.DeepClone());
        return (await tenants.ChangeContactAsync(caller, present.Id, Contact(fields), null, cancellationToken)).Refusal;
    }

    public async ValueTask<Refusal?> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken) => (await tenants.RemoveContactAsync(caller, id, cancellationToken)).Refusal;

    private static NewContact Contact(JsonObject fields) => new((string)fields["role"]!, (string)fields["name"]!, (string)fields["email"]!, (string?)fields["phone"]);

    private static PresentThing Present(Contact contact) => new(
        contact.Id, contact.TenantPath, new JsonObject { ["role"] = contact.Role, ["name"] = contact.Name, ["email"] = contact.Email, ["phone"] = contact.Phone });
}
