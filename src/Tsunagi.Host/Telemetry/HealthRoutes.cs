using Tsunagi.Core.Nodes;

namespace Tsunagi.Host.Telemetry;

/// <summary>
/// What a load balancer and a monitoring system ask: /healthz (the process answers), /readyz (it may be given work: stores answer, the engines have
/// what is wanted, no log is poisoned; else a line for each reason, its code first, as docs/20-operate/faults.md has it), /metrics.
/// </summary>
internal static class HealthRoutes
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/healthz", static () => Results.Text("ok\n")).AllowAnonymous();
        app.MapGet("/readyz", ReadyAsync).AllowAnonymous();
        app.MapGet("/metrics", static (PrometheusText metrics) => Results.Text(metrics.Write(), "text/plain; version=0.0.4; charset=utf-8")).AllowAnonymous();
    }

    private static async Task<IResult> ReadyAsync(NodeReadiness readiness, CancellationToken cancellationToken)
    {
        var reasons = await readiness.AskAsync(cancellationToken);
        return reasons.Count == 0
            ? Results.Text("ready\n")
            : Results.Text(string.Concat(reasons.Select(static reason => $"{reason.Code}: {reason.Detail}\n")), statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
