using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Shadow;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail shadow: what we would have done beside what the filter in service said.</summary>
internal static class ShadowVerbs
{
    private const string Api = "/api/v1/mail/shadow";

    public static readonly IReadOnlyList<Verb> All =
    [
        new("shadow", "Watched mail by domain, beside the filter in service", [
            new("--days", "days back (7)", Value: VerbValue.Whole, Least: 1, Most: 366),
            new("--domain", "only this domain's"),
            new("--cell", "list the messages of one cell", Allowed: ShadowCell.All),
            new("--limit", "how many at most (50)", Value: VerbValue.Whole, Least: 1, Most: 200),
        ], RunAsync),
    ];

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        if (context["--cell"] is null)
        {
            var counts = await context.GetAsync(ApiCalls.WithQuery(Api, [("days", context["--days"])]), cancellationToken);
            Print(context, counts, ["domain", "both spam=bothSpam", "only ours=onlyOurs", "only theirs=onlyTheirs", "both clean=bothClean", "untold"], context["--domain"]);
            return 0;
        }

        var query = ApiCalls.WithQuery(Api + "/messages", [
            ("days", context["--days"]), ("domain", context["--domain"]), ("cell", context["--cell"]), ("limit", context["--limit"] ?? "50")]);
        Print(context, await context.GetAsync(query, cancellationToken), ["judged=judgedAt", "recipient", "sender", "action", "reason", "theirs", "message=messageId"], null);
        return 0;
    }

    private static void Print(VerbContext context, JsonNode page, string[] columns, string? domain)
    {
        var items = (page as JsonObject)?["items"] as JsonArray ?? [];
        if (context.Json)
        {
            context.Print([], [], page);
            return;
        }

        var shown = new JsonArray([.. items.Where(item => domain is null || string.Equals((string?)item?["domain"], domain, StringComparison.OrdinalIgnoreCase)).Select(static item => item?.DeepClone())]);
        ApiVerb.PrintRows(context, shown, columns);
    }
}
