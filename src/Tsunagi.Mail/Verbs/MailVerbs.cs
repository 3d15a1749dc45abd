using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

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
            new("--limit", "how many, 1 to 200"),
        ], ListAsync),
        new("trace show", "What became of one message", [new("MESSAGE", "its id (m_…)", Required: true)], ShowAsync),
        new("trace retry", "Try a waiting message now", [new("MESSAGE", "its id (m_…)", Required: true)], RetryAsync),
        new("queue show", "What waits, and how the next hops stand", [], QueueAsync),
        new("queue retry", "Try everything for a next hop now", [new("NEXTHOP", "host:port", Required: true)], RetryNextHopAsync),
        new("queue hold", "Stop delivery to a next hop", [new("NEXTHOP", "host:port", Required: true), new("--reason", "why", Required: true)], HoldAsync),
        new("queue release", "Deliver to a next hop again", [new("NEXTHOP", "host:port", Required: true)], ReleaseAsync),
        new("recipients list", "The lists of recipients", [], RecipientListsAsync),
        new("recipients put", "Replace a list by a CSV file", [
            new("SUBSCRIPTION", "its id (s_…)", Required: true),
            new("FILE", "one address a line; - reads standard input", Required: true),
            new("--removes", "how many go; needed when that is more than a tenth"),
        ], PutRecipientsAsync),
    ];

    private static async Task<int> ListAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var query = new StringBuilder("messages?limit=").Append(Uri.EscapeDataString(context["--limit"] ?? "50"));
        foreach (var (option, name) in new[] { ("--text", "text"), ("--state", "state") })
        {
            if (context[option] is { } value)
            {
                query.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        var page = await GetAsync(context, query.ToString(), cancellationToken);
        var items = page["items"]!.AsArray();
        context.Print(
            ["accepted", "state", "from", "to", "last answer", "id"],
            items.Select(static item => (IReadOnlyList<string>)[Text(item, "acceptedAt"), Text(item, "state"), Text(item, "from"), Text(item, "to"), Text(item, "lastReply"), Text(item, "id")]),
            page);
        return 0;
    }

    private static async Task<int> ShowAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var trace = await GetAsync(context, "messages/" + Uri.EscapeDataString(context["MESSAGE"]!), cancellationToken);
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

        context.Print(
            ["when", "next hop", "answer"],
            trace["attempts"]!.AsArray().Select(static attempt => (IReadOnlyList<string>)[
                Text(attempt, "startedAt"), Text(attempt, "nextHop"),
                string.Join(" | ", attempt!["replies"]!.AsArray().Select(static reply => Text(reply, "reply")))]),
            null);
        return 0;
    }

    private static async Task<int> QueueAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var queue = await GetAsync(context, "queue", cancellationToken);
        context.Print(
            ["next hop", "state", "ready", "waiting", "connections", "why", "asked again"],
            queue["nextHops"]!.AsArray().Select(static hop => (IReadOnlyList<string>)[
                Text(hop, "nextHop"), Text(hop, "state"), Text(hop, "ready"), Text(hop, "waiting"), Text(hop, "connections"), Text(hop, "why"), Text(hop, "nextAt")]),
            queue);
        return 0;
    }

    private static async Task<int> RecipientListsAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var page = await GetAsync(context, "recipient-lists", cancellationToken);
        context.Print(
            ["subscription", "entries", "version", "changed", "by"],
            page["items"]!.AsArray().Select(static list => (IReadOnlyList<string>)[
                Text(list, "subscriptionId"), Text(list, "entries"), Text(list, "version"), Text(list, "updatedAt"), Text(list, "updatedBy")]),
            page);
        return 0;
    }

    private static async Task<int> PutRecipientsAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var file = context["FILE"]!;
        if (file != "-" && !File.Exists(file))
        {
            await context.Error.WriteLineAsync($"there is no file {file}");
            return 2;
        }

        var csv = file == "-" ? await Console.In.ReadToEndAsync(cancellationToken) : await File.ReadAllTextAsync(file, cancellationToken);
        using var content = new StringContent(csv, Encoding.UTF8, new MediaTypeHeaderValue("text/csv"));
        var removes = context["--removes"] is { } number ? "?removes=" + Uri.EscapeDataString(number) : "";
        using var response = await context.Api.PutAsync($"{Api}recipient-lists/{Uri.EscapeDataString(context["SUBSCRIPTION"]!)}{removes}", content, cancellationToken);
        var change = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!;
        context.Print(["entries", "added", "removed"], [[Text(change, "entries"), Text(change, "added"), Text(change, "removed")]], change);
        return 0;
    }

    private static Task<int> RetryAsync(VerbContext context, CancellationToken cancellationToken) =>
        PostAsync(context, $"messages/{Uri.EscapeDataString(context["MESSAGE"]!)}/retry", null, cancellationToken);

    private static Task<int> RetryNextHopAsync(VerbContext context, CancellationToken cancellationToken) =>
        PostAsync(context, $"next-hops/{Uri.EscapeDataString(context["NEXTHOP"]!)}/retry", null, cancellationToken);

    private static Task<int> HoldAsync(VerbContext context, CancellationToken cancellationToken) => PostAsync(
        context, $"next-hops/{Uri.EscapeDataString(context["NEXTHOP"]!)}/hold", new JsonObject { ["reason"] = context["--reason"] }, cancellationToken);

    private static Task<int> ReleaseAsync(VerbContext context, CancellationToken cancellationToken) =>
        PostAsync(context, $"next-hops/{Uri.EscapeDataString(context["NEXTHOP"]!)}/release", null, cancellationToken);

    private static async Task<int> PostAsync(VerbContext context, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await context.Api.PostAsync(Api + path, content, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (context.Json || text.Length > 0)
        {
            await context.Out.WriteLineAsync(text.Length > 0 ? text : "{}");
        }

        return 0;
    }

    private static async Task<JsonNode> GetAsync(VerbContext context, string path, CancellationToken cancellationToken)
    {
        using var response = await context.Api.GetAsync(Api + path, cancellationToken);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!;
    }

    private static string Text(JsonNode? node, string name) => node?[name] switch
    {
        null => "",
        JsonValue value when value.TryGetValue(out long number) => number.ToString(CultureInfo.InvariantCulture),
        var other => other.ToString(),
    };
}
