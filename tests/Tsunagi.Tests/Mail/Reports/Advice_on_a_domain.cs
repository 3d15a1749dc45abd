using Tsunagi.Core.Time;
using Tsunagi.Mail.Reports;

namespace Tsunagi.Tests.Mail.Reports;

public sealed class Advice_on_a_domain
{
    private const long Day = 86_400 * UnixMicros.PerSecond;
    private static readonly ReportedSource Clean = new("mailer.example", 100, 100, 100, 100, 0, 0, 0, 0, 0, 0, "", "", "", "", 1, "192.0.2.1");

    [Fact]
    public void Names_what_to_do_about_each_kind_of_source()
    {
        Assert.Equal(["passes"], Codes(Clean));
        Assert.Equal(["spf-alone"], Codes(Clean with { DkimAligned = 0 }));
        Assert.Equal(["spf-elsewhere"], Codes(Clean with { Passed = 0, SpfElsewhere = 100, SpfDomain = "bounce.mailer.example" }));
        Assert.Equal(["dkim-elsewhere", "spf-elsewhere"], Codes(Clean with { Passed = 10, SpfElsewhere = 90, SpfDomain = "b.mailer.example", DkimElsewhere = 90, DkimDomain = "mailer.example" }));
        Assert.Equal(["dkim-broken"], Codes(Clean with { Passed = 50, DkimBroken = 50, BrokenDomain = "mail.own.example" }));
        Assert.Equal(["dkim-broken", "stranger"], Codes(Clean with { Passed = 0, DkimBroken = 100, BrokenDomain = "mail.own.example" }));
        Assert.Equal(["stranger"], Codes(Clean with { Passed = 0, DkimBroken = 50, BrokenDomain = "other.example" }));
        Assert.Equal(["some-fail"], Codes(Clean with { Passed = 99 }));
        Assert.Equal(["forwarded"], Codes(Clean with { Passed = 0, Forwarded = 95, SpfElsewhere = 100, SpfDomain = "list.example" }));
        Assert.Contains("SPF passes for bounce.mailer.example, which is not own.example (not aligned)", ReportAdvice.Of(Clean with { Passed = 0, SpfElsewhere = 100, SpfDomain = "bounce.mailer.example" }, "own.example")[0].Text.En, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none", 1000, 990, 29, "to-quarantine")]
    [InlineData("none", 1000, 989, 29, "mend-first")]
    [InlineData("none", 1000, 1000, 28, "wait")]
    [InlineData("", 1000, 1000, 29, "to-quarantine")]
    [InlineData("quarantine", 1000, 995, 29, "to-reject")]
    [InlineData("reject", 1000, 990, 29, "strictest")]
    [InlineData("reject", 1000, 900, 29, "own-mail-refused")]
    [InlineData("none", 0, 0, 0, "no-known-source")]
    public void Moves_the_policy_on_at_99_percent_of_known_sources_over_30_days(string policy, long messages, long passed, int daysAgo, string code)
    {
        var row = new ReportRow("mr_x", "t/", "dmarc", "own.example", "", "", "", 0, 1, 0, "mail", "", "", "pass", policy, "", 0, 0, 0, 0, "", "read", "");
        var report = new DomainReport("own.example", row, [], [], new KnownSources(messages, passed, 1000 * Day, 1), [], []);
        var advice = ReportAdvice.OfPolicy(report, ((1000 + daysAgo) * Day) + (Day / 2));
        Assert.Equal(code, advice.Code);
    }

    [Fact]
    public void Has_words_for_every_result_of_the_standard()
    {
        string[] results =
        [
            "starttls-not-supported", "certificate-host-mismatch", "certificate-expired", "certificate-not-trusted", "validation-failure", "tlsa-invalid", "dnssec-invalid", "dane-required",
            "sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid", ReportRecords.Untold,
        ];
        Assert.Equal(results, results.Select(static result => ReportAdvice.Of(new TlsResult("mx", result, "sts", 1, "", 1)).Code));
        Assert.Equal(("successful", "other"), (ReportAdvice.Of(new TlsResult("mx", "", "sts", 1, "", 1)).Code, ReportAdvice.Of(new TlsResult("mx", "x-new", "sts", 1, "", 1)).Code));
    }

    [Theory]
    [InlineData("out1.mailer.example", "mailer.example")]
    [InlineData("MX.Sub.Mailer.CO.JP.", "mailer.co.jp")]
    [InlineData("a.b.ne.jp", "b.ne.jp")]
    [InlineData("co.jp", "co.jp")]
    [InlineData("localhost", "")]
    [InlineData("1.2.3.4", "")]
    public void Groups_sources_by_the_organization_of_their_name(string name, string organization) => Assert.Equal(organization, SourceNames.OrganizationOf(name));

    private static IEnumerable<string> Codes(ReportedSource source) => ReportAdvice.Of(source, "own.example").Select(static advice => advice.Code);
}
