using System.Net;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Tests.Protocols.Mail.Feedback;

public class Aggregate_reports
{
    [Fact]
    public void Of_rfc_9990_are_read_with_every_element()
    {
        var report = FeedbackSample.One("""
            <?xml version="1.0"?>
            <feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0" xmlns:ext="urn:example:ext"><version>1.0</version>
            <report_metadata><org_name>Sample Reporter</org_name><email>report_sender@example-reporter.com</email><extra_contact_info>https://example-reporter.com</extra_contact_info>
            <report_id>3v98abbp8ya9n3va8yr8oa3ya</report_id><date_range><begin>302832000</begin><end>302918399</end></date_range><error>one</error><error>two</error><generator>Example DMARC Aggregate Reporter v1.2</generator></report_metadata>
            <policy_published><domain>Example.COM.</domain><p>quarantine</p><sp>none</sp><np>reject</np><testing>y</testing><discovery_method>treewalk</discovery_method><adkim>s</adkim><fo>1:d</fo></policy_published>
            <ext:arc-override>never</ext:arc-override>
            <record><row><source_ip>2001:db8::25</source_ip><count>123</count><policy_evaluated><disposition>pass</disposition><dkim>pass</dkim><spf>fail</spf>
            <reason><type>policy_test_mode</type><comment>as published</comment></reason><reason><type>mailing_list</type></reason></policy_evaluated></row>
            <identifiers><envelope_from>example.com</envelope_from><header_from>example.com</header_from></identifiers>
            <auth_results><dkim><domain>example.com</domain><selector>abc123</selector><result>pass</result></dkim><spf><domain>example.com</domain><scope>mfrom</scope><result>softfail</result><human_result>x</human_result></spf></auth_results>
            <ext:other><ext:deeper>1</ext:deeper></ext:other></record></feedback>
            """);
        Assert.Equal(("1.0", "Sample Reporter", "Example DMARC Aggregate Reporter v1.2", "3v98abbp8ya9n3va8yr8oa3ya"), (report.Version, report.Organization, report.Generator, report.ReportId));
        Assert.Equal(["one", "two"], report.Errors);
        Assert.Equal(
            new PublishedPolicy
            {
                Domain = "example.com", Policy = DmarcPolicy.Quarantine, SubdomainPolicy = DmarcPolicy.None, NonExistentPolicy = DmarcPolicy.Reject, IsTesting = true, Discovery = DiscoveryMethod.TreeWalk,
                DkimAlignment = ReportedAlignment.Strict, FailureOptions = "1:d",
            },
            report.Policy);
        var record = Assert.Single(report.Records);
        Assert.Equal((IPAddress.Parse("2001:db8::25"), 123L, ReportedDisposition.Pass, true), (record.Source, record.Count, record.Disposition, record.Passes));
        Assert.Equal([new PolicyOverride(OverrideReason.PolicyTestMode, "as published"), new PolicyOverride(OverrideReason.MailingList, "")], record.Reasons);
        Assert.Equal([new ReportedSpf("example.com", ReportedScope.MailFrom, ReportedResult.SoftFail, "x")], record.SpfResults);
        Assert.Equal(["arc-override", "other"], report.Extensions);
    }

    [Theory]
    [InlineData("no declaration, and white space before", "\r\n  <feedback>", "")]
    [InlineData("another namespace", "<?xml version='1.0'?><feedback xmlns='http://dmarc.org/dmarc-xml/0.1'>", "")]
    [InlineData("a byte order mark", "\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?><feedback>", "")]
    [InlineData("white space before the declaration", "\n\n<?xml version=\"1.0\"?><feedback>", "")]
    [InlineData("elements nobody knows", "<feedback><x><y>1</y></x>", "x")]
    public void Of_early_drafts_are_read(string _, string head, string extension)
    {
        var report = FeedbackSample.One(head + """
            <record><row><source_ip> [::ffff:192.0.2.9] </source_ip><count> 7 </count><policy_evaluated><disposition>NONE</disposition><dkim>fail</dkim><spf>pass</spf></policy_evaluated></row>
            <identities><header_from>EXAMPLE.com</header_from><envelope_from>joe@Sub.example.com</envelope_from></identities>
            <auth_results><spf><domain>a.example</domain><result>hardfail</result></spf><spf><domain>b.example</domain><result>unknown</result></spf><dkim><domain>c.example</domain><result>error</result></dkim></auth_results></record>
            <policy_published><domain>example.com</domain><p>none</p><pct>50</pct></policy_published>
            <report_metadata><org_name>old</org_name><date_range><begin>1</begin><end>2</end></date_range></report_metadata></feedback>
            """);
        Assert.Equal(("", "", 50), (report.Version, report.ReportId, report.Policy.Percent));
        var record = Assert.Single(report.Records);
        Assert.Equal(("192.0.2.9", 7L, "example.com", "sub.example.com"), (record.Source.ToString(), record.Count, record.HeaderFrom, record.EnvelopeFrom));
        Assert.Equal([ReportedResult.Fail, ReportedResult.Neutral], record.SpfResults.Select(static spf => spf.Result));
        Assert.Equal(ReportedResult.TempError, Assert.Single(record.DkimResults).Result);
        Assert.Equal(extension.Length > 0 ? [extension] : [], report.Extensions);
    }

    [Fact]
    public void With_several_policies_are_about_the_first_that_names_a_domain()
    {
        var xml = FeedbackSample.Aggregate().Replace("<policy_published>", "<policy_published><p>none</p></policy_published><policy_published>").Replace("</policy_published>\n<record>", "</policy_published><policy_published><domain>other.example</domain><p>reject</p></policy_published>\n<record>");
        var report = FeedbackSample.One(xml);
        Assert.Equal("example.com", report.Policy.Domain);
        Assert.Equal(DmarcPolicy.Reject, Assert.Single(report.FurtherPolicies).Policy);
        Assert.Equal("other.example", report.FurtherPolicies[0].Domain);
    }

    [Fact]
    public void Keep_the_records_that_can_be_read_and_count_the_others()
    {
        var report = FeedbackSample.One(FeedbackSample.Aggregate(records:
            FeedbackSample.Record(source: "1") + FeedbackSample.Record(count: "-1") + FeedbackSample.Record(count: "1000000000001") + FeedbackSample.Record(count: "1000000000000") + FeedbackSample.Record(source: "no address")));
        Assert.Equal(1_000_000_000_000, Assert.Single(report.Records).Count);
        Assert.Equal(4, report.UnreadableRecords);
    }

    [Theory]
    [InlineData("<feedback/>", "policy_published")]
    [InlineData("<feedback><policy_published><domain>example.com</domain></policy_published></feedback>", "date_range")]
    [InlineData("<html><body/></html>", "outermost element")]
    [InlineData("<feedback>", "no XML")]
    public void That_lack_what_names_them_are_refused(string xml, string why) => Assert.Contains(why, FeedbackSample.WhyNot(FeedbackSample.Utf8(xml)), StringComparison.Ordinal);

    [Fact]
    public void Hold_no_text_that_turns_or_controls_a_terminal()
    {
        var report = FeedbackSample.One(FeedbackSample.Aggregate(organization: "a\u202Eb").Replace("r-1", "r\t1\n2"));
        Assert.Equal("ab", report.Organization);
        Assert.Equal("r 1 2", report.ReportId);
    }
}
