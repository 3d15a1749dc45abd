using System.Collections.Frozen;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;

namespace Tsunagi.Mail.Delivery;

/// <summary>
/// Next hops to which an operator stopped delivery. Kept in the control store, so that a restart and the other nodes know within seconds; mail for
/// them is accepted and waits.
/// </summary>
internal sealed partial class NextHopHolds(Stores stores, ChangeRecorder changes, TimeProvider time, ILogger<NextHopHolds> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(3);

    private FrozenDictionary<string, string> _held = FrozenDictionary<string, string>.Empty;

    public event EventHandler? Changed;

    /// <summary>Who held it and why, or null.</summary>
    public string? Of(NextHop nextHop) => _held.GetValueOrDefault(nextHop.ToString());

    public async ValueTask<Refusal?> HoldAsync(Caller caller, NextHop nextHop, string reason, CancellationToken cancellationToken)
    {
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO mail_next_hop_hold (next_hop, held_by, reason, held_at) VALUES (@NextHop, @By, @Reason, @At)
                    ON CONFLICT (next_hop) DO UPDATE SET held_by = excluded.held_by, reason = excluded.reason, held_at = excluded.held_at
                    """,
                    new { NextHop = nextHop.ToString(), By = caller.ActorName, Reason = reason, At = time.NowMicros() });
                await changes.RecordAsync(
                    transaction, caller, "mail.next-hop.held", nextHop.ToString(), caller.Scope.Path, null, new { nextHop = nextHop.ToString() }, reason: reason);
                return true;
            },
            cancellationToken);
        await LoadAsync(cancellationToken);
        return null;
    }

    public async ValueTask<Refusal?> ReleaseAsync(Caller caller, NextHop nextHop, CancellationToken cancellationToken)
    {
        var released = await stores.Control.WriteAsync(
            async transaction =>
            {
                var rows = await transaction.ExecuteAsync("DELETE FROM mail_next_hop_hold WHERE next_hop = @NextHop", new { NextHop = nextHop.ToString() });
                if (rows > 0)
                {
                    await changes.RecordAsync(
                        transaction, caller, "mail.next-hop.released", nextHop.ToString(), caller.Scope.Path, new { nextHop = nextHop.ToString() }, null);
                }

                return rows > 0;
            },
            cancellationToken);
        await LoadAsync(cancellationToken);
        return released ? null : Refusal.NotFound("held next hop", nextHop.ToString());
    }

    /// <summary>Reads what is held; a store that is away leaves it as it was.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rows = await stores.Control.ReadAsync(
                static reader => reader.QueryAsync<Row>("SELECT next_hop, held_by, reason FROM mail_next_hop_hold ORDER BY next_hop"), cancellationToken);
            var held = rows.ToFrozenDictionary(static row => row.NextHop, static row => $"{row.HeldBy}: {row.Reason}", StringComparer.Ordinal);
            var same = held.Count == _held.Count && held.All(pair => _held.TryGetValue(pair.Key, out var known) && known == pair.Value);
            _held = held;
            if (!same)
            {
                Changed?.Invoke(this, EventArgs.Empty);
            }
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await Task.Delay(LookEvery, time, stoppingToken);
                await LoadAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private sealed record Row(string NextHop, string HeldBy, string Reason);

    [LoggerMessage(2111, LogLevel.Warning, "the store is away; holds on next hops stay as they were")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
