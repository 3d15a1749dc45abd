using System.Buffers;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Reporting.Daily;
using Tsunagi.Mail.Trace;
using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Route;

namespace Tsunagi.Mail.Routes;

/// <summary>
/// Tells other domains once a day how our sessions with their servers went (RFC 8460). On the node that holds the lease: (1) domains with results of a day that is over, whose time has come, (2) whether and
/// where the domain wants reports, (3) the report, packed, (4) sent to each address, by mail or HTTPS, (5) the row that says so. A domain that wants none, or cannot be asked for two days, is done with.
/// </summary>
internal sealed partial class TlsReportRun(
    Stores stores, TlsReportPost post, GatewayContracts contracts, ILeases leases, Outbox outbox, MailOptions options, TimeProvider time, ILogger<TlsReportRun> log, IRouteDns? dns = null) : BackgroundService
{
    private const string Lease = "mail.tls-reports";
    private const int MostFailures = 1_000;
    private const int MostTries = 5;
    private const int KeepDays = 7;

    private readonly ReportDays _days = new("mail_tls_result", "mail_tls_report", stores, time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        if (!options.TlsReports.IsOn || options.Outbound.Route != DepartureRoute.Mx || dns is null)
        {
            return;
        }

        try
        {
            await leases.HoldAsync(
                Lease,
                (_, token) => Looks.RunAsync("reports about TLS", options.TlsReports.LookEvery, async look => await SendDueAsync(look), away => LogLater(log, away), time, log, token),
                stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is due is sent after the next start.
        }
    }

    /// <summary>Everything due now; returns how many reports went out.</summary>
    internal async ValueTask<int> SendDueAsync(CancellationToken cancellationToken)
    {
        await _days.SweepAsync(_days.Today - (KeepDays * ReportDays.DayMicros), ["mail_tls_result"], cancellationToken);

        // (1)
        return await _days.SendDueAsync(options.TlsReports.SendAfter, due => SendAsync(due, cancellationToken), cancellationToken);
    }

    private async ValueTask<bool> SendAsync(ReportDays.Due due, CancellationToken cancellationToken)
    {
        // (2)
        var texts = await dns!.TextsAsync(TlsReportRecord.NameOf(due.Domain), cancellationToken);
        if (texts.Status == MailDnsStatus.TempError)
        {
            await NoteAsync(due, time.NowMicros() < due.DayAt + (3 * ReportDays.DayMicros) ? ReportDays.Later : "unknown", "", cancellationToken);
            return false;
        }

        if (!TlsReportRecord.TryRead(texts.Values, out var addresses))
        {
            await NoteAsync(due, "unwanted", "", cancellationToken);
            return false;
        }

        // (3)
        var report = await MakeAsync(due, cancellationToken);
        var packed = Pack(report);
        if (packed.Length > options.TlsReports.MaxBytes)
        {
            report = report with { Policies = [.. report.Policies.Select(static policy => policy with { Failures = [] })] };
            packed = Pack(report);
        }

        // (4)
        var (sent, tries, wait) = (new List<string>(), await _days.TriesAsync(due, cancellationToken), false);
        foreach (var address in addresses.Take(options.TlsReports.MaxAddresses))
        {
            if (await _days.IsTiredAsync(due, ToOne(address), options.TlsReports.MaxToOne, cancellationToken))
            {
                continue;
            }

            var problem = packed.Length > options.TlsReports.MaxBytes ? "the report is larger than mail.tlsReports.maxBytes" : await post.SendAsync(due.Domain, report, packed, address, cancellationToken);
            if (problem is null)
            {
                sent.Add(ToOne(address));
            }
            else
            {
                wait = tries + 1 < MostTries;
                LogNotSent(log, due.Domain, ToOne(address), problem);
            }
        }

        // (5)
        await NoteAsync(due, sent.Count > 0 ? "sent" : wait ? "later" : "failed", string.Join(' ', sent), cancellationToken, report);
        return sent.Count > 0;
    }

    private async ValueTask<TlsReport> MakeAsync(ReportDays.Due due, CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<ResultRow>(
                "SELECT policy_type, policy, result, mx, receiving, sessions FROM mail_tls_result WHERE day_at = @DayAt AND domain = @Domain ORDER BY sessions DESC, hash LIMIT @Limit",
                new { due.DayAt, due.Domain, Limit = 20_000L }), cancellationToken);
        var begin = UnixMicros.ToDateTimeOffset(due.DayAt);
        return new TlsReport
        {
            Organization = options.TlsReports.Organization, Contact = options.TlsReports.Contact, Begin = begin, End = begin.AddDays(1).AddSeconds(-1),
            ReportId = $"{begin.UtcDateTime:yyyyMMdd}.{due.Domain}@{options.OwnName}",
            Policies = [.. rows.GroupBy(static row => (row.PolicyType, row.Policy)).Select(group => PolicyOf(due.Domain, group.Key.PolicyType, group.Key.Policy, [.. group]))],
        };
    }

    private static TlsPolicyReport PolicyOf(string domain, string type, string policy, IReadOnlyList<ResultRow> rows)
    {
        var lines = JsonSerializer.Deserialize<ImmutableArray<string>>(policy);
        return new TlsPolicyReport
        {
            Type = type, Domain = domain, Strings = lines, MxHosts = type == "sts" ? [.. lines.Where(static line => line.StartsWith("mx: ", StringComparison.Ordinal)).Select(static line => line[4..])] : [],
            Successful = rows.Where(static row => row.Result.Length == 0).Sum(static row => row.Sessions),
            Failed = rows.Where(static row => row.Result.Length > 0).Sum(static row => row.Sessions),
            Failures =
            [
                .. rows.Where(static row => row.Result.Length > 0).Take(MostFailures)
                    .Select(static row => new TlsFailure { Result = row.Result, Mx = row.Mx, ReceivingAddress = row.Receiving, Sessions = row.Sessions }),
            ],
        };
    }

    private static byte[] Pack(TlsReport report)
    {
        var json = new ArrayBufferWriter<byte>(4_096);
        TlsReportWriter.Write(report, json);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(json.WrittenSpan);
        }

        return packed.ToArray();
    }

    /// <summary>Who gets it, for the limit: the mailbox, or the HTTPS host.</summary>
    private static string ToOne(Uri address) => TlsReportRecord.Mailbox(address) is { } mailbox ? mailbox.ToString().ToLowerInvariant() : "https://" + address.Authority.ToLowerInvariant();

    private ValueTask<bool> NoteAsync(ReportDays.Due due, string state, string sentTo, CancellationToken cancellationToken, TlsReport? report = null) => stores.Control.WriteAsync(
        async transaction =>
        {
            await _days.NoteAsync(transaction, due, state, sentTo, isTry: report is not null);
            if (state is "sent" or "failed" && contracts.ProviderPath.Length > 0)
            {
                await outbox.AppendAsync(transaction, new Event(
                    Id.New("e", time), state == "sent" ? MailEvents.TlsReportSent : MailEvents.TlsReportUnsent, time.NowMicros(), contracts.ProviderPath, due.Domain,
                    JsonSerializer.Serialize(new { domain = due.Domain, day = due.DayAt, to = sentTo, failed = report?.Policies.Sum(static policy => policy.Failed) ?? 0, successful = report?.Policies.Sum(static policy => policy.Successful) ?? 0 })));
            }

            return true;
        },
        cancellationToken);

    private sealed record ResultRow(string PolicyType, string Policy, string Result, string Mx, string Receiving, long Sessions);

    [LoggerMessage(2931, LogLevel.Warning, "the store is away; reports about TLS are sent when it is back")]
    private static partial void LogLater(ILogger log, Exception exception);

    [LoggerMessage(2932, LogLevel.Warning, "the report about TLS with {Domain} could not be sent to {Address}: {Problem}")]
    private static partial void LogNotSent(ILogger log, string domain, string address, string problem);
}
