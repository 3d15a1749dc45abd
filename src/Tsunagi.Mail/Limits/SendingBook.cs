using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Submission;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.Limits;

/// <summary>
/// What every credential and every tenant sent lately, in memory: counted by this node as it happens, written every few seconds, and the other nodes' counts read as often, so that two nodes together
/// let through what the limit says and what comes within those seconds. Read whole before the first session. Pauses and events are written by the same round; a pause holds from the moment it is
/// made, whether it is written or not. A store that is away keeps no session waiting.
/// </summary>
internal sealed partial class SendingBook(Stores stores, Node node, CredentialBook credentials, Outbox outbox, MailOptions options, TimeProvider time, ILogger<SendingBook> log) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Keep = TimeSpan.FromDays(SendingCounter.Days + 1);

    // Clocks of nodes differ, and what another node wrote may be seen a little late.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, SendingState> _states = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, SendingCounter>> _elsewhere = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Pause> _pausing = new(StringComparer.Ordinal);
    private readonly EventsToTell _told = new(stores, outbox, time);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _gate = new(1);
    private long _seenMicros;
    private long _sweptMicros;
    private bool _loaded;
    private bool _disposed;

    /// <summary>A tenant's subject: no credential is called so.</summary>
    public static string TenantSubject(string tenantPath) => "tenant " + tenantPath;

    public SendingState Of(string subject, string tenantPath) => _states.GetOrAdd(subject, static (subject, path) => new SendingState(subject, path, new SendingCounter()), tenantPath);

    /// <summary>What a sender sent lately, all nodes together.</summary>
    public (SentLately Lately, int? Usual) Read(string subject)
    {
        if (!_states.TryGetValue(subject, out var state))
        {
            return default;
        }

        lock (state)
        {
            return (state.Counter.Lately(time.NowMicros()), state.Counter.UsualPerHour(time.NowMicros()));
        }
    }

    public bool IsPaused(LiveCredential credential) => credential.PausedAt > 0 || _pausing.ContainsKey(credential.Id);

    /// <summary>Stops a credential, at once on this node.</summary>
    public void Stop(LiveCredential credential, int recipients, int usual, string from)
    {
        if (_pausing.TryAdd(credential.Id, new Pause(credential, recipients, usual, from, time.NowMicros())))
        {
            Wake();
        }
    }

    public void Tell(string type, string tenantPath, string subject, object facts)
    {
        if (_told.Tell(type, tenantPath, subject, facts))
        {
            Wake();
        }
    }

    /// <summary>(1) pauses and (2) events are written, then (3) what was counted here; (4) what other nodes counted is read.</summary>
    internal async Task RoundAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_loaded)
            {
                await LoadAsync(cancellationToken);
            }

            await WritePausesAsync(cancellationToken);
            await _told.WriteAsync();
            await WriteCountsAsync(cancellationToken);
            await ReadElsewhereAsync(cancellationToken);
            await SweepAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryRoundAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
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
            await RoundAsync(cancellationToken);
        }
        catch (Exception late) when (late is StoreUnavailableException or OperationCanceledException)
        {
            // A few seconds' counts are not worth a slow end.
        }
    }

    public override void Dispose()
    {
        _disposed = true;
        _wake.Dispose();
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
                await TryRoundAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async ValueTask WaitAsync(CancellationToken stoppingToken)
    {
        using var due = new CancellationTokenSource(options.Submission.CountEvery, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, stoppingToken);
        try
        {
            await _wake.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // It is time.
        }
    }

    private async ValueTask TryRoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RoundAsync(cancellationToken);
        }
        catch (StoreUnavailableException away)
        {
            LogKept(log, away);
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    // What this node itself counted before its restart goes on; what was counted meanwhile is added.
    private async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>(
                "SELECT subject, node, tenant_path, counted_at, counts, told FROM mail_sending_count WHERE node = @Node AND counted_at > @Since", new { Node = node.Name, Since = time.NowMicros() - Micros(Keep) }),
            cancellationToken);
        foreach (var row in rows)
        {
            if (SendingCounter.Read(row.Counts) is not { } before)
            {
                continue;
            }

            var state = Of(row.Subject, row.TenantPath);
            lock (state)
            {
                state.Counter.Merge(before, time.NowMicros());
                state.ReadTold(row.Told);
            }
        }

        _seenMicros = time.NowMicros() - Micros(Keep);
        _loaded = true;
    }

    private async ValueTask WritePausesAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, pause) in _pausing)
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    // Another node may have been first.
                    if (await transaction.ExecuteAsync(
                        "UPDATE mail_credential SET paused_at = @At, paused_why = @Why WHERE id = @Id AND paused_at = 0 AND revoked_at = 0", new { Id = id, pause.At, Why = pause.Why() }) == 0)
                    {
                        return 0;
                    }

                    await CredentialDesk.RaiseAsync(transaction, stores, id);
                    await outbox.AppendAsync(transaction, new Event(
                        Id.New("e", time), MailEvents.CredentialPaused, pause.At, pause.Credential.TenantPath, id,
                        JsonSerializer.Serialize(new { userName = pause.Credential.UserName, subscription = pause.Credential.Subscription, recipients = pause.Recipients, usual = pause.Usual, address = pause.From })));
                    return 0;
                },
                cancellationToken);
            await credentials.LoadAsync(cancellationToken);
            _pausing.TryRemove(id, out _);
        }
    }

    private async ValueTask WriteCountsAsync(CancellationToken cancellationToken)
    {
        foreach (var chunk in _states.Values.Where(static state => state.IsDirty).Chunk(Batch))
        {
            var rows = Array.ConvertAll(chunk, Take);
            try
            {
                await stores.Control.WriteAsync(
                    async transaction =>
                    {
                        foreach (var row in rows)
                        {
                            await transaction.ExecuteAsync(
                                """
                                INSERT INTO mail_sending_count (subject, node, tenant_path, counted_at, counts, told) VALUES (@Subject, @Node, @TenantPath, @CountedAt, @Counts, @Told)
                                ON CONFLICT (subject, node) DO UPDATE SET tenant_path = excluded.tenant_path, counted_at = excluded.counted_at, counts = excluded.counts, told = excluded.told
                                """,
                                row);
                        }

                        return 0;
                    },
                    cancellationToken);
            }
            catch
            {
                Array.ForEach(chunk, static state => state.IsDirty = true);
                throw;
            }
        }
    }

    private Row Take(SendingState state)
    {
        lock (state)
        {
            state.IsDirty = false;
            return new Row(state.Subject, node.Name, state.TenantPath, time.NowMicros(), state.Counter.Write(), state.WriteTold());
        }
    }

    private async ValueTask ReadElsewhereAsync(CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>(
                "SELECT subject, node, tenant_path, counted_at, counts, told FROM mail_sending_count WHERE counted_at >= @Since AND node <> @Node", new { Node = node.Name, Since = _seenMicros }),
            cancellationToken);
        foreach (var row in rows)
        {
            if (SendingCounter.Read(row.Counts) is not { } counted)
            {
                continue;
            }

            var others = _elsewhere.GetOrAdd(row.Subject, static _ => new(StringComparer.Ordinal));
            others[row.Node] = counted;
            var sum = new SendingCounter();
            foreach (var other in others.Values)
            {
                sum.Merge(other, now);
            }

            var state = Of(row.Subject, row.TenantPath);
            lock (state)
            {
                state.Counter.Elsewhere(sum);
            }
        }

        _seenMicros = Math.Max(_seenMicros, now - Micros(Slack));
    }

    private async ValueTask SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        if (now - _sweptMicros < Micros(TimeSpan.FromHours(1)))
        {
            return;
        }

        _sweptMicros = now;
        await stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync("DELETE FROM mail_sending_count WHERE counted_at < @Before", new { Before = now - Micros(Keep) }), cancellationToken);
    }

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed record Row(string Subject, string Node, string TenantPath, long CountedAt, string Counts, string Told);

    private sealed record Pause(LiveCredential Credential, int Recipients, int Usual, string From, long At)
    {
        /// <summary>Numbers alone: the page makes its sentence of them.</summary>
        public string Why() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Recipients} {Usual}");
    }

    [LoggerMessage(2711, LogLevel.Warning, "the store is away; what senders sent is kept in memory for the next round")]
    private static partial void LogKept(ILogger log, Exception exception);
}
