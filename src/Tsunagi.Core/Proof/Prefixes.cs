using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Proof;

/// <summary>Address blocks and who owns them: claimed by a tenant, usable after an operator's approval, never overlapping another tenant's.</summary>
public sealed class Prefixes(Stores stores, TenantDirectory tenants, SubscriptionNeeds needs, ChangeRecorder changes, ProofOptions options, TimeProvider time)
{
    private const string Columns = "id, tenant_path, tenant_id, cidr, first_address, last_address, state, proved_by, claimed_at, proved_at, released_at, version";

    public static readonly TenantQuery List = new("prefix.list", $"""
        SELECT {Columns} FROM prefix WHERE {"{tenant}"} AND id > @After AND (@TenantId = '' OR tenant_id = @TenantId) ORDER BY id LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("prefix.by-id", $"SELECT {Columns} FROM prefix WHERE {"{tenant}"} AND id = @Id");

    public ValueTask<IReadOnlyList<AddressPrefix>> ListAsync(Caller caller, string after, int limit, string? tenantId, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<AddressPrefix>(List, new { After = after, Limit = (long)limit, TenantId = tenantId ?? "" }, cancellationToken);

    public ValueTask<AddressPrefix?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<AddressPrefix>(ById, new { Id = id }, cancellationToken);

    public async ValueTask<Outcome<AddressPrefix>> ClaimAsync(Caller caller, string tenantId, string cidr, CancellationToken cancellationToken)
    {
        var tenant = await tenants.FindAsync(caller, tenantId, cancellationToken);
        if (tenant is null)
        {
            return Refusal.NotFound("tenant", tenantId);
        }

        if (CidrRange.Parse(cidr) is not { } range)
        {
            return Refusal.Invalid("prefix.cidr", "cidr", $"\"{cidr}\" is not an address block", "such as 192.0.2.0/24 or 2001:db8::/48: all numbers written out, no bit set below the length");
        }

        var prefix = new AddressPrefix(
            Id.New("x", time), tenant.TenantPath, tenant.Id, range.Cidr, range.First, range.Last, ProofState.Claimed, null, time.NowMicros(), null, null, 1);
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                var own = await transaction.FirstOrDefaultAsync<AddressPrefix>(
                    $"SELECT {Columns} FROM prefix WHERE tenant_id = @TenantId AND cidr = @Cidr AND state <> 'released' ORDER BY id LIMIT 1", prefix);
                if (own is not null)
                {
                    return own;
                }

                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO prefix ({Columns})
                    VALUES (@Id, @TenantPath, @TenantId, @Cidr, @FirstAddress, @LastAddress, @State, @ProvedBy, @ClaimedAt, @ProvedAt, @ReleasedAt, @Version)
                    """,
                    prefix);
                await changes.RecordAsync(transaction, caller, "prefix.claimed", prefix.Id, prefix.TenantPath, null, prefix);
                return prefix;
            },
            cancellationToken);
    }

    public async ValueTask<Outcome<AddressPrefix>> ApproveAsync(Caller caller, string id, string reason, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("prefix", id);
        }

        if (!caller.IsOperator)
        {
            return new Refusal(RefusalKind.Forbidden, "prefix.approve", "only the provider's operators can approve an address block");
        }

        if (ProofOptions.CheckReason(reason) is { } refusal)
        {
            return refusal;
        }

        if (before.State != ProofState.Claimed)
        {
            return before.State == ProofState.Proved
                ? before
                : Refusal.Conflict("prefix.released", $"this claim of {before.Cidr} was given up; claim it again");
        }

        var now = time.NowMicros();
        var after = before with { State = ProofState.Proved, ProvedBy = "operator", ProvedAt = now, ReleasedAt = null, Version = before.Version + 1 };
        return await stores.Control.WriteAsync<Outcome<AddressPrefix>>(
            async transaction =>
            {
                var others = await transaction.QueryAsync<AddressPrefix>(
                    $"""
                    SELECT {Columns} FROM prefix WHERE id <> @Id AND first_address <= @LastAddress AND last_address >= @FirstAddress
                    AND (state = 'proved' OR (state = 'released' AND proved_at IS NOT NULL AND released_at > @RestedBefore)) ORDER BY id
                    """,
                    new { before.Id, before.FirstAddress, before.LastAddress, RestedBefore = now - (long)options.RestAfterRelease.TotalMicroseconds });
                if (!others.All(other => MayStandBeside(before, other)))
                {
                    return Refusal.Conflict(
                        "prefix.taken",
                        $"{before.Cidr} overlaps a block that is not delegated to this tenant, or one given up less than {options.RestAfterRelease.TotalDays:0} days ago",
                        "cidr");
                }

                if (await UpdateAsync(transaction, after) is { } stale)
                {
                    return stale;
                }

                await changes.RecordAsync(transaction, caller, "prefix.proved", id, after.TenantPath, before, after, reason: reason);
                return after;
            },
            cancellationToken);
    }

    /// <summary>
    /// Gives the block up, unless a running subscription uses addresses of it that no other approved block covers. It rests before another tenant may have
    /// it. Releasing it again changes nothing, nor does it lengthen the rest.
    /// </summary>
    public async ValueTask<Outcome<AddressPrefix>> ReleaseAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("prefix", id);
        }

        if (before.State == ProofState.Released)
        {
            return before;
        }

        var after = before with { State = ProofState.Released, ReleasedAt = time.NowMicros(), Version = before.Version + 1 };
        return await stores.Control.WriteAsync<Outcome<AddressPrefix>>(
            async transaction =>
            {
                if (before.State == ProofState.Proved && await CheckNeedsAsync(transaction, before) is { } used)
                {
                    return used;
                }

                if (await UpdateAsync(transaction, after) is { } stale)
                {
                    return stale;
                }

                await changes.RecordAsync(transaction, caller, "prefix.released", id, after.TenantPath, before, after);
                return after;
            },
            cancellationToken);
    }

    private async ValueTask<Refusal?> CheckNeedsAsync(ISqlTransaction transaction, AddressPrefix given)
    {
        // A block serves the whole part of the tree below its owner.
        var others = await transaction.QueryAsync<AddressPrefix>(
            $"SELECT {Columns} FROM prefix WHERE id <> @Id AND state = 'proved' AND first_address <= @LastAddress AND last_address >= @FirstAddress ORDER BY id", given);
        return await needs.CheckAsync(
            transaction, given.TenantPath, given.Cidr, "prefix",
            (need, path) => CidrRange.Parse(need) is { } range && Holds(given, range)
                && !others.Any(other => path.StartsWith(other.TenantPath, StringComparison.Ordinal) && Holds(other, range)));
    }

    private static bool Holds(AddressPrefix block, CidrRange range) =>
        string.CompareOrdinal(block.FirstAddress, range.First) <= 0 && string.CompareOrdinal(block.LastAddress, range.Last) >= 0;

    /// <summary>
    /// Blocks that overlap hold one another. Inside one tenant that is its own affair; down a branch of the tree it is a delegation, if the one
    /// above has the larger block; anything else is a theft.
    /// </summary>
    private static bool MayStandBeside(AddressPrefix wanted, AddressPrefix other)
    {
        if (wanted.TenantId == other.TenantId)
        {
            return true;
        }

        var (above, below) = wanted.TenantPath.Length < other.TenantPath.Length ? (wanted, other) : (other, wanted);
        return below.TenantPath.StartsWith(above.TenantPath, StringComparison.Ordinal)
            && string.CompareOrdinal(above.FirstAddress, below.FirstAddress) <= 0 && string.CompareOrdinal(above.LastAddress, below.LastAddress) >= 0;
    }

    /// <summary>Null when the row was still as it was read.</summary>
    private static async ValueTask<Refusal?> UpdateAsync(ISqlTransaction transaction, AddressPrefix prefix)
    {
        var changed = await transaction.ExecuteAsync(
            """
            UPDATE prefix SET state = @State, proved_by = @ProvedBy, proved_at = @ProvedAt, released_at = @ReleasedAt, version = @Version
            WHERE id = @Id AND version = @Version - 1
            """,
            prefix);
        return changed == 1 ? null : Refusal.Stale(await transaction.FirstOrDefaultAsync<long>("SELECT version FROM prefix WHERE id = @Id", new { prefix.Id }));
    }
}
