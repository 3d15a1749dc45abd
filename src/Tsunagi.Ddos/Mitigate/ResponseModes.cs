using System.Collections.Concurrent;
using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.DryRun;
using Tsunagi.Ddos.Incidents;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>
/// The modes of the protections. Ask and automatic are an operator's act, with its reason in the audit, and where more is done than before with the report of a dry run (<see cref="DryRunGate"/>), or told as a warning without one; back to observing may go whoever is protected. What the store said last is kept, so that with the database away an attack is still
/// answered as was decided; a protection that nobody decided about is observed.
/// </summary>
internal sealed class ResponseModes(Stores stores, ProtectionContracts contracts, ChangeRecorder changes, DryRunGate gate, Outbox outbox, TimeProvider time)
{
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, ModeRow> _rows = new(StringComparer.Ordinal);
    private long _readAt;

    public string Of(string subscription) => _rows.GetValueOrDefault(subscription)?.Mode ?? ResponseMode.Observe;

    public ModeRow? Find(string subscription) => _rows.GetValueOrDefault(subscription);

    /// <summary>Sets it, or says why not. A protection of somebody else's is none.</summary>
    public async ValueTask<Outcome<ModeRow>> SetAsync(Caller caller, string subscription, ModeRequest request, CancellationToken cancellationToken)
    {
        if (!contracts.Table.All.TryGetValue(subscription, out var protection) || !caller.Scope.Covers(protection.TenantPath))
        {
            return Refusal.NotFound("protection", subscription);
        }

        // Anybody may stop what is done for him; more is decided by those who answer for the network.
        if (request.Mode != ResponseMode.Observe && !caller.IsOperator)
        {
            return Refusal.Conflict("ddos.mode.operator", "that rules wait or go out by themselves is decided by the provider's operators; observe is yours to choose", "mode");
        }

        if (request.WithoutReport && !caller.May(DdosPermissions.ModeOverride))
        {
            return Refusal.Forbidden(DdosPermissions.ModeOverride);
        }

        var set = await stores.Control.WriteAsync(transaction => SetAsync(transaction, caller, protection, request), cancellationToken);
        if (set.Ok)
        {
            _rows[subscription] = set.Value;
        }

        return set;
    }

    private async ValueTask<Outcome<ModeRow>> SetAsync(ISqlTransaction transaction, Caller caller, Protection protection, ModeRequest request)
    {
        var subscription = protection.Subscription;
        var before = await transaction.FirstOrDefaultAsync<ModeRow>($"SELECT {ModeRow.Columns} FROM ddos_mode WHERE subscription_id = @Subscription", new { Subscription = subscription });
        var isMore = DryRunGate.Rank(request.Mode) > DryRunGate.Rank(before?.Mode ?? ResponseMode.Observe);
        var report = request.Mode == ResponseMode.Observe || isMore ? "" : before?.Report ?? "";
        if (isMore && request.WithoutReport)
        {
            report = ModeRow.Without;
        }
        else if (isMore)
        {
            var found = await gate.FindAsync(transaction, protection, request.Mode, request.Report);
            if (!found.Ok)
            {
                return found.Refusal;
            }

            report = found.Value.Id;
        }

        var row = new ModeRow(subscription, protection.TenantPath, protection.TenantId, request.Mode, request.Reason.Trim(), caller.ActorName, time.NowMicros(), report);
        await transaction.ExecuteAsync(
            $"""
            INSERT INTO ddos_mode ({ModeRow.Columns}) VALUES (@SubscriptionId, @TenantPath, @TenantId, @Mode, @Reason, @SetBy, @SetAt, @Report)
            ON CONFLICT (subscription_id) DO UPDATE SET tenant_path = excluded.tenant_path, tenant_id = excluded.tenant_id, mode = excluded.mode, reason = excluded.reason,
              set_by = excluded.set_by, set_at = excluded.set_at, report = excluded.report
            """,
            row);
        var facts = JsonSerializer.Serialize(new { from = before?.Mode ?? ResponseMode.Observe, to = row.Mode, by = row.SetBy, reason = row.Reason, report = row.Report });
        await changes.RecordAsync(transaction, caller, DdosEvents.ModeChanged, subscription, row.TenantPath, before, row, facts, row.Reason);
        if (isMore && request.WithoutReport)
        {
            await outbox.AppendAsync(transaction, new Event(Id.New("e", time), DdosEvents.ModeWithoutReport, time.NowMicros(), row.TenantPath, subscription, facts));
        }

        return row;
    }

    /// <summary>Reads what other nodes set; does something once a second.</summary>
    public async ValueTask ReadAsync(CancellationToken cancellationToken)
    {
        if (_readAt != 0 && time.GetElapsedTime(_readAt) < ReadEvery)
        {
            return;
        }

        _readAt = time.GetTimestamp();
        var rows = await stores.Control.ReadAsync(static reader => reader.QueryAsync<ModeRow>($"SELECT {ModeRow.Columns} FROM ddos_mode ORDER BY subscription_id"), cancellationToken);
        foreach (var row in rows)
        {
            // One that was set here a moment ago is newer than this read.
            _rows.AddOrUpdate(row.SubscriptionId, row, (_, known) => known.SetAt > row.SetAt ? known : row);
        }
    }
}
