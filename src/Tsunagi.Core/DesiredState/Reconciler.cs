using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.DesiredState;

/// <summary>
/// Makes this node's engines follow the wishes, until running equals wanted:
/// (1) read what changed since the last revision seen, (2) fold it into each module's snapshot, (3) hand each module its changed keys, and those
/// whose time to try again has come, (4) keep what became of each, with the reason where it does not run yet, and the time of the next try.
/// </summary>
public sealed partial class Reconciler(
    Stores stores, IReadOnlyList<IServiceModule> modules, IServiceProvider services, Node node, DesiredSignal signal, TimeProvider time, ILogger<Reconciler> log)
    : BackgroundService
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, ModuleState> _states = modules.ToDictionary(static m => m.Describe().Id, static m => new ModuleState(m));
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision = -1;

    /// <summary>Completes when the engines have been given everything wanted once: the node is ready from then on.</summary>
    public Task FirstPass => _first.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await PassAsync(stoppingToken);
                _first.TrySetResult();
                await signal.WaitAsync(PollEvery, time, stoppingToken);
            }
            catch (StoreUnavailableException e)
            {
                LogStoreAway(log, e);
                await Task.Delay(PollEvery, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    internal async ValueTask PassAsync(CancellationToken cancellationToken)
    {
        // (1)
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>(
                """
                SELECT key, tenant_path, tenant_id, module, kind, owner, priority, settings, holds, expires_at, withdrawn, revision
                FROM desired_record WHERE revision > @Seen ORDER BY revision
                """,
                new { Seen = _revision }),
            cancellationToken);

        // (2)
        foreach (var row in rows)
        {
            if (_states.TryGetValue(row.Module, out var state))
            {
                state.Fold(row);
            }

            _revision = Math.Max(_revision, row.Revision);
        }

        _revision = Math.Max(_revision, 0);
        foreach (var state in _states.Values)
        {
            await ReconcileAsync(state, cancellationToken);
        }
    }

    private async ValueTask ReconcileAsync(ModuleState state, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var due = state.Due(now);
        if (due.Count == 0 && state.Started)
        {
            return;
        }

        // (3)
        var snapshot = new DesiredSnapshot(_revision, state.Records);
        IReadOnlyList<ReconcileOutcome> outcomes;
        try
        {
            outcomes = await state.Module.ReconcileAsync(services, snapshot, due, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(log, e, state.Module.Describe().Id);
            outcomes = [.. due.Select(key => new ReconcileOutcome(key, _revision, "the service failed while it was being set up; the log of this node says why"))];
        }

        // (4)
        state.Started = true;
        state.Take(due, outcomes, now, LongestBackOff);
        await KeepStatusAsync(state, due, outcomes, now, cancellationToken);
    }

    private ValueTask<bool> KeepStatusAsync(
        ModuleState state, IReadOnlySet<string> due, IReadOnlyList<ReconcileOutcome> outcomes, long now, CancellationToken cancellationToken) =>
        stores.Control.WriteAsync(
            async transaction =>
            {
                foreach (var outcome in outcomes)
                {
                    if (state.Known.TryGetValue(outcome.Key, out var record))
                    {
                        await transaction.ExecuteAsync(
                            """
                            INSERT INTO desired_status (node, key, tenant_path, revision, why_not_yet, updated_at)
                            VALUES (@Node, @Key, @TenantPath, @Revision, @WhyNotYet, @Now)
                            ON CONFLICT (node, key) DO UPDATE SET revision = excluded.revision, why_not_yet = excluded.why_not_yet, updated_at = excluded.updated_at
                            """,
                            new { Node = node.Name, outcome.Key, record.TenantPath, record.Revision, outcome.WhyNotYet, Now = now });
                    }
                }

                foreach (var gone in due.Where(key => !state.Records.ContainsKey(key)))
                {
                    await transaction.ExecuteAsync("DELETE FROM desired_status WHERE node = @Node AND key = @Key", new { Node = node.Name, Key = gone });
                }

                return true;
            },
            cancellationToken);

    /// <summary>One module's wishes on this node, and when each is to be tried again.</summary>
    private sealed class ModuleState(IServiceModule module)
    {
        private readonly Dictionary<string, (long At, TimeSpan BackOff)> _retries = [];
        private readonly HashSet<string> _changed = [];

        public IServiceModule Module => module;

        public bool Started { get; set; }

        public Dictionary<string, DesiredRecord> Known { get; } = [];

        public IReadOnlyDictionary<string, DesiredRecord> Records { get; private set; } = new Dictionary<string, DesiredRecord>();

        public void Fold(Row row)
        {
            var holds = JsonSerializer.Deserialize<string[]>(row.Holds)!;
            Known[row.Key] = new DesiredRecord(
                row.Key, row.Kind, row.TenantId, row.TenantPath, row.Owner, (int)row.Priority, row.Settings, holds, row.ExpiresAt, row.Revision);
            var next = new Dictionary<string, DesiredRecord>(Records);
            if (row.Withdrawn != 0)
            {
                next.Remove(row.Key);
            }
            else
            {
                next[row.Key] = Known[row.Key];
            }

            Records = next;
            _changed.Add(row.Key);
            _retries.Remove(row.Key);
        }

        public HashSet<string> Due(long now)
        {
            var due = new HashSet<string>(_changed);
            _changed.Clear();
            due.UnionWith(_retries.Where(r => r.Value.At <= now).Select(static r => r.Key));
            var expired = Records.Values.Where(r => r.ExpiresMicros <= now).Select(static r => r.Key).ToList();
            if (expired.Count > 0)
            {
                Records = Records.Where(r => !expired.Contains(r.Key)).ToDictionary();
                due.UnionWith(expired);
            }

            return due;
        }

        public void Take(IReadOnlySet<string> due, IReadOnlyList<ReconcileOutcome> outcomes, long now, TimeSpan longest)
        {
            var notYet = outcomes.Where(static o => o.WhyNotYet is not null).Select(static o => o.Key).ToHashSet();
            foreach (var key in due)
            {
                if (!notYet.Contains(key))
                {
                    _retries.Remove(key);
                    continue;
                }

                var backOff = _retries.TryGetValue(key, out var last) ? TimeSpan.FromTicks(Math.Min(last.BackOff.Ticks * 2, longest.Ticks)) : TimeSpan.FromSeconds(1);
                _retries[key] = (now + (long)backOff.TotalMicroseconds, backOff);
            }
        }
    }

    private sealed record Row(
        string Key, string TenantPath, string TenantId, string Module, string Kind, string Owner, long Priority, string Settings, string Holds,
        long? ExpiresAt, long Withdrawn, long Revision);

    [LoggerMessage(1201, LogLevel.Warning, "the store is away; the engines keep running as they were")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(1202, LogLevel.Error, "module {Module} failed to reconcile; it is tried again with back-off")]
    private static partial void LogFailed(ILogger log, Exception exception, string module);
}
