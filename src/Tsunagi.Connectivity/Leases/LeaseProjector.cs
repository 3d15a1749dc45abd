using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Journals;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Leases;

/// <summary>
/// Brings the leases of the node's log into the store: (1) records are read; (2) of each lease the last one counts; (3) leases, who had which address, and the position in the log are one transaction, in
/// which an older state never replaces a newer one that another node wrote; (4) who waits for the store to know is told.
/// </summary>
internal sealed partial class LeaseProjector(Stores stores, LeaseLog leases, LeaseTail tail, Node node, TimeProvider time, ILogger<LeaseProjector> log) : BackgroundService
{
    private static readonly RowStatement Rows = RowStatement.Insert(
        "connectivity_lease",
        [
            RowColumn.Text("id"), RowColumn.Text("tenant_path"), RowColumn.Text("tenant_id"), RowColumn.Text("line_id"), RowColumn.Text("subscription_id"), RowColumn.Text("duid"), RowColumn.Number("iaid"), RowColumn.Text("kind"),
            RowColumn.Text("prefix"), RowColumn.Text("part"), RowColumn.Text("pool"), RowColumn.Text("vrf_id"), RowColumn.Text("owner"), RowColumn.Text("node"), RowColumn.Number("since_at"), RowColumn.Number("heard_at"),
            RowColumn.Number("valid_until"), RowColumn.Number("changed_at"), RowColumn.Text("state"), RowColumn.Number("ended_at"), RowColumn.Number("free_at"), RowColumn.Text("relay"), RowColumn.Text("hardware"), RowColumn.Text("next_hop"),
            RowColumn.Number("updated_at"),
        ],
        """
        ON CONFLICT (id) DO UPDATE SET tenant_path = excluded.tenant_path, tenant_id = excluded.tenant_id, subscription_id = excluded.subscription_id, duid = excluded.duid, iaid = excluded.iaid, node = excluded.node,
          heard_at = excluded.heard_at, valid_until = excluded.valid_until, changed_at = excluded.changed_at, state = excluded.state, ended_at = excluded.ended_at, free_at = excluded.free_at, relay = excluded.relay,
          hardware = excluded.hardware, next_hop = excluded.next_hop, updated_at = excluded.updated_at WHERE excluded.changed_at > connectivity_lease.changed_at
        """);

    private readonly JournalReader _reader = new(leases, LeaseLog.Consumer, stores, node, time);
    private readonly HoldingShapes _shapes = new();
    private readonly Lock _turn = new();
    private readonly List<(LogPosition Position, TaskCompletionSource Done)> _waiting = [];
    private LogPosition _reached;
    private volatile bool _hasWaiting;

    /// <summary>Completes when the store knows the record at a position.</summary>
    public Task ReachedAsync(LogPosition position, TimeSpan within, CancellationToken cancellationToken)
    {
        lock (_turn)
        {
            if (position < _reached)
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((position, done));
            _hasWaiting = true;
            return done.Task.WaitAsync(within, time, cancellationToken);
        }
    }

    /// <summary>Takes one batch's effect; returns how many records there were. For one caller at a time.</summary>
    internal async ValueTask<int> ProjectAsync(LogConsumer consumer, TimeSpan wait, CancellationToken cancellationToken)
    {
        // (1)
        var batch = await consumer.ReadAsync(JournalReader.BatchRecords, wait, cancellationToken);
        if (batch.Count == 0)
        {
            return 0;
        }

        // (2)
        var last = new Dictionary<string, Lease>(StringComparer.Ordinal);
        var holdings = new List<Holding>();
        foreach (var entry in batch)
        {
            if (entry.Kind != LeaseRecord.Kind || !LeaseRecord.TryRead(entry.Facts.Span, out _, out var lease))
            {
                LogUnread(log, entry.Position.ToString());
                continue;
            }

            last[lease!.Id] = lease;
            // Of one that goes on, too: its first record may have been lost with a disk that failed. Lease and beginning are its identity, so that nothing is there twice.
            if (lease.Pool.Length > 0)
            {
                holdings.Add(new Holding(lease.VrfId, lease.Part.ToNetwork(), lease.LineId, lease.TenantId, lease.TenantPath, lease.Id, lease.SinceAt, lease.EndedAt, node.Name));
            }
        }

        // (3)
        var end = batch.End;
        await stores.Control.WriteAsync(
            async transaction =>
            {
                var now = time.NowMicros();
                await transaction.WriteRowsAsync(Rows, [.. last.Values.OrderBy(static lease => lease.Id, StringComparer.Ordinal).Select(lease => ValuesOf(LeaseRow.Of(lease, now)))]);
                await AssignmentHistory.OpenAsync(transaction, holdings, _shapes);
                await new ConsumerPosition(0, end.Value, 0).WriteAsync(transaction, node.Name, LeaseLog.Consumer);
                return true;
            },
            cancellationToken);
        consumer.Commit(end);

        // (4)
        Tell(end);
        return batch.Count;
    }

    /// <summary>Opens the log at the position that the store knows.</summary>
    internal ValueTask<LogConsumer?> TryOpenAsync(CancellationToken cancellationToken) => _reader.TryOpenAsync(cancellationToken);

    /// <summary>Brings everything that is in the log now into the store; false while the log is closed.</summary>
    internal async ValueTask<bool> CatchUpAsync(CancellationToken cancellationToken)
    {
        using var consumer = await TryOpenAsync(cancellationToken);
        if (consumer is null)
        {
            return false;
        }

        while (await ProjectAsync(consumer, TimeSpan.Zero, cancellationToken) > 0)
        {
            // There is more.
        }

        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Until then whoever reads the book brings the log into the store.
        await tail.Known.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (leases.IsKept)
        {
            await _reader.RunAsync(ProjectAsync, () => !_hasWaiting, failed => LogWaiting(log, failed), stoppingToken);
        }
    }

    private void Tell(LogPosition reached)
    {
        lock (_turn)
        {
            _reached = reached;
            _waiting.RemoveAll(waiting => (waiting.Position < reached && waiting.Done.TrySetResult()) || waiting.Done.Task.IsCompleted);
            _hasWaiting = _waiting.Count > 0;
        }
    }

    private static object?[] ValuesOf(LeaseRow row) =>
    [
        row.Id, row.TenantPath, row.TenantId, row.LineId, row.SubscriptionId, row.Duid, row.Iaid, row.Kind, row.Prefix, row.Part, row.Pool, row.VrfId, row.Owner, row.Node, row.SinceAt, row.HeardAt, row.ValidUntil, row.ChangedAt,
        row.State, row.EndedAt, row.FreeAt, row.Relay, row.Hardware, row.NextHop, row.UpdatedAt,
    ];

    [LoggerMessage(5211, LogLevel.Warning, "leases of DHCP are not brought into the store; they wait in the log")]
    private static partial void LogWaiting(ILogger log, Exception exception);

    [LoggerMessage(5212, LogLevel.Warning, "the record at {Position} of the lease log is no lease and was left out")]
    private static partial void LogUnread(ILogger log, string position);
}
