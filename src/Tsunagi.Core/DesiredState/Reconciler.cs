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
    private static readonly TimeSpan ShortPass = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(400);
    private const int StatusesPerWrite = 500;

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
                var started = time.GetTimestamp();
                await PassAsync(stoppingToken);
                if (!_first.TrySetResult())
                {
                    await RestAsync(time.GetElapsedTime(started), stoppingToken);
                }

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
            catch (Exception e)
            {
                // The engines keep running as they were; a wish that breaks the pass must not stop the program.
                LogPassFailed(log, e);
                await Task.Delay(PollEvery, time, stoppingToken);
            }
        }
    }

    /// <summary>With many contracts a pass costs its time: what changes meanwhile is taken together, so that passes leave most of the processor to others, and a change still runs within a second.</summary>
    private Task RestAsync(TimeSpan pass, CancellationToken stoppingToken) =>
        pass < ShortPass ? Task.CompletedTask : Task.Delay(pass < LongestRest / 3 ? 3 * pass : LongestRest, time, stoppingToken);

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
        foreach (var group in rows.GroupBy(static row => row.Module))
        {
            if (_states.TryGetValue(group.Key, out var state))
            {
                state.Fold([.. group]);
            }
        }

        _revision = rows.Count > 0 ? rows[^1].Revision : Math.Max(_revision, 0);
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
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(log, e, state.Module.Describe().Id);
            outcomes = [.. due.Select(key => new ReconcileOutcome(key, _revision, "the service failed while it was being set up; the log of this node says why"))];
        }

        // (4)
        state.Started = true;
        outcomes = Complete(due, outcomes);
        state.Take(due, outcomes, now, LongestBackOff);
        try
        {
            foreach (var part in state.NotKept(outcomes).Chunk(StatusesPerWrite))
            {
                await KeepStatusAsync(state, part, now, cancellationToken);
                state.Keep(part);
            }
        }
        catch
        {
            // The status is part of the work: what could not be kept is asked of the engine again, which changes nothing there.
            state.Repeat(due);
            throw;
        }
    }

    /// <summary>A due wish of which the module says nothing runs as wanted.</summary>
    private IReadOnlyList<ReconcileOutcome> Complete(HashSet<string> due, IReadOnlyList<ReconcileOutcome> outcomes)
    {
        var told = outcomes.Select(static o => o.Key).ToHashSet();
        return [.. outcomes, .. due.Where(key => !told.Contains(key)).Select(key => new ReconcileOutcome(key, _revision, null))];
    }

    private ValueTask<bool> KeepStatusAsync(ModuleState state, IReadOnlyList<ReconcileOutcome> outcomes, long now, CancellationToken cancellationToken) =>
        stores.Control.WriteAsync(
            async transaction =>
            {
                foreach (var outcome in outcomes)
                {
                    var record = state.Known[outcome.Key];

                    // A withdrawn wish keeps its status until the engine has let go of it.
                    if (outcome.WhyNotYet is null && !state.Records.ContainsKey(outcome.Key))
                    {
                        await transaction.ExecuteAsync("DELETE FROM desired_status WHERE node = @Node AND key = @Key", new { Node = node.Name, outcome.Key });
                        continue;
                    }

                    await transaction.ExecuteAsync(
                        """
                        INSERT INTO desired_status (node, key, tenant_path, revision, why_not_yet, updated_at)
                        VALUES (@Node, @Key, @TenantPath, @Revision, @WhyNotYet, @Now)
                        ON CONFLICT (node, key) DO UPDATE SET revision = excluded.revision, why_not_yet = excluded.why_not_yet, updated_at = excluded.updated_at
                        """,
                        new { Node = node.Name, outcome.Key, record.TenantPath, record.Revision, outcome.WhyNotYet, Now = now });
                }

                return true;
            },
            cancellationToken);

    /// <summary>One module's wishes on this node, and when each is to be tried again.</summary>
    private sealed class ModuleState(IServiceModule module)
    {
        private readonly Dictionary<string, (long At, TimeSpan BackOff)> _retries = [];
        private readonly HashSet<string> _changed = [];
        private readonly Dictionary<string, (long Revision, string? WhyNotYet, bool Wanted)> _kept = [];

        public IServiceModule Module => module;

        public bool Started { get; set; }

        public Dictionary<string, DesiredRecord> Known { get; } = [];

        public IReadOnlyDictionary<string, DesiredRecord> Records { get; private set; } = new Dictionary<string, DesiredRecord>();

        public void Fold(IReadOnlyList<Row> rows)
        {
            var next = new Dictionary<string, DesiredRecord>(Records);
            foreach (var row in rows)
            {
                var holds = JsonSerializer.Deserialize<string[]>(row.Holds)!;
                Known[row.Key] = new DesiredRecord(
                    row.Key, row.Kind, row.TenantId, row.TenantPath, row.Owner, (int)row.Priority, row.Settings, holds, row.ExpiresAt, row.Revision);
                if (row.Withdrawn != 0)
                {
                    next.Remove(row.Key);
                }
                else
                {
                    next[row.Key] = Known[row.Key];
                }

                _changed.Add(row.Key);
                _retries.Remove(row.Key);
            }

            Records = next;
        }

        public void Repeat(IEnumerable<string> keys) => _changed.UnionWith(keys);

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

        public List<ReconcileOutcome> NotKept(IReadOnlyList<ReconcileOutcome> outcomes) =>
            [.. outcomes.Where(o => Known.TryGetValue(o.Key, out var record) && (!_kept.TryGetValue(o.Key, out var kept) || kept != (record.Revision, o.WhyNotYet, Records.ContainsKey(o.Key))))];

        public void Keep(IEnumerable<ReconcileOutcome> outcomes)
        {
            foreach (var outcome in outcomes)
            {
                _kept[outcome.Key] = (Known[outcome.Key].Revision, outcome.WhyNotYet, Records.ContainsKey(outcome.Key));
            }
        }

        public void Take(HashSet<string> due, IReadOnlyList<ReconcileOutcome> outcomes, long now, TimeSpan longest)
        {
            foreach (var outcome in outcomes)
            {
                if (outcome.WhyNotYet is null)
                {
                    _retries.Remove(outcome.Key);
                    continue;
                }

                // A module may tell of wishes it was not asked about; that is no further try of them.
                if (!due.Contains(outcome.Key) && _retries.ContainsKey(outcome.Key))
                {
                    continue;
                }

                var backOff = _retries.TryGetValue(outcome.Key, out var last) ? TimeSpan.FromTicks(Math.Min(last.BackOff.Ticks * 2, longest.Ticks)) : TimeSpan.FromSeconds(1);
                _retries[outcome.Key] = (now + (long)backOff.TotalMicroseconds, backOff);
            }
        }
    }

    private sealed record Row(
        string Key, string TenantPath, string TenantId, string Module, string Kind, string Owner, long Priority, string Settings, string Holds,
        long? ExpiresAt, long Withdrawn, long Revision);

    [LoggerMessage(1201, LogLevel.Warning, "the store is away; the engines keep running as they were")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(1203, LogLevel.Error, "a pass over the wishes failed; it is repeated")]
    private static partial void LogPassFailed(ILogger log, Exception exception);

    [LoggerMessage(1202, LogLevel.Error, "module {Module} failed to reconcile; it is tried again with back-off")]
    private static partial void LogFailed(ILogger log, Exception exception, string module);
}
