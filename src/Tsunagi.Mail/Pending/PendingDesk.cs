using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;

namespace Tsunagi.Mail.Pending;

/// <summary>Who decides about mail that waits: somebody signed in who may, or its sender, who came by the link of a notice and has that one message only.</summary>
/// <param name="Message">The one message; null for somebody signed in.</param>
internal sealed record PendingActor(Caller Caller, string? Message);

/// <summary>
/// What people do with mail that waits before it leaves, by whatever door they come (console, API, the page of a notice): the row is found, if it is theirs to see, and decided in one guarded statement, with audit
/// and event in the same transaction. Doing again what is done is no error; the opposite of what is done is refused.
/// </summary>
internal sealed class PendingDesk(Stores stores, PendingBook book, ChangeRecorder changes)
{
    /// <summary>Null when there is none, or it is not the caller's to see.</summary>
    public async ValueTask<PendingRow?> FindAsync(PendingActor who, string id, CancellationToken cancellationToken) =>
        await book.FindAsync(who.Caller, id, cancellationToken) is { } row && (who.Message is null || who.Message == row.MessageId) ? row : null;

    /// <summary>It goes now.</summary>
    public ValueTask<Outcome<PendingRow>> SendAsync(PendingActor who, string id, CancellationToken cancellationToken) => DecideAsync(who, id, PendingState.Sent, cancellationToken);

    /// <summary>It is taken back: this recipient never gets it.</summary>
    public ValueTask<Outcome<PendingRow>> CancelAsync(PendingActor who, string id, CancellationToken cancellationToken) => DecideAsync(who, id, PendingState.Recalled, cancellationToken);

    private async ValueTask<Outcome<PendingRow>> DecideAsync(PendingActor who, string id, string state, CancellationToken cancellationToken)
    {
        if (await FindAsync(who, id, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("pending message", id);
        }

        return await stores.Control.WriteAsync<Outcome<PendingRow>>(
            async transaction =>
            {
                if (await book.DecideAsync(transaction, row.Id, state, who.Caller.ActorName) is not { } decided)
                {
                    return WhyNot(await book.ReadAsync(transaction, row.Id), id, state);
                }

                await changes.RecordAsync(
                    transaction, who.Caller, "mail.pending." + state, row.Id, row.TenantPath, new { row.State }, new { decided.State },
                    JsonSerializer.Serialize(new { message = row.MessageId, subscription = row.SubscriptionId, by = who.Message is null ? "administrator" : "sender" }));
                return decided;
            },
            cancellationToken);
    }

    private static Outcome<PendingRow> WhyNot(PendingRow? now, string id, string state) => now switch
    {
        null => Refusal.NotFound("pending message", id),
        _ when now.State == state => now,
        { State: PendingState.Sent } => Refusal.Conflict("mail.pending.sent", "it has left already: its time was over, or somebody sent it"),
        _ => Refusal.Conflict("mail.pending.recalled", "it was taken back already"),
    };
}
