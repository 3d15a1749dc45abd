using System.Globalization;
using System.Text.Json;
using NodaTime;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Letters;

/// <summary>Keeps letters, and what people do with those that did not go out by themselves.</summary>
internal sealed class LetterBook(Stores stores, ChangeRecorder changes, TimeProvider time)
{
    public const int MaxNote = 300;

    public static async ValueTask AddAsync(ISqlTransaction transaction, Letter letter) => await transaction.ExecuteAsync(
        $"""
        INSERT INTO bo_letter ({Letter.Columns})
        VALUES (@Id, @TenantPath, @AccountId, @StepId, @Language, @Recipient, @Subject, @Body, @State, @Tries, @NextAt, @Problem, @MadeAt, @SentAt, @SentOn, @SentBy)
        """,
        letter);

    public async ValueTask<Letter?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) => !caller.IsOperator
        ? null
        : await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<Letter>($"SELECT {Letter.Columns} FROM bo_letter WHERE id = @Id AND tenant_path >= @Path AND tenant_path < @End", new { Id = id, caller.Scope.Path, caller.Scope.End }),
            cancellationToken);

    /// <summary>How many letters stand where.</summary>
    public async ValueTask<IReadOnlyDictionary<string, long>> CountAsync(Caller caller, CancellationToken cancellationToken) => !caller.IsOperator
        ? new Dictionary<string, long>()
        : (await stores.Control.ReadAsync(
            reader => reader.QueryAsync<(string State, long Count)>(
                "SELECT state, count(*) FROM bo_letter WHERE tenant_path >= @Path AND tenant_path < @End GROUP BY state ORDER BY state", new { caller.Scope.Path, caller.Scope.End }),
            cancellationToken)).ToDictionary(static row => row.State, static row => row.Count, StringComparer.Ordinal);

    /// <summary>A person says that it is tried again: of one that failed, or of which nobody knows whether it went out.</summary>
    public ValueTask<Outcome<Letter>> SendAgainAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        ChangeAsync(caller, id, "send again", static letter => letter.State is LetterState.Failed or LetterState.Unknown, (letter, _) => letter with { State = LetterState.Waiting, NextAt = time.NowMicros(), Tries = 0 }, cancellationToken);

    /// <summary>A person says that it reached its reader otherwise: by post, by hand, or after all.</summary>
    public ValueTask<Outcome<Letter>> DeliveredAsync(Caller caller, string id, string note, CancellationToken cancellationToken) => note.Length is 0 or > MaxNote || note.Any(char.IsControl)
        ? new(Refusal.Invalid("backoffice.letter.note", "note", "how it was delivered is not said, or at too great length", $"1 to {MaxNote} characters"))
        : ChangeAsync(
            caller, id, "deliver otherwise", static letter => letter.State is LetterState.Waiting or LetterState.Failed or LetterState.Unknown,
            (letter, zone) => letter with { State = LetterState.Sent, SentAt = time.NowMicros(), SentOn = Today(zone), SentBy = $"{caller.ActorName}: {note}" }, cancellationToken);

    private async ValueTask<Outcome<Letter>> ChangeAsync(Caller caller, string id, string act, Func<Letter, bool> may, Func<Letter, string, Letter> change, CancellationToken cancellationToken)
    {
        if (await FindAsync(caller, id, cancellationToken) is null)
        {
            return Refusal.NotFound("letter", id);
        }

        return await stores.Control.WriteAsync<Outcome<Letter>>(
            async transaction =>
            {
                var before = (await transaction.FirstOrDefaultAsync<Letter>($"SELECT {Letter.Columns} FROM bo_letter WHERE id = @Id", new { Id = id }))!;
                if (!may(before))
                {
                    return Refusal.Conflict("backoffice.letter.state", $"the letter is {before.State}: it cannot be asked to {act}");
                }

                var after = change(before, (await transaction.FirstOrDefaultAsync<string>("SELECT time_zone FROM bo_account WHERE id = @AccountId", before))!);
                await SetAsync(transaction, after);
                await changes.RecordAsync(transaction, caller, BackOfficeEvents.LetterChanged, before.AccountId, before.TenantPath, new { before.Id, before.State }, new { after.Id, after.State, after.SentBy }, JsonSerializer.Serialize(new { letter = id, after.State }));
                return after;
            },
            cancellationToken);
    }

    /// <summary>Moves a letter on; its text stays.</summary>
    public static async ValueTask<bool> SetAsync(ISqlTransaction transaction, Letter letter, string? from = null) => await transaction.ExecuteAsync(
        "UPDATE bo_letter SET state = @State, tries = @Tries, next_at = @NextAt, problem = @Problem, sent_at = @SentAt, sent_on = @SentOn, sent_by = @SentBy WHERE id = @Id AND (@From = '' OR state = @From)",
        new { letter.State, letter.Tries, letter.NextAt, letter.Problem, letter.SentAt, letter.SentOn, letter.SentBy, letter.Id, From = from ?? "" }) > 0;

    internal string Today(string zone) => InvoiceBook.Text(Instant.FromDateTimeOffset(time.GetUtcNow()).InZone(DateTimeZoneProviders.Tzdb[zone]).Date.ToDateOnly());
}
