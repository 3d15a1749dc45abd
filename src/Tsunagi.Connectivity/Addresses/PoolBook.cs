using System.Text.Json;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>The pools of the provider. Those of one VRF never overlap, so an address has one pool and its slot there one row.</summary>
internal sealed class PoolBook(Stores stores, LineSignal signal, ChangeRecorder changes, AddressOptions options, TimeProvider time)
{
    private const long DayOfRest = 86_400;
    private const long MinutesOfRest = 300;

    public static readonly TenantQuery OfLine = new("connectivity.assignment.of-line", $$"""
        SELECT {{AssignmentRow.Columns}} FROM connectivity_assignment WHERE {tenant} AND line_id = @Line AND state = 'active' ORDER BY pool_id, slot
        """);

    /// <summary>Pools belong to no tenant: to everyone but the provider's operators there are none.</summary>
    public async ValueTask<IReadOnlyList<PoolRow>> ListAsync(Caller caller, string after, int limit, CancellationToken cancellationToken) => !caller.IsOperator ? [] : await stores.Control.ReadAsync(
        reader => reader.QueryAsync<PoolRow>($"SELECT {PoolRow.Columns} FROM connectivity_pool WHERE removed_at IS NULL AND id > @After ORDER BY id LIMIT @Limit", new { After = after, Limit = (long)limit }),
        cancellationToken);

    public async ValueTask<PoolRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) => !caller.IsOperator ? null : await stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<PoolRow>($"SELECT {PoolRow.Columns} FROM connectivity_pool WHERE id = @Id", new { Id = id }), cancellationToken);

    public async ValueTask<IReadOnlyList<PoolRow>> InsideAsync(Caller caller, string vrf, AddressBlock block, CancellationToken cancellationToken) => !caller.IsOperator ? [] : await stores.Control.ReadAsync(
        reader => reader.QueryAsync<PoolRow>(
            $"SELECT {PoolRow.Columns} FROM connectivity_pool WHERE removed_at IS NULL AND vrf_id = @Vrf AND first_address >= @First AND last_address <= @Last ORDER BY first_address, id",
            new { Vrf = vrf, block.Range.First, block.Range.Last }),
        cancellationToken);

    public async ValueTask<IReadOnlyList<AssignmentRow>> AssignmentsAsync(Caller caller, string pool, string text, long after, int limit, CancellationToken cancellationToken) => !caller.IsOperator ? [] : await stores.Control.ReadAsync(
        reader => reader.QueryAsync<AssignmentRow>(
            $"""
            SELECT {AssignmentRow.Columns} FROM connectivity_assignment WHERE pool_id = @Pool AND slot > @After AND state <> 'part'
              AND (@Text = '' OR cidr = @Text OR line_id = @Text OR tenant_id = @Text) ORDER BY slot LIMIT @Limit
            """,
            new { Pool = pool, Text = text, After = after, Limit = (long)limit }),
        cancellationToken);

    public ValueTask<IReadOnlyList<AssignmentRow>> OfLineAsync(Caller caller, string line, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<AssignmentRow>(OfLine, new { Line = line }, cancellationToken);

    /// <summary>How many parts of each pool are not free, as last judged; counted for a pool that was not judged yet.</summary>
    public async ValueTask<IReadOnlyDictionary<string, long>> UsesAsync(CancellationToken cancellationToken) =>
        (await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<Use>(
                """
                SELECT pool_id, CAST(sum(used) AS bigint) AS used FROM connectivity_pool_use GROUP BY pool_id
                UNION ALL
                SELECT p.id AS pool_id, (SELECT count(*) FROM connectivity_assignment a WHERE a.pool_id = p.id) AS used FROM connectivity_pool p
                WHERE NOT EXISTS (SELECT 1 FROM connectivity_pool_use u WHERE u.pool_id = p.id)
                ORDER BY pool_id
                """),
            cancellationToken))
        .ToDictionary(static use => use.PoolId, static use => use.Used, StringComparer.Ordinal);

    /// <summary>When a pool is used up, by its use of the last days.</summary>
    public async ValueTask<PoolForecast> ForecastAsync(PoolRow pool, CancellationToken cancellationToken)
    {
        var days = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Day>("SELECT day AS number, used FROM connectivity_pool_day WHERE pool_id = @Id ORDER BY day", new { pool.Id }), cancellationToken);
        return PoolForecast.Of([.. days.Select(static day => (day.Number, day.Used))], pool.Parts);
    }

    public async ValueTask<Outcome<PoolRow>> AddAsync(Caller caller, NewPool wanted, CancellationToken cancellationToken)
    {
        if (PrefixBook.NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        if (!AddressBlock.TryParse(wanted.Cidr, out var block))
        {
            return Refusal.Invalid("connectivity.prefix.cidr", "cidr", $"\"{wanted.Cidr}\" is no address block", "such as 192.0.2.0/24 or 2001:db8::/48: no bit set below the length");
        }

        if (wanted.PartLength < block.Length || wanted.PartLength > block.Width || wanted.PartLength - block.Length > options.MaxPoolBits)
        {
            return Refusal.Invalid(
                "connectivity.pool.part", "partLength", $"{block} cannot be given in parts of /{wanted.PartLength}", $"{block.Length} to {Math.Min(block.Width, block.Length + options.MaxPoolBits)}");
        }

        var purpose = wanted.Purpose ?? PoolPurpose.Lines;
        var range = block.Range;
        var pool = new PoolRow(
            Id.New("po", time), caller.Scope.Path, wanted.VrfId ?? Vrf.Global, wanted.Name, range.Cidr, wanted.PartLength, purpose,
            wanted.Policy ?? (block.Is6 && wanted.PartLength < 64 ? PoolPolicy.Sparse : PoolPolicy.Dense), ReservedOf(wanted.Reserved ?? []),
            wanted.RestSeconds ?? (purpose == PoolPurpose.Lines ? DayOfRest : MinutesOfRest), wanted.WarnPercent ?? 90, wanted.Note ?? "", 0, 1, time.NowMicros(), null);
        if (CheckReserved(pool) is { } refusal)
        {
            return refusal;
        }

        return await stores.Control.WriteAsync<Outcome<PoolRow>>(
            async transaction =>
            {
                if (await CheckPlaceAsync(transaction, pool, range.First, range.Last) is { } no)
                {
                    return no;
                }

                var row = pool with { Revision = await signal.NextRevisionAsync(transaction) };
                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO connectivity_pool ({PoolRow.Columns}, first_address, last_address)
                    VALUES (@Id, @TenantPath, @VrfId, @Name, @Cidr, @PartLength, @Purpose, @Policy, @Reserved, @RestSeconds, @WarnPercent, @Note, @Revision, @Version, @CreatedAt, NULL, @First, @Last)
                    """,
                    new
                    {
                        row.Id, row.TenantPath, row.VrfId, row.Name, row.Cidr, PartLength = (long)row.PartLength, row.Purpose, row.Policy, row.Reserved, row.RestSeconds, WarnPercent = (long)row.WarnPercent, row.Note,
                        row.Revision, row.Version, row.CreatedAt, range.First, range.Last,
                    });
                await changes.RecordAsync(transaction, caller, ConnectivityEvents.PoolAdded, row.Id, row.TenantPath, null, row, Facts(row));
                return row;
            },
            cancellationToken);
    }

    public async ValueTask<Outcome<PoolRow>> ChangeAsync(Caller caller, string id, PoolChange wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null || before.RemovedAt is not null)
        {
            return Refusal.NotFound("pool", id);
        }

        var after = before with
        {
            Reserved = wanted.Reserved is null ? before.Reserved : ReservedOf(wanted.Reserved), RestSeconds = wanted.RestSeconds ?? before.RestSeconds, WarnPercent = wanted.WarnPercent ?? before.WarnPercent,
            Policy = wanted.Policy ?? before.Policy, Note = wanted.Note ?? before.Note, Version = before.Version + 1,
        };
        return (PrefixBook.NotOperator(caller) ?? CheckReserved(after)) is { } refusal
            ? refusal
            : await stores.Control.WriteAsync(transaction => KeepAsync(transaction, caller, before, after, ifVersion, ConnectivityEvents.PoolChanged), cancellationToken);
    }

    /// <summary>Removes a pool that gives nothing any more.</summary>
    public async ValueTask<Outcome<PoolRow>> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("pool", id);
        }

        if (PrefixBook.NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        return before.RemovedAt is not null ? before : await stores.Control.WriteAsync(
            async transaction =>
            {
                var given = await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM connectivity_assignment WHERE pool_id = @Id AND state = 'active'", new { before.Id });
                if (given > 0)
                {
                    return Refusal.Conflict("connectivity.pool.in-use", $"{given} parts of the pool {before.Name} are assigned: release them first");
                }

                await transaction.ExecuteAsync("DELETE FROM connectivity_assignment WHERE pool_id = @Id", new { before.Id });
                await transaction.ExecuteAsync("DELETE FROM connectivity_share WHERE pool_id = @Id", new { before.Id });
                await transaction.ExecuteAsync("DELETE FROM connectivity_pool_use WHERE pool_id = @Id", new { before.Id });
                return await KeepAsync(transaction, caller, before, before with { RemovedAt = time.NowMicros(), Version = before.Version + 1 }, null, ConnectivityEvents.PoolRemoved);
            },
            cancellationToken);
    }

    private async ValueTask<Outcome<PoolRow>> KeepAsync(ISqlTransaction transaction, Caller caller, PoolRow before, PoolRow after, long? ifVersion, string act)
    {
        var row = after with { Revision = await signal.NextRevisionAsync(transaction) };
        var changed = (ifVersion ?? before.Version) != before.Version ? 0 : await transaction.ExecuteAsync(
            """
            UPDATE connectivity_pool SET reserved = @Reserved, rest_seconds = @RestSeconds, warn_percent = @WarnPercent, policy = @Policy, note = @Note, revision = @Revision, version = @Version,
              removed_at = @RemovedAt
            WHERE id = @Id AND version = @Version - 1
            """,
            new { row.Id, row.Reserved, row.RestSeconds, WarnPercent = (long)row.WarnPercent, row.Policy, row.Note, row.Revision, row.Version, row.RemovedAt });
        if (changed == 0)
        {
            return Refusal.Stale(await transaction.FirstOrDefaultAsync<long>("SELECT version FROM connectivity_pool WHERE id = @Id", new { before.Id }));
        }

        await changes.RecordAsync(transaction, caller, act, row.Id, row.TenantPath, before, row, Facts(row));
        return row;
    }

    private static async ValueTask<Refusal?> CheckPlaceAsync(ISqlTransaction transaction, PoolRow pool, string first, string last)
    {
        if (await transaction.FirstOrDefaultAsync<string>("SELECT id FROM connectivity_pool WHERE name = @Name AND removed_at IS NULL", new { pool.Name }) is not null)
        {
            return Refusal.Conflict("connectivity.pool.name-taken", $"there is a pool named {pool.Name}", "name");
        }

        var there = await transaction.FirstOrDefaultAsync<string>(
            "SELECT name FROM connectivity_pool WHERE removed_at IS NULL AND vrf_id = @VrfId AND first_address <= @Last AND last_address >= @First ORDER BY name", new { pool.VrfId, First = first, Last = last });
        if (there is not null)
        {
            return Refusal.Conflict("connectivity.pool.overlaps", $"the pool {there} gives from a part of {pool.Cidr}", "cidr");
        }

        var around = await transaction.FirstOrDefaultAsync<Place>(
            """
            SELECT cidr, state FROM connectivity_prefix WHERE removed_at IS NULL AND vrf_id = @VrfId AND first_address <= @First AND last_address >= @Last ORDER BY first_address DESC, last_address, id LIMIT 1
            """,
            new { pool.VrfId, First = first, Last = last });
        if (around is null)
        {
            return Refusal.Conflict("connectivity.pool.no-prefix", $"{pool.Cidr} lies in no prefix of the plan: add the prefix first", "cidr");
        }

        if (around.State != PrefixState.Active)
        {
            return Refusal.Conflict("connectivity.pool.prefix-state", $"{around.Cidr} is {around.State}: only an active prefix gives addresses", "cidr");
        }

        var inside = await transaction.FirstOrDefaultAsync<string>(
            """
            SELECT cidr FROM connectivity_prefix WHERE removed_at IS NULL AND vrf_id = @VrfId AND first_address >= @First AND last_address <= @Last AND cidr <> @Cidr ORDER BY first_address, id LIMIT 1
            """,
            new { pool.VrfId, First = first, Last = last, pool.Cidr });
        return inside is null ? null : Refusal.Conflict("connectivity.pool.overlaps", $"the prefix {inside} of the plan lies in it", "cidr");
    }

    private static string ReservedOf(IEnumerable<string> texts) =>
        JsonSerializer.Serialize(texts.Select(static text => AddressBlock.TryParse(text, out var block) ? block.ToString() : text).Distinct(StringComparer.Ordinal));

    private static Refusal? CheckReserved(PoolRow pool) => pool.ReservedList.FirstOrDefault(text => !AddressBlock.TryParse(text, out var block) || !pool.Block.Contains(block)) is { } wrong
        ? Refusal.Invalid("connectivity.pool.reserved", "reserved", $"\"{wrong}\" is no address or block of {pool.Cidr}", "addresses and blocks inside the pool")
        : null;

    private static string Facts(PoolRow pool) => JsonSerializer.Serialize(new { pool.Name, pool.Cidr, pool.PartLength });

    private sealed record Place(string Cidr, string State);

    private sealed record Use(string PoolId, long Used);

    private sealed record Day(long Number, long Used);
}
