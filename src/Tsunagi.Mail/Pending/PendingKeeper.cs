using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Pending;

/// <summary>
/// Looks after the mail of this node that waits before it leaves: (1) messages that are new, or were found in the spool at a start, are entered in the book, (2) their senders are told, once, (3) those whose time
/// has come are decided, (4) what was decided, here or anywhere, is carried into the spool, and only then (5) the book says so. Each step may be repeated: a crash between any two begins again at (1), where what was
/// decided before is carried anew. While the store is away nothing is decided, so nothing leaves: whether somebody took it back could not be known.
/// </summary>
internal sealed partial class PendingKeeper(
    PendingBook book, PendingNotices notices, Correspondents correspondents, DeliveryScheduler scheduler, MailSpool spool, Stores stores, MailOptions options, TimeProvider time, ILogger<PendingKeeper> log)
    : BackgroundService
{
    // Rows are entered one by one, in one transaction: a message may have many recipients.
    private const int Together = 16;

    // More than any one message has recipients, so that one in delivery stands in nobody's way.
    private const int MostCarried = 5_000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);
    private readonly Queue<(SpoolId Id, AcceptFacts Facts, bool IsNew)> _untold = new();
    private readonly HashSet<SpoolId> _open = [];
    private long _sweptMicros;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var hint = stores.Control.Hints.Listen(PendingBook.Channel);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await TryLookAsync(stoppingToken);
                await hint.WaitAsync(LookEvery, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not carried yet is in the book.
        }
    }

    private async ValueTask TryLookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(cancellationToken);
        }
        catch (Exception away) when (away is StoreUnavailableException or IOException)
        {
            LogPutOff(log, away);
            await Task.Delay(RetryWait, time, cancellationToken);
        }
    }

    /// <summary>One round.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        // A node whose mail all leaves at once asks the store nothing.
        if (scheduler.Pending.Count > 0 || _open.Count > 0 || _untold.Count > 0)
        {
            await EnterAsync(cancellationToken);
            await TellAsync(cancellationToken);
            await book.ExpireAsync(cancellationToken);
            await CarryAsync(cancellationToken);
        }

        var now = time.NowMicros();
        if (now - _sweptMicros > (long)TimeSpan.FromHours(1).TotalMicroseconds)
        {
            // A crash may have come between the spool's note and the book's.
            await CarryAsync(cancellationToken);
            await book.ForgetAsync(now - (long)options.Pending.Keep.TotalMicroseconds, cancellationToken);
            _sweptMicros = now;
        }
    }

    // (1)
    private async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        var ids = scheduler.Pending.Take(Together);
        try
        {
            var messages = new List<(SpoolId Id, AcceptFacts Facts)>(ids.Count);
            foreach (var id in ids)
            {
                if (spool.FactsOf(id) is { } facts)
                {
                    messages.Add((id, facts));
                }
            }

            if (messages.Count > 0)
            {
                var fresh = await book.EnterAsync(messages, cancellationToken);
                foreach (var (id, facts) in messages.Where(static message => message.Facts.TellsSender))
                {
                    _untold.Enqueue((id, facts, fresh.Contains(id)));
                }

                _open.UnionWith(messages.Select(static message => message.Id));
            }
        }
        catch
        {
            ids.ForEach(scheduler.Pending.PutBack);
            throw;
        }

        ids.ForEach(scheduler.Pending.Done);
    }

    // (2)
    private async ValueTask TellAsync(CancellationToken cancellationToken)
    {
        for (var turns = _untold.Count; turns > 0 && _untold.TryPeek(out var message); turns--)
        {
            // From now on it may have gone in, whatever comes of it; one of which that cannot be known yet stands in nobody's way.
            _untold.Dequeue();
            var told = false;
            try
            {
                told = await notices.SendAsync(message.Id, message.Facts, message.IsNew, cancellationToken);
            }
            finally
            {
                if (!told)
                {
                    _untold.Enqueue((message.Id, message.Facts, false));
                }
            }
        }
    }

    // (4), (5)
    private async ValueTask CarryAsync(CancellationToken cancellationToken)
    {
        var left = await book.LeftAsync(MostCarried, cancellationToken);
        if (left.Count == 0)
        {
            return;
        }

        var carried = new List<string>(left.Count);
        foreach (var message in left.GroupBy(static row => row.MessageId))
        {
            List<PendingRow> rows = [.. message];
            if (SpoolId.TryParse(message.Key, out var id) && !await scheduler.CarryAsync(id, rows.ConvertAll(PendingDecision.Of)))
            {
                continue;
            }

            if (!scheduler.IsPending(id))
            {
                _open.Remove(id);
            }

            foreach (var row in rows)
            {
                carried.Add(row.Id);
                if (row.State == PendingState.Sent)
                {
                    correspondents.Wrote(row.TenantPath, row.Recipient[(row.Recipient.LastIndexOf('@') + 1)..]);
                }
            }
        }

        if (carried.Count > 0)
        {
            await book.CarriedAsync(carried, cancellationToken);
        }
    }

    [LoggerMessage(2731, LogLevel.Warning, "mail that waits before it leaves goes on waiting: the store or the spool is away")]
    private static partial void LogPutOff(ILogger log, Exception exception);
}
