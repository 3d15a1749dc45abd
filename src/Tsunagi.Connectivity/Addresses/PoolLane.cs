using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// One pool's allocator on this node. Requests wait in a bounded queue; (1) one loop takes as many as wait, (2) gives each the next slot of the tree in memory, (3) writes all of them,
/// with their history, in one transaction, and (4) completes them after its commit. The row's key is the arbiter between nodes: a slot that another node has taken meanwhile is marked
/// and the request gets the next one. The tree is only what this node knows; before a pool is said to be used up it is read again.
/// </summary>
internal sealed class PoolLane : IAsyncDisposable
{
    private const int ConflictsBeforeReading = 4;
    private const int MostRounds = 1_000;

    private static readonly RowStatement Assignments = RowStatement.Insert(
        "connectivity_assignment",
        [
            RowColumn.Text("pool_id"), RowColumn.Number("slot"), RowColumn.Text("vrf_id"), RowColumn.Text("cidr"), RowColumn.Text("line_id"), RowColumn.Text("tenant_id"), RowColumn.Text("tenant_path"),
            RowColumn.Text("device"), RowColumn.Text("state"), RowColumn.Number("since_at"),
        ],
        "ON CONFLICT DO NOTHING", returning: "slot");

    private readonly PoolRow _pool;
    private readonly Stores _stores;
    private readonly ChangeRecorder _changes;
    private readonly AddressOptions _options;
    private readonly TimeProvider _time;
    private readonly string _node;
    private readonly Channel<Ask> _waiting;
    private readonly Task _running;
    private readonly HoldingShapes _shapes = new();
    private SlotTree? _tree;

    public PoolLane(PoolRow pool, Stores stores, ChangeRecorder changes, AddressOptions options, string node, TimeProvider time)
    {
        _pool = pool;
        _stores = stores;
        _changes = changes;
        _options = options;
        _node = node;
        _time = time;
        _waiting = Channel.CreateBounded<Ask>(new BoundedChannelOptions(options.MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        _running = Task.Run(RunAsync);
    }

    public PoolRow Pool => _pool;

    /// <summary>When a request was last refused because nothing is left, µs; 0 for never.</summary>
    public long ExhaustedAt { get; private set; }

    public async ValueTask<Outcome<AssignmentRow>> TakeAsync(AddressRequest request, CancellationToken cancellationToken)
    {
        var ask = new Ask(request);
        await _waiting.Writer.WriteAsync(ask, cancellationToken);
        return await ask.Done.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _running;
    }

    private async Task RunAsync()
    {
        var batch = new List<Ask>();
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            // (1)
            while (batch.Count < _options.MaxPerCommit && _waiting.Reader.TryRead(out var ask))
            {
                batch.Add(ask);
            }

            try
            {
                await ServeAsync(batch);
            }
            catch (Exception fault)
            {
                // Whether the transaction was kept may not be known: the tree is read again.
                _tree = null;
                foreach (var ask in batch)
                {
                    ask.Done.TrySetException(fault);
                }
            }

            batch.Clear();
        }
    }

    private async Task ServeAsync(List<Ask> batch)
    {
        var open = batch;
        var hasRead = _tree is null;
        _tree ??= await ReadAsync();
        for (var round = 0; open.Count > 0; round++)
        {
            // (2)
            var picks = Pick(_tree, open, mayRead: !hasRead, out var isShort, out var without);
            if (isShort)
            {
                Free(_tree, picks);
                (_tree, hasRead) = (await ReadAsync(), true);
                continue;
            }

            foreach (var ask in without)
            {
                ask.Done.TrySetResult(await WithoutAsync(ask.Request));
            }

            if (picks.Count == 0)
            {
                return;
            }

            Debug.Assert(round < MostRounds, "each round takes a slot or learns of a taken one");

            // (3)
            var results = await _stores.Control.WriteAsync(transaction => WriteAsync(transaction, picks), CancellationToken.None);

            // (4)
            open = [];
            for (var i = 0; i < picks.Count; i++)
            {
                var (ask, slot) = picks[i];
                if (results[i] is { } row)
                {
                    if (row.Slot != slot)
                    {
                        _tree.TryFree(slot);
                        _tree.TryTake(row.Slot);
                    }

                    ask.Done.TrySetResult(row);
                }
                else
                {
                    open.Add(ask);
                }
            }

            if (open.Count >= ConflictsBeforeReading)
            {
                (_tree, hasRead) = (await ReadAsync(), true);
            }
        }
    }

    /// <summary>Takes a slot of the tree for each request.</summary>
    /// <param name="isShort">One could have none, and the tree may be read again.</param>
    /// <param name="without">Those for which there is none.</param>
    private List<(Ask Ask, long Slot)> Pick(SlotTree tree, List<Ask> open, bool mayRead, out bool isShort, out List<Ask> without)
    {
        isShort = false;
        without = [];
        var picks = new List<(Ask, long)>(open.Count);
        foreach (var ask in open.Where(static ask => !ask.Done.Task.IsCompleted))
        {
            if (ask.Request.Wanted is { } wanted)
            {
                var number = (long)_pool.Block.NumberOf(wanted, _pool.PartLength);
                if (tree.TryTake(number))
                {
                    picks.Add((ask, number));
                }
                else if (mayRead)
                {
                    isShort = true;
                    return picks;
                }
                else
                {
                    ask.Done.TrySetResult(Refusal.Conflict("connectivity.address.taken", $"{wanted} of the pool {_pool.Name} is not free", "cidr"));
                }

                continue;
            }

            var slot = _pool.Policy == PoolPolicy.Sparse ? tree.FindRoomiest() : tree.FindLowest();
            if (slot >= 0)
            {
                tree.TryTake(slot);
                picks.Add((ask, slot));
            }
            else if (mayRead)
            {
                isShort = true;
                return picks;
            }
            else
            {
                without.Add(ask);
            }
        }

        return picks;
    }

    private static void Free(SlotTree tree, List<(Ask Ask, long Slot)> picks)
    {
        foreach (var (_, slot) in picks)
        {
            tree.TryFree(slot);
        }
    }

    /// <returns>What each request has now; null where its slot was taken meanwhile.</returns>
    private async ValueTask<AssignmentRow?[]> WriteAsync(ISqlTransaction transaction, List<(Ask Ask, long Slot)> picks)
    {
        var now = _time.NowMicros();
        var results = new AssignmentRow?[picks.Count];
        var rows = picks.ConvertAll(pick => RowOf(pick.Ask.Request, pick.Slot, now));
        var written = (await transaction.WriteRowsAsync(Assignments, rows.ConvertAll(ValuesOf))).ToHashSet();
        var holdings = new List<Holding>(picks.Count);
        for (var i = 0; i < picks.Count; i++)
        {
            var (request, row) = (picks[i].Ask.Request, rows[i]);
            if (written.Contains(row.Slot))
            {
                results[i] = row;
                holdings.Add(new Holding(_pool.VrfId, _pool.Block.Part((ulong)row.Slot, _pool.PartLength).ToNetwork(), row.LineId, row.TenantId, row.TenantPath, "", now, null, _node));
                if (request.By is { } caller)
                {
                    await _changes.RecordAsync(
                        transaction, caller, ConnectivityEvents.Assigned, request.LineId.Length > 0 ? request.LineId : request.TenantId, row.TenantPath, null, row,
                        JsonSerializer.Serialize(new { row.Cidr, pool = _pool.Name, line = row.LineId, row.Device }));
                }
            }
            else if (request.LineId.Length > 0)
            {
                results[i] = await FindOfLineAsync(transaction, request.LineId);
            }
        }

        await AssignmentHistory.OpenAsync(transaction, holdings, _shapes);
        return results;
    }

    /// <summary>What a line has already, or that nothing is left.</summary>
    private async ValueTask<Outcome<AssignmentRow>> WithoutAsync(AddressRequest request)
    {
        if (request.LineId.Length > 0 && await _stores.Control.ReadAsync(reader => FindOfLineAsync(reader, request.LineId), CancellationToken.None) is { } there)
        {
            return there;
        }

        ExhaustedAt = _time.NowMicros();
        return Refusal.Conflict("connectivity.pool.exhausted", $"the pool {_pool.Name} is used up");
    }

    private ValueTask<AssignmentRow?> FindOfLineAsync(ISqlReader reader, string line) => reader.FirstOrDefaultAsync<AssignmentRow>(
        $"SELECT {AssignmentRow.Columns} FROM connectivity_assignment WHERE pool_id = @Pool AND line_id = @Line AND state = 'active'", new { Pool = _pool.Id, Line = line });

    private async ValueTask<SlotTree> ReadAsync()
    {
        var tree = _pool.NewTree();
        var taken = await _stores.Control.ReadAsync(
            reader => reader.QueryAsync<long>("SELECT slot FROM connectivity_assignment WHERE pool_id = @Id ORDER BY slot", new { _pool.Id }), CancellationToken.None);
        foreach (var slot in taken)
        {
            tree.TryTake(slot);
        }

        return tree;
    }

    private AssignmentRow RowOf(AddressRequest request, long slot, long now) => new(
        _pool.Id, slot, _pool.VrfId, _pool.Block.Part((ulong)slot, _pool.PartLength).ToString(), request.LineId, request.TenantId, request.TenantPath, request.Device, AssignmentRow.Active, now, null);

    private static object?[] ValuesOf(AssignmentRow row) => [row.PoolId, row.Slot, row.VrfId, row.Cidr, row.LineId, row.TenantId, row.TenantPath, row.Device, row.State, row.SinceAt];

    private sealed class Ask(AddressRequest request)
    {
        public AddressRequest Request => request;

        public TaskCompletionSource<Outcome<AssignmentRow>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
