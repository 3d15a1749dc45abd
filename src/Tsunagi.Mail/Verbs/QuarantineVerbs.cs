using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Quarantine;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail quarantine | senders: held mail from the terminal.</summary>
internal static class QuarantineVerbs
{
    private const string Held = "/api/v1/mail/quarantine";
    private const string Senders = "/api/v1/mail/senders";

    public static readonly IReadOnlyList<Verb> All =
    [
        new("quarantine list", "Held mail, newest first", [
            new("--text", "words that must all be there: of the subject, the sender's name, addresses, domains"),
            new("--recipient", "an address, or a domain"),
            new("--sender", "an address, or a domain"),
            new("--subject", "words of the subject"),
            new("--state", "only copies in this state", Allowed: HeldState.All),
            new("--class", "only copies of this class", Allowed: HeldClass.All),
            new("--limit", "how many at most (50)", Value: VerbValue.Whole, Least: 1, Most: 200),
        ], ListAsync),
        new("quarantine show", "One held copy: why it is held, and what became of it", [new("HELD", "its id (q_…)", Required: true)], ShowAsync),
        new("quarantine read", "Header fields, files by name and words of a held message", [new("HELD", "its id (q_…)", Required: true)], ReadAsync),
        new("quarantine open", "Open a customer's held message with a reason, for a limited time; the customer sees it", [
            new("HELD", "its id (q_…)", Required: true), new("--reason", "why", Required: true)], OpenAsync),
        new("quarantine release", "Deliver a held copy to its recipient; also approves a request", [
            new("HELD", "its id (q_…)", Required: true), new("--allow-sender", "let this sender through to this recipient from now on", IsFlag: true)], ReleaseAsync),
        new("quarantine refuse", "Refuse a recipient's request", [new("HELD", "its id (q_…)", Required: true), new("--reason", "why", Required: true)], RefuseAsync),
        new("quarantine delete", "Delete a held copy", [new("HELD", "its id (q_…)", Required: true)], DeleteAsync),
        new("quarantine block", "Block the sender of a held copy", [
            new("HELD", "its id (q_…)", Required: true), new("--for", "whom: recipient (without it), domain or tenant", Allowed: ["recipient", "domain", "tenant"])], BlockAsync),
        new("quarantine spam", "Say that a held message is spam: the tenant's own model learns it", [new("HELD", "its id (q_…)", Required: true)], (context, token) => TeachAsync(context, "spam", token)),
        new("quarantine not-spam", "Say that a held message is no spam: the tenant's own model learns it; it stays held", [
            new("HELD", "its id (q_…)", Required: true)], (context, token) => TeachAsync(context, "not-spam", token)),
        new("quarantine keep", "Keep a copy from expiry and deletion (legal hold)", [new("HELD", "its id (q_…)", Required: true), new("--reason", "why", Required: true)], KeepAsync),
        new("quarantine let-go", "Lift a legal hold", [new("HELD", "its id (q_…)", Required: true)], LetGoAsync),
        new("senders list", "Senders that are allowed or blocked", [new("--text", "a sender, a recipient or a domain")], SendersAsync),
        new("senders allow", "Let a sender through", SenderOptions, (context, token) => RuleAsync(context, "allow", token)),
        new("senders block", "Block a sender", SenderOptions, (context, token) => RuleAsync(context, "block", token)),
        new("senders remove", "Take a rule about a sender back", [new("RULE", "its id (qs_…)", Required: true)], UnruleAsync),
    ];

    private static IReadOnlyList<VerbParameter> SenderOptions =>
    [
        new("SENDER", "an address, or a domain", Required: true),
        new("--for", "whom: recipient, domain or tenant", Required: true, Allowed: ["recipient", "domain", "tenant"]),
        new("--owner", "the recipient's address, or the domain"),
        new("--tenant", "whose rule it is; your own tenant without it"),
    ];

    private static async Task<int> ListAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var query = ApiCalls.WithQuery(Held, [
            ("limit", context["--limit"] ?? "50"), ("text", context["--text"]), ("recipient", context["--recipient"]), ("sender", context["--sender"]), ("subject", context["--subject"]),
            ("state", context["--state"]), ("class", context["--class"])]);
        var page = await context.GetAsync(query, cancellationToken);
        context.Print(
            ["held", "class", "state", "recipient", "sender", "subject", "id"],
            Items(page).Select(static item => (IReadOnlyList<string>)[
                Text(item, "heldAt"), Text(item, "class"), Text(item, "state"), Text(item, "recipient"), Text(item, "sender"), Text(item, "subject"), Text(item, "id")]),
            page);
        return 0;
    }

    private static async Task<int> ShowAsync(VerbContext context, CancellationToken cancellationToken)
    {
        ApiVerb.PrintThing(context, await context.GetAsync(Of(context), cancellationToken));
        return 0;
    }

    private static async Task<int> ReadAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var content = await context.GetAsync(Of(context) + "/content", cancellationToken);
        if (context.Json)
        {
            context.Print([], [], content);
            return 0;
        }

        foreach (var field in content["fields"] as JsonArray ?? [])
        {
            await context.Out.WriteLineAsync($"{Text(field, "name")}: {Text(field, "value")}");
        }

        foreach (var file in content["attachments"] as JsonArray ?? [])
        {
            await context.Out.WriteLineAsync($"[{Text(file, "name")}, {Text(file, "type")}, {Text(file, "octets")} octets]");
        }

        await context.Out.WriteLineAsync("\n" + (content["text"] is null ? "(no words)" : Text(content, "text")));
        return 0;
    }

    private static async Task<int> OpenAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var grant = await context.SendAsync(HttpMethod.Post, Of(context) + "/content", new JsonObject { ["reason"] = context["--reason"] }, cancellationToken);
        context.Print(["message", "open until"], [[Text(grant, "messageId"), Text(grant, "expiresAt")]], grant);
        return 0;
    }

    private static async Task<int> ReleaseAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["allowSender"] = context.Flag("--allow-sender") };
        ApiVerb.PrintThing(context, await context.SendAsync(HttpMethod.Post, Of(context) + "/release", body, cancellationToken));
        return 0;
    }

    private static async Task<int> RefuseAsync(VerbContext context, CancellationToken cancellationToken)
    {
        ApiVerb.PrintThing(context, await context.SendAsync(HttpMethod.Post, Of(context) + "/refuse", new JsonObject { ["reason"] = context["--reason"] }, cancellationToken));
        return 0;
    }

    private static async Task<int> DeleteAsync(VerbContext context, CancellationToken cancellationToken)
    {
        await context.SendAsync(HttpMethod.Delete, Of(context), null, cancellationToken);
        context.Say("it is deleted");
        return 0;
    }

    private static async Task<int> BlockAsync(VerbContext context, CancellationToken cancellationToken)
    {
        ApiVerb.PrintThing(context, await context.SendAsync(HttpMethod.Post, Of(context) + "/block", new JsonObject { ["scope"] = context["--for"] ?? "recipient" }, cancellationToken));
        return 0;
    }

    private static async Task<int> TeachAsync(VerbContext context, string what, CancellationToken cancellationToken)
    {
        ApiVerb.PrintThing(context, await context.SendAsync(HttpMethod.Post, Of(context) + "/teach", new JsonObject { ["as"] = what }, cancellationToken));
        return 0;
    }

    private static async Task<int> KeepAsync(VerbContext context, CancellationToken cancellationToken)
    {
        ApiVerb.PrintThing(context, await context.SendAsync(HttpMethod.Put, Of(context) + "/legal-hold", new JsonObject { ["reason"] = context["--reason"] }, cancellationToken));
        return 0;
    }

    private static async Task<int> LetGoAsync(VerbContext context, CancellationToken cancellationToken)
    {
        await context.SendAsync(HttpMethod.Delete, Of(context) + "/legal-hold", null, cancellationToken);
        context.Say("the legal hold is lifted");
        return 0;
    }

    private static async Task<int> SendersAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var page = await context.GetAsync(ApiCalls.WithQuery(Senders, [("text", context["--text"])]), cancellationToken);
        context.Print(
            ["rule", "sender", "for", "owner", "by", "id"],
            Items(page).Select(static item => (IReadOnlyList<string>)[
                Text(item, "rule"), Text(item, "sender"), Text(item, "scope"), Text(item, "owner"), Text(item, "changedBy"), Text(item, "id")]),
            page);
        return 0;
    }

    private static async Task<int> RuleAsync(VerbContext context, string rule, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["scope"] = context["--for"], ["sender"] = context["SENDER"], ["rule"] = rule };
        foreach (var (option, member) in new[] { ("--owner", "owner"), ("--tenant", "tenantId") })
        {
            if (context[option] is { } value)
            {
                body[member] = value;
            }
        }

        ApiVerb.PrintThing(context, await context.SendAsync(HttpMethod.Post, Senders, body, cancellationToken));
        return 0;
    }

    private static async Task<int> UnruleAsync(VerbContext context, CancellationToken cancellationToken)
    {
        await context.SendAsync(HttpMethod.Delete, $"{Senders}/{context.Segment("RULE")}", null, cancellationToken);
        context.Say("the rule is taken back");
        return 0;
    }

    private static string Of(VerbContext context) => $"{Held}/{context.Segment("HELD")}";

    private static JsonArray Items(JsonNode? page) => (page as JsonObject)?["items"] as JsonArray ?? [];

    private static string Text(JsonNode? node, string name) => (node as JsonObject)?[name] switch
    {
        null => "",
        JsonValue value when value.TryGetValue(out long number) => number.ToString(CultureInfo.InvariantCulture),
        var other => other.ToString(),
    };
}
