using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Reports;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail reports: what others report of domains, from files in place and on a node.</summary>
internal static class ReportVerbs
{
    private const string Api = "/api/v1/mail/reports";
    private const int MostFiles = 100_000;

    public static readonly IReadOnlyList<Verb> All =
    [
        new("reports read", "Read DMARC and TLS reports from files, without an installation: messages, XML, JSON, packed or not", [
            new("PATH", "a file, a directory of them, or - for standard input", Required: true, Many: true)], ReadAsync),
        ApiVerb.List("reports list", "Reports that others sent about domains, newest first", Api, [
            new("--domain", "only this domain's"), new("--kind", "only of this kind", Allowed: [ReportRow.Dmarc, ReportRow.Tls]), new("--state", "only in this state", Allowed: [ReportRow.Read, ReportRow.Refused, ReportRow.Loading]),
        ], "received=receivedAt", "kind", "domain", "organization", "messages", "passed", "author=authorResult", "state", "why", "id"),
        ApiVerb.Show("reports show", "One report with its records", Api + "/{REPORT}", new VerbParameter("REPORT", "its id (mr_…)", Required: true)),
        ApiVerb.List("reports domains", "Domains there are reports of, with totals", Api + "/domains", [new("--days", "days back (30)", Value: VerbValue.Whole, Least: 1, Most: 3_650)],
            "domain", "messages", "passed", "sources", "sessions", "secured"),
        ApiVerb.Show("reports domain", "Who sends as a domain, what fails, and what to do", Api + "/domains/{DOMAIN}",
            new VerbParameter("DOMAIN", "the domain", Required: true), new VerbParameter("--days", "days back (30)", Value: VerbValue.Whole, Least: 1, Most: 3_650)),
        new("reports add", "Give files of reports to the program: each report is taken in once, those of proved domains alone", [
            new("PATH", "a file, a directory of them, or - for standard input", Required: true, Many: true)], AddAsync),
    ];

    // Exit code 1 when a file holds no report that can be read.
    private static async Task<int> ReadAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var (rows, json, failed) = (new List<IReadOnlyList<string>>(), new JsonArray(), 0);
        foreach (var path in Files(context))
        {
            var octets = await ConformanceChecks.ReadAsync(context, path, cancellationToken);
            var name = path == "-" ? "-" : Path.GetFileName(path);
            var reading = ReportDesk.IsMessage(octets) ? FeedbackReader.ReadMessage(octets) : FeedbackReader.ReadFile(name, octets);
            foreach (var report in reading.Reports)
            {
                rows.Add(Row(name, report));
                var read = ReportJson.Of(report);
                read.Insert(0, "file", name);
                json.Add(read);
            }

            var problems = reading.Reports.IsEmpty && reading.Problems.IsEmpty ? [new FeedbackProblem("", "no report stands in it")] : reading.Problems;
            foreach (var problem in problems)
            {
                failed++;
                await context.Error.WriteLineAsync($"{name}{(problem.FileName.Length > 0 && problem.FileName != name ? " (" + problem.FileName + ")" : "")}: {problem.Why}");
            }
        }

        context.Print(["file", "kind", "domain", "organization", "report", "from", "to", "records", "messages", "passed"], rows, context.Json ? json : null);
        return failed > 0 ? 1 : 0;
    }

    private static string[] Row(string file, FeedbackReport report) => report.Aggregate is { } aggregate
        ?
        [
            file, ReportRow.Dmarc, aggregate.Policy.Domain, aggregate.Organization, aggregate.ReportId, Day(DateTimeOffset.FromUnixTimeSeconds(aggregate.BeginSeconds)), Day(DateTimeOffset.FromUnixTimeSeconds(aggregate.EndSeconds)),
            Text(aggregate.Records.Length), Text(aggregate.Records.Sum(static record => record.Count)), Text(aggregate.Records.Where(static record => record.Passes).Sum(static record => record.Count)),
        ]
        :
        [
            file, ReportRow.Tls, string.Join(' ', report.Tls!.Policies.Select(static policy => policy.Domain).Distinct()), report.Tls.Organization, report.Tls.ReportId, Day(report.Tls.Begin), Day(report.Tls.End),
            Text(report.Tls.Policies.Length), Text(report.Tls.Policies.Sum(static policy => policy.Successful + policy.Failed)), Text(report.Tls.Policies.Sum(static policy => policy.Successful)),
        ];

    private static async Task<int> AddAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var (items, failed) = (new JsonArray(), 0);
        foreach (var path in Files(context))
        {
            var octets = await ConformanceChecks.ReadAsync(context, path, cancellationToken);
            var name = path == "-" ? "" : Path.GetFileName(path);
            using var content = new ByteArrayContent(octets);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            try
            {
                using var response = await context.Api.PostAsync(ApiCalls.WithQuery(Api, [("fileName", name)]), content, cancellationToken);
                var answer = await context.ReadAsync(response, cancellationToken);
                foreach (var item in answer?["items"] as JsonArray ?? [])
                {
                    failed += (string?)item?["state"] == ReportOutcome.Refused ? 1 : 0;
                    items.Add(item?.DeepClone());
                }
            }
            catch (ApiFailedException refused) when (refused.Status is 404 or 422 or 400)
            {
                failed++;
                await context.Error.WriteLineAsync($"{(name.Length > 0 ? name : "-")}: {refused.Message}");
            }
        }

        ApiVerb.PrintRows(context, items, "file=fileName", "state", "kind", "domain", "organization", "id", "why");
        return failed > 0 ? 1 : 0;
    }

    private static IEnumerable<string> Files(VerbContext context)
    {
        foreach (var path in context.Values("PATH"))
        {
            if (path == "-" || !Directory.Exists(context.Home.File(path)))
            {
                yield return path;
                continue;
            }

            var files = Directory.EnumerateFiles(context.Home.File(path), "*", SearchOption.AllDirectories).Where(IsReport).Order(StringComparer.Ordinal).Take(MostFiles).ToList();
            foreach (var file in files.Count > 0 ? files : throw new WrongInputException($"{path}: no file of a kind that reports come in (eml, xml, json, gz, zip) is there"))
            {
                yield return file;
            }
        }
    }

    private static bool IsReport(string file) => Path.GetExtension(file).ToLowerInvariant() is ".eml" or ".xml" or ".json" or ".gz" or ".zip" or ".msg";

    private static string Day(DateTimeOffset time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
