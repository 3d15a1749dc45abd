using System.Buffers.Binary;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Mail.Trace;

/// <summary>
/// Takes finished messages out of the trace when their days are over, oldest first, a few in each transaction: ids sort by time, so a sweep reads
/// only what it takes out. What still waits is never taken out, however old.
/// </summary>
internal sealed partial class TraceRetention(Stores stores, MailOptions options, TimeProvider time, ILogger<TraceRetention> log) : BackgroundService
{
    private const string OldestIds =
        "SELECT id FROM mail_message WHERE id < @Cut AND id > @After AND finished_at <> 0 ORDER BY id LIMIT @Limit";

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    /// <summary>One sweep; returns how many messages went.</summary>
    internal async ValueTask<int> SweepAsync(CancellationToken cancellationToken)
    {
        var cut = FirstIdAt(time.GetUtcNow() - TimeSpan.FromDays(options.Trace.KeepDays));
        var (gone, after) = (0, "");
        while (true)
        {
            var ids = await stores.Projections.ReadAsync(
                reader => reader.QueryAsync<string>(OldestIds, new { Cut = cut, After = after, Limit = (long)options.Trace.SweepTogether }), cancellationToken);
            if (ids.Count == 0)
            {
                return gone;
            }

            await stores.Projections.WriteAsync(transaction => DeleteAsync(transaction, ids), cancellationToken);
            gone += ids.Count;
            after = ids[^1];
            await Task.Delay(Breath, time, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(options.Trace.SweepEvery, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    if (await SweepAsync(stoppingToken) is > 0 and var gone)
                    {
                        LogSwept(log, gone, options.Trace.KeepDays);
                    }
                }
                catch (StoreUnavailableException away)
                {
                    LogStoreAway(log, away);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on.
        }
    }

    private static async ValueTask<bool> DeleteAsync(ISqlTransaction transaction, IReadOnlyList<string> ids)
    {
        await transaction.ExecuteAsync("DELETE FROM mail_attempt WHERE message_id IN @Ids", new { Ids = ids });
        await transaction.ExecuteAsync("DELETE FROM mail_recipient WHERE message_id IN @Ids", new { Ids = ids });
        await transaction.ExecuteAsync("DELETE FROM mail_shadow WHERE message_id IN @Ids", new { Ids = ids });
        await transaction.ExecuteAsync("DELETE FROM mail_verdict WHERE message_id IN @Ids", new { Ids = ids });
        await transaction.ExecuteAsync("DELETE FROM mail_message WHERE id IN @Ids", new { Ids = ids });
        return true;
    }

    /// <summary>The smallest id of a message of that time: 48 bits of milliseconds stand first in an id.</summary>
    internal static string FirstIdAt(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[SpoolId.Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)at.ToUnixTimeMilliseconds() << 16);
        return SpoolId.Read(bytes).ToString();
    }

    [LoggerMessage(2311, LogLevel.Information, "{Count} messages older than {Days} days were taken out of the trace")]
    private static partial void LogSwept(ILogger log, int count, int days);

    [LoggerMessage(2312, LogLevel.Warning, "the store is away; the trace is swept later")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
