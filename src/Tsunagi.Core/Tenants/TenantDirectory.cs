using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Tenants;

/// <summary>The tree of parties: reading and changing it, as one caller may.</summary>
public sealed class TenantDirectory(Stores stores, ChangeRecorder changes, TimeProvider time)
{
    private const string Columns = "id, tenant_path, parent_id, kind, name, locale, time_zone, currency, external_refs, version, created_at";

    public static readonly TenantQuery ById = new("tenant.by-id", $"SELECT {Columns} FROM tenant WHERE {"{tenant}"} AND id = @Id");

    public static readonly TenantQuery List = new("tenant.list", $"""
        SELECT {Columns} FROM tenant WHERE {"{tenant}"} AND tenant_path > @After AND (@Kind = '' OR kind = @Kind)
        AND (@Name = '' OR lower(name) LIKE @Name) ORDER BY tenant_path LIMIT @Limit
        """);

    public static readonly TenantQuery Contacts = new("tenant.contacts", """
        SELECT id, tenant_path, tenant_id, role, name, email, phone, version, created_at FROM contact
        WHERE {tenant} AND tenant_id = @TenantId ORDER BY role, name, id
        """);

    public ValueTask<Tenant?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Tenant>(ById, new { Id = id }, cancellationToken);

    /// <param name="after">The path of the last row of the page before, or "".</param>
    public ValueTask<IReadOnlyList<Tenant>> ListAsync(
        Caller caller, string after, int limit, string? kind, string? nameContains, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<Tenant>(
            List,
            new { After = after, Limit = (long)limit, Kind = kind ?? "", Name = string.IsNullOrEmpty(nameContains) ? "" : $"%{nameContains.ToLowerInvariant()}%" },
            cancellationToken);

    public ValueTask<IReadOnlyList<Contact>> ContactsAsync(Caller caller, string tenantId, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<Contact>(Contacts, new { TenantId = tenantId }, cancellationToken);

    /// <summary>Adds a party below one the caller sees. What is not given is inherited from it.</summary>
    public async ValueTask<Outcome<Tenant>> AddAsync(Caller caller, NewTenant wanted, CancellationToken cancellationToken)
    {
        var parentId = wanted.ParentId ?? caller.Scope.TenantId;
        var parent = await FindAsync(caller, parentId, cancellationToken);
        if (parent is null)
        {
            return Refusal.NotFound("tenant", parentId);
        }

        var id = Id.New("t", time);
        var tenant = new Tenant(
            id, $"{parent.TenantPath}{id}/", parent.Id, wanted.Kind, wanted.Name, wanted.Locale ?? parent.Locale, wanted.TimeZone ?? parent.TimeZone,
            wanted.Currency ?? parent.Currency, TenantRules.Json(wanted.ExternalRefs), 1, time.NowMicros());
        if ((TenantRules.CheckKind(tenant.Kind, parent.Kind) ?? Check(tenant)) is { } refusal)
        {
            return refusal;
        }

        return await stores.Control.WriteAsync(
            async transaction =>
            {
                await InsertAsync(transaction, tenant);
                await changes.RecordAsync(
                    transaction, caller, "tenant.created", tenant.Id, tenant.TenantPath, null, tenant, JsonSerializer.Serialize(new { tenant.Name, tenant.Kind }));
                return tenant;
            },
            cancellationToken);
    }

    /// <summary>Changes a party if it still is at <paramref name="ifVersion"/> (null: whatever its version).</summary>
    public async ValueTask<Outcome<Tenant>> ChangeAsync(Caller caller, string id, TenantChange wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("tenant", id);
        }

        var after = before with
        {
            Name = wanted.Name ?? before.Name,
            Locale = wanted.Locale ?? before.Locale,
            TimeZone = wanted.TimeZone ?? before.TimeZone,
            Currency = wanted.Currency ?? before.Currency,
            ExternalRefs = wanted.ExternalRefs is null ? before.ExternalRefs : TenantRules.Json(wanted.ExternalRefs),
            Version = before.Version + 1,
        };
        if (Check(after) is { } refusal)
        {
            return refusal;
        }

        return await stores.Control.WriteAsync<Outcome<Tenant>>(
            async transaction =>
            {
                var current = await transaction.FirstOrDefaultAsync<long>("SELECT version FROM tenant WHERE id = @Id", new { Id = id });
                if (current != before.Version || (ifVersion ?? current) != current)
                {
                    return Refusal.Stale(current);
                }

                await transaction.ExecuteAsync(
                    """
                    UPDATE tenant SET name = @Name, locale = @Locale, time_zone = @TimeZone, currency = @Currency, external_refs = @ExternalRefs, version = @Version
                    WHERE id = @Id
                    """,
                    after);
                await changes.RecordAsync(transaction, caller, "tenant.changed", id, after.TenantPath, before, after);
                return after;
            },
            cancellationToken);
    }

    public async ValueTask<Outcome<Contact>> AddContactAsync(Caller caller, string tenantId, NewContact wanted, CancellationToken cancellationToken)
    {
        var tenant = await FindAsync(caller, tenantId, cancellationToken);
        if (tenant is null)
        {
            return Refusal.NotFound("tenant", tenantId);
        }

        if (!ContactRole.All.Contains(wanted.Role))
        {
            return Refusal.Invalid("contact.role", "role", $"there is no contact role {wanted.Role}", string.Join(", ", ContactRole.All));
        }

        if (!wanted.Email.Contains('@') || wanted.Email.Any(char.IsControl))
        {
            return Refusal.Invalid("contact.email", "email", "this is not a mail address", "name@domain");
        }

        var contact = new Contact(Id.New("c", time), tenant.TenantPath, tenant.Id, wanted.Role, wanted.Name, wanted.Email, wanted.Phone, 1, time.NowMicros());
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO contact (id, tenant_path, tenant_id, role, name, email, phone, version, created_at)
                    VALUES (@Id, @TenantPath, @TenantId, @Role, @Name, @Email, @Phone, @Version, @CreatedAt)
                    """,
                    contact);
                await changes.RecordAsync(transaction, caller, "contact.added", contact.Id, contact.TenantPath, null, contact);
                return contact;
            },
            cancellationToken);
    }

    /// <summary>The provider at the root, made at first start.</summary>
    public async ValueTask<Tenant> EnsureProviderAsync(string name, string locale, string timeZone, string currency, CancellationToken cancellationToken) =>
        await stores.Control.WriteAsync(
            async transaction =>
            {
                var existing = await transaction.FirstOrDefaultAsync<Tenant>($"SELECT {Columns} FROM tenant WHERE kind = @Kind", new { Kind = TenantKind.Provider });
                if (existing is not null)
                {
                    return existing;
                }

                var id = Id.New("t", time);
                var provider = new Tenant(id, id + "/", null, TenantKind.Provider, name, locale, timeZone, currency, "{}", 1, time.NowMicros());
                await InsertAsync(transaction, provider);
                return provider;
            },
            cancellationToken);

    private static Refusal? Check(Tenant tenant) =>
        TenantRules.CheckName(tenant.Name) ?? TenantRules.CheckLocale(tenant.Locale) ?? TenantRules.CheckTimeZone(tenant.TimeZone) ?? TenantRules.CheckCurrency(tenant.Currency);

    private static async ValueTask InsertAsync(ISqlTransaction transaction, Tenant tenant) =>
        await transaction.ExecuteAsync(
            $"""
            INSERT INTO tenant ({Columns})
            VALUES (@Id, @TenantPath, @ParentId, @Kind, @Name, @Locale, @TimeZone, @Currency, @ExternalRefs, @Version, @CreatedAt)
            """,
            tenant);
}
