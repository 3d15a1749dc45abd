using System.Buffers;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// Hands released mail back to the queue, each copy once. Whoever released it wrote the id of the new message into the row before; here (1) a copy of which an earlier
/// try may have gone in (this process tried, or the row stood so at the start) is asked for, (2) its content is opened, (3) it goes into the spool under that id,
/// (4) the row says that it is released. A crash between any two begins again at (1).
/// </summary>
internal sealed partial class HeldReleases(
    HeldBook book, HeldBodies bodies, SpoolOnce once, Stores stores, Outbox outbox, MailMetrics metrics, TimeProvider time, ILogger<HeldReleases> log) : BackgroundService
{
    private const int Together = 100;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    private readonly CoalescedSignal _signal = new();
    private readonly HashSet<string> _doubtful = new(StringComparer.Ordinal);

    /// <summary>There is something to release.</summary>
    public void Pulse() => _signal.Pulse();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await RememberAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                await _signal.WaitAsync(await ReleaseNextAsync(stoppingToken), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The rows say what is still to be done.
        }
    }

    /// <summary>What stands as being released at the start may be in the spool already.</summary>
    internal async ValueTask RememberAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                foreach (var row in await book.ReleasingAsync(int.MaxValue, cancellationToken))
                {
                    _doubtful.Add(row.ReleaseId);
                }

                return;
            }
            catch (StoreUnavailableException away)
            {
                LogPutOff(log, away);
                await Task.Delay(RetryWait, time, cancellationToken);
            }
        }
    }

    /// <summary>One round; returns how long to wait for the next.</summary>
    internal async ValueTask<TimeSpan> ReleaseNextAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rows = await book.ReleasingAsync(Together, cancellationToken);
            var waiting = 0;
            foreach (var row in rows)
            {
                waiting += await ReleaseAsync(row, cancellationToken) ? 0 : 1;
            }

            return waiting > 0 ? AskAgain : rows.Count == Together ? TimeSpan.Zero : LookEvery;
        }
        catch (Exception failed) when (failed is IOException or StoreUnavailableException)
        {
            LogPutOff(log, failed);
            return RetryWait;
        }
    }

    /// <summary>False when it cannot be known yet whether an earlier try went in.</summary>
    private async ValueTask<bool> ReleaseAsync(HeldRow row, CancellationToken cancellationToken)
    {
        if (!SpoolId.TryParse(row.ReleaseId, out var id) || !SpoolId.TryParse(row.MessageId, out var held))
        {
            return await LoseAsync(row, new HeldContentLostException($"{row.Id} names no message"), cancellationToken);
        }

        // (1)
        if (_doubtful.Contains(row.ReleaseId))
        {
            var accepted = await once.IsAcceptedAsync(id, cancellationToken);
            if (accepted is not false)
            {
                return accepted is true && await DoneAsync(row, cancellationToken);
            }
        }

        _doubtful.Add(row.ReleaseId);
        try
        {
            // (2)
            using var body = await bodies.OpenAsync(held, row.TenantPath, row.Class, cancellationToken);

            // (3)
            await once.AcceptAsync(id, FactsOf(row, body.Facts), into => Copy(body, into));
        }
        catch (HeldContentLostException lost)
        {
            return await LoseAsync(row, lost, cancellationToken);
        }

        // (4)
        return await DoneAsync(row, cancellationToken);
    }

    private async ValueTask<bool> DoneAsync(HeldRow row, CancellationToken cancellationToken)
    {
        await stores.Control.WriteAsync(transaction => book.MoveAsync(transaction, row.Id, HeldAct.Done, row.ChangedBy, row.Reason, ""), cancellationToken);
        _doubtful.Remove(row.ReleaseId);
        metrics.HeldActed(HeldState.Released, row.Class);
        return true;
    }

    private async ValueTask<bool> LoseAsync(HeldRow row, HeldContentLostException lost, CancellationToken cancellationToken)
    {
        LogLost(log, row.Id, lost);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                if (await book.MoveAsync(transaction, row.Id, HeldAct.Lost, "system", lost.Message, "") is not null)
                {
                    await outbox.AppendAsync(transaction, new Event(
                        Id.New("e", time), MailEvents.QuarantineUnreadable, time.NowMicros(), row.TenantPath, row.Id,
                        $$"""{"message":"{{row.MessageId}}","subscription":"{{row.SubscriptionId}}","class":"{{row.Class}}"}"""));
                }

                return true;
            },
            cancellationToken);
        _doubtful.Remove(row.ReleaseId);
        metrics.HeldActed(HeldState.Unreadable, row.Class);
        return true;
    }

    private AcceptFacts FactsOf(HeldRow row, AcceptFacts held)
    {
        var field = $"X-Tsunagi-Quarantine: released; class={row.Class}; id={row.Id}\r\n";
        var added = Encoding.UTF8.GetByteCount(held.Added) + field.Length <= AcceptFacts.MaxAddedBytes ? field : "";
        return held with
        {
            AcceptedMicros = time.NowMicros(),
            Flags = (held.Flags & ~MessageFlags.Held) | MessageFlags.Released,
            Hold = HoldClass.None,
            Recipients = [held.Recipients[(int)row.Position]],
            SizeBytes = held.SizeBytes + added.Length,
            Added = held.Added + added,
            Transaction = "",
            About = row.MessageId,
        };
    }

    private static void Copy(HeldBody body, SpoolBody into)
    {
        var buffer = new byte[HeldFile.ChunkBytes];
        while (body.Read(buffer) is > 0 and var count)
        {
            into.Write(buffer.AsSpan(0, count));
        }
    }

    [LoggerMessage(2511, LogLevel.Warning, "released mail is handed on later: the store, the disk or the spool is away")]
    private static partial void LogPutOff(ILogger log, Exception exception);

    [LoggerMessage(2512, LogLevel.Error, "held message {Held} was released and can no longer be read")]
    private static partial void LogLost(ILogger log, string held, Exception exception);
}
