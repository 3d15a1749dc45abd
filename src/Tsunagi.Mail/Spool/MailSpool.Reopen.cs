using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Spool;

/// <summary>
/// A spool whose disk failed is opened again in place. Meanwhile the node is not ready and clients are asked to come again; deliveries under way go on and
/// keep their outcome until it can be written.
/// </summary>
internal sealed partial class MailSpool
{
    private static readonly SmtpReply NotOpen = new(451, new EnhancedStatus(4, 3, 2), "The mail spool is not open, try again later");
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<SpoolId, AcceptFacts> _refused = new();

    // Never disposed: the host may stop a service after it was disposed, and nothing waits on a handle of it.
    private readonly CancellationTokenSource _stopping = new();
    private Task _keeping = Task.CompletedTask;
    private volatile string? _failure;
    private volatile bool _isFull;
    private int _openings;

    /// <summary>
    /// Told what the disk holds, after the spool was opened again and before anybody may use it: the scheduler takes over what it does not know yet.
    /// </summary>
    public event EventHandler<SpoolRecovery>? Recovered;

    /// <summary>Told when the spool may be used again.</summary>
    public event EventHandler? Resumed;

    /// <summary>Why nothing goes in or out of the spool for now, or null.</summary>
    public string? ClosedBecause => IsHealthy ? null : $"the mail spool is being opened again{(_failure is { } why ? ": " + why : "")}";

    /// <summary>How often it has been opened: a consumer of an earlier opening reads nothing more.</summary>
    public int Openings => Volatile.Read(ref _openings);

    private async Task KeepOpenAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(LookEvery, time);
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                if (!IsHealthy)
                {
                    await ReopenUntilOpenAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    private async Task ReopenUntilOpenAsync()
    {
        LogFailed(log);
        for (var wait = options.ReopenAfter; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            await Task.Delay(wait, time, _stopping.Token);
            try
            {
                await ReopenAsync();
                return;
            }
            catch (Exception failed) when (failed is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                _failure = failed.Message;
                _isFull = failed is DiskFullException;
                LogReopeningFailed(log, failed);
            }
        }
    }

    /// <summary>
    /// (1) Nobody gets at the broken one any more: intake says 451 (452 while the disk is full), outcomes of deliveries wait in memory. (2) It is closed.
    /// (3) The directory is opened as at a start: what is read from now on is on the disk. (4) Messages that reached the disk although their client was told
    /// 451 are withdrawn, since the client sends them again. (5) The scheduler takes over what it does not know. (6) The spool is given free: intake goes on,
    /// consumers go on behind their positions, waiting outcomes are written.
    /// </summary>
    private async Task ReopenAsync()
    {
        // (1)
        var broken = Interlocked.Exchange(ref _spool, null);

        // (2)
        if (broken is not null)
        {
            await broken.DisposeAsync();
        }

        // (3)
        var opened = await Core.Logs.Spool.OpenAsync(disk, Directory, Options(), time, log, _stopping.Token);
        try
        {
            // (4)
            foreach (var (id, facts) in _refused)
            {
                if (opened.Lookup(id) is not null)
                {
                    var writer = Write(Withdrawal(facts));
                    await opened.RemoveAsync(id, writer.Written, CancellationToken.None);
                    _writers.Add(writer);
                }

                _refused.TryRemove(id, out _);
            }

            // (5)
            Recovered?.Invoke(this, new SpoolRecovery([.. Read(opened)]));
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }

        // (6)
        (_failure, _isFull) = (null, false);
        Interlocked.Increment(ref _openings);
        Volatile.Write(ref _spool, opened);
        LogReopened(log, Directory, opened.Count);
        Resumed?.Invoke(this, EventArgs.Empty);
    }

    // What its client was told 451 about, and what may be on the disk all the same.
    private void Remember(SpoolId id, AcceptFacts facts)
    {
        if ((facts.Flags & (MessageFlags.Report | MessageFlags.Released)) == MessageFlags.None)
        {
            _refused[id] = facts;
        }
    }

    [LoggerMessage(2203, LogLevel.Error, "the mail spool's disk failed: nothing new is taken in, and the spool is opened again")]
    private static partial void LogFailed(ILogger log);

    [LoggerMessage(2204, LogLevel.Error, "opening the mail spool again failed; it is tried further")]
    private static partial void LogReopeningFailed(ILogger log, Exception exception);

    [LoggerMessage(2205, LogLevel.Warning, "the mail spool {Directory} is open again with {Count} messages")]
    private static partial void LogReopened(ILogger log, string directory, int count);
}
