using System.Globalization;
using System.Text.Json;
using Tsunagi.Core.Verbs;
using Tsunagi.Ddos.Api;

namespace Tsunagi.Ddos.Verbs;

/// <summary>tsunagi flows series: kept traffic over time, a row for each step.</summary>
internal static class SeriesVerbs
{
    private static readonly IReadOnlyDictionary<string, Func<FlowSeriesLine, IReadOnlyList<double>>> Units = new Dictionary<string, Func<FlowSeriesLine, IReadOnlyList<double>>>(StringComparer.Ordinal)
    {
        ["bits"] = static line => line.BitsPerSecond, ["packets"] = static line => line.PacketsPerSecond, ["flows"] = static line => line.FlowsPerSecond,
    };

    // What lacks a part is no answer.
    private static readonly JsonSerializerOptions Whole = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

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
        var series = answer.Deserialize<FlowSeriesAnswer>(Whole) ?? throw new JsonException("the node's answer is empty");
        var figures = Units[context["--unit"] ?? "bits"];
        string Figure(FlowSeriesLine line, int at) => figures(line)[at].ToString("#,0.##", CultureInfo.InvariantCulture);
        context.Print(
            ["time", "all", .. series.Lines.Select(static line => line.Key is { Length: > 0 } key ? key : "nobody")],
            series.Moments.Select((moment, i) => (IReadOnlyList<string>)[Utc(moment), Figure(series.Total, i), .. series.Lines.Select(line => Figure(line, i))]),
            answer);
        context.Say($"from {series.Level}, in steps of {series.StepMilliseconds / 1_000.0} s, UTC; something is kept since {Utc(series.Since)}", VerbTone.Muted);
        if (!series.IsWhole)
        {
            context.Say("not all of it was read: ask for a shorter time", VerbTone.Warning);
        }

        return 0;
    }

    private static string Utc(long micros) => DateTimeOffset.FromUnixTimeMilliseconds(micros / 1_000).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
