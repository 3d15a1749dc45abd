using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Tests.Protocols.Mail.Feedback;

public class Tls_reports
{
    /// <summary>The report of RFC 8460 appendix B.</summary>
    [Fact]
    public void Of_the_rfc_are_read()
    {
        var report = Assert.Single(FeedbackReader.ReadFile("r.json", FeedbackSample.Utf8(FeedbackSample.Tls("company-y.example", "5065427c-23d3-47ca-b6e0-946ea0e8c4be"))).Reports).Tls!;
        Assert.Equal(("Company-X", "sts-reporting@company-x.example", "5065427c-23d3-47ca-b6e0-946ea0e8c4be"), (report.Organization, report.Contact, report.ReportId));
        Assert.Equal(new DateTimeOffset(2016, 4, 1, 0, 0, 0, TimeSpan.Zero), report.Begin);
        Assert.Equal(new DateTimeOffset(2016, 4, 1, 23, 59, 59, TimeSpan.Zero), report.End);
        var policy = Assert.Single(report.Policies);
        Assert.Equal(("sts", "company-y.example", 5326L, 303L), (policy.Type, policy.Domain, policy.Successful, policy.Failed));
        Assert.Equal("mode: testing", policy.Strings[1]);
        Assert.Equal(["*.mail.company-y.example"], policy.MxHosts);
        Assert.Equal([("certificate-expired", 100L), ("starttls-not-supported", 200L), ("validation-failure", 3L)], policy.Failures.Select(static failure => (failure.Result, failure.Sessions)));
        Assert.Equal(("mx2.mail.company-y.example", "203.0.113.56", "https://reports.company-x.example/report_info"), (policy.Failures[1].Mx, policy.Failures[1].ReceivingAddress, policy.Failures[1].Additional));
        Assert.Equal("X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED", policy.Failures[2].ReasonCode);
    }

    [Fact]
    public void Of_careless_reporters_are_read()
    {
        var json = """
            {"date-range":{"start-datetime":"2024-01-01T00:00:00Z","end-datetime":"2024-01-01T23:59:59Z"},"unknown":[{}],"policies":[
            {"policy":{"policy-type":"no-policy-found","policy-domain":"A.example.","policy-string":"v","mx-host":"mx.a.example"},"summary":{"total-successful-session-count":"12","total-failure-session-count":-3},"failure-details":{"result-type":"STARTTLS-not-supported"}},
            {"policy":null,"summary":5},],}
            """;
        var report = Assert.Single(FeedbackReader.ReadFile("r.json", FeedbackSample.Utf8(json)).Reports).Tls!;
        Assert.Equal(("", ""), (report.Organization, report.ReportId));
        Assert.Equal(("a.example", 12L, 0L), (report.Policies[0].Domain, report.Policies[0].Successful, report.Policies[0].Failed));
        Assert.Equal("v", Assert.Single(report.Policies[0].Strings));
        Assert.Equal("starttls-not-supported", Assert.Single(report.Policies[0].Failures).Result);
        Assert.Equal("", report.Policies[1].Domain);
    }

    [Theory]
    [InlineData("{}", "no policies")]
    [InlineData("{\"policies\":[{}]}", "date-range")]
    [InlineData("{\"policies\":[],\"date-range\":{\"start-datetime\":\"2024-01-01\",\"end-datetime\":\"2024-01-02\"}}", "no policy")]
    [InlineData("{\"policies\":", "no JSON")]
    public void That_lack_what_names_them_are_refused(string json, string why) => Assert.Contains(why, FeedbackSample.WhyNot(FeedbackSample.Utf8(json)), StringComparison.Ordinal);
}
