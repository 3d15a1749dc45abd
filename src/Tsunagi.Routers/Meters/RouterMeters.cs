using Tsunagi.Core.Meters;
using Tsunagi.Core.Store;

namespace Tsunagi.Routers.Meters;

/// <summary>What managed routers count for bills, and the indicator of their service level.</summary>
internal static class RouterMeters
{
    public const string Devices = "routers.devices";
    public const string SilentMinutes = "routers.silent-minutes";

    public static readonly IReadOnlyList<MeterDeclaration> All =
    [
        new(Devices, MeterKind.Sum, "{device}.d", new(
            "Days on which the site's router called at least once (UTC), counted at its first session of the day.", "拠点のルーターが一度以上接続した日数(UTC)。その日の最初の接続で計上します。")),
        new(SilentMinutes, MeterKind.Sum, "min", new(
            "Service level: minutes for which the site's router was silent beyond three times the interval at which it calls, counted when it is back.",
            "SLA指標: ルーターの定期接続が間隔の3倍を超えて途絶えた分数。接続再開時に計上します。")),
    ];
}

/// <summary>Counts the meters again from the rows of days and silences.</summary>
internal sealed class RouterMeterSource(Stores stores) : IMeterSource
{
    public IReadOnlyList<string> Meters { get; } = [RouterMeters.Devices, RouterMeters.SilentMinutes];

    public async ValueTask<IReadOnlyList<MeterTotal>> DeriveAsync(long fromMicros, long toMicros, CancellationToken cancellationToken)
    {
        var period = new { From = fromMicros, To = toMicros };
        var days = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>("SELECT subscription_id, count(*) AS quantity FROM router_day WHERE first_at >= @From AND first_at < @To GROUP BY subscription_id ORDER BY subscription_id", period),
            cancellationToken);
        var silences = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>(
                "SELECT subscription_id, CAST(sum(minutes) AS bigint) AS quantity FROM router_silence WHERE ended_at >= @From AND ended_at < @To GROUP BY subscription_id ORDER BY subscription_id", period),
            cancellationToken);
        return
        [
            .. days.Select(static row => new MeterTotal(row.SubscriptionId, RouterMeters.Devices, row.Quantity)),
            .. silences.Select(static row => new MeterTotal(row.SubscriptionId, RouterMeters.SilentMinutes, row.Quantity)),
        ];
    }

    private sealed record Row(string SubscriptionId, long Quantity);
}
