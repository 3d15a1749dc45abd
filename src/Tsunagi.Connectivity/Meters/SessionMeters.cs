using Tsunagi.Core.Meters;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Meters;

/// <summary>What connectivity counts for bills.</summary>
internal static class ConnectivityMeters
{
    public const string OctetsIn = "connectivity.octets.in";
    public const string OctetsOut = "connectivity.octets.out";
    public const string Seconds = "connectivity.session.seconds";

    public static readonly IReadOnlyList<MeterDeclaration> All =
    [
        new(OctetsIn, MeterKind.Sum, "By", new(
            "Octets from the customer, by the access server's accounting: each session's counters once, however often they were reported.",
            "お客様からの送信オクテット数。アクセスサーバーの課金情報によります(重複報告は一度だけ計上)。")),
        new(OctetsOut, MeterKind.Sum, "By", new("Octets to the customer, counted alike.", "お客様への受信オクテット数。計上方法は同じです。")),
        new(Seconds, MeterKind.Sum, "s", new("Seconds of sessions, by the access server's accounting; sessions at the same time each count.", "セッションの接続秒数。同時セッションはそれぞれ計上します。")),
    ];
}

/// <summary>Counts the meters again from the usage of each session by minute.</summary>
internal sealed class SessionMeters(Stores stores) : IMeterSource
{
    public IReadOnlyList<string> Meters { get; } = [.. ConnectivityMeters.All.Select(static meter => meter.Name)];

    public async ValueTask<IReadOnlyList<MeterTotal>> DeriveAsync(long fromMicros, long toMicros, CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>(
                """
                SELECT subscription_id, CAST(sum(octets_in) AS BIGINT) AS octets_in, CAST(sum(octets_out) AS BIGINT) AS octets_out, CAST(sum(seconds) AS BIGINT) AS seconds FROM connectivity_usage
                WHERE minute >= @From AND minute < @To AND subscription_id <> '' GROUP BY subscription_id ORDER BY subscription_id
                """,
                new { From = fromMicros, To = toMicros }),
            cancellationToken);
        return
        [
            .. rows.SelectMany(static row => new MeterTotal[]
            {
                new(row.SubscriptionId, ConnectivityMeters.OctetsIn, row.OctetsIn), new(row.SubscriptionId, ConnectivityMeters.OctetsOut, row.OctetsOut), new(row.SubscriptionId, ConnectivityMeters.Seconds, row.Seconds),
            }).Where(static total => total.Quantity > 0),
        ];
    }

    private sealed record Row(string SubscriptionId, long OctetsIn, long OctetsOut, long Seconds);
}
