using System.Text.Json;
using System.Text.Json.Serialization;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Limits;
using Tsunagi.Mail.Pending;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Verdict;

/// <summary>A policy as it is kept.</summary>
/// <param name="Name">The domain, group or address; empty for the tenant itself.</param>
public sealed record FilterPolicyView(string TenantPath, string Scope, string Name, long Version, FilterPolicy Policy, long UpdatedAt, string UpdatedBy);

/// <summary>Whose policy: a tenant, and what of it.</summary>
/// <param name="Name">The domain, group or address; empty for the tenant itself.</param>
public sealed record PolicyPlace(string TenantId, string TenantPath, string Scope, string Name);

/// <summary>
/// Keeps what everybody wants done with arriving mail. A policy of a domain, group or address lies with the tenant whose mail it is about, so naming somebody
/// else's domain does nothing. Each change is audited and told, and every node's sessions know it within a second (<see cref="PolicyWatch"/>).
/// </summary>
public sealed class PolicyBook(Stores stores, ChangeRecorder changes, TimeProvider time)
{
    internal const string Channel = "mail_policy";
    private const int MaxPoliciesPerTenant = 10_000;

    // More changed tenants than that are read faster with everybody.
    private const int MaxTogether = 50;

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter<PolicyAction>(JsonNamingPolicy.CamelCase), new JsonStringEnumConverter<PendingMail>(JsonNamingPolicy.CamelCase) },
    };

    private const string Columns = "tenant_path, scope, name, version, policy, updated_at, updated_by";

    public static readonly TenantQuery TenantById = new("mail.policy.tenant", "SELECT id, tenant_path FROM tenant WHERE {tenant} AND id = @Id");

    public static readonly TenantQuery All = new("mail.policy.all", $$"""
        SELECT {{Columns}} FROM mail_filter_policy WHERE {tenant} ORDER BY tenant_path, scope, name LIMIT @Limit
        """);

    public static readonly TenantQuery One = new("mail.policy.one", $$"""
        SELECT {{Columns}} FROM mail_filter_policy WHERE {tenant} AND tenant_path = @Path AND scope = @Scope AND name = @Name
        """);

    public async ValueTask<IReadOnlyList<FilterPolicyView>> ListAsync(Caller caller, int limit, CancellationToken cancellationToken)
    {
        var rows = await new TenantStore(stores.Control, caller.Scope).QueryAsync<PolicyRow>(All, new { Limit = (long)limit }, cancellationToken);
        return [.. rows.Select(static row => row.View())];
    }

    /// <param name="tenant">The tenant's id.</param>
    public async ValueTask<Outcome<FilterPolicyView>> FindAsync(Caller caller, string tenant, string scope, string name, CancellationToken cancellationToken)
    {
        if (await OwnerAsync(caller, tenant, cancellationToken) is not { } owner)
        {
            return Refusal.NotFound("tenant", tenant);
        }

        var row = await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<PolicyRow>(One, new { Path = owner.TenantPath, Scope = scope, Name = name }, cancellationToken);
        return row is null ? Refusal.NotFound($"policy of this {scope}", name.Length > 0 ? name : tenant) : row.View();
    }

    /// <summary>The tenant is in the caller's part of the tree.</summary>
    public async ValueTask<bool> MayAsync(Caller caller, string tenant, CancellationToken cancellationToken) => await OwnerAsync(caller, tenant, cancellationToken) is not null;

    /// <summary>Where a policy lies that somebody has in mind, with its name as it is kept.</summary>
    public async ValueTask<Outcome<PolicyPlace>> PlaceAsync(Caller caller, string tenant, string scope, string name, CancellationToken cancellationToken)
    {
        if (await OwnerAsync(caller, tenant, cancellationToken) is not { } owner)
        {
            return Refusal.NotFound("tenant", tenant);
        }

        var normal = Normalize(scope, name);
        return normal.Ok ? new PolicyPlace(owner.Id, owner.TenantPath, scope, normal.Value!) : normal.Refusal!;
    }

    /// <summary>Makes or replaces one.</summary>
    /// <param name="ifVersion">The version the caller saw; null to replace whatever is there.</param>
    public async ValueTask<Outcome<FilterPolicyView>> PutAsync(
        Caller caller, string tenant, string scope, string name, FilterPolicy policy, long? ifVersion, CancellationToken cancellationToken)
    {
        if (await OwnerAsync(caller, tenant, cancellationToken) is not { } owner)
        {
            return Refusal.NotFound("tenant", tenant);
        }

        var normal = Normalize(scope, name);
        if (!normal.Ok)
        {
            return normal.Refusal!;
        }

        if (policy.Check() is { } wrong)
        {
            return wrong;
        }

        if (policy.Sending is not null && scope != "tenant")
        {
            return Refusal.Invalid("mail.sending.scope", "sending", "how much is sent is said for a tenant, and for a credential by itself", "scope tenant");
        }

        return await stores.Control.WriteAsync<Outcome<FilterPolicyView>>(
            async transaction =>
            {
                var key = new { Path = owner.TenantPath, Scope = scope, Name = normal.Value };
                var before = await transaction.FirstOrDefaultAsync<PolicyRow>(
                    $"SELECT {Columns} FROM mail_filter_policy WHERE tenant_path = @Path AND scope = @Scope AND name = @Name", key);
                if (ifVersion is { } seen && seen != (before?.Version ?? 0))
                {
                    return Refusal.Stale(before?.Version ?? 0);
                }

                if (before is null && await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_filter_policy WHERE tenant_path = @Path", key) >= MaxPoliciesPerTenant)
                {
                    return Refusal.Conflict("mail.policy.too-many", $"the tenant has {MaxPoliciesPerTenant} policies already");
                }

                if (await WhyTooMuchAsync(transaction, caller, owner, policy, before?.View().Policy.Sending) is { } tooMuch)
                {
                    return tooMuch;
                }

                var after = new PolicyRow(owner.TenantPath, scope, normal.Value!, (before?.Version ?? 0) + 1, JsonSerializer.Serialize(policy, Json), time.NowMicros(), caller.ActorName);
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by)
                    VALUES (@TenantPath, @Scope, @Name, @Version, @Policy, @UpdatedAt, @UpdatedBy)
                    ON CONFLICT (tenant_path, scope, name) DO UPDATE SET version = excluded.version, policy = excluded.policy,
                      updated_at = excluded.updated_at, updated_by = excluded.updated_by
                    """,
                    after);
                await ChangedAsync(transaction, caller, owner, scope, normal.Value!, before is null ? null : JsonDocument.Parse(before.Policy).RootElement, policy);
                return after.View();
            },
            cancellationToken);
    }

    public async ValueTask<Refusal?> RemoveAsync(Caller caller, string tenant, string scope, string name, long? ifVersion, CancellationToken cancellationToken)
    {
        if (await OwnerAsync(caller, tenant, cancellationToken) is not { } owner)
        {
            return Refusal.NotFound("tenant", tenant);
        }

        return await stores.Control.WriteAsync<Refusal?>(
            async transaction =>
            {
                var key = new { Path = owner.TenantPath, Scope = scope, Name = name };
                var before = await transaction.FirstOrDefaultAsync<PolicyRow>(
                    $"SELECT {Columns} FROM mail_filter_policy WHERE tenant_path = @Path AND scope = @Scope AND name = @Name", key);
                if (before is null)
                {
                    return Refusal.NotFound($"policy of this {scope}", name.Length > 0 ? name : tenant);
                }

                if (ifVersion is { } seen && seen != before.Version)
                {
                    return Refusal.Stale(before.Version);
                }

                await transaction.ExecuteAsync("DELETE FROM mail_filter_policy WHERE tenant_path = @Path AND scope = @Scope AND name = @Name", key);
                await ChangedAsync(transaction, caller, owner, scope, name, JsonDocument.Parse(before.Policy).RootElement, null);
                return null;
            },
            cancellationToken);
    }

    /// <summary>Everything, with the version of it all, for the data path.</summary>
    internal static async ValueTask<(long Version, IReadOnlyList<FilterPolicyView> Policies)> ReadAsync(ISqlReader reader)
    {
        var version = await VersionAsync(reader);
        var rows = await reader.QueryAsync<PolicyRow>($"SELECT {Columns} FROM mail_filter_policy ORDER BY tenant_path, scope, name");
        return (version, [.. rows.Select(static row => row.View())]);
    }

    /// <summary>The policies of those who changed any after a version; null when that is not known of all of them, and everything is to be read.</summary>
    internal static async ValueTask<(long Version, IReadOnlyDictionary<string, IReadOnlyList<FilterPolicyView>> Changed)?> ReadAfterAsync(ISqlReader reader, long known)
    {
        var version = await VersionAsync(reader);
        var changed = await reader.QueryAsync<Changed>("SELECT tenant_path, version FROM mail_filter_change WHERE version > @Known ORDER BY version LIMIT @Limit", new { Known = known, Limit = MaxTogether + 1L });

        // A change that nobody noted here is an older program's.
        if (changed.Count is 0 or > MaxTogether || changed[^1].Version != version)
        {
            return null;
        }

        var read = new Dictionary<string, IReadOnlyList<FilterPolicyView>>(StringComparer.Ordinal);
        foreach (var (path, _) in changed)
        {
            var rows = await reader.QueryAsync<PolicyRow>($"SELECT {Columns} FROM mail_filter_policy WHERE tenant_path = @Path ORDER BY scope, name", new { Path = path });
            read[path] = [.. rows.Select(static row => row.View())];
        }

        return (version, read);
    }

    internal static ValueTask<long> VersionAsync(ISqlReader reader) => reader.FirstOrDefaultAsync<long>("SELECT version FROM mail_filter_version WHERE one = 1");

    // What holds for whoever asks, without what the same people said before, is the most they may say; and what the provider's people said here before.
    private static async ValueTask<Refusal?> WhyTooMuchAsync(ISqlReader reader, Caller caller, Owner owner, FilterPolicy policy, SendingPolicy? before)
    {
        if (policy.Sending is not { } wanted || SendingPolicy.IsBoundless(caller.Scope.Path))
        {
            return null;
        }

        var (version, policies) = await ReadAsync(reader);
        var others = owner.TenantPath == caller.Scope.Path ? policies.Where(row => row.TenantPath != owner.TenantPath) : policies;
        return wanted.WhyTooMuch(new PolicyTable(version, others).For(caller.Scope.Path, "", [], "").Sending.OrWider(before ?? new SendingPolicy()));
    }

    private async ValueTask ChangedAsync(ISqlTransaction transaction, Caller caller, Owner owner, string scope, string name, object? before, object? after)
    {
        await transaction.ExecuteAsync("UPDATE mail_filter_version SET version = version + 1 WHERE one = 1");
        await transaction.ExecuteAsync(
            """
            INSERT INTO mail_filter_change (tenant_path, version) VALUES (@TenantPath, (SELECT version FROM mail_filter_version WHERE one = 1))
            ON CONFLICT (tenant_path) DO UPDATE SET version = excluded.version
            """,
            new { owner.TenantPath });
        var subject = name.Length > 0 ? $"{scope} {name}" : owner.Id;
        await changes.RecordAsync(transaction, caller, "mail.policy.changed", subject, owner.TenantPath, before, after, JsonSerializer.Serialize(new { scope, name }));
        transaction.OnCommitted(() => stores.Control.Hints.Raise(Channel));
    }

    private ValueTask<Owner?> OwnerAsync(Caller caller, string tenant, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Owner>(TenantById, new { Id = tenant }, cancellationToken);

    private static Outcome<string> Normalize(string scope, string name) => scope switch
    {
        "tenant" => name.Length == 0 ? name : Refusal.Invalid("mail.policy.name", "name", "the tenant's own policy has no name", "leave it out"),
        "domain" => MailDomain.Normalize(name) is { } domain ? domain : Refusal.Invalid("mail.policy.name", "name", $"'{name}' is not a domain name", "names such as customer.example"),
        "group" => RecipientGroup.IsName(name) ? name.ToLowerInvariant() : Refusal.Invalid("mail.policy.name", "name", $"'{name}' is no name of a group", RecipientGroup.Allowed),
        "user" => Mailbox.TryParse(name, out var mailbox) ? mailbox!.ToString().ToLowerInvariant() : Refusal.Invalid("mail.policy.name", "name", $"'{name}' is not a mail address", "user@domain"),
        _ => Refusal.Invalid("mail.policy.scope", "scope", $"there is no scope '{scope}'", "tenant, domain, group, user"),
    };

    private sealed record Owner(string Id, string TenantPath);

    private sealed record Changed(string TenantPath, long Version);

    internal sealed record PolicyRow(string TenantPath, string Scope, string Name, long Version, string Policy, long UpdatedAt, string UpdatedBy)
    {
        public FilterPolicyView View() => new(TenantPath, Scope, Name, Version, JsonSerializer.Deserialize<FilterPolicy>(Policy, Json) ?? new FilterPolicy(), UpdatedAt, UpdatedBy);
    }
}
