using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Inbound;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail trace | queue | recipients: the API from the terminal.</summary>
internal static class MailVerbs
{
    private const string Api = "/api/v1/mail/";

    public static readonly IReadOnlyList<Verb> All =
    [
        new("trace list", "Messages, newest first", [
            new("--text", "a recipient, a sender, a Message-ID or an id"),
            new("--state", "only messages in this state", Allowed: Trace.MessageState.All),
            new("--limit", "how many at most (50)", Value: VerbValue.Whole, Least: 1, Most: 200),
        ], ListAsync),
        new("trace show", "What became of one message", [new("MESSAGE", "its id (m_…)", Required: true)], ShowAsync),
        new("trace retry", "Try a waiting message now", [new("MESSAGE", "its id (m_…)", Required: true)], RetryAsync),
        new("trace spam", "Say that a message is spam, while its content is here: the tenant's own model learns it", [
            new("MESSAGE", "its id (m_…)", Required: true)], (context, token) => TeachAsync(context, "spam", token)),
        new("trace not-spam", "Say that a message is no spam, while its content is here: the tenant's own model learns it", [
            new("MESSAGE", "its id (m_…)", Required: true)], (context, token) => TeachAsync(context, "not-spam", token)),
        new("trace probe", "Ask the next hop whether it would take a waiting message; nothing is delivered", [new("MESSAGE", "its id (m_…)", Required: true)], ProbeAsync),
        new("content open", "Open a customer's message with a reason, for a limited time; the customer sees it", [
            new("MESSAGE", "its id (m_…)", Required: true), new("--reason", "why", Required: true)], OpenContentAsync),
        new("content show", "Header fields and plain text of a message that is still here", [new("MESSAGE", "its id (m_…)", Required: true)], ShowContentAsync),
        new("content save", "Keep a whole message in a file", [new("MESSAGE", "its id (m_…)", Required: true), new("PATH", "a file that is not there yet", Required: true)], SaveContentAsync),
        new("queue show", "What waits, and how the next hops stand", [], QueueAsync),
        new("queue retry", "Try everything for a next hop now", [new("NEXTHOP", "host:port", Required: true)], RetryNextHopAsync),
        new("queue hold", "Stop delivery to a next hop", [new("NEXTHOP", "host:port", Required: true), new("--reason", "why", Required: true)], HoldAsync),
        new("queue release", "Deliver to a next hop again", [new("NEXTHOP", "host:port", Required: true)], ReleaseAsync),
        new("recipients list", "The lists of recipients", [], RecipientListsAsync),
        new("recipients put", "Replace a list by a CSV file", [
            new("SUBSCRIPTION", "its id (s_…)", Required: true),
            new("FILE", "one address a line, or columns address,aliasOf,groups named by a head line; - reads standard input", Required: true),
            new("--removes", "how many go; needed when that is more than a tenth", Value: VerbValue.Whole, Least: 0, Most: RecipientListBook.MaxEntries),
        ], PutRecipientsAsync),
    ];

    private static async Task<int> ListAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var query = ApiCalls.WithQuery(Api + "messages", [("limit", context["--limit"] ?? "50"), ("text", context["--text"]), ("state", context["--state"])]);
        var page = await context.GetAsync(query, cancellationToken);
        var items = Items(page, "items");
        context.Print(
            ["accepted", "state", "from", "to", "last answer", "id"],
            items.Select(static item => (IReadOnlyList<string>)[Text(item, "acceptedAt"), Text(item, "state"), Text(item, "from"), Text(item, "to"), Text(item, "lastReply"), Text(item, "id")]),
            page);
        return 0;
    }

    private static async Task<int> ShowAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var trace = await context.GetAsync(Api + "messages/" + context.Segment("MESSAGE"), cancellationToken);
        if (context.Json)
        {
            context.Print([], [], trace);
            return 0;
        }

        var message = trace["message"];
        await context.Out.WriteLineAsync($"{Text(message, "id")}  {Text(message, "state")}\n{Text(message, "from")} -> {Text(message, "to")}\n{Text(trace, "why")}");
        if (trace["next"] is not null)
        {
            await context.Out.WriteLineAsync($"{Text(trace, "next")} {Text(trace, "nextAt")}");
        }

        if (trace["verdict"] is { } verdict)
        {
            await context.Out.WriteLineAsync(Text(verdict, "summary"));
            foreach (var found in Items(verdict, "evidence"))
            {
                await context.Out.WriteLineAsync($"  {Text(found, "says")} [{Text(found, "code")}: {Text(found, "policy")}]");
            }
        }

        context.Print(
            ["when", "next hop", "address", "TLS and policy", "answer"],
            Items(trace, "attempts").Select(static attempt => (IReadOnlyList<string>)[
                Text(attempt, "startedAt"), Text(attempt, "nextHop"), Text(attempt, "address"), Text(attempt, "tls"),
                string.Join(" | ", Items(attempt, "replies").Select(static reply => Text(reply, "reply")))]),
            null);
        return 0;
    }

    private static async Task<int> TeachAsync(VerbContext context, string what, CancellationToken cancellationToken)
    {
        ApiVerb.PrintThing(context, await context.SendAsync(HttpMethod.Post, $"{Api}messages/{context.Segment("MESSAGE")}/teach", new JsonObject { ["as"] = what }, cancellationToken));
        return 0;
    }

    private static async Task<int> ProbeAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var asked = await context.SendAsync(HttpMethod.Post, $"{Api}messages/{context.Segment("MESSAGE")}/probe", null, cancellationToken);
        context.Print(
            ["said", "answered"],
            Items(asked, "steps").Select(static step => (IReadOnlyList<string>)[Text(step, "command"), Text(step, "reply")]),
            asked);
        return 0;
    }

    private static async Task<int> OpenContentAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var grant = await context.SendAsync(HttpMethod.Post, ContentOf(context), new JsonObject { ["reason"] = context["--reason"] }, cancellationToken);
        context.Print(["message", "open until"], [[Text(grant, "messageId"), Text(grant, "expiresAt")]], grant);
        return 0;
    }

    private static async Task<int> ShowContentAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var content = await context.GetAsync(ContentOf(context), cancellationToken);
        if (context.Json)
        {
            context.Print([], [], content);
            return 0;
        }

        foreach (var field in Items(content, "fields"))
        {
            await context.Out.WriteLineAsync($"{Text(field, "name")}: {Text(field, "value")}");
        }

        await context.Out.WriteLineAsync("\n" + (content["text"] is null ? "(no plain text; content save keeps the whole message)" : Text(content, "text")));
        return 0;
    }

    private static async Task<int> SaveContentAsync(VerbContext context, CancellationToken cancellationToken)
    {
        using var response = await context.Api.GetAsync(ContentOf(context) + "/raw", cancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var file = context["PATH"]!;
        try
        {
            // A person's own file is never overwritten.
            file = context.Home.File(file);
            await using var made = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            await made.WriteAsync(bytes, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new WrongInputException($"PATH: {file} cannot be made: {e.Message}");
        }

        context.Print(["file", "bytes"], [[file, bytes.Length.ToString(CultureInfo.InvariantCulture)]], new JsonObject { ["file"] = file, ["bytes"] = bytes.Length });
        return 0;
    }

    private static string ContentOf(VerbContext context) => $"{Api}messages/{context.Segment("MESSAGE")}/content";

    private static async Task<int> QueueAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var queue = await context.GetAsync(Api + "queue", cancellationToken);
        context.Print(
            ["next hop", "state", "ready", "waiting", "connections", "why", "asked again"],
            Items(queue, "nextHops").Select(static hop => (IReadOnlyList<string>)[
                Text(hop, "nextHop"), Text(hop, "state"), Text(hop, "ready"), Text(hop, "waiting"), Text(hop, "connections"), Text(hop, "why"), Text(hop, "nextAt")]),
            queue);
        return 0;
    }

    private static async Task<int> RecipientListsAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var page = await context.GetAsync(Api + "recipient-lists", cancellationToken);
        context.Print(
            ["subscription", "entries", "version", "changed", "by"],
            Items(page, "items").Select(static list => (IReadOnlyList<string>)[
                Text(list, "subscriptionId"), Text(list, "entries"), Text(list, "version"), Text(list, "updatedAt"), Text(list, "updatedBy")]),
            page);
        return 0;
    }

    private static async Task<int> PutRecipientsAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var csv = ValueFiles.Text(context, context["FILE"]!);
        using var content = new StringContent(csv, Encoding.UTF8, new MediaTypeHeaderValue("text/csv"));
        var path = ApiCalls.WithQuery($"{Api}recipient-lists/{context.Segment("SUBSCRIPTION")}", [("removes", context["--removes"])]);
        using var response = await context.Api.PutAsync(path, content, cancellationToken);
        var change = await context.ReadAsync(response, cancellationToken);
        context.Print(["entries", "added", "removed"], [[Text(change, "entries"), Text(change, "added"), Text(change, "removed")]], change);
        return 0;
    }

    private static Task<int> RetryAsync(VerbContext context, CancellationToken cancellationToken) =>
        PostAsync(context, $"messages/{context.Segment("MESSAGE")}/retry", null, "it is tried now", cancellationToken);

    private static Task<int> RetryNextHopAsync(VerbContext context, CancellationToken cancellationToken) =>
        PostAsync(context, $"next-hops/{context.Segment("NEXTHOP")}/retry", null, null, cancellationToken);

    private static Task<int> HoldAsync(VerbContext context, CancellationToken cancellationToken) => PostAsync(
        context, $"next-hops/{context.Segment("NEXTHOP")}/hold", new JsonObject { ["reason"] = context["--reason"] }, "delivery there is stopped; its mail waits", cancellationToken);

    private static Task<int> ReleaseAsync(VerbContext context, CancellationToken cancellationToken) =>
        PostAsync(context, $"next-hops/{context.Segment("NEXTHOP")}/release", null, "delivery there goes on", cancellationToken);

    /// <param name="done">What is said when it is done; null shows the answer.</param>
    private static async Task<int> PostAsync(VerbContext context, string path, JsonObject? body, string? done, CancellationToken cancellationToken)
    {
        var answer = await context.SendAsync(HttpMethod.Post, Api + path, body, cancellationToken);
        if (done is null || context.Json)
        {
            ApiVerb.PrintThing(context, answer);
        }
        else
        {
            context.Say(done);
        }

        return 0;
    }

    private static JsonArray Items(JsonNode? node, string name) => node is JsonObject members ? members[name] as JsonArray ?? [] : [];

    private static string Text(JsonNode? node, string name) => (node as JsonObject)?[name] switch
    {
        null => "",
        JsonValue value when value.TryGetValue(out long number) => number.ToString(CultureInfo.InvariantCulture),
        var other => other.ToString(),
    };
}
