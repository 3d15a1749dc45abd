using System.Text.Json;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Incidents;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>The ledger and the store: what other nodes made and ended is taken over, what happened here is written, with budgets, audit and event.</summary>
internal sealed partial class Ledger
{
    // (2), or not, when the store is away or takes too long: then it may have been written all the same, and is not written twice.
    private async ValueTask<(bool Stored, Refusal? Refusal)> StoreAsync(Caller caller, MitigationRow row, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(StoreWithin, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return (true, await _stores.Control.WriteAsync(transaction => InsertAsync(transaction, caller, row), both.Token));
        }
        catch (Exception away) when (away is StoreUnavailableException || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogUnstored(_log, away, row.Id);
            return (false, null);
        }
    }

    // What the store would say, by what this node knows.
    private Refusal? Room(MitigationRow row) =>
        _active.Values.Any(each => each.MatchKey == row.MatchKey) ? There(row) : Budget(_active.Values.Count(each => each.SubscriptionId == row.SubscriptionId), _active.Count);

    // (d): our own rules and ends are written first, then what is active there is taken over. While frozen nothing new is.
    private async ValueTask SynchroniseAsync(CancellationToken cancellationToken)
    {
        await WriteUnstoredAsync(cancellationToken);
        await WriteEndsAsync(cancellationToken);
        await WriteNotesAsync(cancellationToken);
        await WriteRenewalsAsync(cancellationToken);
        var began = _time.NowMicros();
        var stored = await _stores.Control.ReadAsync(
            static reader => reader.QueryAsync<MitigationRow>($"SELECT {MitigationRow.Columns} FROM ddos_mitigation WHERE ended_at IS NULL ORDER BY id"), cancellationToken);
        bool changed;
        lock (_gate)
        {
            // What was read may be older than what was done here meanwhile: a rule just made is not missing, one just ended is not there.
            foreach (var id in _endedHere.Where(pair => pair.Value < began - ReadIsYoungMicros).Select(static pair => pair.Key).ToList())
            {
                _endedHere.Remove(id);
            }

            var there = stored.Where(row => !_ended.ContainsKey(row.Id) && !_endedHere.ContainsKey(row.Id) && row.ExpiresAt > began).ToDictionary(static row => row.Id, StringComparer.Ordinal);
            var gone = _active.Values.Where(row => !there.ContainsKey(row.Id) && row.MadeAt < began - ReadIsYoungMicros && !_unstored.Contains(row.Id)).ToList();
            var fresh = _wasFrozen ? [] : there.Values.Where(row => !_active.ContainsKey(row.Id)).ToList();
            gone.ForEach(row => _active.Remove(row.Id));
            fresh.ForEach(row => _active[row.Id] = row);
            changed = gone.Count + fresh.Count > 0;

            // Renewed by the node that sees the attack.
            foreach (var row in there.Values)
            {
                if (_active.TryGetValue(row.Id, out var known) && known.ExpiresAt < row.ExpiresAt)
                {
                    _active[row.Id] = known with { ExpiresAt = row.ExpiresAt };
                    changed = true;
                }
            }
        }

        if (changed)
        {
            Publish();
        }

        lock (_gate)
        {
            _agreedAt = began;
            if (changed || (_active.Count > 0 && _agreedAt - _agreedKept >= AgreedEveryMicros))
            {
                Keep();
            }
        }

        await EndLeftAsync([.. stored.Where(row => row.ExpiresAt < began - ReadIsYoungMicros)], cancellationToken);
    }

    // What is over and nobody ended, since the node that made it is not there any more: else the same rule could never be made again.
    private async ValueTask EndLeftAsync(IReadOnlyList<MitigationRow> left, CancellationToken cancellationToken)
    {
        foreach (var row in left.Where(row => !Knows(row.Id)))
        {
            var ended = row with { EndedAt = _time.NowMicros(), EndedHow = "expired", EndedBy = "" };
            await _stores.Control.WriteAsync(transaction => StoreEndAsync(transaction, Caller.System(new TenantScope(row.TenantId, row.TenantPath)), ended), cancellationToken);
        }
    }

    private bool Knows(string id)
    {
        lock (_gate)
        {
            return _active.ContainsKey(id) || _ended.ContainsKey(id);
        }
    }

    private async ValueTask WriteUnstoredAsync(CancellationToken cancellationToken)
    {
        List<MitigationRow> made;
        lock (_gate)
        {
            made = [.. _unstored.Select(id => _active.GetValueOrDefault(id) ?? _ended.GetValueOrDefault(id)).OfType<MitigationRow>()];
            if (_unstored.Count == 0)
            {
                return;
            }
        }

        foreach (var row in made)
        {
            var by = Caller.System(new TenantScope(row.TenantId, row.TenantPath)) with { ActorId = row.MadeBy, ActorName = row.MadeByName };
            await _stores.Control.WriteAsync(
                async transaction =>
                {
                    // One for the same match that another node made meanwhile stays; ours goes when that one is taken over.
                    if (await SameAsync(transaction, row) is null)
                    {
                        await PutAsync(transaction, by, row with { EndedAt = null, EndedHow = "", EndedBy = "" });
                    }

                    return true;
                },
                cancellationToken);
        }

        lock (_gate)
        {
            made.ForEach(row => _unstored.Remove(row.Id));
            _unstored.RemoveWhere(id => !_active.ContainsKey(id) && !_ended.ContainsKey(id));
            Keep();
        }
    }

    private async ValueTask WriteEndsAsync(CancellationToken cancellationToken)
    {
        List<MitigationRow> ended;
        lock (_gate)
        {
            ended = [.. _ended.Values];
        }

        foreach (var row in ended)
        {
            var by = Caller.System(new TenantScope(row.TenantId, row.TenantPath));
            await _stores.Control.WriteAsync(transaction => StoreEndAsync(transaction, row.EndedBy.Length > 0 ? by with { ActorName = row.EndedBy } : by, row), cancellationToken);
        }

        if (ended.Count > 0)
        {
            Stored(ended);
        }
    }

    private async ValueTask WriteRenewalsAsync(CancellationToken cancellationToken)
    {
        List<MitigationRow> renewed;
        lock (_gate)
        {
            renewed = [.. _renewed.Select(id => _active.GetValueOrDefault(id)).OfType<MitigationRow>()];
        }

        if (renewed.Count > 0)
        {
            await _stores.Control.WriteAsync(
                async transaction =>
                {
                    foreach (var row in renewed)
                    {
                        await transaction.ExecuteAsync("UPDATE ddos_mitigation SET expires_at = @ExpiresAt WHERE id = @Id AND ended_at IS NULL AND expires_at < @ExpiresAt", row);
                    }

                    return true;
                },
                cancellationToken);
        }

        lock (_gate)
        {
            renewed.ForEach(row => _renewed.Remove(row.Id));
            _renewed.RemoveWhere(id => !_active.ContainsKey(id));
        }
    }

    private async ValueTask WriteNotesAsync(CancellationToken cancellationToken)
    {
        List<LedgerNote> notes;
        lock (_gate)
        {
            notes = [.. _toTell];
        }

        if (notes.Count == 0)
        {
            return;
        }

        await _stores.Control.WriteAsync(
            async transaction =>
            {
                var provider = await ProviderTenant.PathAsync(transaction);
                foreach (var note in notes.Where(_ => provider is not null))
                {
                    await _outbox.AppendAsync(transaction, new Event(note.Id, note.Type, note.AtMicros, provider!, _node.Name, note.Facts));
                }

                return true;
            },
            cancellationToken);
        lock (_gate)
        {
            _toTell.RemoveRange(0, notes.Count);
            Keep();
        }
    }

    private async ValueTask<Refusal?> InsertAsync(ISqlTransaction transaction, Caller caller, MitigationRow row)
    {
        if (await SameAsync(transaction, row) is not null)
        {
            return There(row);
        }

        var own = await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM ddos_mitigation WHERE subscription_id = @SubscriptionId AND ended_at IS NULL", row);
        var all = await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM ddos_mitigation WHERE ended_at IS NULL");
        if (Budget(own, all) is { } none)
        {
            return none;
        }

        await PutAsync(transaction, caller, row);
        return null;
    }

    // Another active rule for the same match.
    private static ValueTask<string?> SameAsync(ISqlTransaction transaction, MitigationRow row) =>
        transaction.FirstOrDefaultAsync<string>("SELECT id FROM ddos_mitigation WHERE match_key = @MatchKey AND ended_at IS NULL AND id <> @Id", row);

    private async ValueTask PutAsync(ISqlTransaction transaction, Caller caller, MitigationRow row)
    {
        var isNew = await transaction.ExecuteAsync(
            $"""
            INSERT INTO ddos_mitigation ({MitigationRow.Columns})
            VALUES (@Id, @TenantPath, @TenantId, @SubscriptionId, @Kind, @Rule, @MatchKey, @Reason, @IncidentId, @MadeBy, @MadeByName, @MadeAt, @ExpiresAt, NULL, '', '', @Follows, '')
            ON CONFLICT (id) DO NOTHING
            """,
            row) == 1;
        if (isNew)
        {
            await _changes.RecordAsync(transaction, caller, DdosEvents.MitigationMade, row.Id, row.TenantPath, null, row, Facts(row), row.Reason);
        }
    }

    private static Refusal There(MitigationRow row) => Refusal.Conflict(
        ThereCode, "there is an active rule for the same match: two of them would replace each other at the router; lift it first", row.Kind == MitigationRow.Blackhole ? "blackhole" : "rule");

    private Refusal? Budget(long own, long all) =>
        own < _options.Mitigate.MaxPerSubscription && all < _options.Mitigate.MaxRules ? null : Refusal.Conflict(
            "ddos.mitigation.budget",
            own >= _options.Mitigate.MaxPerSubscription
                ? $"the subscription has {own} active rules, as many as it may have; lift one first"
                : $"there are {all} active rules, as many as the routers take; lift one first");

    private async ValueTask<bool> StoreEndAsync(ISqlTransaction transaction, Caller caller, MitigationRow row)
    {
        var changed = await transaction.ExecuteAsync(
            "UPDATE ddos_mitigation SET ended_at = @EndedAt, ended_how = @EndedHow, ended_by = @EndedBy WHERE id = @Id AND ended_at IS NULL", row);
        if (changed == 1)
        {
            await _changes.RecordAsync(transaction, caller, DdosEvents.MitigationEnded, row.Id, row.TenantPath, row with { EndedAt = null, EndedHow = "", EndedBy = "" }, row, Facts(row));
        }

        return true;
    }

    private static string Facts(MitigationRow row) => JsonSerializer.Serialize(new
    {
        kind = row.Kind, rule = row.Rule, reason = row.Reason, incident = row.IncidentId, by = row.MadeByName, until = row.ExpiresAt, endedHow = row.EndedHow, endedBy = row.EndedBy,
    });
}
