using System.Collections.Concurrent;
using System.Text.Json;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>Gives parts of pools to lines and tenants, lets them grow, and takes them back; each pool has its own lane (<see cref="PoolLane"/>).</summary>
internal sealed class AddressAllocator(Stores stores, LineSignal signal, ChangeRecorder changes, AddressOptions options, Node node, TimeProvider time) : IAsyncDisposable
{
    private const int MostParts = 256;
    private const int RestedAtATime = 1_000;

    private readonly ConcurrentDictionary<string, Lazy<PoolLane>> _lanes = new(StringComparer.Ordinal);

    /// <summary>Pools that refused somebody since they were last asked.</summary>
    public IEnumerable<(PoolRow Pool, long At)> Exhausted => _lanes.Values.Where(static lane => lane.IsValueCreated && lane.Value.ExhaustedAt > 0).Select(static lane => (lane.Value.Pool, lane.Value.ExhaustedAt));

    /// <param name="pool">A pool for lines, by name.</param>
    public async ValueTask<Outcome<AssignmentRow>> TakeByNameAsync(string pool, AddressRequest request, CancellationToken cancellationToken) =>
        await FindByNameAsync(pool, cancellationToken) is { Purpose: PoolPurpose.Lines } found ? await TakeAsync(found, request, cancellationToken) : Refusal.NotFound("pool for lines", pool);

    public async ValueTask<Outcome<AssignmentRow>> TakeAsync(PoolRow pool, AddressRequest request, CancellationToken cancellationToken)
    {
        if (pool.Purpose != PoolPurpose.Lines || pool.RemovedAt is not null)
        {
            return Refusal.Conflict("connectivity.pool.purpose", $"the pool {pool.Name} gives to sessions: an address of it is nobody's own");
        }

        if (request.Wanted is { } wanted && (!pool.Block.Contains(wanted) || wanted.Length != pool.PartLength))
        {
            return Refusal.Invalid("connectivity.address.wanted", "cidr", $"{wanted} is no part of the pool {pool.Name}", $"a /{pool.PartLength} of {pool.Cidr}");
        }

        return await LaneOf(pool).TakeAsync(request, cancellationToken);
    }

    public ValueTask<PoolRow?> FindByNameAsync(string name, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<PoolRow>($"SELECT {PoolRow.Columns} FROM connectivity_pool WHERE name = @Name AND removed_at IS NULL", new { Name = name }), cancellationToken);

    /// <summary>Takes a part back: it rests, then it is free. The history says until when it was held.</summary>
    public async ValueTask<Outcome<AssignmentRow>> ReleaseAsync(Caller caller, PoolRow pool, long slot, CancellationToken cancellationToken)
    {
        if (PrefixBook.NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        var now = time.NowMicros();
        return await stores.Control.WriteAsync<Outcome<AssignmentRow>>(
            async transaction =>
            {
                var before = await FindAsync(transaction, pool.Id, slot);
                if (before is null)
                {
                    return Refusal.NotFound("assignment", $"{slot} of {pool.Name}");
                }

                if (before.State != AssignmentRow.Active)
                {
                    return before;
                }

                if (before.LineId.Length > 0 && await transaction.FirstOrDefaultAsync<string>("SELECT id FROM connectivity_line WHERE id = @LineId AND ended_at IS NULL", new { before.LineId }) is not null)
                {
                    return Refusal.Conflict("connectivity.address.of-line", $"{before.Cidr} is the address of the line {before.LineId}: change or end the line");
                }

                await RestAsync(transaction, before, now, now + (pool.RestSeconds * UnixMicros.PerSecond));
                var after = before with { State = AssignmentRow.Resting, FreeAt = now + (pool.RestSeconds * UnixMicros.PerSecond) };
                await changes.RecordAsync(
                    transaction, caller, ConnectivityEvents.Released, before.LineId.Length > 0 ? before.LineId : before.TenantId, before.TenantPath, before, after,
                    JsonSerializer.Serialize(new { before.Cidr, pool = pool.Name, line = before.LineId }));
                return after;
            },
            cancellationToken);
    }

    /// <summary>Takes back everything a line holds of pools, in the caller's transaction: when the line ends.</summary>
    internal static async ValueTask ReleaseAllAsync(ISqlTransaction transaction, string lineId, long now)
    {
        var held = await transaction.QueryAsync<AssignmentRow>(
            $"SELECT {AssignmentRow.Columns} FROM connectivity_assignment WHERE line_id = @Line AND state = 'active' ORDER BY pool_id, slot", new { Line = lineId });
        foreach (var row in held)
        {
            var rest = await transaction.FirstOrDefaultAsync<long>("SELECT rest_seconds FROM connectivity_pool WHERE id = @PoolId", new { row.PoolId });
            await RestAsync(transaction, row, now, now + (rest * UnixMicros.PerSecond));
        }
    }

    /// <summary>
    /// Lets an assigned prefix grow where it is, when every part around it up to the new length is free. The parts it grows over become rows of their own, so that no node gives them.
    /// </summary>
    public async ValueTask<Outcome<AssignmentRow>> GrowAsync(Caller caller, PoolRow pool, long slot, int length, CancellationToken cancellationToken)
    {
        if (PrefixBook.NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        var grown = await stores.Control.WriteAsync<Outcome<AssignmentRow>>(
            async transaction =>
            {
                var before = await FindAsync(transaction, pool.Id, slot);
                if (before is null || before.State != AssignmentRow.Active)
                {
                    return Refusal.NotFound("assignment", $"{slot} of {pool.Name}");
                }

                var now = AddressBlock.Parse(before.Cidr);
                var wanted = now.At(Math.Min(length, now.Length));
                if (length >= now.Length || !pool.Block.Contains(wanted) || pool.PartLength - length > 30 || 1L << (pool.PartLength - length) > MostParts)
                {
                    return Refusal.Invalid("connectivity.address.growth", "length", $"{before.Cidr} cannot become a /{length} of {pool.Cidr}", $"shorter than /{now.Length}, at most {MostParts} parts of the pool");
                }

                if (wanted.Base != now.Base || pool.ReservedList.Select(AddressBlock.Parse).Any(wanted.Overlaps))
                {
                    return Refusal.Conflict("connectivity.address.no-room", $"{before.Cidr} does not begin a /{length}, or a part of that is reserved: it cannot grow where it is", "length");
                }

                var first = (long)pool.Block.NumberOf(wanted, pool.PartLength);
                var parts = 1L << (pool.PartLength - length);
                var others = await transaction.FirstOrDefaultAsync<string>(
                    "SELECT cidr FROM connectivity_assignment WHERE pool_id = @Id AND slot >= @First AND slot < @End AND cidr <> @Cidr ORDER BY slot", new { pool.Id, First = first, End = first + parts, before.Cidr });
                if (others is not null)
                {
                    return Refusal.Conflict("connectivity.address.no-room", $"{others} lies in {wanted}: there is no room to grow", "length");
                }

                return await GrowAsync(transaction, caller, pool, before, now, wanted, (first, parts));
            },
            cancellationToken);
        if (grown.Ok)
        {
            await ForgetAsync(pool.Id);
        }

        return grown;
    }

    /// <summary>Ends the rest of what was given back long enough ago; returns how many are free again.</summary>
    public async ValueTask<int> FreeRestedAsync(CancellationToken cancellationToken)
    {
        var freed = await stores.Control.WriteAsync(
            transaction => transaction.QueryAsync<string>(
                """
                DELETE FROM connectivity_assignment WHERE state = 'resting' AND (pool_id, slot) IN
                  (SELECT pool_id, slot FROM connectivity_assignment WHERE state = 'resting' AND free_at <= @Now ORDER BY free_at, pool_id, slot LIMIT @Limit)
                RETURNING pool_id
                """,
                new { Now = time.NowMicros(), Limit = (long)RestedAtATime }),
            cancellationToken);
        foreach (var pool in freed.Distinct(StringComparer.Ordinal))
        {
            await ForgetAsync(pool);
        }

        return freed.Count;
    }

    /// <summary>The pool changed, or was changed past its lane: it is read again at the next request.</summary>
    public async ValueTask ForgetAsync(string poolId)
    {
        if (_lanes.TryRemove(poolId, out var lane) && lane.IsValueCreated)
        {
            await lane.Value.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pool in _lanes.Keys)
        {
            await ForgetAsync(pool);
        }
    }

    private async ValueTask<Outcome<AssignmentRow>> GrowAsync(
        ISqlTransaction transaction, Caller caller, PoolRow pool, AssignmentRow before, AddressBlock now, AddressBlock wanted, (long First, long Parts) over)
    {
        var at = time.NowMicros();
        var after = before with { Cidr = wanted.ToString() };
        await transaction.ExecuteAsync("UPDATE connectivity_assignment SET cidr = @Cidr WHERE pool_id = @PoolId AND cidr = @Former", new { after.Cidr, after.PoolId, Former = before.Cidr });
        for (var slot = over.First; slot < over.First + over.Parts; slot++)
        {
            await transaction.ExecuteAsync(
                $"""
                INSERT INTO connectivity_assignment ({AssignmentRow.Columns})
                VALUES (@PoolId, @At, @VrfId, @Cidr, @LineId, @TenantId, @TenantPath, @Device, 'part', @SinceAt, NULL) ON CONFLICT DO NOTHING
                """,
                new { after.PoolId, At = slot, after.VrfId, after.Cidr, after.LineId, after.TenantId, after.TenantPath, after.Device, after.SinceAt });
        }

        await AssignmentHistory.CloseAsync(transaction, pool.VrfId, now.ToNetwork(), before.LineId, "", at);
        await AssignmentHistory.OpenAsync(transaction, [new Holding(pool.VrfId, wanted.ToNetwork(), before.LineId, before.TenantId, before.TenantPath, "", at, null, node.Name)]);
        await transaction.ExecuteAsync(
            "UPDATE connectivity_line SET delegated_prefix = @Cidr, version = version + 1, revision = @Revision WHERE id = @LineId AND delegated_prefix = @Former",
            new { after.Cidr, after.LineId, Former = before.Cidr, Revision = await signal.NextRevisionAsync(transaction) });
        await changes.RecordAsync(
            transaction, caller, ConnectivityEvents.Grown, before.LineId.Length > 0 ? before.LineId : before.TenantId, before.TenantPath, before, after,
            JsonSerializer.Serialize(new { from = before.Cidr, to = after.Cidr, pool = pool.Name }));
        return after;
    }

    private static ValueTask<AssignmentRow?> FindAsync(ISqlTransaction transaction, string pool, long slot) => transaction.FirstOrDefaultAsync<AssignmentRow>(
        $"SELECT {AssignmentRow.Columns} FROM connectivity_assignment WHERE pool_id = @Pool AND slot = @Slot", new { Pool = pool, Slot = slot });

    /// <summary>The part and what it grew over rest; its history ends.</summary>
    private static async ValueTask RestAsync(ISqlTransaction transaction, AssignmentRow row, long now, long freeAt)
    {
        await transaction.ExecuteAsync(
            "UPDATE connectivity_assignment SET state = 'resting', free_at = @FreeAt WHERE pool_id = @PoolId AND cidr = @Cidr AND state IN ('active', 'part')", new { FreeAt = freeAt, row.PoolId, row.Cidr });
        await AssignmentHistory.CloseAsync(transaction, row.VrfId, System.Net.IPNetwork.Parse(row.Cidr), row.LineId, "", now);
    }

    private PoolLane LaneOf(PoolRow pool) =>
        _lanes.GetOrAdd(pool.Id, static (_, made) => new Lazy<PoolLane>(() => new PoolLane(made.pool, made.self.Stores, made.self.Changes, made.self.Options, made.self.NodeName, made.self.Time)), (pool, self: this)).Value;

    private Stores Stores => stores;

    private ChangeRecorder Changes => changes;

    private AddressOptions Options => options;

    private string NodeName => node.Name;

    private TimeProvider Time => time;
}
