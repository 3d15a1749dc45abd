using Tsunagi.Core.Events;

namespace Tsunagi.Connectivity.Probes;

/// <summary>The events of probes.</summary>
internal static class ProbeEvents
{
    public const string Added = "connectivity.probe.added";
    public const string Removed = "connectivity.probe.removed";
    public const string PathLost = "connectivity.path.lost@1";
    public const string PathBack = "connectivity.path.back@1";

    public static readonly IReadOnlyList<EventDeclaration> All =
    [
        new(Added + "@1", EventSeverity.Info, new("A probe was set on a line.", "回線にプローブを設定しました。")),
        new(Removed + "@1", EventSeverity.Notice, new("A probe of a line was removed: its path is not measured any more.", "回線のプローブを削除しました。以後は測定しません。")),
        new(PathLost, EventSeverity.Error, new("The path of a line was lost: its far end does not answer test packets.", "回線の経路が断になりました。対向が試験パケットに応答しません。"),
            new("Look at the line's page: its session, the access server, the probes of its neighbours. The outage counts until the path is back.", "回線の画面でセッション、アクセスサーバー、近隣の回線のプローブを確認してください。回復まで障害時間に算入されます。")),
        new(PathBack, EventSeverity.Notice, new("The path of a line is back; how long it was lost is told.", "回線の経路が回復しました(断時間を含みます)。")),
    ];
}
