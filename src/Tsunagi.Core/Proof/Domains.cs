using System.Security.Cryptography;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Proof;

/// <summary>
/// Domains and who owns them: claimed by anyone, proved by a TXT record or by an operator's word (audited), owned by one tenant at a time, and
/// resting after release before another may have them.
/// </summary>
public sealed class Domains(Stores stores, TenantDirectory tenants, ITxtLookup dns, SubscriptionNeeds needs, ChangeRecorder changes, ProofOptions options, TimeProvider time)
{
    private const string Columns = "id, tenant_path, tenant_id, name, state, challenge, proved_by, claimed_at, proved_at, released_at, version";

    public static readonly TenantQuery List = new("domain.list", $"""
        SELECT {Columns} FROM domain WHERE {"{tenant}"} AND name > @After AND (@TenantId = '' OR tenant_id = @TenantId) ORDER BY name, id LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("domain.by-id", $"SELECT {Columns} FROM domain WHERE {"{tenant}"} AND id = @Id");

    public ValueTask<IReadOnlyList<Domain>> ListAsync(Caller caller, string after, int limit, string? tenantId, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<Domain>(List, new { After = after, Limit = (long)limit, TenantId = tenantId ?? "" }, cancellationToken);

    public ValueTask<Domain?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Domain>(ById, new { Id = id }, cancellationToken);

    /// <summary>Claims a domain for a tenant. Claiming proves nothing and takes nothing from anyone.</summary>
    public async ValueTask<Outcome<Domain>> ClaimAsync(Caller caller, string tenantId, string name, CancellationToken cancellationToken)
    {
        var tenant = await tenants.FindAsync(caller, tenantId, cancellationToken);
        if (tenant is null)
        {
            return Refusal.NotFound("tenant", tenantId);
        }

        if (DomainName.Canonical(name) is not { } canonical)
        {
            return Refusal.Invalid("domain.name", "name", $"\"{name}\" is not a domain name", "at least two labels of letters, digits and hyphens");
        }

        var challenge = "tsunagi-proof=" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        var domain = new Domain(
            Id.New("d", time), tenant.TenantPath, tenant.Id, canonical, ProofState.Claimed, challenge, null, time.NowMicros(), null, null, 1);
        return await stores.Control.WriteAsync<Outcome<Domain>>(
            async transaction =>
            {
                var own = await transaction.FirstOrDefaultAsync<Domain>(
                    $"SELECT {Columns} FROM domain WHERE tenant_id = @TenantId AND name = @Name AND state <> 'released'", new { domain.TenantId, domain.Name });
                if (own is not null)
                {
                    return own;
                }

                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO domain ({Columns})
                    VALUES (@Id, @TenantPath, @TenantId, @Name, @State, @Challenge, @ProvedBy, @ClaimedAt, @ProvedAt, @ReleasedAt, @Version)
                    """,
                    domain);
                await changes.RecordAsync(transaction, caller, "domain.claimed", domain.Id, domain.TenantPath, null, domain);
                return domain;
            },
            cancellationToken);
    }

    /// <summary>Looks for the challenge in the DNS and, if it is there, makes the tenant the owner.</summary>
    public async ValueTask<Outcome<Domain>> ProveByDnsAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var domain = await FindAsync(caller, id, cancellationToken);
        if (domain is null)
        {
            return Refusal.NotFound("domain", id);
        }

        if (domain.State != ProofState.Claimed)
        {
            return AlreadyDecided(domain);
        }

        var host = "_tsunagi-challenge." + domain.Name;
        var texts = await dns.FindAsync(host, cancellationToken);
        if (texts is null)
        {
            return Refusal.Conflict("domain.dns-silent", $"the DNS gave no answer for {host}; nothing was decided, try again in a minute");
        }

        return texts.Contains(domain.Challenge)
            ? await ProveAsync(caller, domain, "dns", null, cancellationToken)
            : Refusal.Conflict("domain.not-proved", $"there is no TXT record at {host} that says {domain.Challenge}");
    }

    /// <summary>An operator vouches for the owner; the reason is kept.</summary>
    public async ValueTask<Outcome<Domain>> ApproveAsync(Caller caller, string id, string reason, CancellationToken cancellationToken)
    {
        var domain = await FindAsync(caller, id, cancellationToken);
        if (domain is null)
        {
            return Refusal.NotFound("domain", id);
        }

        if (!caller.IsOperator)
        {
            return new Refusal(RefusalKind.Forbidden, "domain.approve", "only the provider's operators can vouch for a domain");
        }

        return ProofOptions.CheckReason(reason) is { } refusal ? refusal
            : domain.State != ProofState.Claimed ? AlreadyDecided(domain)
            : await ProveAsync(caller, domain, "operator", reason, cancellationToken);
    }

    /// <summary>
    /// Gives the domain up, unless a running subscription uses it. It rests before another tenant may prove it. Releasing it again changes nothing, nor
    /// does it lengthen the rest.
    /// </summary>
    public async ValueTask<Outcome<Domain>> ReleaseAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("domain", id);
        }

        if (before.State == ProofState.Released)
        {
            return before;
        }

        var after = before with { State = ProofState.Released, ReleasedAt = time.NowMicros(), Version = before.Version + 1 };
        return await stores.Control.WriteAsync<Outcome<Domain>>(
            async transaction =>
            {
                if (before.State == ProofState.Proved
                    && await needs.CheckAsync(transaction, before.TenantPath, before.Name, "domain", (need, _) => need == before.Name) is { } used)
                {
                    return used;
                }

                if (await UpdateAsync(transaction, after) is { } stale)
                {
                    return stale;
                }

                await changes.RecordAsync(transaction, caller, "domain.released", id, after.TenantPath, before, after);
                return after;
            },
            cancellationToken);
    }

    private async ValueTask<Outcome<Domain>> ProveAsync(Caller caller, Domain before, string by, string? reason, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var after = before with { State = ProofState.Proved, ProvedBy = by, ProvedAt = now, ReleasedAt = null, Version = before.Version + 1 };
        return await stores.Control.WriteAsync<Outcome<Domain>>(
            async transaction =>
            {
                var other = await transaction.FirstOrDefaultAsync<Domain>(
                    $"""
                    SELECT {Columns} FROM domain WHERE name = @Name AND tenant_id <> @TenantId
                    AND (state = 'proved' OR (state = 'released' AND proved_at IS NOT NULL AND released_at > @RestedBefore))
                    ORDER BY id LIMIT 1
                    """,
                    new { before.Name, before.TenantId, RestedBefore = now - (long)options.RestAfterRelease.TotalMicroseconds });
                if (other is not null)
                {
                    // Who has it is not said: it may be another tenant's secret.
                    return Refusal.Conflict("domain.taken", $"{before.Name} belongs to someone else, or was given up less than {options.RestAfterRelease.TotalDays:0} days ago", "name");
                }

                if (await UpdateAsync(transaction, after) is { } stale)
                {
                    return stale;
                }

                await changes.RecordAsync(transaction, caller, "domain.proved", after.Id, after.TenantPath, before, after, reason: reason);
                return after;
            },
            cancellationToken);
    }

    private static Outcome<Domain> AlreadyDecided(Domain domain) => domain.State == ProofState.Proved
        ? domain
        : Refusal.Conflict("domain.released", $"this claim of {domain.Name} was given up; claim it again for a new challenge");

    /// <summary>Null when the row was still as it was read.</summary>
    private static async ValueTask<Refusal?> UpdateAsync(ISqlTransaction transaction, Domain domain)
    {
        var changed = await transaction.ExecuteAsync(
            """
            UPDATE domain SET state = @State, proved_by = @ProvedBy, proved_at = @ProvedAt, released_at = @ReleasedAt, version = @Version
            WHERE id = @Id AND version = @Version - 1
            """,
            domain);
        return changed == 1 ? null : Refusal.Stale(await transaction.FirstOrDefaultAsync<long>("SELECT version FROM domain WHERE id = @Id", new { domain.Id }));
    }
}
