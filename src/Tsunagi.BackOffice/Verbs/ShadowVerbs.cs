using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.BackOffice.Shadow;
using Tsunagi.Core.Verbs;

namespace Tsunagi.BackOffice.Verbs;

/// <summary>tsunagi backoffice shadow | opening: beside the system before.</summary>
internal static class ShadowVerbs
{
    private const string Api = "/api/v1/backoffice/";

    public static readonly IReadOnlyList<Verb> All =
    [
        new("shadow compare", "Compare a month's bills with the CSV of the system before, line by line; exit code 1 when something differs",
            [new("FILE", "its CSV", Required: true), new("--period", "the month (YYYY-MM)", Required: true), new("--mapping", "a JSON file: columns, references, products, roundingMinor", Required: true)],
            CompareAsync),
        new("opening import", "Take over open invoices: a CSV with account, number, issueDate, dueDate, openMinor", [new("FILE", "the CSV", Required: true)], ImportAsync),
    ];

    private static async Task<int> CompareAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var mapping = ParseJson(await ReadAsync(context, context["--mapping"]!, cancellationToken));
        var report = await context.SendAsync(
            HttpMethod.Post, Api + "shadow", new JsonObject { ["period"] = context["--period"], ["csv"] = await ReadAsync(context, context["FILE"]!, cancellationToken), ["mapping"] = mapping }, cancellationToken);
        var differences = (JsonArray)report["differences"]!;
        if (context.Json)
        {
            context.Print([], [], report);
        }
        else
        {
            context.Say($"{report["accounts"]} accounts, {report["equal"]} of them equal; {report["rows"]} rows in the file", VerbTone.Title);
            ApiVerb.PrintRows(context, (JsonArray)report["totals"]!, "currency", "here=hereMinor", "there=thereMinor", "difference=differenceMinor");
            ApiVerb.PrintRows(context, (JsonArray)report["classes"]!, "class", "count", "difference=differenceMinor");
            ApiVerb.PrintRows(context, differences, "class", "customer", "product", "here=hereMinor", "there=thereMinor", "difference=differenceMinor", "quantity here=hereQuantity", "there=thereQuantity");
            if ((int)report["left"]! is > 0 and var left)
            {
                context.Say($"and {left} more", VerbTone.Muted);
            }
        }

        return differences.Count == 0 ? 0 : 1;
    }

    private static async Task<int> ImportAsync(VerbContext context, CancellationToken cancellationToken)
    {
        if (!CsvRows.TryRead(await ReadAsync(context, context["FILE"]!, cancellationToken), out var rows, out var error))
        {
            throw new WrongInputException($"line {error.Line}: {error.Problem}");
        }

        var (added, known) = (0, 0);
        foreach (var part in rows.Chunk(OpeningOrders.MostItems))
        {
            var items = new JsonArray();
            foreach (var row in part)
            {
                if (!row.TryGetValue("account", out var account) || !row.TryGetValue("number", out var number) || !row.TryGetValue("issueDate", out var issued) || !row.TryGetValue("dueDate", out var due)
                    || !row.TryGetValue("openMinor", out var open) || !long.TryParse(open, NumberStyles.Integer, CultureInfo.InvariantCulture, out var minor))
                {
                    throw new WrongInputException("the file needs the columns account, number, issueDate, dueDate and openMinor (a whole number)");
                }

                items.Add(new JsonObject { ["accountId"] = account, ["number"] = number, ["issueDate"] = issued, ["dueDate"] = due, ["openMinor"] = minor });
            }

            var result = await context.SendAsync(HttpMethod.Post, Api + "openings", new JsonObject { ["items"] = items }, cancellationToken);
            added += (int)result["added"]!;
            known += (int)result["known"]!;
        }

        context.Say($"{added} taken over, {known} were there already");
        return 0;
    }

    private static async Task<string> ReadAsync(VerbContext context, string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(context.Home.File(file), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongInputException($"{file} cannot be read: {e.Message}");
        }
    }

    private static JsonNode? ParseJson(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException e)
        {
            throw new WrongInputException("the mapping is no JSON: " + e.Message);
        }
    }
}
