using System.Globalization;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Meters;

namespace Tsunagi.Routers.Push;

/// <summary>
/// What boxes say of a change, by whichever way they say it: (1) that they took it, (2) that they came back with it, or went back, (3) that they pull again, which shows what they run, (4) that their tunnel is there
/// anew, (5) nothing, for too long. Each is written before it is answered: a box that was told to keep a configuration keeps it, whatever becomes of this program meanwhile, and asks
/// again when it was not told.
/// </summary>
internal sealed class PushOutcomes(Stores stores, DeviceBook devices, RoutersOptions options, RouterMetrics metrics, PushSignal signal, TimeProvider time)
{
    private const int MostTold = 200;

    /// <summary>(1) Null: nobody asked it to.</summary>
    public async ValueTask<bool> AcceptedAsync(RouterDevice device, long transactionId, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            "UPDATE router_push_box SET state = 'accepted', transaction_id = @Transaction WHERE device_id = @Id AND state = 'asked'", new { device.Id, Transaction = transactionId }), cancellationToken) > 0;

    /// <summary>(2) The code the box is answered: 100 lets it keep what it runs (or ran before), 4xx sends it back, 508 lets it pull.</summary>
    public async ValueTask<int> DoneAsync(RouterDevice device, ArmsMessage done, CancellationToken cancellationToken)
    {
        var (result, now) = (done.TransactionResult ?? ArmsResult.Success, time.NowMicros());
        var answer = await stores.Control.WriteAsync(
            async transaction =>
            {
                var row = await FindAsync(transaction, device, done.TransactionId ?? 0);
                if (row is null)
                {
                    return ArmsResult.Transaction;
                }

                if (result is >= 100 and < 200)
                {
                    if (row.State is PushBoxStates.RolledBack or PushBoxStates.Skipped)
                    {
                        return ArmsResult.Transaction;
                    }

                    if (row.State != PushBoxStates.Confirmed)
                    {
                        await ConfirmAsync(transaction, device, row, now);
                    }

                    return ArmsResult.Success;
                }

                if (result == RollbackFailure)
                {
                    await transaction.ExecuteAsync("UPDATE router_push_box SET cause = @Cause WHERE id = @Id", new { row.Id, Cause = Words(result) });
                    return RollbackFailure;
                }

                if (row.State is not (PushBoxStates.RolledBack or PushBoxStates.Confirmed))
                {
                    await EndAsync(transaction, device, row, PushBoxStates.RolledBack, Words(result), now);
                }

                return ArmsResult.Success;
            },
            cancellationToken);
        signal.Set();
        return answer;
    }

    /// <summary>(3) It is about to be given a version that is not the one under way: it does not run that one.</summary>
    public async ValueTask PulledAsync(RouterDevice device, string trigger, long given, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var ended = await stores.Control.WriteAsync(
            async transaction =>
            {
                var rows = await transaction.QueryAsync<PushBox>($"SELECT {PushBox.Columns} FROM router_push_box WHERE device_id = @Id AND state IN ('asked', 'accepted', 'silent') AND number <> @Given ORDER BY id", new { device.Id, Given = given });
                foreach (var row in rows)
                {
                    await EndAsync(transaction, device, row, PushBoxStates.RolledBack, $"it pulled again ({(trigger.Length > 0 ? trigger : "no trigger told")}) and was given version {given}", now);
                }

                return rows.Count;
            },
            cancellationToken);
        if (ended > 0)
        {
            signal.Set();
        }
    }

    /// <summary>(3) It says that it runs what it was given by a pull: where that is what is under way, or waits, it has arrived.</summary>
    public async ValueTask TakenAsync(RouterDevice device, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var confirmed = await stores.Control.WriteAsync(
            async transaction =>
            {
                var rows = await transaction.QueryAsync<PushBox>(
                    $"""
                    SELECT {PushBox.Columns} FROM router_push_box WHERE device_id = @Id AND state IN ('waiting', 'asked', 'accepted', 'silent')
                      AND number = (SELECT given FROM router_arms a WHERE a.device_id = @Id) ORDER BY id
                    """,
                    new { device.Id });
                foreach (var row in rows)
                {
                    await EndAsync(transaction, device, row, PushBoxStates.Confirmed, "it pulled the version and runs it", now);
                }

                return rows.Count;
            },
            cancellationToken);
        if (confirmed > 0)
        {
            signal.Set();
        }
    }

    /// <summary>(4) A box that comes with neither word nor pull never got the request: it is asked again. A box sends what it owes before it asks for confirmation.</summary>
    public async ValueTask ReturnedAsync(RouterDevice device, CancellationToken cancellationToken)
    {
        await stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE router_push_box SET state = 'waiting', cause = 'its tunnel ended before it answered' WHERE device_id = @Id AND state = 'asked'", new { device.Id }), cancellationToken);
        signal.Set();
    }

    /// <summary>A box answered the request itself with a refusal: nothing was changed on it.</summary>
    public async ValueTask RefusedAsync(RouterDevice device, string id, int code, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        await stores.Control.WriteAsync(
            async transaction =>
            {
                if (await transaction.FirstOrDefaultAsync<PushBox>($"SELECT {PushBox.Columns} FROM router_push_box WHERE id = @Id AND state = 'asked'", new { Id = id }) is not { } row)
                {
                    return false;
                }

                // Busy is no outcome, for a while.
                if (code is ArmsResult.ServerBusy or 302 or 303 or 406 && row.Attempts < options.Arms.PushAttempts)
                {
                    await transaction.ExecuteAsync("UPDATE router_push_box SET state = 'waiting', cause = @Cause WHERE id = @Id", new { row.Id, Cause = Words(code) });
                    return true;
                }

                await EndAsync(transaction, device, row, PushBoxStates.RolledBack, $"it refused the change: {Words(code)}; nothing was changed", now);
                return true;
            },
            cancellationToken);
        signal.Set();
    }

    /// <summary>
    /// A program that starts was away, or its store was, and boxes under way with it: they look for it as long as they were told to, and after that go back by themselves. Their time begins anew when that is over, else a
    /// fleet that comes back all at once would be told as silent. Once for each time a box is asked: a program that dies again and again keeps nobody waiting for ever.
    /// </summary>
    public async ValueTask WaitAnewAsync(CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            "UPDATE router_push_box SET due_at = @Due WHERE state IN ('asked', 'accepted') AND due_at < @Due AND due_at <= asked_at + @Confirmation",
            new { Due = DueAt(time.NowMicros()) + (long)(options.Arms.RetryMax * options.Arms.RetryInterval).TotalMicroseconds, Confirmation = (long)options.Arms.PushConfirmation.TotalMicroseconds }),
        cancellationToken);

    /// <summary>When a box that is asked at this time has to have come back.</summary>
    public long DueAt(long askedAt) => askedAt + (long)options.Arms.PushConfirmation.TotalMicroseconds;

    /// <summary>(5) Those whose time is up.</summary>
    public async ValueTask<int> ExpireAsync(CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var late = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<PushBox>(
                $"SELECT {PushBox.Columns} FROM router_push_box WHERE state IN ('asked', 'accepted') AND due_at < @Now ORDER BY id LIMIT {MostTold}", new { Now = now }),
            cancellationToken);
        foreach (var row in late)
        {
            if (await devices.KnownAsync(row.Identity, cancellationToken) is { } device)
            {
                await stores.Control.WriteAsync(
                    async transaction =>
                    {
                        if (await transaction.FirstOrDefaultAsync<string>("SELECT state FROM router_push_box WHERE id = @Id", new { row.Id }) == row.State)
                        {
                            var cause = row.State == PushBoxStates.Asked ? "it did not answer the request" : "it took the change and did not come back";
                            await EndAsync(transaction, device, row, PushBoxStates.Silent, string.Create(CultureInfo.InvariantCulture, $"{cause} within {(now - row.AskedAt) / UnixMicros.PerSecond} s; what it runs is not known"), now);
                        }

                        return true;
                    },
                    cancellationToken);
            }
        }

        return late.Count;
    }

    private const int RollbackFailure = 508;

    // By the box's own number for it; one whose number was never heard is the only one under way.
    private static async ValueTask<PushBox?> FindAsync(ISqlTransaction transaction, RouterDevice device, long number) =>
        await transaction.FirstOrDefaultAsync<PushBox>($"SELECT {PushBox.Columns} FROM router_push_box WHERE device_id = @Id AND transaction_id = @Number ORDER BY id DESC LIMIT 1", new { device.Id, Number = number }) is { } known && number > 0
            ? known
            : await transaction.FirstOrDefaultAsync<PushBox>(
                $"SELECT {PushBox.Columns} FROM router_push_box WHERE device_id = @Id AND transaction_id = 0 AND attempts > 0 AND state IN ('waiting', 'asked', 'silent') ORDER BY id DESC LIMIT 1", new { device.Id }) is { } open
                ? open with { TransactionId = number } : null;

    private async ValueTask ConfirmAsync(ISqlTransaction transaction, RouterDevice device, PushBox row, long now)
    {
        await EndAsync(transaction, device, row, PushBoxStates.Confirmed, row.State == PushBoxStates.Silent ? "it came back late and runs the version" : "it came back and runs the version", now);
        await transaction.ExecuteAsync(
            """
            INSERT INTO router_arms (device_id, tenant_path, given, given_at, taken, taken_at, push, push_at) VALUES (@Id, @TenantPath, @Number, @Now, @Number, @Now, '', 0)
            ON CONFLICT (device_id) DO UPDATE SET given = excluded.given, given_at = excluded.given_at, taken = excluded.taken, taken_at = excluded.taken_at
            """,
            new { device.Id, device.TenantPath, row.Number, Now = now });
        await transaction.ExecuteAsync(
            "UPDATE router_device SET state = @State, informed_at = @Now WHERE id = @Id AND subscription_id = @SubscriptionId AND state <> 'unclaimed'", new { device.Id, device.SubscriptionId, Now = now, State = DeviceStates.Configured });
    }

    private async ValueTask EndAsync(ISqlTransaction transaction, RouterDevice device, PushBox row, string state, string cause, long now)
    {
        await transaction.ExecuteAsync(
            "UPDATE router_push_box SET state = @State, transaction_id = @TransactionId, ended_at = @Now, cause = @Cause WHERE id = @Id", new { row.Id, row.TransactionId, State = state, Now = now, Cause = cause });
        var type = state switch { PushBoxStates.Confirmed => RouterEvents.PushConfirmed, PushBoxStates.RolledBack => RouterEvents.PushRolledBack, _ => RouterEvents.PushSilent };
        await devices.TellAsync(transaction, type, device, new { identity = row.Identity, site = row.SiteId, push = row.PushId, number = row.Number, formerly = row.Formerly, cause });
        metrics.Pushed(state);
    }

    private static string Words(int code) => string.Create(CultureInfo.InvariantCulture, $"{code} {ArmsResult.NameOf(code)}");
}
