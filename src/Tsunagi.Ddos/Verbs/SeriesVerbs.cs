using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Ddos.Api;

namespace Tsunagi.Ddos.Verbs;

/// <summary>tsunagi flows series: kept traffic over time, a row for each step.</summary>
internal static class SeriesVerbs
{
    private static readonly IReadOnlyDictionary<string, string> Units = new Dictionary<string, string>(StringComparer.Ordinal) { ["bits"] = "bitsPerSecond", ["packets"] = "packetsPerSecond", ["flows"] = "flowsPerSecond" };

    public static readonly IReadOnlyList<Verb> All =
    [
        new("flows series", "Kept traffic over time on the node that answers: all, or stacked by who has most", [
            new("--by", "what traffic is stacked by (all)", Allowed: [.. FlowTimeline.Dimensions.Keys]),
            new("--last", "how far back: 90s, 10m, 6h, 2d (1h)"),
            new("--step", "the step: 10s, 5m, 1h (some hundred steps)"),
            new("--unit", "which figures a second are printed (bits)", Allowed: [.. Units.Keys]),
            new("--order", "whose lines: who has most of what (octets)", Allowed: [.. FlowTop.Orders.Keys]),
            new("--top", "how many lines (5)", Value: VerbValue.Whole, Least: 1, Most: 50),
            new("--where", "only records of which all of this holds: " + Archive.FlowFilter.Words),
        ], SeriesAsync),
    ];

    private static async Task<int> SeriesAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var answer = await context.GetAsync(
            ApiCalls.WithQuery("/api/v1/ddos/flows/series", ((string[])["by", "last", "step", "order", "top", "where"]).Select(name => (name, context["--" + name]))), cancellationToken);
        var unit = Units[context["--unit"] ?? "bits"];
        var lines = ((JsonArray)answer["lines"]!).Select(static line => (JsonObject)line!).ToList();
        var total = (JsonObject)answer["total"]!;
        string Figure(JsonObject line, int at) => ((double)line[unit]![at]!).ToString("#,0.##", CultureInfo.InvariantCulture);
        context.Print(
            ["time", "all", .. lines.Select(static line => (string)line["key"]! is { Length: > 0 } key ? key : "nobody")],
            ((JsonArray)answer["moments"]!).Select((moment, i) => (IReadOnlyList<string>)
            [
                DateTimeOffset.FromUnixTimeMilliseconds((long)moment! / 1_000).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), Figure(total, i), .. lines.Select(line => Figure(line, i)),
            ]),
            answer);
        context.Say($"from {answer["level"]}, in steps of {(long)answer["stepMilliseconds"]! / 1_000.0} s, UTC; something is kept since {DateTimeOffset.FromUnixTimeMilliseconds((long)answer["since"]! / 1_000):yyyy-MM-dd HH:mm:ss}", VerbTone.Muted);
        if (!(bool)answer["isWhole"]!)
        {
            context.Say("not all of it was read: ask for a shorter time", VerbTone.Warning);
        }

        return 0;
    }
}
