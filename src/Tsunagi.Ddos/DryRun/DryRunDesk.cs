using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Api;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.DryRun;

/// <summary>
/// Takes dry runs in, makes them one after the other, and keeps their reports: (1) whose it is about is found, as far as the caller sees, (2) it waits for its turn, (3) is made (<see cref="DryRunner"/>) while whoever asks is told how
/// far it has come, (4) and its report is stored with audit and event. What was under way when the program stops is asked for again. Reports whose time is over are deleted.
/// </summary>
internal sealed partial class DryRunDesk(
    Stores stores, DdosOptions options, ProtectionContracts contracts, DryRunner runner, DryRunStore store, DryRunGate gate, FlowArchive archive, ChangeRecorder changes, Node node, TimeProvider time, ILogger<DryRunDesk> log)
    : BackgroundService
{
    private const int Together = 50;
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Job> _jobs = new(StringComparer.Ordinal);
    private readonly Channel<Job> _waiting = Channel.CreateBounded<Job>(options.DryRun.MostWaiting);
    private readonly ConcurrentDictionary<string, long> _madeAt = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Takes one in, or says why not.</summary>
    public Outcome<DryRunView> Begin(Caller caller, DryRunRequest request)
    {
        // (1)
        var found = Find(caller, request.Of.Trim());
        if (!found.Ok)
        {
            return found.Refusal;
        }

        if (!archive.IsRunning)
        {
            return Refusal.Conflict("ddos.dry-run.not-kept", "no flow records are kept on this node: there is nothing a dry run could read (ddos.archive, ddos.collect)");
        }

        // (2)
        var protection = found.Value;
        var now = time.NowMicros();
        var job = new Job(Id.New("dr", time), protection, request.As ?? ResponseMode.Automatic, request.Days ?? options.DryRun.LeastDays, caller, now, DryRunInputs.HashOf(protection, options));
        lock (_gate)
        {
            if (_jobs.Values.FirstOrDefault(each => each.Protection.Subscription == protection.Subscription) is { } other)
            {
                return Refusal.Conflict("ddos.dry-run.busy", $"{other.Id} of the same protection is under way");
            }

            if (!caller.IsOperator && WhyTenantWaits(caller, protection, now) is { } wait)
            {
                return wait;
            }

            if (!_waiting.Writer.TryWrite(job))
            {
                return Refusal.Conflict("ddos.dry-run.full", $"{options.DryRun.MostWaiting} dry runs wait already; ask again later");
            }

            _jobs[job.Id] = job;
        }

        return ViewOf(job);
    }

    // The only queue is everybody's, and so is the table: a tenant has one in it at a time, and not one after the other.
    private Refusal? WhyTenantWaits(Caller caller, Protection protection, long now)
    {
        if (_jobs.Values.FirstOrDefault(each => each.Protection.TenantId == protection.TenantId || (!each.By.IsOperator && each.By.Scope == caller.Scope)) is { } other)
        {
            return Refusal.Conflict("ddos.dry-run.busy", $"{other.Id} of the same tenant is under way");
        }

        var again = _madeAt.TryGetValue(protection.Subscription, out var at) ? at + (long)options.DryRun.TenantsEvery.TotalMicroseconds : now;
        return again <= now ? null : Refusal.Conflict("ddos.dry-run.pace", FormattableString.Invariant($"one of this protection was made a moment ago; ask again in {(again - now + UnixMicros.PerSecond - 1) / UnixMicros.PerSecond} s"));
    }

    /// <summary>Under way here, or stored; null when there is none or it is not the caller's to see.</summary>
    public async ValueTask<DryRunView?> FindAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (_jobs.TryGetValue(id, out var job))
        {
            return caller.Scope.Covers(job.Protection.TenantPath) ? ViewOf(job) : null;
        }

        return await store.FindAsync(caller, id, cancellationToken) is { } row ? DryRunView.Of(row, IsCurrent(row)) : null;
    }

    /// <summary>Those under way here, as the caller sees.</summary>
    public IReadOnlyList<DryRunView> UnderWay(Caller caller) =>
        [.. _jobs.Values.Where(job => caller.Scope.Covers(job.Protection.TenantPath)).OrderByDescending(static job => job.Id, StringComparer.Ordinal).Select(ViewOf)];

    public bool IsCurrent(DryRunRow row) => contracts.Table.All.GetValueOrDefault(row.SubscriptionId) is { } protection && gate.IsCurrent(row, protection);

    /// <summary>Deletes what is too old; returns how many.</summary>
    internal async ValueTask<int> SweepAsync(CancellationToken cancellationToken)
    {
        var cut = time.NowMicros() - (long)options.DryRun.Keep.TotalMicroseconds;
        for (var gone = 0; ;)
        {
            var some = await stores.Control.WriteAsync(
                transaction => transaction.ExecuteAsync("DELETE FROM ddos_dry_run WHERE id IN (SELECT id FROM ddos_dry_run WHERE made_at < @Cut ORDER BY made_at, id LIMIT @Limit)", new { Cut = cut, Limit = (long)Together }),
                cancellationToken);
            gone += some;
            if (some < Together)
            {
                return gone;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var sweeping = Looks.RunAsync("the reports of dry runs", SweepEvery, async given => _ = await SweepAsync(given), away => LogStoreAway(log, away), time, log, stoppingToken);
            await foreach (var job in _waiting.Reader.ReadAllAsync(stoppingToken))
            {
                await MakeAsync(job, stoppingToken);
            }

            await sweeping;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Whoever waits for a report asks again.
        }
    }

    // (3) and (4)
    private async Task MakeAsync(Job job, CancellationToken cancellationToken)
    {
        var to = job.AtMicros / 1_000;
        var row = new DryRunRow(
            job.Id, job.Protection.TenantPath, job.Protection.TenantId, job.Protection.Subscription, node.Name, job.Mode, job.Days, job.Inputs, DryRunRow.Failed, (to - (job.Days * 86_400_000L)) * 1_000, to * 1_000, job.By.ActorName,
            job.AtMicros, 0, 0, 0, 0, "", "", "");
        try
        {
            var report = await runner.RunAsync(job.Protection, job.Mode, job.Days, to, part => job.Progress = part, cancellationToken);
            row = row with
            {
                State = DryRunRow.Done, CoverPercent = (long)Math.Floor(report.Coverage.Percent), Opened = report.ReplayedCount, RulesOut = report.Totals.RulesOut, Verdict = report.Verdict.Code,
                Report = JsonSerializer.Serialize(report, ApiJson.Options),
            };
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            // The one place for what goes wrong in a dry run: it is told and stored, the next one is made.
            LogFailed(log, failed, job.Id);
            row = row with { Problem = failed is IOException or StoreUnavailableException ? failed.Message : "an error of the program; its log has it" };
        }

        row = row with { DoneAt = time.NowMicros() };
        while (!await StoreAsync(job, row, cancellationToken))
        {
            await Task.Delay(TryAgain, time, cancellationToken);
        }

        // Those of protections that are gone go with the next one.
        foreach (var (subscription, _) in _madeAt.Where(pair => pair.Value + (long)options.DryRun.TenantsEvery.TotalMicroseconds < row.DoneAt).ToList())
        {
            _madeAt.TryRemove(subscription, out _);
        }

        _madeAt[job.Protection.Subscription] = row.DoneAt;
        _jobs.TryRemove(job.Id, out _);
    }

    private async ValueTask<bool> StoreAsync(Job job, DryRunRow row, CancellationToken cancellationToken)
    {
        try
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    var isNew = await transaction.ExecuteAsync(
                        $"""
                        INSERT INTO ddos_dry_run ({DryRunRow.Columns})
                        VALUES (@Id, @TenantPath, @TenantId, @SubscriptionId, @Node, @Mode, @Days, @Inputs, @State, @FromAt, @ToAt, @MadeBy, @MadeAt, @DoneAt, @CoverPercent, @Opened, @RulesOut, @Verdict, @Problem, @Report)
                        ON CONFLICT (id) DO NOTHING
                        """,
                        row) == 1;
                    if (isNew)
                    {
                        await changes.RecordAsync(
                            transaction, job.By, DdosEvents.DryRunMade, row.Id, row.TenantPath, null, row with { Report = "" },
                            JsonSerializer.Serialize(new { protection = row.SubscriptionId, mode = row.Mode, days = row.Days, state = row.State, coverPercent = row.CoverPercent, opened = row.Opened, rulesOut = row.RulesOut, verdict = row.Verdict }));
                    }

                    // The newest of its protection, and what a mode stands on.
                    await transaction.ExecuteAsync(
                        """
                        DELETE FROM ddos_dry_run WHERE subscription_id = @SubscriptionId AND tenant_path = @TenantPath
                          AND id NOT IN (SELECT id FROM ddos_dry_run WHERE subscription_id = @SubscriptionId AND tenant_path = @TenantPath ORDER BY id DESC LIMIT @Most)
                          AND id NOT IN (SELECT report FROM ddos_mode WHERE subscription_id = @SubscriptionId)
                        """,
                        new { row.SubscriptionId, row.TenantPath, Most = (long)options.DryRun.MostKept });
                    return true;
                },
                cancellationToken);
            return true;
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
            return false;
        }
    }

    // (1)
    private Outcome<Protection> Find(Caller caller, string of)
    {
        var mine = contracts.Table.All.Values.Where(each => caller.Scope.Covers(each.TenantPath)).ToList();
        if (mine.Find(each => each.Subscription == of) is { } named)
        {
            return named;
        }

        var tenants = mine.Where(each => each.TenantId == of).OrderBy(static each => each.Subscription, StringComparer.Ordinal).ToList();
        if (tenants.Count > 1)
        {
            return Refusal.Invalid("ddos.dry-run.many", "of", $"{of} has {tenants.Count} protections: say which", string.Join(", ", tenants.Select(static each => each.Subscription)));
        }

        var whole = of.Contains('/', StringComparison.Ordinal) ? of : of + (of.Contains(':', StringComparison.Ordinal) ? "/128" : "/32");
        var found = tenants.Count == 1 ? tenants[0] : BgpPrefix.TryParse(whole, out var prefix) ? contracts.Table.Holding(prefix) : null;
        return found is not null && caller.Scope.Covers(found.TenantPath) ? found : Refusal.NotFound("protection", of);
    }

    private DryRunView ViewOf(Job job) => new(
        job.Id, job.Protection.Subscription, job.Protection.TenantId, node.Name, job.Mode, job.Days, DryRunRow.Running, Math.Round(job.Progress, 3), job.AtMicros - (job.Days * 86_400_000_000L), job.AtMicros, job.By.ActorName,
        job.AtMicros, null, null, null, null, null, IsCurrent: true, null, null);

    [LoggerMessage(3421, LogLevel.Error, "the dry run {Id} failed")]
    private static partial void LogFailed(ILogger log, Exception exception, string id);

    [LoggerMessage(3422, LogLevel.Warning, "the store is away; reports of dry runs are stored and deleted when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    private sealed class Job(string id, Protection protection, string mode, int days, Caller by, long atMicros, string inputs)
    {
        private double _progress;

        public string Id => id;

        public Protection Protection => protection;

        public string Mode => mode;

        public int Days => days;

        public Caller By => by;

        public long AtMicros => atMicros;

        public string Inputs => inputs;

        public double Progress
        {
            get => Volatile.Read(ref _progress);
            set => Volatile.Write(ref _progress, value);
        }
    }
}
