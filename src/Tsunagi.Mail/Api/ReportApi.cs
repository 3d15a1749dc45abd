using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Reports;

namespace Tsunagi.Mail.Api;

/// <summary>/api/v1/mail/reports: what others report of customers' domains.</summary>
internal static class ReportApi
{
    private const string ListName = "mail-reports";
    private const int UsualDays = 30;
    private const int MostRecords = 1_000;

    public static void Map(RouteGroupBuilder api)
    {
        var reports = api.MapGroup("/reports").WithTags("Mail");
        reports.MapGet("", ListAsync).Requires(MailPermissions.ReportsRead).WithName("listMailReports").WithSummary("Reports that others sent about domains, newest first");
        reports.MapPost("", UploadAsync).Requires(MailPermissions.ReportsWrite).WithName("addMailReports")
            .WithSummary("Take a file of reports in, as it is: XML, JSON, gzip, zip, or a message; each report once. Only of domains that are proved");
        reports.MapGet("/domains", DomainsAsync).Requires(MailPermissions.ReportsRead).WithName("listReportedMailDomains").WithSummary("Domains there are reports of, with totals");
        reports.MapGet("/domains/{reportedDomain}", DomainAsync).Requires(MailPermissions.ReportsRead).WithName("getReportedMailDomain")
            .WithSummary("Who sends as a domain, what fails, and what to do; sessions under TLS");
        reports.MapGet("/{mailReport}", FindAsync).Requires(MailPermissions.ReportsRead).WithName("getMailReport").WithSummary("One report, with its records");
    }

    private static async Task<ApiResult<Page<DomainReportView>>> ListAsync(
        HttpContext http, ReportBook book, [AsParameters] PageRequest page, [AsParameters] ReportQuery query, CancellationToken cancellationToken)
    {
        if (page.After(ListName, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await book.ListAsync(http.GetCaller(), Lower(query.Domain), query.Kind ?? "", query.State ?? "", before, page.Size + 1, cancellationToken);
        var shown = Page.Of(rows, page.Size, ListName, ReportBook.CursorOf);
        return new Page<DomainReportView>([.. shown.Items.Select(DomainReportView.Of)], shown.Next);
    }

    private static async Task<ApiResult<Page<ReportOutcome>>> UploadAsync(
        HttpContext http, ReportDesk desk, MailOptions options, [MaxLength(255), Description("For the words of the answer.")] string? fileName, CancellationToken cancellationToken)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = options.Reports.MaxMessageBytes;
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, cancellationToken);
        var taken = await desk.UploadAsync(http.GetCaller(), fileName ?? "", body.GetBuffer().AsMemory(0, (int)body.Length), cancellationToken);
        return taken.Ok ? new Page<ReportOutcome>(taken.Value, null) : taken.Refusal!;
    }

    private static async Task<ApiResult<Page<ReportedDomain>>> DomainsAsync(HttpContext http, ReportBook book, TimeProvider time, [AsParameters] ReportSpan span, CancellationToken cancellationToken) =>
        new Page<ReportedDomain>(await book.DomainsAsync(http.GetCaller(), From(time, span.Days ?? UsualDays), cancellationToken), null);

    private static async Task<ApiResult<ReportedDomainView>> DomainAsync(
        HttpContext http, ReportBook book, TimeProvider time, [Description("The domain, in lower case.")] string reportedDomain, [AsParameters] ReportSpan span, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        return await book.DashboardAsync(caller, Lower(reportedDomain), From(time, span.Days ?? UsualDays), From(time, ReportAdvice.HintDays), cancellationToken) is { } report
            ? ReportedDomainView.Of(report, time.NowMicros(), caller.Locale)
            : Refusal.NotFound("report of domain", reportedDomain);
    }

    private static async Task<ApiResult<DomainReportWithRecords>> FindAsync(HttpContext http, ReportBook book, [Description("Its id (mr_…).")] string mailReport, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        return await book.FindAsync(caller, mailReport, cancellationToken) is { } row
            ? new DomainReportWithRecords(DomainReportView.Of(row), await book.RecordsAsync(caller, row.Id, MostRecords, cancellationToken))
            : Refusal.NotFound("mail report", mailReport);
    }

    /// <summary>The first moment of the day so many days back.</summary>
    internal static long From(TimeProvider time, int days) => UnixMicros.From(new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(1 - days));

    private static string Lower(string? domain) => (domain ?? "").Trim().TrimEnd('.').ToLowerInvariant();
}

/// <summary>How far back.</summary>
internal sealed record ReportSpan([property: Range(1, 3_650), Description("Days back; 30 without it.")] int? Days);

/// <summary>Which reports.</summary>
internal sealed record ReportQuery(
    [property: MaxLength(253), Description("Only this domain's.")] string? Domain,
    [property: AllowedValues("dmarc", "tls", null), Description("dmarc or tls.")] string? Kind,
    [property: AllowedValues("read", "refused", "loading", null), Description("read, refused (with the reason; the provider's), or loading.")] string? State);

/// <summary>One report.</summary>
/// <param name="Kind">dmarc or tls; absent for what cannot be read.</param>
/// <param name="CameBy">mail or upload.</param>
/// <param name="Author">Domain of the author of its message, or who uploaded it.</param>
/// <param name="AuthorResult">What DMARC says of that author: pass, fail, none, temperror, permerror, unchecked; upload.</param>
/// <param name="Messages">Messages, or sessions of a TLS report.</param>
/// <param name="LeftOut">Records that cannot be read, or are of names outside the domain.</param>
public sealed record DomainReportView(
    string Id, string? Kind, string State, string? Why, string? Domain, string? Organization, string? Contact, string? ReportId, DateTimeOffset? Begin, DateTimeOffset? End, DateTimeOffset ReceivedAt, string CameBy,
    string? MessageId, string? Author, string AuthorResult, string? Policy, string? Published, long Messages, long Passed, long Records, long LeftOut)
{
    internal static DomainReportView Of(ReportRow row) => new(
        row.Id, MessageView.Some(row.Kind), row.State, MessageView.Some(row.Why), MessageView.Some(row.Domain), MessageView.Some(row.Organization), MessageView.Some(row.Contact), MessageView.Some(row.ReportId),
        row.EndAt == 0 ? null : UnixMicros.ToDateTimeOffset(row.BeginAt), row.EndAt == 0 ? null : UnixMicros.ToDateTimeOffset(row.EndAt), UnixMicros.ToDateTimeOffset(row.ReceivedAt), row.CameBy,
        MessageView.Some(row.MessageId), MessageView.Some(row.Author), row.AuthorResult, MessageView.Some(row.Policy), MessageView.Some(row.Published), row.Messages, row.Passed, row.Records, row.LeftOut);
}

/// <summary>A report with its records, those with most messages first, 1,000 at most.</summary>
public sealed record DomainReportWithRecords(DomainReportView Report, IReadOnlyList<ReportedRecord> Records);

/// <summary>A thing to know or do.</summary>
public sealed record ReportAdviceView(string Code, string Text)
{
    internal static ReportAdviceView Of(Advice advice, string locale) => new(advice.Code, advice.Text.In(locale));
}

/// <summary>A source with what to do about it.</summary>
public sealed record ReportedSourceView(ReportedSource Source, IReadOnlyList<ReportAdviceView> Advice);

/// <summary>Sessions with a mail server with what to do about them.</summary>
public sealed record TlsResultView(TlsResult Result, ReportAdviceView Advice);

/// <summary>A domain's dashboard.</summary>
public sealed record ReportedDomainView(
    string Domain, string? Policy, ReportAdviceView PolicyAdvice, IReadOnlyList<ReportedDay> Days, IReadOnlyList<ReportedSourceView> Sources, IReadOnlyList<ReportedDay> TlsDays, IReadOnlyList<TlsResultView> TlsResults)
{
    internal static ReportedDomainView Of(DomainReport report, long now, string locale) => new(
        report.Domain, MessageView.Some(report.Newest?.Policy ?? ""), ReportAdviceView.Of(ReportAdvice.OfPolicy(report, now), locale), report.Days,
        [.. report.Sources.Select(source => new ReportedSourceView(source, [.. ReportAdvice.Of(source, report.Domain).Select(advice => ReportAdviceView.Of(advice, locale))]))], report.TlsDays,
        [.. report.Tls.Select(result => new TlsResultView(result, ReportAdviceView.Of(ReportAdvice.Of(result), locale)))]);
}
