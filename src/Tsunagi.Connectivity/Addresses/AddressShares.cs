using System.Collections.Frozen;
using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// Addresses for sessions, given from memory. Each node holds shares of each pool: rows that say which block is whose, so that two nodes never give the same address and neither asks the store while it
/// answers. Once a second (1) changed pools are read, and lines that wait for one get their address, (2) each share is filled up before it runs dry, (3) what has rested is free again. At start what sessions hold, and what rests, is read from the
/// history and, for leases of DHCP, from the node's book of them, which knows what the history does not yet.
/// </summary>
internal sealed partial class AddressShares(
    Stores stores, AddressAllocator allocator, LineContracts contracts, LineAddressing addressing, AddressOptions options, LeaseBook leases, LeaseTail tail, Node node, TimeProvider time, ILogger<AddressShares> log)
    : BackgroundService, IAddressPools
{
    private volatile FrozenDictionary<string, SessionPool> _byName = FrozenDictionary<string, SessionPool>.Empty;
    private long _seen;

    public IEnumerable<(PoolRow Pool, long At)> Exhausted => _byName.Values.Where(static pool => pool.ExhaustedAt > 0).Select(static pool => (pool.Pool, pool.ExhaustedAt));

    /// <summary>The pools for sessions by their names.</summary>
    internal IReadOnlyCollection<string> Names => _byName.Keys;

    /// <summary>Parts of a pool that this node's sessions hold, or that rest here.</summary>
    public long UsedOf(string poolId) => _byName.Values.FirstOrDefault(pool => pool.Pool.Id == poolId)?.Used ?? 0;

    public bool TryAllocate(string pool, Line line, out IPNetwork granted, out bool isKnown)
    {
        isKnown = _byName.ContainsKey(pool);
        var isGranted = TryAllocate(pool, line.LineId, null, isOnly: false, out var part);
        granted = isGranted ? part.ToNetwork() : default;
        return isGranted;
    }

    /// <summary>The same for a lease.</summary>
    /// <param name="named">What the line would like: it has it where nothing is promised to it and the address is free in this node's share.</param>
    /// <param name="isOnly">It, or nothing.</param>
    internal bool TryAllocate(string pool, string line, AddressBlock? named, bool isOnly, out AddressBlock granted)
    {
        granted = default;
        var now = time.NowMicros();
        return _byName.TryGetValue(pool, out var found) && found.TryPromise(line, named, isOnly, now, now + (long)options.PromiseFor.TotalMicroseconds, out granted);
    }

    public void InUse(Line line, IPNetwork address)
    {
        var block = AddressBlock.From(address);
        foreach (var pool in _byName.Values)
        {
            if (pool.InUse(line.LineId, block))
            {
                return;
            }
        }
    }

    public void Release(Line line, IPNetwork address)
    {
        var block = AddressBlock.From(address);
        if (leases.IsHeld(block))
        {
            return;
        }

        foreach (var pool in _byName.Values)
        {
            pool.Release(line.LineId, block, time.NowMicros() + (pool.Pool.RestSeconds * UnixMicros.PerSecond));
        }
    }

    /// <summary>True once the pools were read.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>A pool for sessions by its name; null where there is none.</summary>
    internal PoolRow? PoolOf(string name) => _byName.TryGetValue(name, out var pool) ? pool.Pool : null;

    /// <summary>A line has a part of a pool from now on; pools of other tables (VRF) may have the same.</summary>
    internal void InUse(string pool, string line, AddressBlock part)
    {
        if (_byName.TryGetValue(pool, out var found))
        {
            found.InUse(line, part);
        }
    }

    /// <summary>A line has a part of a pool no more; it is free again then.</summary>
    internal void Release(string pool, string line, AddressBlock part, long freeAt)
    {
        if (_byName.TryGetValue(pool, out var found))
        {
            found.Release(line, part, freeAt);
        }
    }

    /// <summary>What was promised to a line turns out to be held by another.</summary>
    internal void Correct(string pool, string promised, AddressBlock part, string holder)
    {
        if (_byName.TryGetValue(pool, out var found))
        {
            found.Correct(promised, part, holder);
        }
    }

    /// <summary>One look: changed pools, shares, rests.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        // (1)
        var changed = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<PoolRow>($"SELECT {PoolRow.Columns} FROM connectivity_pool WHERE revision > @Seen ORDER BY revision", new { Seen = _seen }), cancellationToken);
        foreach (var row in changed)
        {
            await allocator.ForgetAsync(row.Id);
            await TakeAsync(row, cancellationToken);
            if (row is { RemovedAt: null, Purpose: PoolPurpose.Lines })
            {
                // Lines that wait for a pool of this name.
                await addressing.EnsureAsync([.. contracts.Terms.Values.Where(terms => terms.Names(row.Name))], cancellationToken);
            }

            _seen = row.Revision;
        }

        // (2), (3)
        foreach (var pool in _byName.Values)
        {
            pool.Sweep(time.NowMicros());
            while (pool.Free < Math.Max(1, (1L << BlockBits(pool.Pool)) / 2) && await ClaimAsync(pool, cancellationToken) is { } block)
            {
                pool.Take(block, await HeldAsync(pool, block, cancellationToken));
            }
        }

        IsOpen = true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What the node's log of leases holds and the store does not know yet must not be given again.
        await tail.Known.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (StoreUnavailableException away)
            {
                // What this node holds it goes on giving.
                LogStoreAway(log, away);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogFailed(log, fault);
            }

            await Task.Delay(options.LookEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask TakeAsync(PoolRow row, CancellationToken cancellationToken)
    {
        var byName = _byName.ToDictionary(StringComparer.Ordinal);
        byName.Remove(row.Name);
        if (row.RemovedAt is null && row.Purpose == PoolPurpose.Sessions)
        {
            byName[row.Name] = await OpenAsync(row, cancellationToken);
        }

        _byName = byName.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private async ValueTask<SessionPool> OpenAsync(PoolRow row, CancellationToken cancellationToken)
    {
        var pool = new SessionPool(row, BlockBits(row));
        var blocks = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<long>("SELECT block FROM connectivity_share WHERE pool_id = @Id AND node = @Node ORDER BY block", new { row.Id, Node = node.Name }), cancellationToken);
        foreach (var block in blocks)
        {
            pool.Take(block, await HeldAsync(pool, block, cancellationToken));
        }

        foreach (var (line, part, freeAt) in leases.HeldOf(row.Name))
        {
            if (pool.InUse(line, part) && freeAt is { } at)
            {
                pool.Release(line, part, at);
            }
        }

        return pool;
    }

    /// <summary>What sessions hold of a block, and what still rests: also what another node recorded, whose share it was before.</summary>
    private async ValueTask<IReadOnlyList<(string Line, AddressBlock Address, long? FreeAt)>> HeldAsync(SessionPool pool, long block, CancellationToken cancellationToken)
    {
        var row = pool.Pool;
        var rest = row.RestSeconds * UnixMicros.PerSecond;
        var (first, last) = pool.RangeOf(block);
        var held = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Held>(
                """
                SELECT prefix, line_id, to_at FROM connectivity_holding
                WHERE vrf_id = @VrfId AND holding_key >= @First AND holding_key <= @Last AND session <> '' AND (to_at IS NULL OR to_at > @Since) ORDER BY holding_key, from_at
                """,
                new { row.VrfId, First = first.Key, Last = last.Key, Since = time.NowMicros() - rest }),
            cancellationToken);
        return [.. held.Select(each => (each.LineId, AddressBlock.Parse(each.Prefix), each.ToAt + rest))];
    }

    /// <summary>The next block of a pool that is nobody's; null when there is none.</summary>
    private async ValueTask<long?> ClaimAsync(SessionPool pool, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        async transaction =>
        {
            var taken = await transaction.QueryAsync<long>("SELECT block FROM connectivity_share WHERE pool_id = @Id ORDER BY block", new { pool.Pool.Id });
            var next = 0L;
            foreach (var block in taken)
            {
                if (block != next)
                {
                    break;
                }

                next++;
            }

            if (next >= pool.Blocks)
            {
                return default(long?);
            }

            var claimed = await transaction.ExecuteAsync(
                "INSERT INTO connectivity_share (pool_id, block, node, since_at) VALUES (@Id, @Block, @Node, @Now) ON CONFLICT DO NOTHING", new { pool.Pool.Id, Block = next, Node = node.Name, Now = time.NowMicros() });
            return claimed == 1 ? next : null;
        },
        cancellationToken);

    /// <summary>A share is at most an eighth of its pool, so that several nodes find one.</summary>
    private int BlockBits(PoolRow pool) => Math.Max(0, Math.Min((int)Math.Log2(options.ShareSlots), pool.Bits - 3));

    private sealed record Held(string Prefix, string LineId, long? ToAt);

    [LoggerMessage(4301, LogLevel.Warning, "the store is away; sessions get addresses of the shares this node holds")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(4302, LogLevel.Error, "filling up the shares of address pools failed; it is tried again")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
