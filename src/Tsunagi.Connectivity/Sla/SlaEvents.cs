using Tsunagi.Core.Events;

namespace Tsunagi.Connectivity.Sla;

/// <summary>The events of outages and maintenance as people enter them.</summary>
internal static class SlaEvents
{
    public const string Announced = "connectivity.maintenance.announced";
    public const string Cancelled = "connectivity.maintenance.cancelled";
    public const string Reported = "connectivity.outage.reported";
    public const string Judged = "connectivity.outage.judged";

    public static readonly IReadOnlyList<EventDeclaration> All =
    [
        new(Announced + "@1", EventSeverity.Notice, new("Maintenance was announced.", "メンテナンスを告知しました。")),
        new(Cancelled + "@1", EventSeverity.Notice, new("Announced maintenance was called off.", "告知済みのメンテナンスを取り消しました。")),
        new(Reported + "@1", EventSeverity.Notice, new("An outage that no probe saw was entered.", "プローブで検知していない障害を登録しました。")),
        new(Judged + "@1", EventSeverity.Notice, new("It was said whose doing an outage was.", "障害の原因区分を判定しました。")),
    ];
}
