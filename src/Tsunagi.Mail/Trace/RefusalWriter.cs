using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Meters;

namespace Tsunagi.Mail.Trace;

/// <summary>
/// Brings messages that never were ours into the trace: refused, or only watched for another mail server. Nothing of them is made durable before that is said: a flood of them, or a
/// store that is away for long, drops the oldest, and counts them.
/// </summary>
internal sealed partial class RefusalWriter(
    Stores stores, EventCatalogue catalogue, EventSignal signal, MailMetrics metrics, TimeProvider time, ILogger<RefusalWriter> log) : BackgroundService
{
    public const int MaxWaiting = 10_000;
    private const int Together = 200;
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    private readonly Channel<JudgedMessage> _waiting = Channel.CreateBounded<JudgedMessage>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => metrics.RefusalUntold());

    public void Add(JudgedMessage message) => _waiting.Writer.TryWrite(message);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var batch = new List<JudgedMessage>(Together);
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                while (batch.Count < Together && _waiting.Reader.TryRead(out var message))
                {
                    batch.Add(message);
                }

                while (!await TryWriteAsync(TraceBatch.From(batch), stoppingToken))
                {
                    await Task.Delay(RetryWait, time, stoppingToken);
                }

                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async ValueTask<bool> TryWriteAsync(TraceBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            await stores.Projections.WriteAsync(
                async transaction =>
                {
                    await EventWriter.LockFeedAsync(transaction);
                    await TraceWriter.WriteAsync(transaction, batch);
                    await EventWriter.AppendAsync(transaction, batch.Events, catalogue);
                    return true;
                },
                cancellationToken);
            signal.Pulse();
            return true;
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
            return false;
        }
    }

    [LoggerMessage(2321, LogLevel.Warning, "the store is away; refused messages wait for the trace")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
