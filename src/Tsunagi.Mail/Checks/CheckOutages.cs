using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.Checks;

/// <summary>Tells operators when a check goes away and when it is back, or its model cannot be read and when it can: one event each, however many messages meet it.</summary>
internal sealed partial class CheckOutages(Stores stores, Outbox outbox, GatewayContracts contracts, TimeProvider time, ILogger<CheckOutages> log) : BackgroundService, ICheckOutages
{
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, string> _away = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _unreadable = new(StringComparer.Ordinal);
    private readonly Channel<Change> _changes = Channel.CreateBounded<Change>(
        new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Away(string check, string why)
    {
        if (_away.TryAdd(check, why))
        {
            _changes.Writer.TryWrite(new(MailEvents.CheckAway, check, why, time.NowMicros()));
        }
    }

    public void Answered(string check)
    {
        if (!_away.IsEmpty && _away.TryRemove(check, out _))
        {
            _changes.Writer.TryWrite(new(MailEvents.CheckBack, check, "", time.NowMicros()));
        }
    }

    public void Unreadable(string file, string why)
    {
        if (!_unreadable.TryGetValue(file, out var told) || told != why)
        {
            _unreadable[file] = why;
            _changes.Writer.TryWrite(new(MailEvents.ModelUnreadable, file, why, time.NowMicros()));
        }
    }

    public void Readable(string file)
    {
        if (_unreadable.TryRemove(file, out _))
        {
            _changes.Writer.TryWrite(new(MailEvents.ModelReadable, file, "", time.NowMicros()));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var change in _changes.Reader.ReadAllAsync(stoppingToken))
            {
                while (!await TryTellAsync(change, stoppingToken))
                {
                    await Task.Delay(RetryWait, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async ValueTask<bool> TryTellAsync(Change change, CancellationToken cancellationToken)
    {
        if (contracts.ProviderPath.Length == 0)
        {
            return false;
        }

        try
        {
            var facts = change.Event is MailEvents.ModelUnreadable or MailEvents.ModelReadable
                ? JsonSerializer.Serialize(new { file = change.Subject, reason = change.Why })
                : JsonSerializer.Serialize(new { check = change.Subject, reason = change.Why });
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    await outbox.AppendAsync(transaction, new Event(Id.New("e", time), change.Event, change.At, contracts.ProviderPath, change.Subject, facts));
                    return true;
                },
                cancellationToken);
            return true;
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
            return false;
        }
    }

    private readonly record struct Change(string Event, string Subject, string Why, long At);

    [LoggerMessage(2502, LogLevel.Warning, "the store is away; what became of checks is told when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
