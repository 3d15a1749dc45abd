using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Core.Events;

/// <summary>tsunagi event.</summary>
internal static class EventVerbs
{
    private static readonly string[] Columns = ["when=at", "severity", "type", "subject", "data"];
    private static readonly string[] Severities = ["info", "notice", "warning", "error"];
    private static readonly VerbParameter Severity = new("--severity", "at least this", Allowed: Severities);

    public static readonly IReadOnlyList<Verb> All =
    [
        new("event list", "Events, newest first", [
            Severity, new("--type", "only this type (mail.message.accepted@1)"), new("--subject", "only of this thing (m_…, s_…)"),
            new("--follow", "go on with new ones as they come, until Ctrl-C", IsFlag: true), new("--limit", "how many at most (20)", Value: VerbValue.Whole, Least: 1, Most: ApiVerb.MaxRows),
        ], ListAsync),
        ApiVerb.Show("event show", "One event", "/api/v1/events/{EVENT}", new VerbParameter("EVENT", "its id (e_…)", Required: true)),
        ApiVerb.List("event types", "Every type of event, what it means and what to do", "/api/v1/events/types", [], "type", "severity", "meaning", "next step=nextStep"),
    ];

    private static async Task<int> ListAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var limit = int.Parse(context["--limit"] ?? "20", CultureInfo.InvariantCulture);
        var path = ApiCalls.WithQuery("/api/v1/events", [("severity", context["--severity"]), ("type", context["--type"]), ("subject", context["--subject"])]);
        var items = await context.ListAsync(path, limit, cancellationToken);
        if (!context.Flag("--follow"))
        {
            ApiVerb.PrintRows(context, items, Columns);
            return 0;
        }

        // Oldest first from here on, as a log is read; the stream resumes after the newest that is shown.
        var seen = items.Count == 0 ? 0 : long.TryParse(items[0].Text("position"), NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : 0;
        foreach (var item in items.Reverse())
        {
            Line(context, item!);
        }

        return await FollowAsync(context, seen, cancellationToken);
    }

    private static async Task<int> FollowAsync(VerbContext context, long after, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events/stream");
        request.Headers.TryAddWithoutValidation("Last-Event-ID", after.ToString(CultureInfo.InvariantCulture));
        using var response = await context.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var least = Array.IndexOf(Severities, context["--severity"] ?? "info");
        await foreach (var message in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            if (JsonNode.Parse(message.Data) is JsonObject item && Array.IndexOf(Severities, item.Text("severity")) >= least && (context["--type"] ?? item.Text("type")) == item.Text("type") && (context["--subject"] ?? item.Text("subject")) == item.Text("subject"))
            {
                Line(context, item);
            }
        }

        return 0;
    }

    private static void Line(VerbContext context, JsonNode item)
    {
        context.Out.WriteLine(context.Json ? item.ToJsonString() : $"{item.Text("at")} {item.Text("severity"),-7} {item.Text("type")} {item.Text("subject")} {item.Text("data")}");
        context.Out.Flush();
    }
}
