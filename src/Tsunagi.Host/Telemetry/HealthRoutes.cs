using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;

namespace Tsunagi.Host.Telemetry;

/// <summary>
/// What a load balancer and a monitoring system ask: /healthz (the process answers), /readyz (it may be given work: stores answer, the engines have
/// what is wanted, no log is poisoned), /metrics.
/// </summary>
internal static class HealthRoutes
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/healthz", static () => Results.Text("ok\n")).AllowAnonymous();
        app.MapGet("/readyz", ReadyAsync).AllowAnonymous();
        app.MapGet("/metrics", static (PrometheusText metrics) => Results.Text(metrics.Write(), "text/plain; version=0.0.4; charset=utf-8")).AllowAnonymous();
    }

    private static async Task<IResult> ReadyAsync(
        Stores stores, Reconciler reconciler, IEnumerable<IReadiness> parts, TimeProvider time, CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        if (!reconciler.FirstPass.IsCompleted)
        {
            reasons.Add("the engines have not been given what is wanted yet");
        }

        reasons.AddRange(parts.Select(static part => part.WhyNotReady).OfType<string>());
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT 1"), linked.Token);
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            reasons.Add("the database does not answer");
        }

        return reasons.Count == 0 ? Results.Text("ready\n") : Results.Text(string.Join('\n', reasons) + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
