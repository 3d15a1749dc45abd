using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Core.Outbound.Webhooks;

/// <summary>tsunagi webhook.</summary>
internal static class WebhookVerbs
{
    private const string Webhooks = "/api/v1/webhooks";
    private static readonly VerbParameter Webhook = new("WEBHOOK", "its id (wh_…)", Required: true);
    private static readonly VerbParameter IfVersion = new("--if-version", "only if it is at this version", Value: VerbValue.Whole);

    private static readonly VerbParameter[] Added =
    [
        new("--name", "its name", Required: true), new("--url", "the address that is told (https://host/path)", Required: true),
        new("--events", "what it is told of: a type (mail.message.failed), a beginning (mail.*), or *", Required: true, Many: true),
        new("--tenant-id", "whose events (t_…); your own without it"),
    ];

    private static readonly VerbParameter[] Changed =
        [new("--name", "its name"), new("--url", "the address that is told"), new("--events", "what it is told of; replaces what it was", Many: true)];

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("webhook list", "Webhooks, with how the last delivery of each went", Webhooks, [],
            "id", "name", "url", "state", "events", "status=lastStatus", "problem=lastProblem", "failing since=failingSinceAt"),
        ApiVerb.Show("webhook show", "One webhook", Webhooks + "/{WEBHOOK}", Webhook),
        new("webhook add", "Add a webhook; prints the secret that checks its signatures, this once", Added, AddAsync),
        ApiVerb.Send("webhook change", "Change a webhook's name, address or events", HttpMethod.Patch, Webhooks + "/{WEBHOOK}", [Webhook, .. Changed, IfVersion]),
        ApiVerb.Send("webhook pause", "Tell it nothing for now; it goes on where it stopped", HttpMethod.Patch, Webhooks + "/{WEBHOOK}", [Webhook], "the webhook is paused",
            static _ => new JsonObject { ["state"] = "paused" }),
        ApiVerb.Send("webhook resume", "Tell a paused webhook, or one whose host was gone, again", HttpMethod.Patch, Webhooks + "/{WEBHOOK}", [Webhook], "the webhook is told again",
            static _ => new JsonObject { ["state"] = "active" }),
        ApiVerb.Send("webhook remove", "Remove a webhook; the audit keeps what it was", HttpMethod.Delete, Webhooks + "/{WEBHOOK}", [Webhook], "the webhook is removed"),
        ApiVerb.Send("webhook test", "Queue a delivery that tells of nothing (webhook.test@1)", HttpMethod.Post, Webhooks + "/{WEBHOOK}/test", [Webhook],
            "queued; \"tsunagi webhook deliveries\" shows what the host answers", static _ => null),
        ApiVerb.List("webhook deliveries", "Its latest deliveries, newest first, with what its host answered", Webhooks + "/{WEBHOOK}/deliveries", [Webhook],
            "event=eventId", "type", "state", "attempts", "tried=triedAt", "status", "problem"),
    ];

    private static async Task<int> AddAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var made = await context.SendAsync(HttpMethod.Post, Webhooks, ApiVerb.Body(context, Added), cancellationToken);
        if (context.Json)
        {
            context.Print([], [], made);
            return 0;
        }

        ApiVerb.PrintThing(context, made["webhook"] ?? made);
        context.Say($"secret: {made.Text("secret")}", VerbTone.Title);
        context.Say("Keep it where the host checks signatures: it is not shown again.", VerbTone.Muted);
        return 0;
    }
}
