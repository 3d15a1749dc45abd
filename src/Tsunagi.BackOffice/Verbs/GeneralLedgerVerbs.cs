using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.BackOffice.Verbs;

/// <summary>tsunagi backoffice gl | closing | close | market | sample: what the statements are made of beside the books.</summary>
internal static class GeneralLedgerVerbs
{
    private const string Api = "/api/v1/backoffice/";

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("gl list", "Figures of the general ledger as they were imported", Api + "general-ledger", [new("--from", "the first month (YYYY-MM)"), new("--to", "the last month")], "month", "line", "part", "amount=amountMinor"),
        ApiVerb.Send("gl import", "Write figures of the general ledger over those of the same month, line and part", HttpMethod.Put, Api + "general-ledger",
            [new("FILE", "CSV with a head line: month,line,part,amount (minor units)", Required: true)], "the figures are written", static context => new JsonObject
            {
                ["entries"] = new JsonArray([.. Rows(context, 4).Select(row => (JsonNode)new JsonObject { ["month"] = row[0], ["line"] = row[1], ["part"] = row[2], ["amountMinor"] = Whole(context, row[3]) })]),
            }),
        ApiVerb.List("closing list", "Months that were closed, newest first", Api + "closings", [], "month", "closed=closedAt", "by=closedBy", "entries"),
        ApiVerb.Send("close", "Close a month and those before it: what was earned in them moves from deferred to revenue", HttpMethod.Post, Api + "closings",
            [new("MONTH", "one that is over (YYYY-MM)", Required: true)], "the month is closed", static context => new JsonObject { ["month"] = context["MONTH"] }),
        ApiVerb.List("market list", "Companies of markets, by industry and rank", Api + "markets", [], "industry", "rank", "company", "account=accountId"),
        ApiVerb.Send("market import", "Put the companies of whole industries in place of those before", HttpMethod.Put, Api + "markets",
            [new("FILE", "CSV with a head line: industry,rank,company,account (empty when it is no customer)", Required: true)], "the companies are written", static context => new JsonObject
            {
                ["companies"] = new JsonArray([.. Rows(context, 4).Select(row => (JsonNode)new JsonObject { ["industry"] = row[0], ["rank"] = Whole(context, row[1]), ["company"] = row[2], ["accountId"] = row[3].Length == 0 ? null : row[3] })]),
            }),
        new("sample", "Fill an empty program with a sample provider's customers, invoices and books",
            [new("--seed", "the same seed gives the same sample (1)", Value: VerbValue.Whole, Least: 0, Most: int.MaxValue), new("--customers", "how many (6500)", Value: VerbValue.Whole, Least: 50, Most: 20_000)], SampleAsync),
    ];

    private static async Task<int> SampleAsync(VerbContext context, CancellationToken cancellationToken)
    {
        // It writes for a minute: longer than a call usually may take.
        context.Api.Timeout = TimeSpan.FromMinutes(10);
        var body = new JsonObject { ["seed"] = Number(context, "--seed", 1), ["customers"] = Number(context, "--customers", 6_500) };
        ApiVerb.PrintThing(context, await context.SendAsync(HttpMethod.Post, Api + "sample", body, cancellationToken));
        return 0;
    }

    private static int Number(VerbContext context, string option, int without) => context[option] is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : without;

    /// <summary>Lines behind the head line, cut at commas; a quoted field may hold commas.</summary>
    private static IEnumerable<string[]> Rows(VerbContext context, int columns)
    {
        foreach (var line in ValueFiles.Text(context, context["FILE"]!).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var (cells, cell, quoted) = (new List<string>(), new System.Text.StringBuilder(), false);
            foreach (var letter in line + ",")
            {
                if (letter == '"')
                {
                    quoted = !quoted;
                }
                else if (letter == ',' && !quoted)
                {
                    cells.Add(cell.ToString().Trim());
                    cell.Clear();
                }
                else
                {
                    cell.Append(letter);
                }
            }

            yield return cells.Count == columns ? [.. cells] : throw new WrongInputException($"{context["FILE"]}: \"{line}\" has {cells.Count} fields, not {columns}");
        }
    }

    private static long Whole(VerbContext context, string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new WrongInputException($"{context["FILE"]}: \"{text}\" is no whole number");
}
