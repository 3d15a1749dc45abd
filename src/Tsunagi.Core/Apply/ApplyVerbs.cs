using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Configuration;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Core.Apply;

/// <summary>tsunagi apply: shows what a file would change, asks where things would be removed, and does what was shown.</summary>
internal static class ApplyVerbs
{
    private const string Route = "/api/v1/apply";

    public static readonly IReadOnlyList<Verb> All =
    [
        new("apply", "Make what is there equal to a provider file", [
            new("--file", "the file (YAML); - reads standard input", Required: true, Alias: "-f"),
            new("--dry-run", "show the changes and make none", IsFlag: true),
            new("--prune", "end and remove what the file managed and no longer names", IsFlag: true),
            new("--max-removals", "ask when more than this many are removed (5)", Value: VerbValue.Whole, Least: 0, Most: 1_000_000),
            new("--yes", "do not ask", IsFlag: true),
        ], ApplyAsync),
    ];

    private static async Task<int> ApplyAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var name = context["--file"]!;
        var file = ValueFiles.Read(context, name);
        var problems = new List<ConfigProblem>();
        if (StrictBinder.Bind<ApplyDocument>(file, file.Root, "$", problems) is null)
        {
            throw new WrongInputException(string.Join('\n', problems));
        }

        var answer = await context.SendAsync(HttpMethod.Post, Route + "/plan", Request(file, false, null), cancellationToken);
        if (answer["problems"] is JsonArray { Count: > 0 } wrong)
        {
            throw new WrongInputException(string.Join('\n', wrong.Select(p => file.Problem(p.Text("path"), p.Text("message"), p.Text("allowed") is { Length: > 0 } allowed ? allowed : null))));
        }

        var changes = answer["changes"] as JsonArray ?? [];
        var prune = context.Flag("--prune");
        var removals = changes.Count(static c => c.Text("act") == "remove");
        if (context.Json && context.Flag("--dry-run"))
        {
            context.Print([], [], answer);
        }

        Show(context, changes, prune);
        if (context.Flag("--dry-run") || changes.Count(c => prune || !IsRemoval(c)) == 0)
        {
            context.Say(context.Flag("--dry-run") ? "nothing was changed (--dry-run)" : "nothing to do");
            return 0;
        }

        return Agreed(context, prune ? removals : 0) ? await MakeAsync(context, file, prune, answer.Text("hash"), cancellationToken) : 1;
    }

    private static async Task<int> MakeAsync(VerbContext context, YamlFile file, bool prune, string hash, CancellationToken cancellationToken)
    {
        var result = await context.SendAsync(HttpMethod.Post, Route, Request(file, prune, hash), cancellationToken);
        context.Print([], [], result);
        foreach (var (email, link) in result["links"] as JsonObject ?? [])
        {
            context.Say($"{email} sets a password here, once, within 24 hours: {context.Api.BaseAddress!.ToString().TrimEnd('/')}{link}");
        }

        var done = (result["done"] as JsonArray)?.Count ?? 0;
        if (result["failed"] is { } failed)
        {
            var field = failed.Text("field") is { Length: > 0 } member ? "." + member : "";
            var at = file.Problem(failed.Text("change.path") + field, failed.Text("message"), failed.Text("allowed") is { Length: > 0 } allowed ? allowed : null);
            await context.Error.WriteLineAsync($"{at}\n{done} changes were made before; mend this and apply again: it goes on from there");
            return 1;
        }

        context.Say($"{done} changes made");
        return 0;
    }

    private static bool Agreed(VerbContext context, int removals)
    {
        var most = int.Parse(context["--max-removals"] ?? "5", CultureInfo.InvariantCulture);
        if (removals <= most || context.Flag("--yes"))
        {
            return true;
        }

        var answer = context.Ask($"{removals} things will be removed or ended. Type yes to go on:");
        if (answer is null)
        {
            throw new WrongInputException($"{removals} things would be removed, more than {most}, and there is nobody to ask: look at --dry-run, then give --yes or --max-removals {removals}");
        }

        return answer.Trim() == "yes";
    }

    private static void Show(VerbContext context, JsonArray changes, bool prune)
    {
        foreach (var change in changes)
        {
            var (sign, tone) = change.Text("act") switch
            {
                "create" => ("+", VerbTone.Added),
                "remove" when !prune => (" ", VerbTone.Muted),
                "remove" => ("-", VerbTone.Removed),
                "change" => ("~", VerbTone.Changed),
                _ => (" ", VerbTone.Muted),
            };
            var act = change.Text("act");
            var rest = act switch
            {
                "remove" when !prune => "is in the file no more; kept, since --prune is not given",
                "remove" or "forget" => $"{act}: {change.Text("consequence")}",
                "adopt" => "is there already; managed from now on",
                "note" => "is as wanted already",
                _ => act,
            };
            context.Say($"{sign} {change.Text("kind")} {change.Text("key")}  {rest}", tone);
            foreach (var field in (change as JsonObject)?["fields"] as JsonArray ?? [])
            {
                var drift = string.Equals(field.Text("drift"), "true", StringComparison.OrdinalIgnoreCase) ? "   (changed in the console since the last apply)" : "";
                var value = act == "create" ? Value((field as JsonObject)?["after"]) : $"{Value((field as JsonObject)?["before"])} -> {Value((field as JsonObject)?["after"])}";
                context.Say($"    {field.Text("field")}: {value}{drift}", drift.Length > 0 ? VerbTone.Warning : tone);
            }
        }
    }

    private static bool IsRemoval(JsonNode? change) => change.Text("act") is "remove" or "forget";

    private static string Value(JsonNode? value) => value switch
    {
        null => "(nothing)",
        JsonValue text when text.GetValueKind() == JsonValueKind.String => text.ToString(),
        _ => value.ToJsonString(Relaxed),
    };

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonObject Request(YamlFile file, bool prune, string? hash) => new() { ["document"] = file.Root.DeepClone(), ["prune"] = prune, ["expectedPlan"] = hash };
}
