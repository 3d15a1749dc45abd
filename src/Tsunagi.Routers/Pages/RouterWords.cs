using System.Globalization;
using Tsunagi.Core.Modules;
using Tsunagi.Protocols.Cpe.DataModel;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Tasks;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Routers.Pages;

/// <summary>How the pages say what routers are and told.</summary>
internal static class RouterWords
{
    public static Status StatusOf(RouterDevice row, ConsoleView view) => row.State switch
    {
        DeviceStates.Unclaimed when row.InformedAt == 0 => new(Tone.Neutral, view[new("Expected", "接続待ち")]),
        DeviceStates.Unclaimed => new(Tone.Warning, view[new("Unclaimed", "未登録")]),
        _ when row.IsSilent(view.NowMicros) => new(Tone.Bad, view[new("Silent", "接続途絶")]),
        DeviceStates.Adopting => new(Tone.Info, view[new("To be read", "読み取り待ち")]),
        DeviceStates.Waiting => new(Tone.Info, view[new("Waits for its pull", "設定取得待ち")]),
        DeviceStates.Given => new(Tone.Info, view[new("Given, not confirmed", "配布済み・未確認")]),
        DeviceStates.Configured => new(Tone.Good, view[new("Configured", "設定適用済み")]),
        _ => new(Tone.Good, view[new("Observed", "監視中")]),
    };

    public static LocalizedText Asked(string kind) => kind switch
    {
        ArmsPull.Location => new("Where is my resource server?", "リソースサーバーの問い合わせ"),
        ArmsPull.Configuration => new("My configuration, please", "設定の取得"),
        _ => new("It runs what it was given", "設定適用の報告"),
    };

    public static Status StatusOf(ArmsPullRow pull, ConsoleView view) => pull.Code switch
    {
        100 => new(Tone.Good, view[new("answered", "応答済み")]),
        ArmsPull.WrongKey => new(Tone.Bad, view[new("401 wrong key", "401 認証キー不一致")]),
        404 => new(Tone.Warning, view[new("404 contract has a hold", "404 契約停止中")]),
        421 => new(Tone.Warning, view[new("421 no configuration", "421 設定なし")]),
        _ => new(Tone.Warning, string.Create(CultureInfo.InvariantCulture, $"{pull.Code} {ArmsPull.WhyOf((int)pull.Code)}")),
    };

    public static LocalizedText Kind(string kind) => kind switch
    {
        TaskKinds.Adopt => new("Read everything", "全設定の読み取り"),
        TaskKinds.Refresh => new("Fresh values", "最新値の取得"),
        TaskKinds.Reboot => new("Restart", "再起動"),
        TaskKinds.Ping => new("Ping", "ping"),
        _ => new("Traceroute", "traceroute"),
    };

    public static Status StatusOf(RouterTask task, ConsoleView view) => task.State switch
    {
        TaskStates.Queued => new(Tone.Info, view[new("Waits for the router", "ルーター待ち")]),
        TaskStates.Sent => new(Tone.Info, view[new("Asked for", "実行指示済み")]),
        TaskStates.Ready => new(Tone.Info, view[new("Figures to be read", "結果の読み取り待ち")]),
        TaskStates.Done => new(Tone.Good, view[new("Done", "完了")]),
        TaskStates.Fault => new(Tone.Bad, view.Say(new("Fault {0}", "エラー {0}"), task.FaultCode)),
        _ => new(Tone.Warning, view[new("Expired", "期限切れ")]),
    };

    /// <summary>A value of the one set of names, scaled, with its unit.</summary>
    public static string Value(string name, string value, ConsoleView view)
    {
        var entry = ParameterNames.Find(name);
        if (entry is null || entry.Unit.Length == 0 || !double.TryParse(value, CultureInfo.InvariantCulture, out var number))
        {
            return value switch { "1" or "true" when IsTruth(name) => view[new("yes", "はい")], "0" or "false" when IsTruth(name) => view[new("no", "いいえ")], _ => value };
        }

        return entry.Unit switch
        {
            "s" => Ui.Format.Formats.Span(TimeSpan.FromSeconds(Math.Clamp(number, 0, 3e9)), view.Locale),
            "KiB" => Ui.Format.Formats.Bytes((long)(number * 1024)),
            "kbit/s" => Ui.Format.Formats.BitsPerSecond((long)(number * 1000)),
            _ => (number * entry.Scale).ToString("0.##", CultureInfo.InvariantCulture) + " " + entry.Unit,
        };
    }

    private static bool IsTruth(string name) => name is "wifi.enabled" or "wifi.channel-auto" or "host.active" or "acs.inform";
}
