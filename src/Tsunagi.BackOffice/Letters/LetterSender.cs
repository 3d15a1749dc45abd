using System.Text.Json;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.BackOffice.Letters;

/// <summary>
/// Sends letters that wait, each at most once by itself: that the text goes to the relay is written down before it goes. Where a program ended between that and the relay's answer,
/// nobody knows whether it went out: the next holder of the lease says so, and a person decides.
/// </summary>
internal sealed class LetterSender(Stores stores, LetterBook book, Relay relay, Outbox outbox, BackOfficeOptions options, TimeProvider time)
{
    private const int AtATime = 20, MaxProblem = 400;

    /// <summary>What the holder before left in the middle is unknown.</summary>
    public async ValueTask TakeOverAsync(ILease? lease, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        async transaction =>
        {
            await GuardAsync(lease, transaction);
            foreach (var letter in await transaction.QueryAsync<Letter>($"SELECT {Letter.Columns} FROM bo_letter WHERE state = 'handing' ORDER BY id"))
            {
                await EndAsync(transaction, letter with { State = LetterState.Unknown, Problem = "the program ended before the relay's answer" }, BackOfficeEvents.LetterUnknown);
            }

            return true;
        },
        cancellationToken);

    /// <summary>Sends what is due; returns how many the relay took.</summary>
    public async ValueTask<int> SendAsync(ILease? lease, CancellationToken cancellationToken)
    {
        var sender = options.Letters.From.Length > 0 ? options.Letters.From : options.Issuer.Email;
        if (options.Letters.Relay.Length == 0 || !Mailbox.TryParse(sender, out var from))
        {
            return 0;
        }

        var due = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Letter>($"SELECT {Letter.Columns} FROM bo_letter WHERE state = 'waiting' AND next_at <= @Now ORDER BY next_at, id LIMIT @Limit", new { Now = time.NowMicros(), Limit = (long)AtATime }),
            cancellationToken);
        var sent = 0;
        foreach (var letter in due)
        {
            sent += await SendAsync(letter, from!, lease, cancellationToken) ? 1 : 0;
        }

        return sent;
    }

    private async ValueTask<bool> SendAsync(Letter letter, Mailbox from, ILease? lease, CancellationToken cancellationToken)
    {
        RelayAnswer answer;
        if (!Mailbox.TryParse(letter.Recipient, out var to) || !to!.IsAscii)
        {
            answer = new RelayAnswer(RelayOutcome.Refused, $"\"{letter.Recipient}\" is no address that mail can be sent to");
        }
        else
        {
            var name = options.Issuer.Name.Length > 0 ? options.Issuer.Name : await stores.Control.ReadAsync(InvoiceIssuer.ProviderAsync, cancellationToken);
            var message = LetterMessage.Write(letter, name, from, to, time.GetUtcNow());
            answer = await relay.GiveAsync(from, to, message, () => MayGoAsync(letter, lease, cancellationToken), cancellationToken);
        }

        if (answer.Outcome == RelayOutcome.Stopped)
        {
            return false;
        }

        // Once the relay has answered, that is written down even if the program is being stopped.
        return await stores.Control.WriteAsync(transaction => KeepAsync(transaction, letter, answer), answer.Outcome == RelayOutcome.Later ? cancellationToken : CancellationToken.None) && answer.Outcome == RelayOutcome.Taken;
    }

    private ValueTask<bool> MayGoAsync(Letter letter, ILease? lease, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            await GuardAsync(lease, transaction);
            return (lease?.IsSafe ?? true) && await LetterBook.SetAsync(transaction, letter with { State = LetterState.Handing }, LetterState.Waiting);
        },
        cancellationToken);

    private async ValueTask<bool> KeepAsync(ISqlTransaction transaction, Letter letter, RelayAnswer answer)
    {
        var zone = (await transaction.FirstOrDefaultAsync<string>("SELECT time_zone FROM bo_account WHERE id = @AccountId", letter))!;
        var text = answer.Text.Length > MaxProblem ? answer.Text[..MaxProblem] : answer.Text;
        var tries = letter.Tries + 1;
        return answer.Outcome switch
        {
            RelayOutcome.Taken => await EndAsync(transaction, letter with { State = LetterState.Sent, Tries = tries, Problem = null, SentAt = time.NowMicros(), SentOn = book.Today(zone), SentBy = text }, BackOfficeEvents.LetterSent),
            RelayOutcome.Unknown => await EndAsync(transaction, letter with { State = LetterState.Unknown, Tries = tries, Problem = text }, BackOfficeEvents.LetterUnknown),
            RelayOutcome.Later when tries < options.Letters.MostTries => await LetterBook.SetAsync(
                transaction, letter with { State = LetterState.Waiting, Tries = tries, Problem = text, NextAt = time.NowMicros() + (long)options.Letters.RetryAfter.TotalMicroseconds }),
            _ => await EndAsync(transaction, letter with { State = LetterState.Failed, Tries = tries, Problem = text }, BackOfficeEvents.LetterFailed),
        };
    }

    private async ValueTask<bool> EndAsync(ISqlTransaction transaction, Letter letter, string type)
    {
        var done = await LetterBook.SetAsync(transaction, letter);
        await outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, time.NowMicros(), letter.TenantPath, letter.AccountId, JsonSerializer.Serialize(new { letter = letter.Id })));
        return done;
    }

    private static ValueTask GuardAsync(ILease? lease, ISqlTransaction transaction) => lease is null ? default : lease.GuardAsync(transaction);
}
