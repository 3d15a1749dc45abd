using System.Buffers;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Tests.Protocols.Mail.Feedback;

public class Tls_reports_written
{
    [Fact]
    public void Are_read_as_the_same()
    {
        var report = new TlsReport
        {
            Organization = "Provider 例え", Contact = "tls@provider.example", ReportId = "20260101.a.example@gw.provider.example", Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), End = new(2026, 1, 1, 23, 59, 59, TimeSpan.Zero),
            Policies =
            [
                new() { Type = "sts", Domain = "a.example", Strings = ["version: STSv1", "mode: testing", "mx: *.a.example", "max_age: 1"], MxHosts = ["*.a.example"], Successful = 7, Failed = 3, Failures = [new() { Result = "certificate-expired", Mx = "mx.a.example", ReceivingAddress = "192.0.2.1", Sessions = 3 }] },
                new() { Type = "no-policy-found", Domain = "a.example", Successful = 1 },
            ],
        };
        var json = new ArrayBufferWriter<byte>();
        TlsReportWriter.Write(report, json);
        var read = Assert.Single(FeedbackReader.ReadFile("r.json", json.WrittenSpan.ToArray()).Reports).Tls!;
        Assert.Equal((report.Organization, report.Contact, report.ReportId, report.Begin, report.End), (read.Organization, read.Contact, read.ReportId, read.Begin, read.End));
        Assert.Equal(2, read.Policies.Length);
        Assert.Equal((report.Policies[0].Type, report.Policies[0].Domain, 7L, 3L), (read.Policies[0].Type, read.Policies[0].Domain, read.Policies[0].Successful, read.Policies[0].Failed));
        Assert.Equal(report.Policies[0].Strings, read.Policies[0].Strings);
        Assert.Equal(report.Policies[0].MxHosts, read.Policies[0].MxHosts);
        Assert.Equal(report.Policies[0].Failures, read.Policies[0].Failures);
        Assert.Equal(("no-policy-found", 1L, 0L), (read.Policies[1].Type, read.Policies[1].Successful, read.Policies[1].Failed));
        Assert.Equal("gw.provider.example!a.example!1767225600!1767311999!20260101aexample.json.gz", TlsReportWriter.FileName(report, "gw.provider.example", "a.example"));
    }

    [Theory]
    [InlineData("v=TLSRPTv1; rua=mailto:reports@example.com", "mailto:reports@example.com")]
    [InlineData("v=TLSRPTv1;rua=https://r.example.com/v1/tlsrpt , mailto:a@b.example;", "https://r.example.com/v1/tlsrpt mailto:a@b.example")]
    [InlineData("v=TLSRPTv1; rua=http://plain.example/,ftp://x.example/,mailto:nobody", "")]
    [InlineData("v=TLSRPTv1; rua=https://user:secret@r.example/", "")]
    [InlineData("v=TLSRPTv1; other=x", "")]
    [InlineData("v=TLSRPTv10; rua=mailto:a@b.example", "")]
    [InlineData("v=TLSRPTv1; rua=mailto:a@b.example|v=TLSRPTv1; rua=mailto:c@d.example", "")]
    [InlineData("", "")]
    public void Go_where_one_record_says(string texts, string addresses)
    {
        Assert.Equal(addresses.Length > 0, TlsReportRecord.TryRead(texts.Split('|'), out var read));
        Assert.Equal(addresses, string.Join(' ', read.Select(static uri => uri.OriginalString)));
    }

    [Theory]
    [InlineData("mailto:a@b.example?subject=x", "a@b.example")]
    [InlineData("mailto:%22a%20b%22@b.example", "\"a b\"@b.example")]
    [InlineData("https://b.example/", null)]
    public void Are_addressed_by_the_mailbox_alone(string uri, string? mailbox) => Assert.Equal(mailbox, TlsReportRecord.Mailbox(new Uri(uri))?.ToString());
}
