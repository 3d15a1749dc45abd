using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Nodes;

/// <summary>/api/v1/nodes: the processes that make up the provider (its operators only).</summary>
public static class NodeApi
{
    public const string Read = "core.node.read";

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/nodes", ListAsync).Requires(Read).WithTags("Nodes").WithName("listNodes")
            .WithSummary("The nodes with what they run, when they were last heard of, and why one takes no new work");

    private static async Task<ApiResult<Page<NodeView>>> ListAsync(HttpContext http, NodeBook book, ReadinessCatalogue reasons, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        return caller.IsOperator
            ? new Page<NodeView>(await book.ListAsync(code => reasons.Find(code)?.NextStep.In(caller.Locale), cancellationToken), null)
            : Refusal.Forbidden(Read);
    }
}
