using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Ddos.DryRun;
using Tsunagi.Ddos.Mitigate;

namespace Tsunagi.Ddos.Verbs;

/// <summary>tsunagi ddos dry-run | dry-runs: what would have been done to the last days' traffic.</summary>
internal static class DryRunVerbs
{
    private const string Api = "/api/v1/ddos/dry-runs";
    private const int Shown = 20;
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(2);

    public static readonly IReadOnlyList<Verb> All =
    [
        new("dry-run", "What would have been done about attacks in the last days, from kept traffic", [
            new("OF", "a protection's subscription, a tenant with one, or an address or prefix that is protected", Required: true),
            new("--days", "how many days back (7)", Value: VerbValue.Whole, Least: 1, Most: 90),
            new("--as", "as if rules went out so (automatic)", Allowed: [ResponseMode.Ask, ResponseMode.Automatic]),
        ], RunAsync),
        ApiVerb.List("dry-runs list", "Dry runs that are over, newest first", Api, [new("--text", "an id, a subscription, a tenant, a verdict")],
            "id", "protection", "as", "days", "made=madeAt", "known %=coverPercent", "attacks=opened", "rules=rulesOut", "verdict", "current=isCurrent"),
        new("dry-runs show", "The report of one", [new("DRYRUN", "its id (dr_…)", Required: true)], ShowAsync),
    ];

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["of"] = context["OF"], ["as"] = context["--as"] };
        if (context["--days"] is { } days)
        {
            body["days"] = int.Parse(days, CultureInfo.InvariantCulture);
        }

        var view = await context.SendAsync(HttpMethod.Post, Api, body, cancellationToken);
        var id = view.Text("id");
        var (time, toldAt) = (TimeProvider.System, TimeProvider.System.GetTimestamp());
        while (view.Text("state") == DryRunRow.Running)
        {
            await Task.Delay(AskEvery, time, cancellationToken);
            view = await context.GetAsync($"{Api}/{id}", cancellationToken);
            if (time.GetElapsedTime(toldAt) >= TellEvery)
            {
                toldAt = time.GetTimestamp();
                await context.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{id}: {(view["progress"]?.GetValue<double>() ?? 0) * 100:0} %"));
            }
        }

        return Print(context, view);
    }

    private static async Task<int> ShowAsync(VerbContext context, CancellationToken cancellationToken) => Print(context, await context.GetAsync($"{Api}/{context.Segment("DRYRUN")}", cancellationToken));

    private static int Print(VerbContext context, JsonObject view)
    {
        if (context.Json || view["report"] is not JsonObject report)
        {
            context.Print(["id", "state", "problem"], [[view.Text("id"), view.Text("state"), view.Text("problem")]], view);
            return view.Text("state") == DryRunRow.Failed ? 1 : 0;
        }

        var (coverage, totals, verdict) = ((JsonObject)report["coverage"]!, (JsonObject)report["totals"]!, (JsonObject)report["verdict"]!);
        context.Say($"{view.Text("id")}: {view.Text("protection")} as {view.Text("as")}, {view.Text("days")} days, {coverage.Text("percent")} % of it known ({string.Join(", ", Items(coverage, "levels").Select(static level => $"{level.Text("level")} {level.Text("percent")} %"))})");
        context.Say($"recorded: {report.Text("recordedCount")}; by records: {totals.Text("opened")} attacks, {totals.Text("rulesOut")} rules out, {totals.Text("rulesLifted")} lifted; by sums: {report.Text("summedCount")} times that may be one");
        context.Print(
            ["from", "opened", "target", "vector", "estimate/s", "limit/s", "response", "own traffic matched", "stands on"],
            [
                .. Items(report, "recorded").Take(Shown).Select(static each => (IReadOnlyList<string>)["recorded", At(each, "openedAt"), each.Text("target"), each.Text("vector"), each.Text("estimate"), each.Text("limit"), each.Text("response"), Part(each, "collateral"), each.Text("id")]),
                .. Items(report, "replayed").Take(Shown).Select(static each => (IReadOnlyList<string>)["replayed", At(each, "openedAt"), each.Text("target"), each.Text("vector"), each.Text("estimate"), each.Text("limit"), each.Text("response"), Part(each, "collateral"), "records (100 ms)"]),
                .. Items(report, "summed").Take(Shown).Select(static each => (IReadOnlyList<string>)[each.Text("isCertain") == "true" ? "sums" : "sums: maybe", At(each, "from"), each.Text("target"), each.Text("vector"), each.Text("mean"), each.Text("limit"), "", "", "means of " + each.Text("level")]),
            ],
            view);
        foreach (var rule in Items(report, "replayed").Take(Shown).SelectMany(static each => Items(each, "rules").Select(rule => (each, rule))))
        {
            context.Say($"{rule.each.Text("target")}: {rule.rule.Text("rule")}{(rule.rule.Text("refused") is { Length: > 0 } why ? " - refused: " + why : "")}");
        }

        foreach (var note in Items(report, "notes"))
        {
            context.Say(note.Text("en"), VerbTone.Muted);
        }

        context.Say(verdict.Text("en"), verdict.Text("code") is DryRunVerdict.TakesOwn or DryRunVerdict.TooLittle or DryRunVerdict.OverBudget ? VerbTone.Warning : VerbTone.Plain);
        return 0;
    }

    private static string At(JsonObject of, string name) =>
        of[name] is { } at ? DateTimeOffset.UnixEpoch.AddTicks(at.GetValue<long>() * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "";

    private static string Part(JsonObject of, string name) => of[name] is { } part ? string.Create(CultureInfo.InvariantCulture, $"{part.GetValue<double>() * 100:0.##} %") : "";

    private static IEnumerable<JsonObject> Items(JsonObject of, string name) => of[name] is JsonArray items ? items.OfType<JsonObject>() : [];
}
