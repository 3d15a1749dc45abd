using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Tenants;

public sealed partial class TenantDirectory
{
    private const string ContactColumns = "id, tenant_path, tenant_id, role, name, email, phone, version, created_at";

    public static readonly TenantQuery Contacts = new("tenant.contacts", $"""
        SELECT {ContactColumns} FROM contact WHERE {"{tenant}"} AND tenant_id = @TenantId ORDER BY role, name, id
        """);

    public static readonly TenantQuery ContactById = new("tenant.contact-by-id", $"SELECT {ContactColumns} FROM contact WHERE {"{tenant}"} AND id = @Id");

    public ValueTask<IReadOnlyList<Contact>> ContactsAsync(Caller caller, string tenantId, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<Contact>(Contacts, new { TenantId = tenantId }, cancellationToken);

    public ValueTask<Contact?> FindContactAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Contact>(ContactById, new { Id = id }, cancellationToken);

    public async ValueTask<Outcome<Contact>> AddContactAsync(Caller caller, string tenantId, NewContact wanted, CancellationToken cancellationToken)
    {
        var tenant = await FindAsync(caller, tenantId, cancellationToken);
        if (tenant is null)
        {
            return Refusal.NotFound("tenant", tenantId);
        }

        if (TenantRules.CheckContact(wanted) is { } refusal)
        {
            return refusal;
        }

        var contact = new Contact(Id.New("c", time), tenant.TenantPath, tenant.Id, wanted.Role, wanted.Name, wanted.Email, wanted.Phone, 1, time.NowMicros());
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO contact ({ContactColumns})
                    VALUES (@Id, @TenantPath, @TenantId, @Role, @Name, @Email, @Phone, @Version, @CreatedAt)
                    """,
                    contact);
                await changes.RecordAsync(transaction, caller, "contact.added", contact.Id, contact.TenantPath, null, contact);
                return contact;
            },
            cancellationToken);
    }

    /// <summary>Replaces a contact's fields if it still is at <paramref name="ifVersion"/> (null: whatever its version).</summary>
    public async ValueTask<Outcome<Contact>> ChangeContactAsync(Caller caller, string id, NewContact wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await FindContactAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("contact", id);
        }

        if (TenantRules.CheckContact(wanted) is { } refusal)
        {
            return refusal;
        }

        var after = before with { Role = wanted.Role, Name = wanted.Name, Email = wanted.Email, Phone = wanted.Phone, Version = before.Version + 1 };
        return await stores.Control.WriteAsync<Outcome<Contact>>(
            async transaction =>
            {
                var changed = (ifVersion ?? before.Version) == before.Version
                    ? await transaction.ExecuteAsync(
                        "UPDATE contact SET role = @Role, name = @Name, email = @Email, phone = @Phone, version = @Version WHERE id = @Id AND version = @Version - 1", after)
                    : 0;
                if (changed == 0)
                {
                    return Refusal.Stale(await transaction.FirstOrDefaultAsync<long>("SELECT version FROM contact WHERE id = @Id", new { Id = id }));
                }

                await changes.RecordAsync(transaction, caller, "contact.changed", id, after.TenantPath, before, after);
                return after;
            },
            cancellationToken);
    }

    /// <summary>Removes a contact; the audit keeps who it was.</summary>
    public async ValueTask<Outcome<Contact>> RemoveContactAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var before = await FindContactAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("contact", id);
        }

        return await stores.Control.WriteAsync(
            async transaction =>
            {
                if (await transaction.ExecuteAsync("DELETE FROM contact WHERE id = @Id", new { Id = id }) == 1)
                {
                    await changes.RecordAsync(transaction, caller, "contact.removed", id, before.TenantPath, before, null);
                }

                return before;
            },
            cancellationToken);
    }
}
