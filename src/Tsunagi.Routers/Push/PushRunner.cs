using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Push;

/// <summary>
/// Brings pushes to boxes. Each look: (1) what was not confirmed in time is told as silent, where the program and its store were there to hear it, (2) a ring with more failures than its budget stops its push, a ring that is over opens the next, (3) boxes
/// of open rings whose tunnels are on this node are asked, each with one change at a time: first it is written that the box is asked, then it is. All that is known lies in the store: a
/// program that was killed goes on with its next look, and several nodes do each their own tunnels.
/// </summary>
internal sealed partial class PushRunner(
    Stores stores, ArmsTunnels tunnels, SiteConfigurations configurations, PushOutcomes outcomes, Outbox outbox, RoutersOptions options, PushSignal signal, TimeProvider time, ILogger<PushRunner> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, Task> _under = new(StringComparer.Ordinal);
    private bool _away;
    private bool _hasWaitedAnew;

    /// <exception cref="StoreUnavailableException">What boxes said meanwhile was not written: the next look waits anew.</exception>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StepsAsync(cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            _hasWaitedAnew = false;
            throw;
        }
    }

    private async ValueTask StepsAsync(CancellationToken cancellationToken)
    {
        // (1)
        if (!_hasWaitedAnew)
        {
            await outcomes.WaitAnewAsync(cancellationToken);
            _hasWaitedAnew = true;
        }

        await outcomes.ExpireAsync(cancellationToken);

        // (2)
        var running = await stores.Control.ReadAsync(static reader => reader.QueryAsync<RouterPush>($"SELECT {RouterPush.Columns} FROM router_push WHERE state = 'running' ORDER BY id"), cancellationToken);
        foreach (var push in running)
        {
            await JudgeAsync(push, cancellationToken);
        }

        // (3)
        if (running.Count > 0 && tunnels.Count > 0)
        {
            await AskAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    await LookAsync(stoppingToken);
                    _away = false;
                }
                catch (StoreUnavailableException away)
                {
                    if (!_away)
                    {
                        LogStoreAway(log, away);
                    }

                    _away = true;
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // The one place for whatever goes wrong in a look: all that is known lies in the store, and the next one is a moment away.
                    LogLookFailed(log, e);
                }

                await signal.WaitAsync(Every, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; what is under way is found again at its start.
        }

        await Task.WhenAll(_under.Values);
    }

    // (2)
    private async ValueTask JudgeAsync(RouterPush push, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        await stores.Control.WriteAsync(
            async transaction =>
            {
                if (await transaction.FirstOrDefaultAsync<RouterPush>($"SELECT {RouterPush.Columns} FROM router_push WHERE id = @Id AND state = 'running'", new { push.Id }) is not { } current)
                {
                    return false;
                }

                var counts = await transaction.QueryAsync<PushCount>("SELECT ring, state, count(*) AS boxes FROM router_push_box WHERE push_id = @Id GROUP BY ring, state ORDER BY ring, state", new { push.Id });
                var sizes = current.RingSizes;
                for (var ring = 0; ring <= current.Ring; ring++)
                {
                    var failed = Of(counts, ring, PushBoxStates.RolledBack) + Of(counts, ring, PushBoxStates.Silent);
                    if (failed > PushRings.Allowed(sizes[ring], current.Budget))
                    {
                        await HaltAsync(transaction, current, string.Create(CultureInfo.InvariantCulture, $"ring {ring + 1}: {failed} of {sizes[ring]} boxes did not confirm, {current.Budget} % may"), now);
                        return true;
                    }
                }

                var open = Of(counts, (int)current.Ring, PushBoxStates.Asked) + Of(counts, (int)current.Ring, PushBoxStates.Accepted);
                var (waiting, confirmed) = (Of(counts, (int)current.Ring, PushBoxStates.Waiting), Of(counts, (int)current.Ring, PushBoxStates.Confirmed));

                // Boxes that are away keep nobody waiting once another of their ring came back well; they are asked when they are there.
                var isOver = open == 0 && (waiting == 0 || (confirmed > 0 && await PresentAsync(transaction, current, now) == 0));
                if (isOver && current.Ring + 1 < sizes.Count)
                {
                    await transaction.ExecuteAsync("UPDATE router_push SET ring = ring + 1, ring_at = @Now WHERE id = @Id AND ring = @Ring", new { push.Id, Now = now, current.Ring });
                    signal.Set();
                }
                else if (isOver && !counts.Any(static count => PushBoxStates.IsOpen(count.State)))
                {
                    await transaction.ExecuteAsync("UPDATE router_push SET state = 'done', ended_at = @Now WHERE id = @Id", new { push.Id, Now = now });
                    await TellAsync(transaction, RouterEvents.PushDone, current, new { push = push.Id, boxes = push.Boxes, confirmed = counts.Where(static c => c.State == PushBoxStates.Confirmed).Sum(static c => c.Boxes) }, now);
                }

                return true;
            },
            cancellationToken);
    }

    private async ValueTask<long> PresentAsync(ISqlTransaction transaction, RouterPush push, long now) => await transaction.FirstOrDefaultAsync<long>(
        """
        SELECT count(*) FROM router_push_box b JOIN router_device d ON d.id = b.device_id
        WHERE b.push_id = @Id AND b.ring = @Ring AND b.state = 'waiting' AND (b.attempts > 0 OR d.informed_at >= @Since)
        """,
        new { push.Id, push.Ring, Since = now - (long)options.Arms.PushPatience.TotalMicroseconds });

    private static long Of(IReadOnlyList<PushCount> counts, int ring, string state) => counts.Where(count => count.Ring == ring && count.State == state).Sum(static count => count.Boxes);

    private async ValueTask HaltAsync(ISqlTransaction transaction, RouterPush push, string cause, long now)
    {
        await transaction.ExecuteAsync("UPDATE router_push SET state = 'stopped', ended_at = @Now, cause = @Cause WHERE id = @Id", new { push.Id, Now = now, Cause = cause });
        await transaction.ExecuteAsync("UPDATE router_push_box SET state = 'skipped', ended_at = @Now, cause = 'the push stopped before' WHERE push_id = @Id AND state = 'waiting'", new { push.Id, Now = now });
        await TellAsync(transaction, RouterEvents.PushHalted, push, new { push = push.Id, ring = push.Ring + 1, cause }, now);
    }

    private ValueTask TellAsync(ISqlTransaction transaction, string type, RouterPush push, object facts, long now) =>
        outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, now, push.TenantPath, push.Id, JsonSerializer.Serialize(facts)));

    // (3)
    private async ValueTask AskAsync(CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var waiting = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Waiting>(
                """
                SELECT b.id, b.device_id FROM router_push_box b JOIN router_push p ON p.id = b.push_id
                WHERE p.state = 'running' AND b.state = 'waiting' AND b.ring <= p.ring AND (b.attempts = 0 OR b.asked_at < @Again) ORDER BY b.id LIMIT @Most
                """,
                new { Again = now - (long)options.Arms.PushAgainAfter.TotalMicroseconds, Most = (long)options.Arms.MaxPushBoxes }),
            cancellationToken);
        foreach (var row in waiting)
        {
            if (_under.Count >= options.Arms.PushesAtOnce)
            {
                return;
            }

            if (!_under.ContainsKey(row.Id) && tunnels.Find(row.DeviceId) is { } tunnel)
            {
                var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _under[row.Id] = begun.Task;
                _ = OneAsync(row.Id, tunnel, begun, cancellationToken);
            }
        }
    }

    private async Task OneAsync(string id, ArmsTunnel tunnel, TaskCompletionSource over, CancellationToken cancellationToken)
    {
        try
        {
            await PushAsync(id, tunnel, cancellationToken);
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The program stops.
        }
        catch (Exception broken)
        {
            LogBroken(log, id, broken);
        }
        finally
        {
            _under.TryRemove(id, out _);
            over.SetResult();
            signal.Set();
        }
    }

    private async ValueTask PushAsync(string id, ArmsTunnel tunnel, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var row = await stores.Control.WriteAsync(
            async transaction => await transaction.ExecuteAsync(
                """
                UPDATE router_push_box SET state = 'asked', asked_at = @Now, due_at = @Due, attempts = attempts + 1, transaction_id = 0, cause = '' WHERE id = @Id AND state = 'waiting' AND device_id = @Device
                  AND EXISTS (SELECT 1 FROM router_push p WHERE p.id = router_push_box.push_id AND p.state = 'running')
                  AND NOT EXISTS (SELECT 1 FROM router_push_box o WHERE o.device_id = router_push_box.device_id AND o.state IN ('asked', 'accepted'))
                """,
                new { Id = id, Now = now, Due = outcomes.DueAt(now), Device = tunnel.Device.Id }) == 1
                ? await transaction.FirstOrDefaultAsync<PushBox>($"SELECT {PushBox.Columns} FROM router_push_box WHERE id = @Id", new { Id = id }) : null,
            cancellationToken);
        if (row is null || await configurations.VersionAsync(row.SiteId, row.TenantPath, row.Number, cancellationToken) is not { } version)
        {
            return;
        }

        var request = ArmsAnswers.Configure(tunnel.Device, tunnel.ResultUrl, await configurations.OpenAsync(version, cancellationToken));
        var answer = await tunnel.AskAsync(request, cancellationToken);
        if (answer?.ResultCode == ArmsResult.Success)
        {
            await outcomes.AcceptedAsync(tunnel.Device, answer.TransactionId ?? 0, cancellationToken);
        }
        else if (answer?.ResultCode is { } code)
        {
            await outcomes.RefusedAsync(tunnel.Device, id, code, cancellationToken);
        }
    }

    private sealed record Waiting(string Id, string DeviceId);

    [LoggerMessage(6108, LogLevel.Warning, "the store is away; pushes go on when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(6109, LogLevel.Error, "bringing push {Box} to its box")]
    private static partial void LogBroken(ILogger log, string box, Exception exception);

    [LoggerMessage(6119, LogLevel.Error, "a look at the pushes failed; the next one goes on")]
    private static partial void LogLookFailed(ILogger log, Exception exception);
}
