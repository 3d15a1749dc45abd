using System.Text.Json.Nodes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Apply;

/// <summary>What each file managed when it was last applied: which id its key stands for, and the fields as they were set then.</summary>
internal sealed class ManagedThings(Stores stores, TimeProvider time)
{
    public static readonly SchemaPart Schema = new("apply", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE apply_managed (
              manifest TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, object_id TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY,
              applied TEXT NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (manifest, kind, key));
            CREATE INDEX apply_managed_object ON apply_managed (object_id);
            """),

        // A row is the tenant's whose file it is, so that two tenants' files of one name never meet. Until now only the provider applied any.
        new SchemaStep(2, """
            CREATE TABLE apply_managed_of_owner (
              tenant_path TEXT NOT NULL COLLATE_BINARY, manifest TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, object_id TEXT NOT NULL,
              object_path TEXT NOT NULL COLLATE_BINARY, applied TEXT NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (tenant_path, manifest, kind, key));
            INSERT INTO apply_managed_of_owner (tenant_path, manifest, kind, key, object_id, object_path, applied, applied_at)
              SELECT t.tenant_path, m.manifest, m.kind, m.key, m.object_id, m.tenant_path, m.applied, m.applied_at
              FROM apply_managed m JOIN tenant t ON t.kind = 'provider';
            DROP TABLE apply_managed;
            ALTER TABLE apply_managed_of_owner RENAME TO apply_managed;
            CREATE INDEX apply_managed_object ON apply_managed (object_id);
            """),
    ]);

    /// <summary>Of the caller's own files: of its scope, and not of a tenant below it.</summary>
    public static readonly TenantQuery OfManifest = new("apply.of-manifest", """
        SELECT kind, key, object_id, object_path, applied FROM apply_managed
        WHERE {tenant} AND length(tenant_path) = length(@ScopePath) AND manifest = @Manifest ORDER BY kind, key, tenant_path
        """);

    public async ValueTask<Dictionary<(string Kind, string Key), ManagedThing>> ListAsync(Caller caller, string manifest, CancellationToken cancellationToken) =>
        (await new TenantStore(stores.Control, caller.Scope).QueryAsync<ManagedThing>(OfManifest, new { Manifest = manifest }, cancellationToken)).ToDictionary(static m => (m.Kind, m.Key));

    /// <summary>True when another file manages this thing: it is not this one's to adopt.</summary>
    /// <param name="objectId">A thing the caller was found to see.</param>
    public ValueTask<bool> IsOfAnotherAsync(Caller caller, string manifest, string objectId, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        async reader => await reader.FirstOrDefaultAsync<long>(
            "SELECT count(*) FROM apply_managed WHERE object_id = @Id AND (manifest <> @Manifest OR tenant_path <> @Path)", new { Id = objectId, Manifest = manifest, caller.Scope.Path }) > 0,
        cancellationToken);

    public async ValueTask KeepAsync(Caller caller, string manifest, WantedThing wanted, MadeThing made, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            INSERT INTO apply_managed (tenant_path, manifest, kind, key, object_id, object_path, applied, applied_at)
            VALUES (@Owner, @Manifest, @Kind, @Key, @Id, @Path, @Applied, @At)
            ON CONFLICT (tenant_path, manifest, kind, key)
            DO UPDATE SET object_id = excluded.object_id, object_path = excluded.object_path, applied = excluded.applied, applied_at = excluded.applied_at
            """,
            new { Owner = caller.Scope.Path, Manifest = manifest, wanted.Kind, wanted.Key, made.Id, Path = made.TenantPath, Applied = wanted.Fields.ToJsonString(), At = time.NowMicros() }),
        cancellationToken);

    public async ValueTask ForgetAsync(Caller caller, string manifest, string kind, string key, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            "DELETE FROM apply_managed WHERE tenant_path = @Owner AND manifest = @Manifest AND kind = @Kind AND key = @Key",
            new { Owner = caller.Scope.Path, Manifest = manifest, Kind = kind, Key = key }),
        cancellationToken);

    public static JsonObject AppliedOf(ManagedThing managed) => JsonNode.Parse(managed.Applied)!.AsObject();
}
