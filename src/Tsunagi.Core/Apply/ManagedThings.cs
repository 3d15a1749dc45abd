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
    ]);

    public static readonly TenantQuery OfManifest = new("apply.of-manifest", """
        SELECT kind, key, object_id, tenant_path, applied FROM apply_managed WHERE {tenant} AND manifest = @Manifest ORDER BY kind, key
        """);

    public static readonly TenantQuery OfOthers = new("apply.of-others", "SELECT object_id FROM apply_managed WHERE {tenant} AND manifest <> @Manifest ORDER BY object_id");

    public async ValueTask<Dictionary<(string Kind, string Key), ManagedThing>> ListAsync(Caller caller, string manifest, CancellationToken cancellationToken) =>
        (await new TenantStore(stores.Control, caller.Scope).QueryAsync<ManagedThing>(OfManifest, new { Manifest = manifest }, cancellationToken)).ToDictionary(static m => (m.Kind, m.Key));

    /// <summary>Ids that another file manages: they are not this file's to adopt.</summary>
    public async ValueTask<HashSet<string>> OfOthersAsync(Caller caller, string manifest, CancellationToken cancellationToken) =>
        [.. await new TenantStore(stores.Control, caller.Scope).QueryAsync<string>(OfOthers, new { Manifest = manifest }, cancellationToken)];

    public async ValueTask KeepAsync(string manifest, WantedThing wanted, string id, string tenantPath, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            INSERT INTO apply_managed (manifest, kind, key, object_id, tenant_path, applied, applied_at) VALUES (@Manifest, @Kind, @Key, @Id, @Path, @Applied, @At)
            ON CONFLICT (manifest, kind, key) DO UPDATE SET object_id = excluded.object_id, tenant_path = excluded.tenant_path, applied = excluded.applied, applied_at = excluded.applied_at
            """,
            new { Manifest = manifest, wanted.Kind, wanted.Key, Id = id, Path = tenantPath, Applied = wanted.Fields.ToJsonString(), At = time.NowMicros() }),
        cancellationToken);

    public async ValueTask ForgetAsync(string manifest, string kind, string key, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync("DELETE FROM apply_managed WHERE manifest = @Manifest AND kind = @Kind AND key = @Key", new { Manifest = manifest, Kind = kind, Key = key }),
        cancellationToken);

    public static JsonObject AppliedOf(ManagedThing managed) => JsonNode.Parse(managed.Applied)!.AsObject();
}
