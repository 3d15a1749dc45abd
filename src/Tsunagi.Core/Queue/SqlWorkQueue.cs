using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Queue;

/// <summary>The work queue in a table; the databases differ only in how two takers keep out of each other's way.</summary>
internal abstract class SqlWorkQueue(IStore store, WorkQueueOptions options, TimeProvider time) : IWorkQueue
{
    /// <summary>Raised when work was added.</summary>
    public const string Channel = "work";

    private const string Columns = "id, kind, tenant_path, payload, key, attempts AS attempt, enqueued_at";

    // The first tenants after @After that have due work, by one index look-up each.
    private const string NextTenants = """
        WITH RECURSIVE turn (tenant_path, n) AS (
            SELECT (SELECT tenant_path FROM work_item WHERE due_at <= @Now AND tenant_path > @After ORDER BY tenant_path LIMIT 1), 1
            UNION ALL
            SELECT (SELECT w.tenant_path FROM work_item w WHERE w.due_at <= @Now AND w.tenant_path > turn.tenant_path ORDER BY w.tenant_path LIMIT 1), n + 1
            FROM turn WHERE turn.tenant_path IS NOT NULL AND n < @AtMost)
        SELECT tenant_path FROM turn WHERE tenant_path IS NOT NULL ORDER BY n
        """;

    private string _lastServed = "";

    protected IStore Store => store;

    /// <summary>What follows the choice of rows: on PostgreSQL, rows that another taker is looking at are passed over.</summary>
    protected abstract string LockClause { get; }

    public async ValueTask<bool> EnqueueAsync(ISqlTransaction transaction, NewWork work)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(work.Payload.Length, options.MaxPayloadChars, nameof(work));
        var now = time.NowMicros();
        var id = Id.New("w", time);
        if (work.Key is not null
            && await transaction.ExecuteAsync("INSERT INTO work_key (key, item_id) VALUES (@Key, @id) ON CONFLICT (key) DO NOTHING", new { work.Key, id }) == 0)
        {
            return false;
        }

        await transaction.ExecuteAsync(
            """
            INSERT INTO work_item (id, kind, tenant_path, payload, key, attempts, due_at, enqueued_at)
            VALUES (@id, @Kind, @TenantPath, @Payload, @Key, 0, @due, @now)
            """,
            new { id, work.Kind, work.TenantPath, work.Payload, work.Key, due = work.NotBeforeMicros ?? now, now });
        transaction.OnCommitted(() => store.Hints.Raise(Channel));
        return true;
    }

    public ValueTask<bool> EnqueueAsync(NewWork work, CancellationToken cancellationToken) =>
        store.WriteAsync(transaction => EnqueueAsync(transaction, work), cancellationToken);

    public async ValueTask<IReadOnlyList<WorkItem>> TakeAsync(IReadOnlyCollection<string> kinds, int atMost, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(atMost);
        var (taken, served) = await WriteAsync(transaction => TakeAsync(transaction, kinds, atMost, _lastServed), cancellationToken);
        _lastServed = served;
        return taken;
    }

    public async ValueTask<IReadOnlyList<WorkItem>> ExtendAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
        {
            return [];
        }

        var until = time.NowMicros() + Micros(options.Visibility);
        return await WriteAsync(
            async transaction =>
            {
                var ours = new List<WorkItem>(items.Count);
                foreach (var item in items)
                {
                    if (await transaction.ExecuteAsync("UPDATE work_item SET due_at = @until WHERE id = @Id AND attempts = @Attempt", new { until, item.Id, item.Attempt }) == 1)
                    {
                        ours.Add(item);
                    }
                }

                return ours;
            },
            cancellationToken);
    }

    public async ValueTask<bool> CompleteAsync(ISqlTransaction transaction, WorkItem item)
    {
        if (await transaction.ExecuteAsync("DELETE FROM work_item WHERE id = @Id AND attempts = @Attempt", new { item.Id, item.Attempt }) == 0)
        {
            return false;
        }

        if (item.Key is not null)
        {
            await transaction.ExecuteAsync("UPDATE work_key SET done_at = @now WHERE key = @Key", new { now = time.NowMicros(), item.Key });
        }

        return true;
    }

    public ValueTask<bool> CompleteAsync(WorkItem item, CancellationToken cancellationToken) =>
        WriteAsync(transaction => CompleteAsync(transaction, item), cancellationToken);

    public async ValueTask FailAsync(WorkItem item, string reason, bool atOnce, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var due = now + Micros(PauseAfter(item.Attempt));
        await WriteAsync(
            transaction => atOnce || item.Attempt >= options.MaxAttempts
                ? BuryAsync(transaction, item, reason, now)
                : transaction.ExecuteAsync(
                    "UPDATE work_item SET due_at = @due, last_error = @reason WHERE id = @Id AND attempts = @Attempt", new { due, reason, item.Id, item.Attempt }),
            cancellationToken);
    }

    public ValueTask<bool> ReviveAsync(string id, CancellationToken cancellationToken) =>
        store.WriteAsync(
            async transaction =>
            {
                var revived = await transaction.ExecuteAsync(
                    """
                    INSERT INTO work_item (id, kind, tenant_path, payload, key, attempts, due_at, enqueued_at, last_error)
                    SELECT id, kind, tenant_path, payload, key, 0, @now, enqueued_at, last_error FROM work_dead WHERE id = @id
                    """,
                    new { id, now = time.NowMicros() });
                await transaction.ExecuteAsync("DELETE FROM work_dead WHERE id = @id", new { id });
                transaction.OnCommitted(() => store.Hints.Raise(Channel));
                return revived == 1;
            },
            cancellationToken);

    public ValueTask<int> ForgetKeysAsync(CancellationToken cancellationToken) =>
        store.WriteAsync(
            transaction => transaction.ExecuteAsync("DELETE FROM work_key WHERE done_at < @before", new { before = time.NowMicros() - Micros(options.KeyRetention) }),
            cancellationToken);

    /// <summary>A write of the queue's own, in whatever isolation suits its database.</summary>
    protected abstract ValueTask<T> WriteAsync<T>(Func<ISqlTransaction, ValueTask<T>> write, CancellationToken cancellationToken);

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private async ValueTask<(IReadOnlyList<WorkItem> Taken, string LastServed)> TakeAsync(
        ISqlTransaction transaction, IReadOnlyCollection<string> kinds, int atMost, string after)
    {
        var now = time.NowMicros();
        var turns = (await transaction.QueryAsync<string>(NextTenants, new { Now = now, After = after, AtMost = atMost })).ToList();
        if (turns.Count < atMost && after.Length > 0)
        {
            // Round the corner: the tenants before the last served one.
            var first = await transaction.QueryAsync<string>(NextTenants, new { Now = now, After = "", AtMost = atMost - turns.Count });
            turns.AddRange(first.Where(tenant => !turns.Contains(tenant)));
        }

        var taken = new List<WorkItem>();
        for (var i = 0; i < turns.Count && taken.Count < atMost; i++)
        {
            // What is left is shared among the tenants whose turn is still to come.
            var share = (atMost - taken.Count + turns.Count - i - 1) / (turns.Count - i);
            var items = await TakeOfTenantAsync(transaction, turns[i], kinds, share, now);
            after = turns[i];
            foreach (var item in items.OrderBy(static item => item.EnqueuedAt).ThenBy(static item => item.Id, StringComparer.Ordinal))
            {
                if (item.Attempt > options.MaxAttempts)
                {
                    await BuryAsync(transaction, item, $"its worker vanished in attempt {options.MaxAttempts}", now);
                }
                else
                {
                    taken.Add(item);
                }
            }
        }

        return (taken, after);
    }

    private ValueTask<IReadOnlyList<WorkItem>> TakeOfTenantAsync(
        ISqlTransaction transaction, string tenantPath, IReadOnlyCollection<string> kinds, int share, long now) =>
        transaction.QueryAsync<WorkItem>(
            $"""
            WITH chosen AS MATERIALIZED (
                SELECT id FROM work_item WHERE tenant_path = @TenantPath AND due_at <= @Now AND kind IN @Kinds
                ORDER BY due_at, id LIMIT @Share {LockClause})
            UPDATE work_item SET attempts = attempts + 1, due_at = @Until WHERE id IN (SELECT id FROM chosen)
            RETURNING {Columns}
            """,
            new { Until = now + Micros(options.Visibility), TenantPath = tenantPath, Now = now, Kinds = kinds, Share = share });

    private static async ValueTask<int> BuryAsync(ISqlTransaction transaction, WorkItem item, string reason, long now)
    {
        var buried = await transaction.ExecuteAsync(
            """
            INSERT INTO work_dead (id, kind, tenant_path, payload, key, attempts, enqueued_at, last_error, died_at)
            SELECT id, kind, tenant_path, payload, key, attempts, enqueued_at, @reason, @now FROM work_item WHERE id = @Id AND attempts = @Attempt
            """,
            new { reason, now, item.Id, item.Attempt });
        await transaction.ExecuteAsync("DELETE FROM work_item WHERE id = @Id AND attempts = @Attempt", new { item.Id, item.Attempt });
        return buried;
    }

    private TimeSpan PauseAfter(int attempt)
    {
        var pause = options.FirstRetry * Math.Pow(2, Math.Min(attempt - 1, 30));
        var bounded = pause < options.LongestRetry ? pause : options.LongestRetry;
        return bounded * (0.8 + (Random.Shared.NextDouble() * 0.4));
    }
}
