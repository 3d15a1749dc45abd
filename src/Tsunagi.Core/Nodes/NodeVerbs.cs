using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Core.Nodes;

/// <summary>tsunagi node.</summary>
internal static class NodeVerbs
{
    public static readonly IReadOnlyList<Verb> All =
    [
        new("node list", "The nodes: what each runs, when it was last heard of, why it is not ready", [], ListAsync),
    ];

    private static async Task<int> ListAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var nodes = await context.ListAsync("/api/v1/nodes", 1_000, cancellationToken);
        ApiVerb.PrintRows(context, nodes, "name", "state", "modules", "version", "seen=seenAt", "started=startedAt");
        foreach (var node in nodes)
        {
            foreach (var reason in (node as JsonObject)?["reasons"] as JsonArray ?? [])
            {
                context.Say($"{node.Text("name")}: {reason.Text("detail")} ({reason.Text("code")})", VerbTone.Warning);
                if (reason.Text("nextStep") is { Length: > 0 } next)
                {
                    context.Say("  " + next, VerbTone.Muted);
                }
            }
        }

        return nodes.Any(static node => node.Text("state") is "notReady" or "away") ? 1 : 0;
    }
}
