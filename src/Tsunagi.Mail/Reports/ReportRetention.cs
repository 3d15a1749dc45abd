using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Mail.Reports;

/// <summary>Takes reports out whose days are over, with their records: a few hundred rows in each transaction, the head last, so that a crash in between is gone on with.</summary>
internal sealed partial class ReportRetention(Stores stores, MailOptions options, TimeProvider time, ILogger<ReportRetention> log) : BackgroundService
{
    private const int Together = 50;
    private const int Rows = 1_000;
    private const string Overdue = """
        SELECT id FROM mail_report WHERE received_at < @Cut AND (received_at < @Old OR state = 'refused') ORDER BY received_at, id LIMIT @Limit
        """;

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    /// <summary>One sweep; returns how many reports went.</summary>
    internal async ValueTask<int> SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var old = now - (long)TimeSpan.FromDays(options.Reports.KeepDays).TotalMicroseconds;
        var cut = Math.Max(old, now - (long)TimeSpan.FromDays(options.Reports.KeepRefusedDays).TotalMicroseconds);
        for (var gone = 0; ;)
        {
            var ids = await stores.Control.ReadAsync(reader => reader.QueryAsync<string>(Overdue, new { Cut = cut, Old = old, Limit = (long)Together }), cancellationToken);
            if (ids.Count == 0)
            {
                return gone;
            }

            foreach (var id in ids)
            {
                await DeleteAsync(id, cancellationToken);
            }

            gone += ids.Count;
            await Task.Delay(Breath, time, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(options.Reports.SweepEvery, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    if (await SweepAsync(stoppingToken) is > 0 and var gone)
                    {
                        LogSwept(log, gone);
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

    private async ValueTask DeleteAsync(string id, CancellationToken cancellationToken)
    {
        for (long from = 0; ; from += Rows)
        {
            var (at, last) = (from, await stores.Control.ReadAsync(
                reader => reader.FirstOrDefaultAsync<long>(
                    "SELECT coalesce(max(position), -1) FROM (SELECT position FROM mail_report_record WHERE report_id = @Id UNION ALL SELECT position FROM mail_report_tls WHERE report_id = @Id) p", new { Id = id }), cancellationToken));
            var ends = at + Rows > last;
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    await transaction.ExecuteAsync("DELETE FROM mail_report_record WHERE report_id = @Id AND position < @To", new { Id = id, To = at + Rows });
                    await transaction.ExecuteAsync("DELETE FROM mail_report_tls WHERE report_id = @Id AND position < @To", new { Id = id, To = at + Rows });
                    return ends ? await transaction.ExecuteAsync("DELETE FROM mail_report WHERE id = @Id", new { Id = id }) : 0;
                },
                cancellationToken);
            if (ends)
            {
                return;
            }
        }
    }

    [LoggerMessage(2811, LogLevel.Information, "{Count} reports about customers' domains were taken out: their days were over")]
    private static partial void LogSwept(ILogger log, int count);

    [LoggerMessage(2812, LogLevel.Warning, "the store is away; reports are swept later")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
