using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail whatif: past mail under another policy.</summary>
internal static class WhatIfVerbs
{
    private const string Api = "/api/v1/mail/";
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(2);
    private static readonly VerbParameter Policy = new("--policy", "the policy in mind, as YAML or JSON; - reads standard input");

    public static readonly IReadOnlyList<Verb> All =
    [
        new("whatif policy", "What a policy would have done to the last days' mail; nothing is changed", [
            new("TENANT", "its id (t_…)", Required: true),
            Policy with { Summary = "the policy in mind, as YAML or JSON; - reads standard input; without it: what if that scope said nothing" },
            new("--scope", "whose policy (tenant)", Allowed: ["tenant", "domain", "group", "user"]),
            new("--name", "the domain, group or address"),
            new("--days", "how many days back (7)", Value: VerbValue.Whole, Least: 1, Most: WhatIf.WhatIfQuestion.MostDays),
        ], PolicyAsync),
        new("whatif message", "What one message would have met under another policy", [
            new("MESSAGE", "its id (m_…)", Required: true),
            Policy with { Summary = "said over what holds for its recipients now, as YAML or JSON; - reads standard input; without it what holds now" },
        ], MessageAsync),
    ];

    private static async Task<int> PolicyAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var asked = new JsonObject { ["tenantId"] = context["TENANT"], ["scope"] = context["--scope"], ["name"] = context["--name"], ["policy"] = PolicyOf(context) };
        if (context["--days"] is { } days)
        {
            asked["days"] = int.Parse(days, System.Globalization.CultureInfo.InvariantCulture);
        }

        var answer = await WaitingAsync(context, context.SendAsync(HttpMethod.Post, Api + "what-if", asked, cancellationToken), cancellationToken);
        if (!context.Json)
        {
            context.Say($"{answer.Text("messages")} messages, {answer.Text("copies")} copies: {answer.Text("same")} as they were, {answer.Text("changed")} otherwise");
            if (answer.Text("asIfKnown") is { Length: > 0 } known && known != "0")
            {
                context.Say($"{known} judged as if the greylist knew their senders: it was not asked then", VerbTone.Muted);
            }

            if (answer["isCut"]?.GetValue<bool>() == true)
            {
                context.Say($"there were more: only what came since {answer.Text("from")} was looked at", VerbTone.Warning);
            }
        }

        context.Print(
            ["was", "would be", "copies", "senders", "some of them"],
            [
                .. Items(answer, "changes").Select(static change => (IReadOnlyList<string>)[
                    FateOf(change["from"]), FateOf(change["to"]), change.Text("copies"),
                    string.Join(", ", Items(change, "senders").Take(5).Select(static sender => $"{(sender.Text("domain").Length > 0 ? sender.Text("domain") : "<>")} {sender.Text("copies")}")), Ids(change)]),
                .. Items(answer, "notJudged").Select(static left => (IReadOnlyList<string>)["-", WhyOf(left.Text("why")), left.Text("copies"), "", Ids(left)]),
            ],
            answer);
        return 0;
    }

    private static async Task<int> MessageAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var answer = await context.SendAsync(HttpMethod.Post, $"{Api}messages/{context.Segment("MESSAGE")}/what-if", new JsonObject { ["policy"] = PolicyOf(context) }, cancellationToken);
        context.Print(
            ["recipient", "was", "would be", "why"],
            Items(answer, "items").Select(static one => (IReadOnlyList<string>)[
                one.Text("recipient"), one.Text("was"), one.Text("would"), one.Text("whyNot") is { Length: > 0 } whyNot ? WhyOf(whyNot) : one["verdict"] is JsonObject verdict ? verdict.Text("decider") : ""]),
            answer);
        return 0;
    }

    // A person is told that it goes on; the program's own limit ends it.
    private static async Task<JsonObject> WaitingAsync(VerbContext context, Task<JsonObject> asked, CancellationToken cancellationToken)
    {
        for (var waited = TellEvery; await Task.WhenAny(asked, Task.Delay(TellEvery, TimeProvider.System, cancellationToken)) != asked; waited += TellEvery)
        {
            await context.Error.WriteLineAsync($"past mail is being judged anew ({waited.TotalSeconds:0} s)");
        }

        return await asked;
    }

    private static JsonNode? PolicyOf(VerbContext context) => context["--policy"] is { } file ? ValueFiles.Read(context, file).Root.DeepClone() : null;

    private static string FateOf(JsonNode? said) => said is not JsonObject fate ? "" : fate.Text("class") is { Length: > 0 } hold ? $"{fate.Text("action")} ({hold})" : fate.Text("action");

    private static string WhyOf(string why) => why switch
    {
        "not-checked" => "cannot be said: it was not checked then",
        "evidence-not-kept" => "cannot be said: what was found is not kept whole",
        _ => "cannot be said: a check or block list did not look then",
    };

    private static string Ids(JsonObject of) => string.Join(' ', Items(of, "newest").Take(3).Select(static copy => copy.Text("messageId")));

    private static IEnumerable<JsonObject> Items(JsonObject of, string name) => of[name] is JsonArray items ? items.OfType<JsonObject>() : [];
}
