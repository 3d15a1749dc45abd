using System.Text.Json;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Trace;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Mail.Reports;

/// <summary>
/// Takes what was read into the store: (1) the domain a report is about says whose it is: the tenant that proved it or a domain above it; nobody's, or one outside the part of the tree that
/// brings it, is refused; (2) its rows are made, (3) its head is entered once, by who reports, id and domain, (4) its records follow, a few hundred in each transaction, and last the head says
/// that all are there. A crash anywhere in between is mended by the same report again, which the spool still has.
/// </summary>
internal sealed class ReportDesk(Stores stores, ProvedDomains proved, SourceNames names, Outbox outbox, MailOptions options, TimeProvider time)
{
    private const int Together = 400;
    private const int MostFile = 24 * 1024 * 1024;

    private const string InsertHead = """
        INSERT INTO mail_report (id, tenant_path, kind, domain, organization, contact, report_id, begin_at, end_at, received_at, came_by, message_id, author, author_result, policy, published, messages,
          passed, records, left_out, digest, state, why)
        VALUES (@Id, @TenantPath, @Kind, @Domain, @Organization, @Contact, @ReportId, @BeginAt, @EndAt, @ReceivedAt, @CameBy, @MessageId, @Author, @AuthorResult, @Policy, @Published, @Messages,
          @Passed, @Records, @LeftOut, @Digest, @State, @Why) ON CONFLICT (id) DO NOTHING
        """;

    public FeedbackLimits Limits { get; } = new()
    {
        Octets = options.Reports.MaxUnpackedBytes, Records = options.Reports.MaxRecords, FileOctets = (int)Math.Min(MostFile, options.Reports.MaxMessageBytes),
    };

    /// <summary>A file that somebody brings: only reports about domains in the caller's part of the tree are taken.</summary>
    public async ValueTask<Outcome<IReadOnlyList<ReportOutcome>>> UploadAsync(Caller caller, string fileName, ReadOnlyMemory<byte> file, CancellationToken cancellationToken)
    {
        var reading = IsMessage(file.Span) ? FeedbackReader.ReadMessage(file, Limits) : FeedbackReader.ReadFile(fileName, file, Limits);
        var outcomes = new List<ReportOutcome>();
        var origin = new ReportOrigin(ReportRow.Uploaded, "", caller.ActorName, ReportRow.Uploaded);
        foreach (var report in reading.Reports)
        {
            outcomes.AddRange(await TakeAsync(report, origin, caller.Scope, cancellationToken));
        }

        outcomes.AddRange(reading.Problems.Select(static problem => new ReportOutcome(ReportOutcome.Refused, problem.FileName, "", "", "", "", "", problem.Why)));
        if (outcomes.Exists(static outcome => outcome.State != ReportOutcome.Refused))
        {
            return outcomes;
        }

        return outcomes.Find(static outcome => outcome.Domain.Length > 0) is { } foreign ? Refusal.NotFound("proved domain", foreign.Domain)
            : Refusal.Invalid("mail.reports.unreadable", "body", outcomes.Count > 0 ? outcomes[0].Why : "no report stands in it", "a DMARC aggregate report (XML) or a TLS report (JSON), packed or not, or a message with one");
    }

    /// <summary>What came in a message. What is refused becomes a row of the provider's, and an event.</summary>
    public async ValueTask<IReadOnlyList<ReportOutcome>> TakeAsync(FeedbackReading reading, ReportOrigin origin, string providerPath, CancellationToken cancellationToken)
    {
        var outcomes = new List<ReportOutcome>();
        var position = 0;
        foreach (var report in reading.Reports)
        {
            foreach (var outcome in await TakeAsync(report, origin, null, cancellationToken))
            {
                outcomes.Add(outcome);
                if (outcome.State == ReportOutcome.Refused)
                {
                    await RefuseAsync(ReportRecords.Refused(providerPath, origin, report, report.FileName, outcome.Why, position++, time.NowMicros()), MailEvents.ReportRefused, cancellationToken);
                }
            }
        }

        var problems = reading.Reports.IsEmpty && reading.Problems.IsEmpty ? [new FeedbackProblem("", "no report stands in the message")] : reading.Problems;
        foreach (var problem in problems)
        {
            outcomes.Add(new ReportOutcome(ReportOutcome.Refused, problem.FileName, "", "", "", "", "", problem.Why));
            await RefuseAsync(ReportRecords.Refused(providerPath, origin, null, problem.FileName, problem.Why, position++, time.NowMicros()), MailEvents.ReportUnreadable, cancellationToken);
        }

        return outcomes;
    }

    private async ValueTask<IReadOnlyList<ReportOutcome>> TakeAsync(FeedbackReport report, ReportOrigin origin, TenantScope? scope, CancellationToken cancellationToken)
    {
        if (report.Aggregate is { } aggregate)
        {
            // (1), (2)
            return await proved.OwnerOfAsync(aggregate.Policy.Domain, cancellationToken) is { } owner && scope?.Covers(owner) != false
                ? [await StoreAsync(report.FileName, ReportRecords.Of(aggregate, owner, origin, await names.ReadAsync(aggregate.Records, cancellationToken), time.NowMicros()), cancellationToken)]
                : [Nobodys(report.FileName, ReportRow.Dmarc, aggregate.Policy.Domain, aggregate.Organization, aggregate.ReportId)];
        }

        var outcomes = new List<ReportOutcome>();
        foreach (var domain in report.Tls!.Policies.Select(static policy => policy.Domain).Distinct(StringComparer.Ordinal))
        {
            outcomes.Add(await proved.OwnerOfAsync(domain, cancellationToken) is { } owner && scope?.Covers(owner) != false
                ? await StoreAsync(report.FileName, ReportRecords.Of(report.Tls, domain, owner, origin, time.NowMicros()), cancellationToken)
                : Nobodys(report.FileName, ReportRow.Tls, domain, report.Tls.Organization, report.Tls.ReportId));
        }

        return outcomes;
    }

    private static ReportOutcome Nobodys(string fileName, string kind, string domain, string organization, string reportId) =>
        new(ReportOutcome.Refused, fileName, kind, domain, organization, reportId, "", domain.Length > 0 ? $"{domain} is no proved domain" : "it names no domain that can be read");

    private async ValueTask<ReportOutcome> StoreAsync(string fileName, ReportRecords records, CancellationToken cancellationToken)
    {
        var head = records.Head;
        var outcome = new ReportOutcome(ReportOutcome.Stored, fileName, head.Kind, head.Domain, head.Organization, head.ReportId, head.Id, "");

        // (3)
        var known = await stores.Control.WriteAsync(
            async transaction => await transaction.ExecuteAsync(InsertHead, head) == 1
                ? null
                : await transaction.FirstOrDefaultAsync<Known>("SELECT state, digest FROM mail_report WHERE id = @Id", new { head.Id }),
            cancellationToken);
        if (known is not null && (known.State == ReportRow.Read || known.Digest != head.Digest))
        {
            return known.Digest == head.Digest
                ? outcome with { State = ReportOutcome.Already }
                : outcome with { State = ReportOutcome.Refused, Why = "another report of this reporter with the same id is stored already" };
        }

        // (4)
        foreach (var some in records.Rows.Chunk(Together))
        {
            await stores.Control.WriteAsync(async transaction => await transaction.WriteRowsAsync(records.Statement, some), cancellationToken);
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                if (await transaction.ExecuteAsync("UPDATE mail_report SET state = 'read' WHERE id = @Id AND state = 'loading'", new { head.Id }) == 1)
                {
                    await outbox.AppendAsync(transaction, new Event(
                        Id.New("e", time), MailEvents.ReportReceived, time.NowMicros(), head.TenantPath, head.Id,
                        JsonSerializer.Serialize(new { report = head.Id, kind = head.Kind, domain = head.Domain, organization = head.Organization, messages = head.Messages, passed = head.Passed, author = head.AuthorResult })));
                }

                return true;
            },
            cancellationToken);
        return outcome;
    }

    private async ValueTask RefuseAsync(ReportRow row, string type, CancellationToken cancellationToken) =>
        await stores.Control.WriteAsync(
            async transaction =>
            {
                if (await transaction.ExecuteAsync(InsertHead, row) == 1)
                {
                    await outbox.AppendAsync(transaction, new Event(
                        Id.New("e", time), type, time.NowMicros(), row.TenantPath, row.MessageId, JsonSerializer.Serialize(new { message = row.MessageId, domain = row.Domain, author = row.Author, why = row.Why })));
                }

                return true;
            },
            cancellationToken);

    // A header field before anything else: no packing, XML or JSON begins so.
    internal static bool IsMessage(ReadOnlySpan<byte> file)
    {
        var colon = file[..Math.Min(file.Length, 100)].IndexOf((byte)':');
        return colon > 0 && !file[..colon].ContainsAnyExceptInRange((byte)'!', (byte)'~') && file[0] is not ((byte)'<' or (byte)'{');
    }

    private sealed record Known(string State, string Digest);
}
