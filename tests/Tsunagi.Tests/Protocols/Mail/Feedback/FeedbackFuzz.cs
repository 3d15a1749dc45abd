using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Feedback;

/// <summary>Reports of strangers, plain, packed and in mail: nothing throws, limits hold, what is kept is clean, and packing changes nothing.</summary>
public sealed class FeedbackFuzz : FuzzTarget
{
    private static readonly FeedbackLimits Limits = new() { FileOctets = 4_000, Octets = 100_000, Records = 4, ResultsEach = 3, TextCharacters = 40, Depth = 8, Files = 2, ElementOctets = 2_000 };

    public override string Name => "feedback.report";

    public override IReadOnlyList<Type> Parsers => [typeof(FeedbackReader), .. typeof(FeedbackReader).Assembly.GetTypes().Where(static type => type.Namespace == typeof(FeedbackReader).Namespace && type.Name is "AggregateReader" or "TlsReportReader" or "FeedbackText")];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("<feedback>", "</feedback>", "<record>", "</record>", "<row>", "<source_ip>", "<count>", "<identities>", "<auth_results>", "<dkim>", "<spf>", "<result>", "hardfail", "unknown", "error", "policy", "temperror", "permerror", "neutral",
        "none", "softfail", "<reason>", "<type>", "forwarded", "sampled_out", "trusted_forwarder", "mailing_list", "local_policy", "policy_test_mode", "<comment>", "<!DOCTYPE a>", "<![CDATA[x]]>", "&lt;", "&#0;", "<!--", "-->", "\u001f\u008b", "PK\u0003\u0004", "\"policies\":[", "null", "]", "}",
        "<error>", "<generator>", "<extra_contact_info>", "<pct>", "<fo>", "<np>", "<sp>", "<testing>y", "treewalk", "psl", "<scope>helo", "<envelope_to>", "<human_result>", "<selector>");

    public override byte[] Generate(Random random)
    {
        var octets = FeedbackSample.Utf8(random.Next(3) == 0 ? Sessions(random) : Aggregate(random));
        return random.Next(6) switch
        {
            0 => FeedbackSample.Gzip(random.Next(3) == 0 ? FeedbackSample.Gzip(FeedbackSample.Gzip(octets)) : octets),
            1 => FeedbackSample.Zip([("r.xml", octets), .. Enumerable.Range(0, random.Next(3)).Select(static i => ($"{i}.txt", FeedbackSample.Utf8("x")))]),
            2 => FeedbackSample.Mail(Pick(random, "application/gzip", "text/xml", "application/octet-stream"), "r.xml", octets),
            _ => octets,
        };
    }

    private static string Aggregate(Random random)
    {
        var records = string.Concat(Enumerable.Range(0, random.Next(1, 7)).Select(_ => Record(random)));
        return FeedbackSample.Aggregate(Pick(random, "example.com", "例え.jp", ""), records: records, policy: Pick(random, "none", "quarantine", "reject", "x"))
            .Replace("<report_id>", Pick(random, "", "<extra_contact_info>c</extra_contact_info><generator>g</generator><error>e</error>", "<x/><error/>") + "<report_id>")
            .Replace("<adkim>r", Pick(random, "<sp>none</sp><np>reject</np><aspf>s</aspf><testing>y</testing><pct>50</pct><fo>1</fo>", $"<discovery_method>{Pick(random, "psl", "treewalk", "x")}</discovery_method><pct>x</pct>") + Pick(random, "<adkim>r", "<adkim>s", "<adkim>q"))
            .Replace("<version>1.0</version>", Pick(random, "<version>1.0</version>", "<version/><record/>", string.Concat(Enumerable.Repeat("<record>", 9)) + string.Concat(Enumerable.Repeat("</record>", 9)), string.Concat(Enumerable.Repeat("<x>", 9)) + string.Concat(Enumerable.Repeat("</x>", 9))));
    }

    private static string Record(Random random)
    {
        var result = Pick(random, "none", "pass", "fail", "hardfail", "softfail", "neutral", "unknown", "policy", "temperror", "error", "permerror", "x");
        var reason = Pick(random, "forwarded", "sampled_out", "trusted_forwarder", "mailing_list", "local_policy", "policy_test_mode", "other");
        return $"<record><row><source_ip>{Pick(random, "192.0.2.1", "::1", "x")}</source_ip><count>{Pick(random, "1", "-1", "7")}</count><policy_evaluated><disposition>{Pick(random, "none", "pass", "quarantine", "reject", "x")}</disposition>"
            + $"<dkim>{result}</dkim><spf>pass</spf><reason><type>{reason}</type><comment>c</comment><x/></reason></policy_evaluated><x/></row>"
            + $"<{Pick(random, "identifiers", "identities")}><header_from>a.example</header_from><envelope_to>b.example</envelope_to><x/></{Pick(random, "identifiers", "identities")}>".Replace("</identities>", "</identifiers>").Replace("<identities>", "<identifiers>")
            + $"<auth_results><dkim><domain>a.example</domain><selector>s</selector><result>{result}</result><human_result>h</human_result></dkim><spf><domain>a.example</domain><scope>{Pick(random, "helo", "mfrom", "x")}</scope><result>{result}</result><x/></spf><x/></auth_results></record>";
    }

    private static string Sessions(Random random)
    {
        var json = FeedbackSample.Tls();
        return random.Next(6) switch
        {
            0 => json.Replace("\"policies\":[", "\"policies\":[{},{},{},"),
            1 => json.Replace("\"failure-details\":[", "\"failure-details\":[{},{},"),
            2 => json.Replace("5326", "\"1e3\"").Replace("[\"*.mail.example.com\"]", "\"mx\""),
            3 => "{\"policies\":[],\"date-range\":{\"start-datetime\":\"2024-01-01\",\"end-datetime\":\"2024-01-02\"}}",
            4 => "{\"policies\":[]}",
            _ => json,
        };
    }

    public override void Run(byte[] input)
    {
        Check(FeedbackReader.ReadMessage(input, Limits));
        var read = FeedbackReader.ReadFile("r", input, Limits);
        Check(read);
        Promise(read.Reports.Length + read.Problems.Length > 0, "a file is a report, or it is told why not");
        if (read.Reports.Length == 1 && input.Length is > 0 and < 4000 && input[0] is (byte)'<' or (byte)'{')
        {
            var packed = FeedbackReader.ReadFile("r", FeedbackSample.Gzip(input), Limits);
            Promise(packed.Reports.Length == 1 && packed.Reports[0].Aggregate?.Records.Length == read.Reports[0].Aggregate?.Records.Length && packed.Reports[0].Tls?.Policies.Length == read.Reports[0].Tls?.Policies.Length, "packed it says the same");
        }
    }

    private static void Check(FeedbackReading reading)
    {
        foreach (var report in reading.Reports)
        {
            Promise(report.Aggregate is null != report.Tls is null, "one of both");
            if (report.Aggregate is { } aggregate)
            {
                Promise(aggregate.Records.Length <= 4 && aggregate.EndSeconds >= aggregate.BeginSeconds && aggregate.BeginSeconds >= 0 && aggregate.Policy.Domain.Length is > 0 and <= 253, "limits hold");
                Promise(Clean(aggregate.Organization) && Clean(aggregate.ReportId) && Clean(aggregate.Version) && aggregate.Errors.All(Clean), "texts are clean");
                foreach (var record in aggregate.Records)
                {
                    Promise(record.Count is >= 0 and <= 1_000_000_000_000 && record.DkimResults.Length <= 3 && record.SpfResults.Length <= 3 && record.Reasons.Length <= 3, "limits of records hold");
                    Promise(record.DkimResults.All(static dkim => Clean(dkim.Selector) && Clean(dkim.Human)) && Clean(record.HeaderFrom), "texts of records are clean");
                }
            }
            else
            {
                Promise(report.Tls!.Policies.Length is > 0 and <= 3 && report.Tls.Policies.Sum(static policy => policy.Failures.Length) <= 4 && report.Tls.End >= report.Tls.Begin, "limits of TLS reports hold");
                Promise(report.Tls.Policies.All(static policy => policy is { Successful: >= 0, Failed: >= 0 } && policy.Failures.All(static failure => failure.Sessions >= 0 && Clean(failure.Result) && Clean(failure.Mx))), "and what they say is clean");
            }
        }

        Promise(reading.Problems.All(static problem => problem.Why.Length > 0 && !problem.Why.Any(char.IsControl)), "reasons are clean");
    }

    private static bool Clean(string text) => text.Length <= 60 && !text.Any(static c => char.IsControl(c) || c is >= '\u202a' and <= '\u202e');
}
