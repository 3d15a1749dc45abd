using Tsunagi.Core.Meters;
using Tsunagi.Core.Store;

namespace Tsunagi.Ddos.Meters;

/// <summary>What DDoS protection counts for bills.</summary>
internal static class DdosMeters
{
    public const string Incidents = "ddos.incidents";

    public static readonly IReadOnlyList<MeterDeclaration> All =
    [
        new(Incidents, MeterKind.Sum, "{incident}", new(
            "Incidents opened for the subscription's prefixes: one for each attack on an address or prefix, counted when it opens, however long it lasts.",
            "契約のプレフィックスで発生したインシデント数。攻撃一件につき一と数え、継続時間によらず発生時に計上します。")),
    ];
}

/// <summary>Counts the meters again from the incidents' rows.</summary>
internal sealed class IncidentMeters(Stores stores) : IMeterSource
{
    public IReadOnlyList<string> Meters { get; } = [DdosMeters.Incidents];

    public async ValueTask<IReadOnlyList<MeterTotal>> DeriveAsync(long fromMicros, long toMicros, CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>(
                "SELECT subscription_id, count(*) AS incidents FROM ddos_incident WHERE opened_at >= @From AND opened_at < @To GROUP BY subscription_id ORDER BY subscription_id",
                new { From = fromMicros, To = toMicros }),
            cancellationToken);
        return [.. rows.Select(static row => new MeterTotal(row.SubscriptionId, DdosMeters.Incidents, row.Incidents))];
    }

    private sealed record Row(string SubscriptionId, long Incidents);
}
