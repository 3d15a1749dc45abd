using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Mail.Reports;

/// <summary>A report as JSON with every element it has, named as in the RFCs.</summary>
internal static class ReportJson
{
    public static JsonObject Of(FeedbackReport report)
    {
        var json = report.Aggregate is { } aggregate ? Of(aggregate) : Of(report.Tls!);
        json.Insert(0, "kind", report.Aggregate is null ? ReportRow.Tls : ReportRow.Dmarc);
        return json;
    }

    private static JsonObject Of(AggregateReport report) => new()
    {
        ["version"] = Some(report.Version),
        ["reportMetadata"] = new JsonObject
        {
            ["orgName"] = report.Organization, ["email"] = report.Email, ["extraContactInfo"] = Some(report.ExtraContact), ["reportId"] = report.ReportId,
            ["dateRange"] = new JsonObject { ["begin"] = report.BeginSeconds, ["end"] = report.EndSeconds }, ["error"] = Texts(report.Errors), ["generator"] = Some(report.Generator),
        },
        ["policyPublished"] = Of(report.Policy),
        ["furtherPolicies"] = report.FurtherPolicies.IsEmpty ? null : new JsonArray([.. report.FurtherPolicies.Select(static policy => (JsonNode)Of(policy))]),
        ["records"] = new JsonArray([.. report.Records.Select(static record => (JsonNode)Of(record))]),
        ["unreadableRecords"] = report.UnreadableRecords,
        ["extensions"] = Texts(report.Extensions),
    };

    private static JsonObject Of(PublishedPolicy policy) => new()
    {
        ["domain"] = policy.Domain, ["p"] = Some(ReportRecords.NameOf(policy.Policy)), ["sp"] = Some(ReportRecords.NameOf(policy.SubdomainPolicy)), ["np"] = Some(ReportRecords.NameOf(policy.NonExistentPolicy)),
        ["adkim"] = Some(ReportRecords.Word(policy.DkimAlignment)), ["aspf"] = Some(ReportRecords.Word(policy.SpfAlignment)), ["testing"] = policy.IsTesting, ["pct"] = policy.Percent, ["fo"] = Some(policy.FailureOptions),
        ["discoveryMethod"] = Some(ReportRecords.Word(policy.Discovery)),
    };

    private static JsonObject Of(AggregateRecord record) => new()
    {
        ["sourceIp"] = record.Source.ToString(), ["count"] = record.Count,
        ["policyEvaluated"] = new JsonObject
        {
            ["disposition"] = Some(ReportRecords.Word(record.Disposition)), ["dkim"] = Some(ReportRecords.Word(record.Dkim)), ["spf"] = Some(ReportRecords.Word(record.Spf)),
            ["reason"] = new JsonArray([.. record.Reasons.Select(static reason => (JsonNode)new JsonObject { ["type"] = ReportRecords.NameOf(reason.Type), ["comment"] = Some(reason.Comment) })]),
        },
        ["identifiers"] = new JsonObject { ["headerFrom"] = record.HeaderFrom, ["envelopeFrom"] = Some(record.EnvelopeFrom), ["envelopeTo"] = Some(record.EnvelopeTo) },
        ["authResults"] = new JsonObject
        {
            ["dkim"] = new JsonArray([.. record.DkimResults.Select(static dkim => (JsonNode)new JsonObject
            {
                ["domain"] = dkim.Domain, ["selector"] = Some(dkim.Selector), ["result"] = Some(ReportRecords.Word(dkim.Result)), ["humanResult"] = Some(dkim.Human),
            })]),
            ["spf"] = new JsonArray([.. record.SpfResults.Select(static spf => (JsonNode)new JsonObject
            {
                ["domain"] = spf.Domain, ["scope"] = spf.Scope switch { ReportedScope.Helo => "helo", ReportedScope.MailFrom => "mfrom", _ => null }, ["result"] = Some(ReportRecords.Word(spf.Result)), ["humanResult"] = Some(spf.Human),
            })]),
        },
    };

    private static JsonObject Of(TlsReport report) => new()
    {
        ["organizationName"] = report.Organization, ["contactInfo"] = Some(report.Contact), ["reportId"] = report.ReportId,
        ["dateRange"] = new JsonObject { ["startDatetime"] = Time(report.Begin), ["endDatetime"] = Time(report.End) },
        ["policies"] = new JsonArray([.. report.Policies.Select(static policy => (JsonNode)new JsonObject
        {
            ["policy"] = new JsonObject { ["policyType"] = policy.Type, ["policyString"] = Texts(policy.Strings), ["policyDomain"] = policy.Domain, ["mxHost"] = Texts(policy.MxHosts) },
            ["summary"] = new JsonObject { ["totalSuccessfulSessionCount"] = policy.Successful, ["totalFailureSessionCount"] = policy.Failed },
            ["failureDetails"] = new JsonArray([.. policy.Failures.Select(static failure => (JsonNode)new JsonObject
            {
                ["resultType"] = failure.Result, ["sendingMtaIp"] = Some(failure.SendingAddress), ["receivingMxHostname"] = Some(failure.Mx), ["receivingMxHelo"] = Some(failure.Helo),
                ["receivingIp"] = Some(failure.ReceivingAddress), ["failedSessionCount"] = failure.Sessions, ["additionalInformation"] = Some(failure.Additional), ["failureReasonCode"] = Some(failure.ReasonCode),
            })]),
        })]),
    };

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string? Some(string text) => text.Length > 0 ? text : null;

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(static text => (JsonNode)text)]);
}
