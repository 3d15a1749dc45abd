using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Ui.Live;

namespace Tsunagi.Host.Console.Dashboard;

/// <summary>The nouns' own figures: contracts and what does not run, events of the day, tenants.</summary>
internal sealed class CoreFigures(Stores stores, TimeProvider time) : ILiveFigures
{
    private const long Day = 86_400 * UnixMicros.PerSecond;

    public static readonly TenantQuery Contracts = new("console.figures-contracts", """
        SELECT (SELECT count(*) FROM tenant WHERE {tenant}) AS tenants,
          (SELECT count(DISTINCT v.subscription_id) FROM subscription_version v WHERE {tenant:v} AND v.known_to IS NULL AND v.valid_to IS NULL) AS subscriptions,
          (SELECT count(DISTINCT h.subscription_id) FROM hold h WHERE {tenant:h} AND h.lifted_at IS NULL) AS held,
          (SELECT count(DISTINCT d.key) FROM desired_status d WHERE {tenant:d} AND d.why_not_yet IS NOT NULL) AS not_yet
        """);

    public static readonly TenantQuery EventsOfDay = new("console.figures-events", """
        SELECT count(*) AS total, coalesce(sum(CASE WHEN severity >= 2 THEN 1 ELSE 0 END), 0) AS serious
        FROM event WHERE {tenant} AND time_us >= @From AND position > (SELECT coalesce(max(position), 0) - 200000 FROM event)
        """);

    public async ValueTask<CoreFigureSet> ReadAsync(TenantScope scope, CancellationToken cancellationToken)
    {
        var contracts = await new TenantStore(stores.Control, scope).FirstOrDefaultAsync<ContractRow>(Contracts, null, cancellationToken);
        var events = await new TenantStore(stores.Projections, scope).FirstOrDefaultAsync<EventRow>(EventsOfDay, new { From = time.NowMicros() - Day }, cancellationToken);
        return new(contracts!.Tenants, contracts.Subscriptions, contracts.Held, contracts.NotYet, events!.Total, events.Serious);
    }

    public async ValueTask ReadAsync(TenantScope scope, IDictionary<string, double> figures, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(scope, cancellationToken);
        figures["core.subscriptions"] = read.Subscriptions;
        figures["core.held"] = read.Held;
        figures["core.not-yet"] = read.NotYet;
        figures["core.events"] = read.Events;
        figures["core.serious"] = read.Serious;
        figures["core.tenants"] = read.Tenants;
    }

    private sealed record ContractRow(long Tenants, long Subscriptions, long Held, long NotYet);

    private sealed record EventRow(long Total, long Serious);
}

/// <summary>The figures of one scope.</summary>
internal sealed record CoreFigureSet(long Tenants, long Subscriptions, long Held, long NotYet, long Events, long Serious);
