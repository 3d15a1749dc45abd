using System.Net.Http.Headers;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Reporting.Daily;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Mail.Routes;

/// <summary>Hands one TLS report to one address: by mail (RFC 8460 section 5.3, <see cref="ReportPost"/>), or by HTTPS (section 5.4).</summary>
internal sealed class TlsReportPost(ReportPost mail, RouteHttp http, MailOptions options)
{
    private const int MostAnswer = 16 * 1024;
    private static readonly TimeSpan PostWithin = TimeSpan.FromSeconds(30);

    /// <summary>Null when it is on its way; else why it is not.</summary>
    public async ValueTask<string?> SendAsync(string domain, TlsReport report, byte[] packed, Uri address, CancellationToken cancellationToken)
    {
        if (TlsReportRecord.Mailbox(address) is not { } mailbox)
        {
            return await PostAsync(packed, address, cancellationToken);
        }

        var item = new ReportPost.Item(
            $"tls report {report.ReportId} {domain}", UnixMicros.From(report.End), options.TlsReports.From, "mail.tlsReports.from", IsAboutTls: true, TlsReportLetter.Of(report, domain, options.OwnName, packed));
        return await mail.SendAsync(item, mailbox, cancellationToken);
    }

    private async ValueTask<string?> PostAsync(byte[] packed, Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(packed) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(TlsReportWriter.PackedType);
        var answer = await http.SendAsync(request, MostAnswer, PostWithin, cancellationToken);
        return answer.Problem.Length > 0 ? answer.Problem : answer.Status is >= 200 and < 300 ? null : $"it answers {answer.Status}";
    }
}
