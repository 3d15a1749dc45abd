using System.Net;
using System.Text;
using System.Xml.Linq;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Feedback;

public class Aggregate_reports_written
{
    private static readonly AggregateReport Report = new()
    {
        Version = "1.0", Organization = "Provider <例え> & co", Email = "dmarc@provider.example", ReportId = "20260101xabc", BeginSeconds = 1_767_225_600, EndSeconds = 1_767_311_999, Errors = ["3 left out"], Generator = "Tsunagi",
        Policy = new()
        {
            Domain = "a.example", Policy = DmarcPolicy.Reject, SubdomainPolicy = DmarcPolicy.Quarantine, NonExistentPolicy = DmarcPolicy.Reject, DkimAlignment = ReportedAlignment.Strict, SpfAlignment = ReportedAlignment.Relaxed,
            IsTesting = true, FailureOptions = "1:d", Discovery = DiscoveryMethod.TreeWalk,
        },
        Records =
        [
            new()
            {
                Source = IPAddress.Parse("2001:db8::1"), Count = 7, Disposition = ReportedDisposition.Quarantine, Dkim = AlignedResult.Fail, Spf = AlignedResult.Fail,
                Reasons = [new(OverrideReason.PolicyTestMode, "t=y"), new(OverrideReason.LocalPolicy, "")], HeaderFrom = "sub.a.example", EnvelopeFrom = "", EnvelopeTo = "one.example",
                DkimResults = [new("a.example", "s1", ReportedResult.PermError, "no key"), new("b.example", "s2", ReportedResult.Pass, "")], SpfResults = [new("b.example", ReportedScope.MailFrom, ReportedResult.SoftFail, "")],
            },
            new() { Source = IPAddress.Parse("192.0.2.1"), Count = 1, Disposition = ReportedDisposition.Pass, Dkim = AlignedResult.Pass, Spf = AlignedResult.Pass, HeaderFrom = "a.example", EnvelopeFrom = "a.example" },
        ],
    };

    [Fact]
    public void Are_read_as_the_same()
    {
        var read = Read(Report);
        Assert.Equal(Flat(Report), Flat(read));
        Assert.Equal(Report.Policy, read.Policy);
        Assert.Empty(read.Extensions);
        Assert.Equal("mx.provider.example!a.example!1767225600!1767311999!20260101xabc.xml.gz", AggregateWriter.FileName(Report, "mx.provider.example"));
        Assert.Equal("Report Domain: a.example Submitter: mx.provider.example Report-ID: <20260101xabc>", ReportNames.Subject("a.example", "mx.provider.example", "20260101xabc"));
    }

    /// <summary>The names and their order as the tables of RFC 9990 section 3.1.1 have them; a consumer that checks the schema throws away what has another.</summary>
    [Fact]
    public void Have_the_elements_of_the_schema_in_its_order()
    {
        var xml = Xml(Report);
        Assert.StartsWith("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">", xml, StringComparison.Ordinal);
        var root = XDocument.Parse(xml).Root!;
        Assert.All(root.DescendantsAndSelf(), static element => Assert.Equal(AggregateWriter.Namespace, element.Name.NamespaceName));
        Assert.Equal("version report_metadata policy_published record record", Names(root));
        Assert.Equal("org_name email report_id date_range error generator", Names(Of(root, "report_metadata")));
        Assert.Equal("domain discovery_method p sp np fo adkim aspf testing", Names(Of(root, "policy_published")));
        var record = Of(root, "record");
        Assert.Equal("row identifiers auth_results", Names(record));
        Assert.Equal("source_ip count policy_evaluated", Names(Of(record, "row")));
        Assert.Equal("disposition dkim spf reason reason", Names(Of(Of(record, "row"), "policy_evaluated")));
        Assert.Equal("header_from envelope_from envelope_to", Names(Of(record, "identifiers")));
        Assert.Equal("dkim dkim spf", Names(Of(record, "auth_results")));
        Assert.Equal("domain selector result human_result", Names(Of(Of(record, "auth_results"), "dkim")));
        Assert.Equal("domain scope result", Names(Of(Of(record, "auth_results"), "spf")));
        Assert.Equal("Provider <例え> & co", (string?)Of(Of(root, "report_metadata"), "org_name"));
    }

    [Fact]
    public void Hold_no_character_that_ends_the_document()
    {
        var read = Read(Report with { Organization = "a\u0001b\uD800c", Errors = ["]]>\u0000"] });
        Assert.Equal("abc", read.Organization);
        Assert.Equal(["]]>"], read.Errors);
    }

    /// <summary>What others wrote, written by us, is read as the same.</summary>
    [Fact]
    public void Of_others_are_written_as_they_were_read()
    {
        var folder = SharedFiles.Find("data/mail/mail-auth/dmarc-feedback");
        Assert.SkipWhen(folder is null, "the shared files of mail-auth are not here");
        foreach (var file in Directory.GetFiles(folder!, "*.xml").Concat(Directory.GetFiles(folder!, "*.eml")))
        {
            var octets = File.ReadAllBytes(file);
            var given = Assert.Single((file.EndsWith(".eml", StringComparison.Ordinal) ? FeedbackReader.ReadMessage(octets) : FeedbackReader.ReadFile(file, octets)).Reports).Aggregate!;
            Assert.Equal(Flat(given), Flat(Read(given)));
        }
    }

    private static AggregateReport Read(AggregateReport report)
    {
        var reading = FeedbackReader.ReadFile("r.xml", Encoding.UTF8.GetBytes(Xml(report)));
        Assert.Empty(reading.Problems);
        return Assert.Single(reading.Reports).Aggregate!;
    }

    private static string Xml(AggregateReport report)
    {
        using var output = new MemoryStream();
        AggregateWriter.Write(report, output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static string Names(XElement element) => string.Join(' ', element.Elements().Select(static child => child.Name.LocalName));

    private static XElement Of(XElement element, string name) => element.Elements().First(child => child.Name.LocalName == name);

    private static string Flat(AggregateReport report) => string.Join('\n', report.Records.Select(static record => string.Join(
        '|', record.Source, record.Count, record.Dkim, record.Spf, record.HeaderFrom, record.EnvelopeFrom, record.EnvelopeTo, string.Join(',', record.Reasons), string.Join(',', record.DkimResults), string.Join(',', record.SpfResults)))
        .Prepend($"{report.Version} {report.Organization} {report.Email} {report.ExtraContact} {report.ReportId} {report.BeginSeconds} {report.EndSeconds} {string.Join(',', report.Errors)} {report.Generator} {report.Policy.Domain} {report.Policy.Policy}"));
}
