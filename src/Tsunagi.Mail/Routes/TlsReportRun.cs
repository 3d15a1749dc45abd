using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
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
    private const int Together = 200;
    private const int MostFailures = 1_000;
    private const int MostTries = 5;
    private const long DayMicros = 24 * 3_600 * UnixMicros.PerSecond;
    private const int KeepDays = 7;

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
        var today = time.NowMicros() / DayMicros * DayMicros;
        await SweepAsync(today - (KeepDays * DayMicros), cancellationToken);
        var sent = 0;
        for (var after = new DueDomain(0, ""); ;)
        {
            // (1)
            var (last, due) = (after, await stores.Control.ReadAsync(
                reader => reader.QueryAsync<DueDomain>(
                    """
                    SELECT DISTINCT r.day_at, r.domain FROM mail_tls_result r LEFT JOIN mail_tls_report d ON d.day_at = r.day_at AND d.domain = r.domain
                    WHERE r.day_at < @Today AND (d.state IS NULL OR d.state = 'later') AND (r.day_at > @Day OR (r.day_at = @Day AND r.domain > @Domain))
                    ORDER BY r.day_at, r.domain LIMIT @Limit
                    """,
                    new { Today = today, Day = after.DayAt, after.Domain, Limit = (long)Together }), cancellationToken));
            foreach (var one in due.Where(IsTime))
            {
                sent += await SendAsync(one, cancellationToken) ? 1 : 0;
            }

            if (due.Count < Together)
            {
                return sent;
            }

            after = due[^1];
        }
    }

    // Spread over four times the wait, by the domain.
    private bool IsTime(DueDomain due)
    {
        var wait = (long)options.TlsReports.SendAfter.TotalMicroseconds;
        var spread = wait == 0 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(due.Domain))) % (wait * 3);
        return time.NowMicros() >= due.DayAt + DayMicros + wait + spread;
    }

    private async ValueTask<bool> SendAsync(DueDomain due, CancellationToken cancellationToken)
    {
        // (2)
        var texts = await dns!.TextsAsync(TlsReportRecord.NameOf(due.Domain), cancellationToken);
        if (texts.Status == MailDnsStatus.TempError)
        {
            await NoteAsync(due, time.NowMicros() < due.DayAt + (3 * DayMicros) ? "later" : "unknown", "", cancellationToken);
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
        var (sent, tries, wait) = (new List<string>(), await TriesAsync(due, cancellationToken), false);
        foreach (var address in addresses.Take(options.TlsReports.MaxAddresses))
        {
            if (await IsTiredAsync(due, address, cancellationToken))
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

    private async ValueTask<TlsReport> MakeAsync(DueDomain due, CancellationToken cancellationToken)
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

    // Whom a day's reports went to stands in their rows; an address in a thousand domains' records gets fifty letters, not a thousand.
    private async ValueTask<bool> IsTiredAsync(DueDomain due, Uri address, CancellationToken cancellationToken)
    {
        var got = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<long>(
                "SELECT count(*) FROM mail_tls_report WHERE day_at = @DayAt AND state = 'sent' AND (' ' || sent_to || ' ') LIKE @To ESCAPE '\\'",
                new { due.DayAt, To = $"% {ToOne(address).Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")} %" }), cancellationToken);
        return got >= options.TlsReports.MaxToOne;
    }

    /// <summary>Who gets it, for the limit: the mailbox, or the HTTPS host.</summary>
    private static string ToOne(Uri address) => TlsReportRecord.Mailbox(address) is { } mailbox ? mailbox.ToString().ToLowerInvariant() : "https://" + address.Authority.ToLowerInvariant();

    private ValueTask<long> TriesAsync(DueDomain due, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<long>("SELECT tries FROM mail_tls_report WHERE day_at = @DayAt AND domain = @Domain", new { due.DayAt, due.Domain }), cancellationToken);

    private ValueTask<bool> NoteAsync(DueDomain due, string state, string sentTo, CancellationToken cancellationToken, TlsReport? report = null) => stores.Control.WriteAsync(
        async transaction =>
        {
            await transaction.ExecuteAsync(
                """
                INSERT INTO mail_tls_report (day_at, domain, state, sent_to, tries, updated_at) VALUES (@DayAt, @Domain, @State, @To, 1, @Now)
                ON CONFLICT (day_at, domain) DO UPDATE SET state = excluded.state, sent_to = excluded.sent_to, tries = mail_tls_report.tries + 1, updated_at = excluded.updated_at
                """,
                new { due.DayAt, due.Domain, State = state, To = sentTo, Now = time.NowMicros() });
            if (state is "sent" or "failed" && contracts.ProviderPath.Length > 0)
            {
                await outbox.AppendAsync(transaction, new Event(
                    Id.New("e", time), state == "sent" ? MailEvents.TlsReportSent : MailEvents.TlsReportUnsent, time.NowMicros(), contracts.ProviderPath, due.Domain,
                    JsonSerializer.Serialize(new { domain = due.Domain, day = due.DayAt, to = sentTo, failed = report?.Policies.Sum(static policy => policy.Failed) ?? 0, successful = report?.Policies.Sum(static policy => policy.Successful) ?? 0 })));
            }

            return true;
        },
        cancellationToken);

    private async ValueTask SweepAsync(long beforeMicros, CancellationToken cancellationToken)
    {
        await stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("DELETE FROM mail_tls_result WHERE day_at < @Before", new { Before = beforeMicros }), cancellationToken);
        await stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("DELETE FROM mail_tls_report WHERE day_at < @Before", new { Before = beforeMicros }), cancellationToken);
    }

    internal sealed record DueDomain(long DayAt, string Domain);

    private sealed record ResultRow(string PolicyType, string Policy, string Result, string Mx, string Receiving, long Sessions);

    [LoggerMessage(2931, LogLevel.Warning, "the store is away; reports about TLS are sent when it is back")]
    private static partial void LogLater(ILogger log, Exception exception);

    [LoggerMessage(2932, LogLevel.Warning, "the report about TLS with {Domain} could not be sent to {Address}: {Problem}")]
    private static partial void LogNotSent(ILogger log, string domain, string address, string problem);
}
