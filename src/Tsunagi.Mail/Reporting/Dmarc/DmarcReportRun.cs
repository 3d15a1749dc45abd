using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Reporting.Daily;
using Tsunagi.Mail.Routes;
using Tsunagi.Mail.Trace;
using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Mail.Reporting.Dmarc;

/// <summary>
/// Tells other domains once a day what came in their name (RFC 9990). On the node that holds the lease: (1) domains with mail of a day that is over, whose time has come, (2) whether we want to be known to them,
/// (3) whether and where the domain wants reports, and whether those addresses want them, (4) the report, packed, (5) sent to each address, (6) the row that says so. A domain that wants none, or cannot be asked for two days, is done with.
/// </summary>
internal sealed partial class DmarcReportRun(
    Stores stores, DmarcReportMaking making, ReportPost post, GatewayContracts contracts, ILeases leases, Outbox outbox, MailOptions options, TimeProvider time, ILogger<DmarcReportRun> log, IMailDns? dns = null)
    : BackgroundService
{
    private const string Lease = "mail.dmarc-reports";
    private const int MostTries = 5;

    // Whoever collects the reports of many gave leave by the DNS for it.
    private const int MoreWithPermission = 100;
    private const int KeepSeenDays = 4;
    private const int KeepDays = 7;
    private static readonly TimeSpan FindWithin = TimeSpan.FromSeconds(30);

    private readonly ReportDays _days = new("mail_dmarc_seen", "mail_dmarc_report", stores, time);

    // Of the day that is told: who got all that one gets, so that it is said once.
    private readonly HashSet<string> _full = [];
    private long _toldOfDay;

    private DmarcReportOptions Options => options.DmarcReports;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await leases.HoldAsync(
                Lease,
                (_, token) => Looks.RunAsync("DMARC reports", Options.LookEvery, async look => await SendDueAsync(look), away => LogLater(log, away), time, log, token),
                stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is due is sent after the next start.
        }
    }

    /// <summary>Forgets what is old, whether reports are on or not, and sends everything due now; returns how many reports went out.</summary>
    internal async ValueTask<int> SendDueAsync(CancellationToken cancellationToken)
    {
        await _days.SweepAsync(_days.Today - (KeepSeenDays * ReportDays.DayMicros), ["mail_dmarc_seen"], cancellationToken);
        await _days.SweepAsync(_days.Today - (KeepDays * ReportDays.DayMicros), ["mail_dmarc_domain"], cancellationToken);

        if (dns is null || !options.SendsDmarcReports)
        {
            return 0;
        }

        // (1)
        return await _days.SendDueAsync(Options.SendAfter, due => SendAsync(due, cancellationToken), cancellationToken);
    }

    private async ValueTask<bool> SendAsync(ReportDays.Due due, CancellationToken cancellationToken)
    {
        // (2)
        if (IsNever(due.Domain) || (Options.OnlyGoodSenders && !await IsGoodAsync(due.Domain, cancellationToken)))
        {
            await NoteAsync(due, "shunned", "", null, cancellationToken);
            return false;
        }

        // (3)
        using var asking = new MailResolver.MessageDns(dns!, FindWithin, time, cancellationToken);
        var found = await AggregateDestinations.FindAsync(due.Domain, Options.MaxAddresses, asking, cancellationToken);
        var addresses = found.Addresses.Where(address => !IsOurs(address)).ToList();
        if (addresses.Count == 0 && found.IsUncertain && time.NowMicros() < due.DayAt + (3 * ReportDays.DayMicros))
        {
            await NoteAsync(due, ReportDays.Later, "", null, cancellationToken);
            return false;
        }

        foreach (var why in found.Refused)
        {
            LogRefused(log, due.Domain, why);
        }

        // (4)
        if (addresses.Count == 0 || await making.MakeAsync(due, cancellationToken) is not { } made)
        {
            await NoteAsync(due, addresses.Count == 0 && found.IsUncertain ? "unknown" : "unwanted", "", null, cancellationToken);
            return false;
        }

        // (5)
        var (sent, full, wait) = (new List<string>(), 0, await _days.TriesAsync(due, cancellationToken) + 1 < MostTries);
        foreach (var address in addresses)
        {
            var to = address.Mailbox.ToString().ToLowerInvariant();
            if (await _days.IsTiredAsync(due, to, address.HasPermission ? Options.MaxToOne * MoreWithPermission : Options.MaxToOne, cancellationToken))
            {
                full++;
                TellFull(due, to);
                continue;
            }

            var problem = made.Packed.Length > Options.MaxBytes ? "the report is larger than mail.dmarcReports.maxBytes" : await post.SendAsync(ItemOf(due, made, address), address.Mailbox, cancellationToken);
            if (problem is null)
            {
                sent.Add(to);
            }
            else
            {
                LogNotSent(log, due.Domain, to, problem);
            }
        }

        // (6)
        var state = sent.Count > 0 ? ReportDays.Sent : full == addresses.Count ? "full" : wait ? ReportDays.Later : "failed";
        await NoteAsync(due, state, string.Join(' ', sent), made, cancellationToken);
        return sent.Count > 0;
    }

    // Somebody's mail that passed and was wanted, and not less than passed and was not: a domain that sends nothing but spam has a good record, too.
    private async ValueTask<bool> IsGoodAsync(string domain, CancellationToken cancellationToken) => await stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<GoodRow>("SELECT CAST(coalesce(sum(good), 0) AS bigint) AS good, CAST(coalesce(sum(passed), 0) AS bigint) AS passed FROM mail_dmarc_domain WHERE domain = @Domain", new { Domain = domain }),
        cancellationToken) is { Good: > 0 } row && row.Good * 2 >= row.Passed;

    private bool IsNever(string domain) => Options.Never.Select(static never => MailDomain.Normalize(never) ?? never).Any(never => domain.Equals(never, StringComparison.OrdinalIgnoreCase) || domain.EndsWith("." + never, StringComparison.OrdinalIgnoreCase));

    // What we would send to ourselves is in the trace already, and a domain of a stranger must not fill our customers' mailboxes by our own hand.
    private bool IsOurs(AggregateDestination address) => IsNever(address.Mailbox.Domain) || contracts.Table.ForDomain(address.Mailbox.Domain) is not null || IsSame(address, options.Reports.Address) || IsSame(address, Options.From);

    private static bool IsSame(AggregateDestination address, string own) => address.Mailbox.ToString().Equals(own, StringComparison.OrdinalIgnoreCase);

    private ReportPost.Item ItemOf(ReportDays.Due due, DmarcReportMaking.Made made, AggregateDestination address) => new(
        $"dmarc report {made.Report.ReportId} {due.Domain}", due.DayAt + ReportDays.DayMicros, Options.From, "mail.dmarcReports.from", IsAboutTls: false, LetterOf(made), address.MostOctets);

    private ReportLetter LetterOf(DmarcReportMaking.Made made)
    {
        var domain = made.Report.Policy.Domain;
        return new ReportLetter
        {
            Subject = ReportNames.Subject(domain, Options.FromDomain, made.Report.ReportId),
            Type = ["multipart/mixed"],
            Text =
            [
                $"What came to us on {DateTimeOffset.FromUnixTimeSeconds(made.Report.BeginSeconds).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} (UTC) in the name of",
                $"{domain}: {made.Report.Records.Sum(static record => record.Count).ToString(CultureInfo.InvariantCulture)} messages. The report is attached (DMARC, RFC 9990).",
                "", "You get it because the domain asks for it by its record at", $"_dmarc.{domain}.",
            ],
            FileType = AggregateWriter.PackedType,
            FileName = AggregateWriter.FileName(made.Report, Options.FromDomain),
            File = made.Packed,
        };
    }

    private ValueTask<bool> NoteAsync(ReportDays.Due due, string state, string sentTo, DmarcReportMaking.Made? made, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            await _days.NoteAsync(transaction, due, state, sentTo, isTry: made is not null);
            if (state is ReportDays.Sent or "failed" && contracts.ProviderPath.Length > 0)
            {
                await outbox.AppendAsync(transaction, new Event(
                    Id.New("e", time), state == ReportDays.Sent ? MailEvents.DmarcReportSent : MailEvents.DmarcReportUnsent, time.NowMicros(), contracts.ProviderPath, due.Domain,
                    JsonSerializer.Serialize(new { domain = due.Domain, day = due.DayAt, to = sentTo, messages = made?.Report.Records.Sum(static record => record.Count) ?? 0, leftOut = made?.LeftOut ?? 0 })));
            }

            return true;
        },
        cancellationToken);

    private void TellFull(ReportDays.Due due, string to)
    {
        if (_toldOfDay != due.DayAt)
        {
            _toldOfDay = due.DayAt;
            _full.Clear();
        }

        if (_full.Add(to))
        {
            LogFull(log, to, Options.MaxToOne);
        }
    }

    private sealed record GoodRow(long Good, long Passed);

    [LoggerMessage(2942, LogLevel.Warning, "the store is away; DMARC reports are sent when it is back")]
    private static partial void LogLater(ILogger log, Exception exception);

    [LoggerMessage(2943, LogLevel.Warning, "the DMARC report about {Domain} could not be sent to {Address}: {Problem}")]
    private static partial void LogNotSent(ILogger log, string domain, string address, string problem);

    [LoggerMessage(2944, LogLevel.Information, "an address that {Domain} names for DMARC reports gets none: {Why}")]
    private static partial void LogRefused(ILogger log, string domain, string why);

    [LoggerMessage(2945, LogLevel.Warning, "{Address} got as many DMARC reports of the day as one gets (mail.dmarcReports.maxToOne, {Most}); it gets none of further domains")]
    private static partial void LogFull(ILogger log, string address, int most);
}
