using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Reporting;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Spool;

/// <summary>
/// The node's mail: Core's spool (one fsync for a message, its queue and its story) with facts in the mail's own words. Opened before the listener
/// and the scheduler start, closed after they stopped. When the disk fails it is closed to new mail (451) until it has been opened again.
/// </summary>
internal sealed partial class MailSpool(MailOptions options, Node node, IDisk disk, TimeProvider time, ILogger<MailSpool> log) : IHostedService, IAsyncDisposable
{
    public const string TraceConsumer = "mail.trace";
    public const string MeterConsumer = "mail.meters";

    private readonly ConcurrentBag<FactsWriter> _writers = [];
    private Core.Logs.Spool? _spool;

    // Between two openings it is as if the disk had failed: callers know that case.
    private Core.Logs.Spool Open => Volatile.Read(ref _spool) ?? throw new LogPoisonedException("the mail spool is not open");

    private string Directory => Path.Combine(node.DataDirectory, options.SpoolDirectory);

    public bool IsHealthy => Volatile.Read(ref _spool)?.IsHealthy ?? false;

    /// <summary>Why no new mail is taken although the spool is open, or null.</summary>
    public string? PausedBecause => _spool?.IntakePausedBecause;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var spool = await Core.Logs.Spool.OpenAsync(disk, Directory, Options(), time, log, cancellationToken);
        Interlocked.Increment(ref _openings);
        Volatile.Write(ref _spool, spool);
        LogOpened(log, Directory, spool.Count);
        _keeping = KeepOpenAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _keeping;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        if (Interlocked.Exchange(ref _spool, null) is { } spool)
        {
            await spool.DisposeAsync();
        }
    }

    /// <summary>Why a client is asked to come again before it sends a message; null when it may send.</summary>
    public SmtpReply? WhyNoIntake()
    {
        if (_spool is not { IsHealthy: true } spool)
        {
            return _isFull ? SmtpReplies.NoStorage : NotOpen;
        }

        return spool.IntakePausedBecause is null ? null : SmtpReplies.NoStorage;
    }

    /// <summary>Every message held at the start, oldest first. A record that no longer reads is logged and left where it is.</summary>
    public IEnumerable<RecoveredMessage> TakeRecovered() => Read(Open);

    private IEnumerable<RecoveredMessage> Read(Core.Logs.Spool spool)
    {
        foreach (var item in spool.Live)
        {
            if (!AcceptFacts.TryRead(item.Facts.Span, out var facts))
            {
                LogUnreadable(log, item.Id.ToString());
                continue;
            }

            AttemptFacts? last = null;
            if (item.Note is { } note && AttemptFacts.TryRead(note.Span, out var attempt))
            {
                last = attempt;
            }

            yield return new RecoveredMessage(item.Id, facts, last);
        }
    }

    public SpoolBody BeginBody() => Open.BeginBody();

    /// <summary>Completes when the message survives the loss of power. <paramref name="writer"/> is scratch space of the caller.</summary>
    public async ValueTask AcceptAsync(SpoolId id, AcceptFacts facts, FactsWriter writer, SpoolBody body)
    {
        writer.Clear();
        facts.Write(writer);
        var spool = Open;
        try
        {
            await spool.AcceptAsync(id, writer.Written, body, CancellationToken.None);
        }
        catch (IOException) when (!spool.IsHealthy)
        {
            Remember(id, facts);
            throw;
        }
    }

    /// <summary>False when this very report is in the spool already: it was accepted before a crash, and may be leaving this moment.</summary>
    public async ValueTask<bool> AcceptReportAsync(DeliveryReport report)
    {
        if (Open.Holds(report.Id))
        {
            return false;
        }

        using var body = BeginBody();
        body.Write(report.Content);
        await AcceptAsync(report.Id, report.Facts, new FactsWriter(), body);
        return true;
    }

    /// <summary>The outcome of an attempt after which somebody still waits.</summary>
    public async ValueTask NoteAsync(SpoolId id, AttemptFacts facts)
    {
        var writer = Write(facts);
        await Open.NoteAsync(id, writer.Written, CancellationToken.None);
        _writers.Add(writer);
    }

    /// <summary>The outcome of the last attempt: the message is no longer ours.</summary>
    public async ValueTask RemoveAsync(SpoolId id, AttemptFacts facts)
    {
        var writer = Write(facts);
        await Open.RemoveAsync(id, writer.Written, CancellationToken.None);
        _writers.Add(writer);
    }

    /// <summary>A part of a transaction that was refused after all: as if it had never been accepted.</summary>
    public async ValueTask WithdrawAsync(SpoolId id, AcceptFacts facts)
    {
        try
        {
            await RemoveAsync(id, Withdrawal(facts));
        }
        catch (IOException)
        {
            Remember(id, facts);
            throw;
        }
    }

    private AttemptFacts Withdrawal(AcceptFacts facts) => new()
    {
        TenantPath = facts.TenantPath,
        Subscription = facts.Subscription,
        Attempt = 0,
        StartedMicros = facts.AcceptedMicros,
        EndedMicros = time.NowMicros(),
        NextMicros = 0,
        NextHop = "",
        States = [.. facts.Recipients.Select(static _ => RecipientState.Dropped)],
        Replies = [new AttemptReply(0, facts.Recipients.Count, "451 4.3.0 Withdrawn: the sender was asked to send it again")],
    };

    public AcceptFacts? FactsOf(SpoolId id) => Open.Lookup(id) is { } item && AcceptFacts.TryRead(item.Facts.Span, out var facts) ? facts : null;

    /// <summary>The content as it is handed on: what is added, then what is stored.</summary>
    public MessageContent OpenContent(SpoolId id)
    {
        var spool = Open;
        var added = spool.Lookup(id) is { } item ? AcceptFacts.AddedOf(item.Facts.Span) : [];
        return new MessageContent(spool.OpenBody(id), added);
    }

    /// <summary>Behind its last synced record; null while it is being opened again.</summary>
    public LogPosition? End => Volatile.Read(ref _spool)?.End;

    /// <summary>Null while the spool is being opened again.</summary>
    public SpoolConsumer? TryOpenConsumer(string name, LogPosition from) => Volatile.Read(ref _spool)?.OpenConsumer(name, from);

    /// <summary>The id of the report about an attempt: the same for the same attempt, so that it is accepted once.</summary>
    public static SpoolId ReportId(SpoolId about, int attempt)
    {
        Span<byte> bytes = stackalloc byte[SpoolId.Size + 4];
        about.Write(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes[SpoolId.Size..], attempt);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);

        // The time of the message it is about stays: ids sort by it.
        hash[..10].CopyTo(bytes[6..SpoolId.Size]);
        return SpoolId.Read(bytes);
    }

    private FactsWriter Write(AttemptFacts facts)
    {
        if (!_writers.TryTake(out var writer))
        {
            writer = new FactsWriter();
        }

        writer.Clear();
        facts.Write(writer);
        return writer;
    }

    private SpoolOptions Options() => options.Spool with
    {
        Consumers =
        [
            new LogConsumerOptions(TraceConsumer) { AtLimit = LagAct.PauseIntake },
            new LogConsumerOptions(MeterConsumer) { AtLimit = LagAct.PauseIntake },
        ],
        MaxBodyBytes = Math.Max(options.Spool.MaxBodyBytes, options.Inbound.MaxMessageBytes + (64 * 1024)),
    };

    [LoggerMessage(2201, LogLevel.Information, "mail spool {Directory} is open with {Count} messages")]
    private static partial void LogOpened(ILogger log, string directory, int count);

    [LoggerMessage(2202, LogLevel.Error, "the facts of message {Message} in the spool cannot be read; it stays where it is")]
    private static partial void LogUnreadable(ILogger log, string message);
}
