using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Pending;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail pending: mail that waits before it leaves, from the terminal.</summary>
internal static class PendingVerbs
{
    private const string Pending = "/api/v1/mail/pending";

    public static readonly IReadOnlyList<Verb> All =
    [
        new("pending list", "Mail that waits, or waited, before it leaves, newest first", [
            new("--text", "a recipient's or sender's address, or a message's id, whole"),
            new("--state", "only those in this state", Allowed: PendingState.All),
            new("--limit", "how many at most (50)", Value: VerbValue.Whole, Least: 1, Most: 200),
        ], ListAsync),
        new("pending show", "One recipient of a message that waits: until when, and what was decided", [new("PENDING", "its id (mp_…)", Required: true)], ShowAsync),
        new("pending send", "Let it leave now", [new("PENDING", "its id (mp_…)", Required: true)], (context, token) => DecideAsync(context, "send", token)),
        new("pending cancel", "Take it back for this recipient; its sender is told", [new("PENDING", "its id (mp_…)", Required: true)], (context, token) => DecideAsync(context, "cancel", token)),
    ];

    private static async Task<int> ListAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var page = await context.GetAsync(
            ApiCalls.WithQuery(Pending, [("limit", context["--limit"] ?? "50"), ("text", context["--text"]), ("state", context["--state"])]), cancellationToken);
        context.Print(
            ["due", "state", "sender", "recipient", "meant?", "subject", "id"],
            ((page as JsonObject)?["items"] as JsonArray ?? []).Select(static item => (IReadOnlyList<string>)[
                Text(item, "dueAt"), Text(item, "state"), Text(item, "sender"), Text(item, "recipient"), Text(item, "doubt"), Text(item, "subject"), Text(item, "id")]),
            page);
        return 0;
    }

    private static async Task<int> ShowAsync(VerbContext context, CancellationToken cancellationToken)
    {
        ApiVerb.PrintThing(context, await context.GetAsync(Of(context), cancellationToken));
        return 0;
    }

    private static async Task<int> DecideAsync(VerbContext context, string act, CancellationToken cancellationToken)
    {
        ApiVerb.PrintThing(context, await context.SendAsync(HttpMethod.Post, $"{Of(context)}/{act}", null, cancellationToken));
        return 0;
    }

    private static string Of(VerbContext context) => $"{Pending}/{context.Segment("PENDING")}";

    private static string Text(JsonNode? item, string name) => (item as JsonObject)?[name]?.ToString() ?? "";
}
