using System.Globalization;
using System.Text.Json;
using NodaTime;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Core.Usage;

namespace Tsunagi.BackOffice.Runs;

/// <summary>
/// What people do with invoice runs: make one (its bills are computed, nothing is issued), release it, discard it. Whoever changed a price since the last release
/// does not release: another person looks at what the change did.
/// </summary>
internal sealed class RunOrders(Stores stores, RunBook book, AccountBook accounts, ChangeRecorder changes, RunSignal signal, BackOfficeOptions options, TimeProvider time)
{
    public async ValueTask<Outcome<RunRow>> MakeAsync(Caller caller, NewRun wanted, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return Forbidden;
        }

        var period = BillingPeriod.Parse(wanted.Period, "UTC");
        if (!period.Ok)
        {
            return Refusal.Invalid("backoffice.run.period", "period", $"\"{wanted.Period}\" is not a month", "YYYY-MM");
        }

        var zone = await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT time_zone FROM tenant WHERE kind = 'provider'"), cancellationToken) ?? "UTC";
        if (BillingPeriod.Parse(wanted.Period, zone).Value!.FromMicros > time.NowMicros())
        {
            return Refusal.Invalid("backoffice.run.period", "period", $"the month {wanted.Period} has not begun", "a month that has begun; billed when it is over");
        }

        var today = Today(time, zone);
        if (wanted.IssueDate is { } date && !DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out today))
        {
            return Refusal.Invalid("backoffice.run.date", "issueDate", $"\"{date}\" is not a date", "YYYY-MM-DD");
        }

        if (wanted.AccountId is { } only && await accounts.FindAsync(caller, only, cancellationToken) is not { } found)
        {
            return Refusal.NotFound("billing account", only);
        }

        var account = wanted.AccountId is { } id ? (await accounts.FindAsync(caller, id, cancellationToken))!.Id : null;
        return await stores.Control.WriteAsync<Outcome<RunRow>>(
            async transaction =>
            {
                var open = await transaction.FirstOrDefaultAsync<string>(
                    "SELECT id FROM bo_run WHERE period = @Period AND state IN ('computing', 'ready', 'issuing')", new { wanted.Period });
                if (open is not null)
                {
                    return Refusal.Conflict("backoffice.run.open", $"the run {open} of {wanted.Period} is not over: release or discard it first", "period");
                }

                // The moment of knowledge. SQLite has one writer, and this is it: whatever was recorded before now is committed, and nothing later is before it.
                // In PostgreSQL another transaction may have taken its time already and commit later, on a node whose clock differs: none is that late.
                var now = time.NowMicros();
                var known = transaction.Dialect == SqlDialect.Postgres ? now - (long)options.LatestCommit.TotalMicroseconds : now;
                var count = account is null ? await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM bo_account") : 1;
                var run = new RunRow(
                    Id.New("br", time), caller.Scope.Path, wanted.Period, RunState.Computing, today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), known, BillMaker.RulesVersion, account,
                    caller.ActorId, caller.ActorName, now, null, null, null, null, count, "");
                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO bo_run ({RunRow.Columns}) VALUES (@Id, @TenantPath, @Period, @State, @IssueDate, @KnownAt, @RulesVersion, @OnlyAccount, @MadeBy, @MadeByName, @MadeAt, @ReleasedBy,
                      @ReleasedByName, @ReleasedAt, @EndedAt, @Accounts, @Cursor)
                    """,
                    run);
                await changes.RecordAsync(transaction, caller, BackOfficeEvents.RunMade, run.Id, run.TenantPath, null, run, JsonSerializer.Serialize(new { run.Period }));
                transaction.OnCommitted(signal.Pulse);
                return run;
            },
            cancellationToken);
    }

    /// <summary>The run's bills become invoices, as they were looked at.</summary>
    public async ValueTask<Outcome<RunRow>> ReleaseAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var run = await book.FindAsync(caller, id, cancellationToken);
        if (run is null)
        {
            return Refusal.NotFound("invoice run", id);
        }

        if (!caller.IsOperator || caller.IsToken)
        {
            return new Refusal(RefusalKind.Forbidden, "backoffice.run.person", "a run is released by one of the provider's people, signed in");
        }

        return await stores.Control.WriteAsync<Outcome<RunRow>>(
            async transaction =>
            {
                var since = await transaction.FirstOrDefaultAsync<long?>("SELECT max(released_at) FROM bo_run WHERE state = 'issued'") ?? 0;
                var own = await transaction.FirstOrDefaultAsync<string>(
                    "SELECT act FROM audit WHERE actor_id = @Me AND act IN ('plan.created', 'plan.changed') AND at >= @Since ORDER BY position DESC LIMIT 1", new { Me = caller.ActorId, Since = since });
                if (own is not null)
                {
                    return new Refusal(RefusalKind.Forbidden, "backoffice.run.prices", "you changed prices since the last run was released: another person looks at this one and releases it");
                }

                var now = time.NowMicros();
                var released = await transaction.ExecuteAsync(
                    "UPDATE bo_run SET state = 'issuing', released_by = @By, released_by_name = @Name, released_at = @Now WHERE id = @Id AND state = 'ready'",
                    new { By = caller.ActorId, Name = caller.ActorName, Now = now, Id = id });
                if (released == 0)
                {
                    var state = await transaction.FirstOrDefaultAsync<string>("SELECT state FROM bo_run WHERE id = @Id", new { Id = id });
                    return Refusal.Conflict("backoffice.run.state", $"the run is {state}: only one that is ready is released");
                }

                var after = run with { State = RunState.Issuing, ReleasedBy = caller.ActorId, ReleasedByName = caller.ActorName, ReleasedAt = now };
                await changes.RecordAsync(transaction, caller, BackOfficeEvents.RunReleased, id, run.TenantPath, run, after, JsonSerializer.Serialize(new { run.Period }));
                transaction.OnCommitted(signal.Pulse);
                return after;
            },
            cancellationToken);
    }

    public async ValueTask<Outcome<RunRow>> DiscardAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var run = await book.FindAsync(caller, id, cancellationToken);
        if (run is null)
        {
            return Refusal.NotFound("invoice run", id);
        }

        return await stores.Control.WriteAsync<Outcome<RunRow>>(
            async transaction =>
            {
                var now = time.NowMicros();
                if (await transaction.ExecuteAsync("UPDATE bo_run SET state = 'discarded', ended_at = @Now WHERE id = @Id AND state IN ('computing', 'ready')", new { Now = now, Id = id }) == 0)
                {
                    var state = await transaction.FirstOrDefaultAsync<string>("SELECT state FROM bo_run WHERE id = @Id", new { Id = id });
                    return Refusal.Conflict("backoffice.run.state", $"the run is {state}: what is released is not discarded");
                }

                // Its bills are of no use to anybody; the run itself stays, so that one sees what was looked at.
                await transaction.ExecuteAsync("UPDATE bo_draft SET bill = '' WHERE run_id = @Id", new { Id = id });
                await changes.RecordAsync(transaction, caller, BackOfficeEvents.RunDiscarded, id, run.TenantPath, run, null, JsonSerializer.Serialize(new { run.Period }));
                return run with { State = RunState.Discarded, EndedAt = now };
            },
            cancellationToken);
    }

    internal static DateOnly Today(TimeProvider time, string zone) =>
        Instant.FromDateTimeOffset(time.GetUtcNow()).InZone(DateTimeZoneProviders.Tzdb[zone]).Date.ToDateOnly();

    private static Refusal Forbidden => new(RefusalKind.Forbidden, "backoffice.run.operator", "invoice runs are the provider's");
}

/// <summary>The request to make an invoice run.</summary>
/// <param name="Period">The month that is billed ("2026-11").</param>
/// <param name="IssueDate">The date on its invoices; today in the provider's zone without it.</param>
/// <param name="AccountId">Only this account; all without it.</param>
public sealed record NewRun(string Period, string? IssueDate = null, string? AccountId = null);

/// <summary>Says that a run has something to do.</summary>
internal sealed class RunSignal : CoalescedSignal;
