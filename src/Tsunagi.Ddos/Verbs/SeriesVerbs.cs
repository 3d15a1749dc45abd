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
        var lines = ((answer["lines"] as JsonArray) ?? []).OfType<JsonObject>().ToList();
        string Figure(JsonObject? line, int at) => line?[unit] is JsonArray figures && at < figures.Count && figures[at] is JsonValue value && value.TryGetValue<double>(out var figure) ? figure.ToString("#,0.##", CultureInfo.InvariantCulture) : "";
        long Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<long>(out var number) ? number : 0;
        string Moment(JsonNode? micros) => DateTimeOffset.UnixEpoch.AddSeconds(Math.Clamp(Number(micros) / 1_000_000, 0, 100_000_000_000)).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        context.Print(
            ["time", "all", .. lines.Select(static line => line.Text("key") is { Length: > 0 } key ? key : "nobody")],
            ((answer["moments"] as JsonArray) ?? []).Select((moment, i) => (IReadOnlyList<string>)[Moment(moment), Figure(answer["total"] as JsonObject, i), .. lines.Select(line => Figure(line, i))]),
            answer);
        context.Say($"from {answer.Text("level")}, in steps of {Number(answer["stepMilliseconds"]) / 1_000.0} s, UTC; something is kept since {Moment(answer["since"])}", VerbTone.Muted);
        if (answer["isWhole"] is JsonValue whole && whole.TryGetValue<bool>(out var isWhole) && !isWhole)
        {
            context.Say("not all of it was read: ask for a shorter time", VerbTone.Warning);
        }

        return 0;
    }
}
