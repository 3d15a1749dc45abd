using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Net;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.Submission;

/// <summary>
/// What is written down of authentications: when each credential was last used and from where, gathered in memory and written now and then, and that somebody guesses, once for each series. A
/// store that is away keeps no session waiting.
/// </summary>
internal sealed partial class CredentialUse(Stores stores, GatewayContracts contracts, Outbox outbox, MailOptions options, TimeProvider time, ILogger<CredentialUse> log) : BackgroundService
{
    private const int Batch = 500;
    private readonly ConcurrentDictionary<string, (long At, string From)> _used = new(StringComparer.Ordinal);
    private readonly EventsToTell _told = new(stores, outbox, time);
    private readonly SemaphoreSlim _gate = new(1);
    private bool _disposed;

    public void Used(LiveCredential credential, IPAddress? from)
    {
        _used[credential.Id] = (time.NowMicros(), from?.ToString() ?? "");
        if (from is not null)
        {
            credential.UsedFrom(AddressGroup.Of(from));
        }
    }

    /// <summary>A credential's secret was wrong so often that its owner should know: an old one in a device, or somebody guesses.</summary>
    public void Guessed(LiveCredential credential, IPAddress? from, int failures) => _told.Tell(
        MailEvents.CredentialGuessed, credential.TenantPath, credential.Id, new { userName = credential.UserName, address = from?.ToString() ?? "", failures });

    /// <summary>An address failed so often, whatever the name.</summary>
    public void Guessing(IPAddress from, int failures) => _told.Tell(
        MailEvents.SubmissionGuessing, contracts.ProviderPath, AddressGroup.Of(from).ToString(), new { address = AddressGroup.Of(from).ToString(), failures });

    /// <summary>Writes what was gathered.</summary>
    internal async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await WriteUsesAsync(cancellationToken);
            await _told.WriteAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask WriteUsesAsync(CancellationToken cancellationToken)
    {
        foreach (var chunk in _used.ToArray().Chunk(Batch))
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    foreach (var (id, (at, from)) in chunk)
                    {
                        await transaction.ExecuteAsync(
                            "UPDATE mail_credential SET last_used_at = @At, last_used_from = @From WHERE id = @Id AND last_used_at < @At", new { Id = id, At = at, From = from });
                    }

                    return 0;
                },
                cancellationToken);
            foreach (var written in chunk)
            {
                // Only what was written goes: a use since then stays.
                _used.TryRemove(written);
            }
        }
    }

    /// <summary>Nothing happens when it is disposed already: a host that failed to start is stopped behind that.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_disposed)
        {
            return;
        }

        await base.StopAsync(cancellationToken);
        try
        {
            await FlushAsync(cancellationToken);
        }
        catch (Exception late) when (late is StoreUnavailableException or OperationCanceledException)
        {
            // When it was last used is not worth a slow end.
        }
    }

    public override void Dispose()
    {
        _disposed = true;
        _gate.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await WaitAsync(stoppingToken);
                try
                {
                    await FlushAsync(stoppingToken);
                }
                catch (StoreUnavailableException away)
                {
                    LogKept(log, away);
                    await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    // Uses wait until it is time; an event does not.
    private async ValueTask WaitAsync(CancellationToken stoppingToken)
    {
        using var due = new CancellationTokenSource(options.Submission.NoteUseEvery, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, stoppingToken);
        try
        {
            await _told.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // It is time.
        }
    }

    [LoggerMessage(2702, LogLevel.Warning, "writing the last uses of credentials failed; they are kept for the next round")]
    private static partial void LogKept(ILogger log, Exception exception);
}
