using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Meters;

namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// What people do with held mail, by whatever door they come (console, API, the page of a digest): (1) the copy is found, if it is theirs to see, (2) the class and the
/// contract say whether they may, (3) its state changes in one guarded statement, with audit and event in the same transaction. Doing again what is done is no error.
/// </summary>
internal sealed class HeldDesk(
    Stores stores, HeldBook book, HeldReleases releases, SenderBook senders, GatewayContracts contracts, ChangeRecorder changes, MailMetrics metrics, TimeProvider time)
{
    /// <summary>Null when there is none, or it is not the caller's to see.</summary>
    public async ValueTask<HeldRow?> FindAsync(HeldActor who, string id, CancellationToken cancellationToken) =>
        await book.FindAsync(who.Caller, id, cancellationToken) is { } row && (who.Recipient is null || who.Recipient == row.Recipient) ? row : null;

    /// <param name="allowSender">The sender goes onto the recipient's list of those that are let through.</param>
    public async ValueTask<Outcome<HeldRow>> ReleaseAsync(HeldActor who, string id, bool allowSender, CancellationToken cancellationToken)
    {
        if (await FindAsync(who, id, cancellationToken) is not { } row)
        {
            return Missing(id);
        }

        if (who.IsRecipient && !RecipientRights.MayRelease(SettingsOf(row), row.Class))
        {
            return new Refusal(RefusalKind.Forbidden, "mail.quarantine.not-yours", $"a message held as {row.Class} is released by an administrator");
        }

        // Made before the transaction, which may run again.
        var release = SpoolId.New(time).ToString();
        var sender = allowSender ? SenderOf(row) : null;
        var released = await ActAsync(
            who, row, who.IsRecipient ? HeldAct.ReleaseByRecipient : HeldAct.Release, "", release,
            sender is null ? null : transaction => senders.SetAsync(transaction, who.Caller, row.TenantPath, SenderScope.Recipient, row.Recipient, sender, SenderRule.Allow), cancellationToken);
        releases.Pulse();
        await senders.LoadAsync(cancellationToken);
        return released;
    }

    /// <summary>The recipient asks an administrator to release it.</summary>
    public async ValueTask<Outcome<HeldRow>> RequestAsync(HeldActor who, string id, CancellationToken cancellationToken)
    {
        if (await FindAsync(who, id, cancellationToken) is not { } row)
        {
            return Missing(id);
        }

        return who.IsRecipient && RecipientRights.MayRequest(SettingsOf(row), row.Class)
            ? await ActAsync(who, row, HeldAct.Request, "", "", null, cancellationToken)
            : new Refusal(RefusalKind.Forbidden, "mail.quarantine.no-request", $"a message held as {row.Class} is not released on request");
    }

    /// <summary>An administrator refuses a recipient's request.</summary>
    public async ValueTask<Outcome<HeldRow>> RefuseAsync(HeldActor who, string id, string reason, CancellationToken cancellationToken) =>
        await FindAsync(who, id, cancellationToken) is { } row && !who.IsRecipient ? await ActAsync(who, row, HeldAct.Refuse, reason, "", null, cancellationToken) : Missing(id);

    public async ValueTask<Outcome<HeldRow>> DeleteAsync(HeldActor who, string id, CancellationToken cancellationToken)
    {
        if (await FindAsync(who, id, cancellationToken) is not { } row)
        {
            return Missing(id);
        }

        return who.IsRecipient && !RecipientRights.MayDelete(SettingsOf(row))
            ? new Refusal(RefusalKind.Forbidden, "mail.quarantine.look-only", "held mail is looked after by an administrator here")
            : await ActAsync(who, row, HeldAct.Delete, "", "", null, cancellationToken);
    }

    /// <summary>What its sender sends from now on is blocked, for this recipient, the domain, or the tenant.</summary>
    public async ValueTask<Outcome<SenderEntry>> BlockAsync(HeldActor who, string id, SenderScope scope, CancellationToken cancellationToken)
    {
        if (await FindAsync(who, id, cancellationToken) is not { } row || (who.IsRecipient && scope != SenderScope.Recipient))
        {
            return Refusal.NotFound("held message", id);
        }

        if (SenderOf(row) is not { } sender)
        {
            return Refusal.Conflict("mail.quarantine.no-sender", "this message names no sender that could be blocked");
        }

        var owner = scope switch
        {
            SenderScope.Recipient => row.Recipient,
            SenderScope.Domain => row.Recipient[(row.Recipient.LastIndexOf('@') + 1)..],
            _ => row.TenantPath,
        };
        return await senders.SetAsync(who.Caller, row.TenantPath, scope, owner, sender, SenderRule.Block, cancellationToken);
    }

    /// <summary>A legal hold: no expiry, no deletion, until it is lifted.</summary>
    public ValueTask<Outcome<HeldRow>> KeepAsync(HeldActor who, string id, string reason, CancellationToken cancellationToken) =>
        KeepAsync(who, id, reason, "mail.quarantine.kept", cancellationToken);

    public ValueTask<Outcome<HeldRow>> LetGoAsync(HeldActor who, string id, CancellationToken cancellationToken) =>
        KeepAsync(who, id, "", "mail.quarantine.let-go", cancellationToken);

    /// <summary>The settings of the contract it was held under; the defaults when that has ended.</summary>
    public QuarantineSettings SettingsOf(HeldRow row) =>
        contracts.Table.BySubscription.TryGetValue(row.SubscriptionId, out var gateway) ? gateway.Settings.Quarantine : new QuarantineSettings();

    /// <summary>The address people see, or that of the envelope; null when there is neither.</summary>
    public static string? SenderOf(HeldRow row)
    {
        var open = row.FromText.LastIndexOf('<');
        return Address(open >= 0 ? row.FromText[(open + 1)..] : row.FromText) ?? Address(row.Sender);

        // A From field may hold a bare name, and a name may look like a domain.
        static string? Address(string text) => text.IndexOf('@', StringComparison.Ordinal) > 0 ? SenderBook.Canonical(text) : null;
    }

    private async ValueTask<Outcome<HeldRow>> ActAsync(
        HeldActor who, HeldRow row, HeldAct act, string reason, string release, Func<ISqlTransaction, ValueTask<Outcome<SenderEntry>>>? also, CancellationToken cancellationToken)
    {
        var acted = await stores.Control.WriteAsync<Outcome<HeldRow>>(
            async transaction =>
            {
                if (await book.MoveAsync(transaction, row.Id, act, who.Name, reason, release) is not { } moved)
                {
                    return WhyNot(await book.ReadAsync(transaction, row.Id), row.Id, act);
                }

                // A list of senders that is full does not stand in the way of the message.
                if (also is not null)
                {
                    await also(transaction);
                }

                await changes.RecordAsync(
                    transaction, who.Caller, "mail.quarantine." + act.Word, row.Id, row.TenantPath, new { row.State }, new { moved.State, moved.ReleaseId },
                    JsonSerializer.Serialize(new { message = row.MessageId, subscription = row.SubscriptionId, @class = row.Class, by = who.IsRecipient ? "recipient" : "administrator", release = moved.ReleaseId }),
                    reason.Length > 0 ? reason : null);
                return moved;
            },
            cancellationToken);
        if (acted.Ok && act.To != HeldState.Releasing)
        {
            metrics.HeldActed(act.Word, row.Class);
        }

        return acted;
    }

    private async ValueTask<Outcome<HeldRow>> KeepAsync(HeldActor who, string id, string reason, string act, CancellationToken cancellationToken)
    {
        if (await FindAsync(who, id, cancellationToken) is not { } row || who.IsRecipient)
        {
            return Missing(id);
        }

        return await stores.Control.WriteAsync<Outcome<HeldRow>>(
            async transaction =>
            {
                if (await book.KeepAsync(transaction, id, who.Name, reason) is not { } kept)
                {
                    return await book.ReadAsync(transaction, id) is { } now && now.IsKept == (reason.Length > 0)
                        ? now
                        : Refusal.Conflict("mail.quarantine.ended", $"held message {id} has ended: there is nothing left to keep");
                }

                await changes.RecordAsync(
                    transaction, who.Caller, act, id, row.TenantPath, new { kept = row.IsKept }, new { kept = kept.IsKept },
                    JsonSerializer.Serialize(new { message = row.MessageId, subscription = row.SubscriptionId, @class = row.Class }), reason.Length > 0 ? reason : null);
                return kept;
            },
            cancellationToken);
    }

    // The second of two that do the same finds it done.
    private static Outcome<HeldRow> WhyNot(HeldRow? now, string id, HeldAct act) => now switch
    {
        null => Missing(id),
        _ when act.IsDoneIn(now.State) => now,
        { IsKept: true } when act.EndsIt => Refusal.Conflict("mail.quarantine.legal-hold", $"held message {id} is under legal hold: it cannot be deleted"),
        _ => Refusal.Conflict("mail.quarantine.state", $"held message {id} is {now.State} now: this can no longer be done with it"),
    };

    private static Outcome<HeldRow> Missing(string id) => Refusal.NotFound("held message", id);
}
