using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// The plan of addresses: VRFs, aggregates of the registries, and the prefixes inside them. Prefixes nest by their numbers alone, so there is no tree to keep in order: what holds a
/// prefix is the longest one around it. Only the provider's operators change the plan; a tenant sees the prefixes that are its own.
/// </summary>
internal sealed partial class PrefixBook(Stores stores, TenantDirectory tenants, ChangeRecorder changes, TimeProvider time)
{
    /// <summary>Prefixes that are read at a time to work out a tree.</summary>
    public const int MostInside = 5_000;

    public static readonly TenantQuery ById = new("connectivity.prefix.by-id", $$"""SELECT {{PrefixRow.Columns}} FROM connectivity_prefix WHERE {tenant} AND id = @Id""");

    public static readonly TenantQuery Inside = new("connectivity.prefix.inside", $$"""
        SELECT {{PrefixRow.Columns}} FROM connectivity_prefix WHERE {tenant} AND removed_at IS NULL AND vrf_id = @Vrf AND first_address >= @First AND last_address <= @Last
        ORDER BY first_address, last_address DESC, id LIMIT @Limit
        """);

    public static readonly TenantQuery Around = new("connectivity.prefix.around", $$"""
        SELECT {{PrefixRow.Columns}} FROM connectivity_prefix WHERE {tenant} AND removed_at IS NULL AND vrf_id = @Vrf AND first_address <= @First AND last_address >= @Last
        ORDER BY first_address DESC, last_address, id LIMIT @Limit
        """);

    public static readonly TenantQuery Listed = new("connectivity.prefix.list", $$"""
        SELECT {{PrefixRow.Columns}} FROM connectivity_prefix WHERE {tenant} AND removed_at IS NULL AND (@Vrf = '' OR vrf_id = @Vrf) AND (@State = '' OR state = @State)
          AND (@Tenant = '' OR tenant_id = @Tenant) AND (@Text = '' OR cidr = @Text OR lower(role) = @Lower OR lower(rir) = @Lower OR (@First <> '' AND first_address <= @First AND last_address >= @Last))
          AND (first_address > @AfterFirst OR (first_address = @AfterFirst AND id > @AfterId))
        ORDER BY first_address, id LIMIT @Limit
        """);

    public ValueTask<PrefixRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) => Scoped(caller).FirstOrDefaultAsync<PrefixRow>(ById, new { Id = id }, cancellationToken);

    /// <param name="after">"first_address id" of the last row of the page before, or empty.</param>
    public ValueTask<IReadOnlyList<PrefixRow>> ListAsync(
        Caller caller, string text, string vrf, string state, string tenant, string after, int limit, CancellationToken cancellationToken)
    {
        var range = AddressBlock.TryParse(text, out var block) ? block.Range : default;
        var cut = after.IndexOf(' ', StringComparison.Ordinal);
        return Scoped(caller).QueryAsync<PrefixRow>(
            Listed,
            new
            {
                Text = text, Lower = text.ToLowerInvariant(), First = range.First ?? "", Last = range.Last ?? "", Vrf = vrf, State = state, Tenant = tenant, AfterFirst = cut < 0 ? "" : after[..cut],
                AfterId = cut < 0 ? "" : after[(cut + 1)..], Limit = (long)limit,
            },
            cancellationToken);
    }

    /// <summary>Everything inside a block that the caller sees, from the first address on, larger before smaller.</summary>
    public ValueTask<IReadOnlyList<PrefixRow>> InsideAsync(Caller caller, string vrf, AddressBlock block, CancellationToken cancellationToken) =>
        Scoped(caller).QueryAsync<PrefixRow>(Inside, new { Vrf = vrf, block.Range.First, block.Range.Last, Limit = (long)MostInside }, cancellationToken);

    /// <summary>What holds a block, the closest first.</summary>
    public ValueTask<IReadOnlyList<PrefixRow>> AroundAsync(Caller caller, string vrf, AddressBlock block, CancellationToken cancellationToken) =>
        Scoped(caller).QueryAsync<PrefixRow>(Around, new { Vrf = vrf, block.Range.First, block.Range.Last, Limit = 64L }, cancellationToken);

    /// <summary>VRFs belong to no tenant: to everyone but the provider's operators there are none.</summary>
    public async ValueTask<IReadOnlyList<Vrf>> VrfsAsync(Caller caller, CancellationToken cancellationToken) => !caller.IsOperator ? [] : await stores.Control.ReadAsync(
        static reader => reader.QueryAsync<Vrf>($"SELECT {Vrf.Columns} FROM connectivity_vrf WHERE removed_at IS NULL ORDER BY name, id LIMIT 1000"), cancellationToken);

    public async ValueTask<Outcome<Vrf>> AddVrfAsync(Caller caller, NewVrf wanted, CancellationToken cancellationToken)
    {
        if (NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        if (string.IsNullOrWhiteSpace(wanted.Name) || wanted.Name.Length > 80 || wanted.Name.Any(char.IsControl))
        {
            return Refusal.Invalid("connectivity.vrf.name", "name", "the name is empty, too long, or holds control characters", "1 to 80 characters");
        }

        var vrf = new Vrf(Id.New("vr", time), caller.Scope.Path, wanted.Name.Trim(), wanted.Rd ?? "", wanted.Note ?? "", 1, time.NowMicros(), null);
        return await stores.Control.WriteAsync<Outcome<Vrf>>(
            async transaction =>
            {
                if (await transaction.FirstOrDefaultAsync<string>("SELECT id FROM connectivity_vrf WHERE name = @Name AND removed_at IS NULL", new { vrf.Name }) is not null)
                {
                    return Refusal.Conflict("connectivity.vrf.taken", $"there is a VRF named {vrf.Name}", "name");
                }

                await transaction.ExecuteAsync($"INSERT INTO connectivity_vrf ({Vrf.Columns}) VALUES (@Id, @TenantPath, @Name, @Rd, @Note, @Version, @CreatedAt, @RemovedAt)", vrf);
                await changes.RecordAsync(transaction, caller, ConnectivityEvents.VrfAdded, vrf.Id, vrf.TenantPath, null, vrf, JsonSerializer.Serialize(new { vrf.Name }));
                return vrf;
            },
            cancellationToken);
    }

    public async ValueTask<Outcome<PrefixRow>> AddAsync(Caller caller, NewPrefix wanted, CancellationToken cancellationToken, string authority = "")
    {
        if (NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        if (!AddressBlock.TryParse(wanted.Cidr, out var block))
        {
            return Refusal.Invalid("connectivity.prefix.cidr", "cidr", $"\"{wanted.Cidr}\" is no address block", "such as 192.0.2.0/24 or 2001:db8::/48: no bit set below the length");
        }

        var owner = await OwnerAsync(caller, wanted.TenantId, cancellationToken);
        if (owner is null)
        {
            return Refusal.NotFound("tenant", wanted.TenantId!);
        }

        var row = NewRow(block, owner, wanted.VrfId ?? Vrf.Global, wanted.Rir ?? "", wanted.State ?? PrefixState.Active, wanted.Role ?? "", wanted.SiteId ?? "", wanted.Note ?? "", authority);
        return await stores.Control.WriteAsync<Outcome<PrefixRow>>(
            async transaction => await CheckPlaceAsync(transaction, row) is { } refusal ? refusal : await InsertAsync(transaction, caller, row), cancellationToken);
    }

    /// <summary>Takes the lowest free prefix of a length inside one: between what is there and what pools give from.</summary>
    public async ValueTask<Outcome<PrefixRow>> AddNextAsync(Caller caller, string id, NextPrefix wanted, CancellationToken cancellationToken)
    {
        var parent = await FindAsync(caller, id, cancellationToken);
        if (parent is null || parent.RemovedAt is not null)
        {
            return Refusal.NotFound("prefix", id);
        }

        if (NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        var owner = await OwnerAsync(caller, wanted.TenantId, cancellationToken);
        if (owner is null)
        {
            return Refusal.NotFound("tenant", wanted.TenantId!);
        }

        if (wanted.Length <= parent.Block.Length || wanted.Length > parent.Block.Width)
        {
            return Refusal.Invalid("connectivity.prefix.length", "length", $"a /{wanted.Length} is not inside {parent.Cidr}", $"{parent.Block.Length + 1} to {parent.Block.Width}");
        }

        return await stores.Control.WriteAsync<Outcome<PrefixRow>>(
            async transaction =>
            {
                var taken = await transaction.QueryAsync<string>(
                    """
                    SELECT cidr FROM connectivity_prefix WHERE removed_at IS NULL AND vrf_id = @VrfId AND first_address >= @FirstAddress AND last_address <= @LastAddress AND id <> @Id
                    UNION ALL SELECT cidr FROM connectivity_pool WHERE removed_at IS NULL AND vrf_id = @VrfId AND first_address >= @FirstAddress AND last_address <= @LastAddress
                    """,
                    new { parent.VrfId, parent.FirstAddress, parent.LastAddress, parent.Id });
                if (PrefixTree.LowestFree(parent.Block, wanted.Length, taken.Select(AddressBlock.Parse)) is not { } block)
                {
                    return Refusal.Conflict("connectivity.prefix.full", $"there is no free /{wanted.Length} in {parent.Cidr}", "length");
                }

                var row = NewRow(block, owner, parent.VrfId, "", wanted.State ?? PrefixState.Active, wanted.Role ?? parent.Role, parent.SiteId, wanted.Note ?? "", "");
                return await InsertAsync(transaction, caller, row);
            },
            cancellationToken);
    }

    /// <param name="authority">The system that changes its own prefix; empty for us.</param>
    public async ValueTask<Outcome<PrefixRow>> ChangeAsync(Caller caller, string id, PrefixChange wanted, long? ifVersion, CancellationToken cancellationToken, string authority = "")
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null || before.RemovedAt is not null)
        {
            return Refusal.NotFound("prefix", id);
        }

        if ((NotOperator(caller) ?? (before.Authority == authority ? null : NotOurs(before))) is { } forbidden)
        {
            return forbidden;
        }

        var owner = wanted.TenantId is null ? null : await OwnerAsync(caller, wanted.TenantId, cancellationToken);
        if (wanted.TenantId is not null && owner is null)
        {
            return Refusal.NotFound("tenant", wanted.TenantId);
        }

        var after = before with
        {
            State = wanted.State ?? before.State, Rir = wanted.Rir ?? before.Rir, Role = wanted.Role ?? before.Role, SiteId = wanted.SiteId ?? before.SiteId, Note = wanted.Note ?? before.Note,
            TenantId = owner?.Id ?? before.TenantId, TenantPath = owner?.TenantPath ?? before.TenantPath, Version = before.Version + 1,
        };
        return await stores.Control.WriteAsync<Outcome<PrefixRow>>(
            async transaction => await UpdateAsync(transaction, after, ifVersion ?? before.Version) is { } stale ? stale : await TellAsync(transaction, caller, ConnectivityEvents.PrefixChanged, before, after),
            cancellationToken);
    }

    /// <summary>Takes a prefix out of the plan. What stands inside it stays and belongs to what holds it then; a pool that gives from it keeps it.</summary>
    public async ValueTask<Outcome<PrefixRow>> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("prefix", id);
        }

        if ((NotOperator(caller) ?? NotOurs(before)) is { } forbidden)
        {
            return forbidden;
        }

        if (before.RemovedAt is not null)
        {
            return before;
        }

        return await stores.Control.WriteAsync<Outcome<PrefixRow>>(
            async transaction =>
            {
                var pool = await transaction.FirstOrDefaultAsync<string>(
                    "SELECT name FROM connectivity_pool WHERE removed_at IS NULL AND vrf_id = @VrfId AND first_address >= @FirstAddress AND last_address <= @LastAddress ORDER BY name", before);
                if (pool is not null)
                {
                    return Refusal.Conflict("connectivity.prefix.in-use", $"the pool {pool} gives from {before.Cidr}: remove it first");
                }

                var after = before with { RemovedAt = time.NowMicros(), Version = before.Version + 1 };
                return await UpdateAsync(transaction, after, before.Version) is { } stale ? stale : await TellAsync(transaction, caller, ConnectivityEvents.PrefixRemoved, before, after);
            },
            cancellationToken);
    }

    private PrefixRow NewRow(AddressBlock block, Tenant owner, string vrf, string rir, string state, string role, string site, string note, string authority)
    {
        var range = block.Range;
        return new PrefixRow(Id.New("ap", time), owner.TenantPath, owner.Id, vrf, range.Cidr, range.First, range.Last, rir, state, role, site, note, authority, 1, time.NowMicros(), null);
    }

    private ValueTask<Tenant?> OwnerAsync(Caller caller, string? tenant, CancellationToken cancellationToken) =>
        tenants.FindAsync(caller, string.IsNullOrEmpty(tenant) ? caller.Scope.TenantId : tenant, cancellationToken);

    private static async ValueTask<Refusal?> CheckPlaceAsync(ISqlTransaction transaction, PrefixRow row)
    {
        if (row.VrfId != Vrf.Global && await transaction.FirstOrDefaultAsync<string>("SELECT id FROM connectivity_vrf WHERE id = @VrfId AND removed_at IS NULL", new { row.VrfId }) is null)
        {
            return Refusal.Invalid("connectivity.prefix.vrf", "vrfId", $"there is no VRF {row.VrfId}", "a VRF's id, or none for the global table");
        }

        var touching = await transaction.QueryAsync<Touching>(
            """
            SELECT 'prefix' AS kind, cidr, rir AS name FROM connectivity_prefix
            WHERE removed_at IS NULL AND vrf_id = @VrfId AND (cidr = @Cidr OR (@Rir <> '' AND rir <> '' AND first_address <= @LastAddress AND last_address >= @FirstAddress))
            UNION ALL SELECT 'pool' AS kind, cidr, name FROM connectivity_pool WHERE removed_at IS NULL AND vrf_id = @VrfId AND first_address <= @FirstAddress AND last_address >= @LastAddress AND cidr <> @Cidr
            """,
            row);
        return touching.FirstOrDefault() switch
        {
            null => null,
            { Kind: "pool" } pool => Refusal.Conflict("connectivity.prefix.in-pool", $"the pool {pool.Name} gives {pool.Cidr} away as a whole", "cidr"),
            var there when there.Cidr == row.Cidr => Refusal.Conflict("connectivity.prefix.taken", $"{row.Cidr} is in the plan already", "cidr"),
            var there => Refusal.Conflict("connectivity.prefix.aggregate", $"the aggregate {there.Cidr} of {there.Name} overlaps it: one address has one registry", "cidr"),
        };
    }

    private async ValueTask<Outcome<PrefixRow>> InsertAsync(ISqlTransaction transaction, Caller caller, PrefixRow row)
    {
        await transaction.ExecuteAsync(
            $"""
            INSERT INTO connectivity_prefix ({PrefixRow.Columns})
            VALUES (@Id, @TenantPath, @TenantId, @VrfId, @Cidr, @FirstAddress, @LastAddress, @Rir, @State, @Role, @SiteId, @Note, @Authority, @Version, @CreatedAt, @RemovedAt)
            """,
            row);
        return await TellAsync(transaction, caller, ConnectivityEvents.PrefixAdded, null, row);
    }

    private async ValueTask<Outcome<PrefixRow>> TellAsync(ISqlTransaction transaction, Caller caller, string act, PrefixRow? before, PrefixRow after)
    {
        await changes.RecordAsync(transaction, caller, act, after.Id, after.TenantPath, before, after, JsonSerializer.Serialize(new { after.Cidr, after.State, after.Role }));
        return after;
    }

    private static async ValueTask<Refusal?> UpdateAsync(ISqlTransaction transaction, PrefixRow row, long atVersion)
    {
        var changed = row.Version != atVersion + 1 ? 0 : await transaction.ExecuteAsync(
            """
            UPDATE connectivity_prefix SET tenant_path = @TenantPath, tenant_id = @TenantId, rir = @Rir, state = @State, role = @Role, site_id = @SiteId, note = @Note, version = @Version, removed_at = @RemovedAt
            WHERE id = @Id AND version = @Version - 1
            """,
            row);
        return changed == 1 ? null : Refusal.Stale(await transaction.FirstOrDefaultAsync<long>("SELECT version FROM connectivity_prefix WHERE id = @Id", new { row.Id }));
    }

    private TenantStore Scoped(Caller caller) => new(stores.Control, caller.Scope);

    internal static Refusal? NotOperator(Caller caller) =>
        caller.IsOperator ? null : new Refusal(RefusalKind.Forbidden, "connectivity.address.operators-only", "the plan of addresses is the provider's: only its operators change it");

    private static Refusal? NotOurs(PrefixRow row) => row.Authority.Length == 0
        ? null
        : Refusal.Conflict("connectivity.prefix.authority", $"{row.Authority} is the authority for {row.Cidr}: change it there and import it again");

    private sealed record Touching(string Kind, string Cidr, string Name);
}
