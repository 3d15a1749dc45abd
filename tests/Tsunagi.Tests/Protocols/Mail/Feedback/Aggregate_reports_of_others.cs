using System.Text.Json.Nodes;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Feedback;

/// <summary>Every recorded report of the shared files, against what another implementation (mail-auth) reads in it.</summary>
public class Aggregate_reports_of_others
{
    private const string Folder = "data/mail/mail-auth/dmarc-feedback";

    public static TheoryData<string> Files => SharedFiles.Find(Folder) is { } folder
        ? [.. Directory.GetFiles(folder).Where(static file => Path.GetExtension(file) is ".xml" or ".eml" && File.Exists(Path.ChangeExtension(file, ".json"))).Select(static file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)]
        : ["none"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Are_read_as_another_implementation_reads_them(string name)
    {
        var folder = SharedFiles.Find(Folder);
        Assert.SkipWhen(folder is null, "the shared files of mail-auth are not here");
        var octets = File.ReadAllBytes(Path.Combine(folder!, name));
        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(folder!, Path.ChangeExtension(name, ".json"))))!;
        var reading = name.EndsWith(".eml", StringComparison.Ordinal) ? FeedbackReader.ReadMessage(octets) : FeedbackReader.ReadFile(name, octets);
        Assert.Empty(reading.Problems);
        var report = Assert.Single(reading.Reports).Aggregate!;

        var metadata = expected["report_metadata"]!;
        Assert.Equal((string?)metadata["org_name"], report.Organization);
        Assert.Equal((string?)metadata["email"], report.Email);
        Assert.Equal((string?)metadata["extra_contact_info"] ?? "", report.ExtraContact);
        Assert.Equal((string?)metadata["report_id"], report.ReportId);
        Assert.Equal((long)metadata["date_range"]!["begin"]!, report.BeginSeconds);
        Assert.Equal((long)metadata["date_range"]!["end"]!, report.EndSeconds);
        Assert.Equal((double)expected["version"]!, report.Version.Length == 0 ? 0 : double.Parse(report.Version, System.Globalization.CultureInfo.InvariantCulture));
        var policy = expected["policy_published"]!;
        Assert.Equal((string?)policy["domain"], report.Policy.Domain);
        Assert.Equal((string?)policy["adkim"], report.Policy.DkimAlignment.ToString());
        Assert.Equal((string?)policy["aspf"], report.Policy.SpfAlignment.ToString());
        Assert.Equal((string?)policy["p"], Of(report.Policy.Policy));
        Assert.Equal((string?)policy["sp"], Of(report.Policy.SubdomainPolicy));
        Assert.Equal((bool)policy["testing"]!, report.Policy.IsTesting);
        Assert.Equal((string?)policy["fo"] ?? "", report.Policy.FailureOptions);
        Assert.Equal(0, report.UnreadableRecords);
        var records = expected["record"]!.AsArray();
        Assert.Equal(records.Count, report.Records.Length);
        for (var i = 0; i < records.Count; i++)
        {
            Same(records[i]!, report.Records[i]);
        }
    }

    private static void Same(JsonNode expected, AggregateRecord record)
    {
        var row = expected["row"]!;
        var evaluated = row["policy_evaluated"]!;
        Assert.Equal((string?)row["source_ip"], record.Source.ToString());
        Assert.Equal((long)row["count"]!, record.Count);
        Assert.Equal((string?)evaluated["disposition"], record.Disposition.ToString());
        Assert.Equal((string?)evaluated["dkim"], record.Dkim.ToString());
        Assert.Equal((string?)evaluated["spf"], record.Spf.ToString());
        Assert.Equal(evaluated["reason"]!.AsArray().Select(static reason => ((string?)reason!["type_"], (string?)reason["comment"] ?? "")), record.Reasons.Select(static reason => ((string?)Of9990(reason.Type), reason.Comment)));
        Assert.Equal((string?)expected["identifiers"]!["header_from"], record.HeaderFrom);
        Assert.Equal((string?)expected["identifiers"]!["envelope_from"] ?? "", record.EnvelopeFrom);
        Assert.Equal((string?)expected["identifiers"]!["envelope_to"] ?? "", record.EnvelopeTo);
        Assert.Equal(
            expected["auth_results"]!["dkim"]!.AsArray().Select(static result => ((string?)result!["domain"], (string?)result["selector"], (string?)result["result"], (string?)result["human_result"] ?? "")),
            record.DkimResults.Select(static result => ((string?)result.Domain, (string?)result.Selector, (string?)result.Result.ToString(), result.Human)));
        Assert.Equal(
            expected["auth_results"]!["spf"]!.AsArray().Select(static result => ((string?)result!["domain"], (string?)result["scope"], (string?)result["result"], (string?)result["human_result"] ?? "")),
            record.SpfResults.Select(static result => ((string?)result.Domain, (string?)result.Scope.ToString(), (string?)result.Result.ToString(), result.Human)));
    }

    private static string Of(DmarcPolicy? policy) => policy?.ToString() ?? "Unspecified";

    // RFC 9990 dropped two words of RFC 7489, which are kept apart here.
    private static string Of9990(OverrideReason reason) => (reason is OverrideReason.Forwarded or OverrideReason.SampledOut ? OverrideReason.Other : reason).ToString();
}
