using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Mail.Reports;

/// <summary>
/// Where mail for the address of reports is delivered to, one message at a time: (1) its content is read from the spool, (2) who sent it is checked (<see cref="ReportAuthor"/>), (3) the
/// reports in it are read, within limits, (4) they are stored, or it is stored why not (<see cref="ReportDesk"/>), (5) the spool lets go of it: delivered. Each step may be repeated: until (5)
/// the spool has the message, and what is stored is stored once. A message with no report in it is delivered like any other, and what is wrong with it stands in the list of reports.
/// </summary>
internal sealed partial class ReportIntake(ReportLine line, MailSpool spool, ReportAuthor author, ReportDesk desk, TimeProvider time, ILogger<ReportIntake> log) : BackgroundService
{
    private const int Together = 16;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var ids = line.Take(Together);
                foreach (var id in ids)
                {
                    await TakeAsync(id, stoppingToken);
                }

                if (ids.Count == 0)
                {
                    await line.WaitAsync(LookEvery, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not stored yet is in the spool.
        }
    }

    private async ValueTask TakeAsync(SpoolId id, CancellationToken cancellationToken)
    {
        try
        {
            if (spool.FactsOf(id) is not { } facts)
            {
                line.Done(id);
                return;
            }

            // (1)
            var started = time.NowMicros();
            var content = Read(id);

            // (2)
            var (domain, result) = await author.CheckAsync(facts, content, cancellationToken);

            // (3), (4)
            var reading = FeedbackReader.ReadMessage(content, desk.Limits);
            var outcomes = await desk.TakeAsync(reading, new ReportOrigin("mail", id.ToString(), domain, result), facts.TenantPath, cancellationToken);

            // (5)
            await LetGoAsync(id, facts, started, outcomes);
            line.Done(id);
        }
        catch (KeyNotFoundException)
        {
            line.Done(id);
        }
        catch (Exception failed) when (failed is IOException or StoreUnavailableException or SpoolBodyLostException)
        {
            LogPutOff(log, id.ToString(), failed);
            line.PutBack(id);
            await Task.Delay(RetryWait, time, cancellationToken);
        }
        catch (Exception ours) when (ours is not OperationCanceledException)
        {
            // A fault of the program must not stop the reports behind it; it is tried again, last.
            LogFailed(log, id.ToString(), ours);
            line.PutBack(id);
            await Task.Delay(RetryWait, time, cancellationToken);
        }
    }

    private byte[] Read(SpoolId id)
    {
        using var content = spool.OpenContent(id);
        using var whole = new MemoryStream();
        var piece = new byte[64 * 1024];
        while (content.Read(piece) is > 0 and var count)
        {
            whole.Write(piece, 0, count);
        }

        return whole.ToArray();
    }

    private async ValueTask LetGoAsync(SpoolId id, AcceptFacts facts, long started, IReadOnlyList<ReportOutcome> outcomes)
    {
        var (stored, already, refused) = (Count(outcomes, ReportOutcome.Stored), Count(outcomes, ReportOutcome.Already), Count(outcomes, ReportOutcome.Refused));
        await spool.RemoveAsync(id, new AttemptFacts
        {
            TenantPath = facts.TenantPath,
            Subscription = facts.Subscription,
            Attempt = 1,
            StartedMicros = started,
            EndedMicros = time.NowMicros(),
            NextMicros = 0,
            NextHop = "reports",
            States = [.. facts.Recipients.Select(static _ => RecipientState.Delivered)],
            Replies = [new AttemptReply(0, facts.Recipients.Count, $"250 2.0.0 Taken in: {stored} reports stored, {already} known already, {refused} refused")],
        });
    }

    private static int Count(IReadOnlyList<ReportOutcome> outcomes, string state) => outcomes.Count(outcome => outcome.State == state);

    [LoggerMessage(2801, LogLevel.Warning, "message {Message} of reports stays in the spool for now: the disk or the store does not answer")]
    private static partial void LogPutOff(ILogger log, string message, Exception exception);

    [LoggerMessage(2802, LogLevel.Error, "taking the reports of {Message} met an error of ours; it is tried again")]
    private static partial void LogFailed(ILogger log, string message, Exception exception);
}
