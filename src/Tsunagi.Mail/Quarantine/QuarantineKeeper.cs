using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// Takes messages that are to be held out of the spool, many together: (1) their facts are read, (2) those in the book already go on to the last step, (3) the others'
/// files are written and synced, then their names, (4) all are entered in the book in one transaction, (5) the spool lets go of them, saying that they are held.
/// Each step may be repeated: until (5) the spool has the message and the next start begins anew, after (4) nothing is entered again.
/// While the store or the disk is away held mail stays in the spool, where it is safe, and is not delivered.
/// </summary>
internal sealed partial class QuarantineKeeper(
    HoldLine line, MailSpool spool, HeldBodies bodies, HeldBook book, GatewayContracts contracts, MailMetrics metrics, TimeProvider time, ILogger<QuarantineKeeper> log)
    : BackgroundService
{
    private const int Together = 64;
    private const int MaxHeaderBytes = 64 * 1024;
    private const int MaxFromCharacters = 300;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LostWait = TimeSpan.FromMinutes(1);

    // Messages whose content the disk did not give back, and when they are tried again: they stand in nobody's way.
    private readonly Dictionary<SpoolId, long> _lost = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What follows blocks on the disk: not on the thread that starts the host.
        await Task.Yield();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                if (await HoldNextAsync(stoppingToken) == 0)
                {
                    await line.WaitAsync(LookEvery, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not held yet is in the spool.
        }
    }

    /// <summary>One batch; returns how many were taken from the line.</summary>
    internal async ValueTask<int> HoldNextAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, _) in _lost.Where(lost => lost.Value <= time.NowMicros()).ToList())
        {
            _lost.Remove(id);
            line.PutBack(id);
        }

        var ids = line.Take(Together);
        if (ids.Count == 0)
        {
            return 0;
        }

        var left = ids.ToHashSet();
        try
        {
            await HoldAsync(ids, left, cancellationToken);
        }
        catch (Exception failed) when (failed is IOException or StoreUnavailableException)
        {
            LogPutOff(log, left.Count, failed);
            await Task.Delay(RetryWait, time, cancellationToken);
        }
        finally
        {
            foreach (var id in left)
            {
                line.PutBack(id);
            }
        }

        return ids.Count;
    }

    private async ValueTask HoldAsync(IReadOnlyList<SpoolId> ids, HashSet<SpoolId> left, CancellationToken cancellationToken)
    {
        // (1)
        var messages = new List<(SpoolId Id, AcceptFacts Facts)>(ids.Count);
        foreach (var id in ids)
        {
            if (spool.FactsOf(id) is { } facts)
            {
                messages.Add((id, facts));
            }
            else
            {
                Settle(id, left);
            }
        }

        // (2)
        var known = await book.KnownAsync([.. messages.Select(static message => message.Id.ToString())], cancellationToken);

        // (3)
        var entries = new List<NewHeld>(messages.Count);
        foreach (var (id, facts) in messages.Where(message => !known.Contains(message.Id.ToString())).ToList())
        {
            if (await WriteAsync(id, facts, cancellationToken) is { } entry)
            {
                entries.Add(entry);
                continue;
            }

            messages.RemoveAll(message => message.Id == id);
            left.Remove(id);
            _lost[id] = time.NowMicros() + (long)LostWait.TotalMicroseconds;
        }

        foreach (var tenantPath in entries.Select(static entry => entry.Facts.TenantPath).Distinct().ToList())
        {
            bodies.SyncNames(tenantPath);
        }

        // (4)
        if (entries.Count > 0)
        {
            await book.AddAsync(entries, cancellationToken);
            foreach (var entry in entries)
            {
                metrics.Held(HeldClass.Of(entry.Facts.Hold), entry.Facts.Recipients.Count);
            }
        }

        // (5) All at once: they share one fsync.
        await Task.WhenAll(messages.Select(message => LetGoAsync(message.Id, message.Facts, left)));
    }

    /// <summary>Null when the spool cannot read the content just now; it is tried again later.</summary>
    private async ValueTask<NewHeld?> WriteAsync(SpoolId id, AcceptFacts facts, CancellationToken cancellationToken)
    {
        MessageContent opened;
        try
        {
            opened = spool.OpenContent(id);
        }
        catch (IOException unreadable)
        {
            LogContentLost(log, id.ToString(), unreadable);
            return null;
        }
        catch (KeyNotFoundException)
        {
            // Gone since (1), a part that was withdrawn: the next look finds that.
            return null;
        }

        using var content = opened;
        try
        {
            await bodies.WriteAsync(id, facts, content, cancellationToken);
            return new NewHeld(id.ToString(), facts, FromOf(id), time.NowMicros() + (long)DaysOf(facts).TotalMicroseconds);
        }
        catch (SpoolBodyLostException lost)
        {
            LogContentLost(log, id.ToString(), lost);
            return null;
        }
    }

    private async Task LetGoAsync(SpoolId id, AcceptFacts facts, HashSet<SpoolId> left)
    {
        var heldClass = HeldClass.Of(facts.Hold);
        var now = time.NowMicros();
        try
        {
            await spool.RemoveAsync(id, new AttemptFacts
            {
                TenantPath = facts.TenantPath,
                Subscription = facts.Subscription,
                Attempt = 1,
                StartedMicros = now,
                EndedMicros = now,
                NextMicros = 0,
                NextHop = "quarantine",
                Address = heldClass,
                States = [.. facts.Recipients.Select(static _ => RecipientState.Held)],
                Replies = [new AttemptReply(0, facts.Recipients.Count, $"250 2.7.0 Held in quarantine: {heldClass}")],
            });
        }
        catch (KeyNotFoundException)
        {
            // It is gone already.
        }

        Settle(id, left);
    }

    private void Settle(SpoolId id, HashSet<SpoolId> left)
    {
        lock (left)
        {
            left.Remove(id);
        }

        line.Done(id);
    }

    private TimeSpan DaysOf(AcceptFacts facts)
    {
        var settings = contracts.Table.BySubscription.TryGetValue(facts.Subscription, out var gateway) ? gateway.Settings.Quarantine : new QuarantineSettings();
        return TimeSpan.FromDays(settings.DaysOf(facts.Hold));
    }

    private string FromOf(SpoolId id)
    {
        using var content = spool.OpenContent(id);
        var head = new byte[MaxHeaderBytes];
        var length = 0;
        while (length < head.Length && content.Read(head.AsSpan(length)) is > 0 and var count)
        {
            length += count;
        }

        var header = MessageHeader.Read(head.AsSpan(0, length));
        var address = header.From?.ToString() ?? "";
        var text = header.FromName.Length == 0 ? address : address.Length == 0 ? header.FromName : $"{header.FromName} <{address}>";
        return text.Length <= MaxFromCharacters ? text : text[..MaxFromCharacters];
    }

    [LoggerMessage(2501, LogLevel.Warning, "{Count} messages to be held stay in the spool for now: the disk or the store does not take them")]
    private static partial void LogPutOff(ILogger log, int count, Exception exception);

    [LoggerMessage(2502, LogLevel.Error, "the content of {Message}, which is to be held, could not be read from the spool; it is tried again")]
    private static partial void LogContentLost(ILogger log, string message, Exception exception);
}
