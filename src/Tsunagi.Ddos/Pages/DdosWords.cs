using System.Globalization;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Modules;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Ui.Format;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Ddos.Pages;

/// <summary>How the pages say what incidents and rules hold.</summary>
internal static class DdosWords
{
    private static readonly Dictionary<string, LocalizedText> Named = new(StringComparer.Ordinal)
    {
        ["fragment-flood"] = new("Fragment flood", "フラグメントフラッド"),
        ["tcp-syn-flood"] = new("TCP SYN flood", "TCP SYNフラッド"),
        ["tcp-syn-ack-reflection"] = new("TCP SYN-ACK reflection", "TCP SYN-ACKリフレクション"),
        ["tcp-rst-flood"] = new("TCP RST flood", "TCP RSTフラッド"),
        ["tcp-ack-flood"] = new("TCP ACK flood", "TCP ACKフラッド"),
        ["tcp-null-flood"] = new("TCP flood without flags", "TCPフラグなしフラッド"),
        ["tcp-flood"] = new("TCP flood", "TCPフラッド"),
        ["icmp-flood"] = new("ICMP flood", "ICMPフラッド"),
        ["udp-flood"] = new("UDP flood", "UDPフラッド"),
        ["protocol-flood"] = new("Flood of another IP protocol", "その他IPプロトコルのフラッド"),
        ["tcp-flags-flood"] = new("TCP flood of flags that no connection has", "不正なTCPフラグのフラッド"),
        ["http-flood"] = new("HTTP flood", "HTTPフラッド"),
        ["gre-flood"] = new("GRE flood", "GREフラッド"),
        ["esp-flood"] = new("ESP flood", "ESPフラッド"),
        ["mixed"] = new("Mixed traffic", "複合"),
    };

    public static LocalizedText Vector(string vector)
    {
        if (Named.TryGetValue(vector, out var named))
        {
            return named;
        }

        var protocol = vector.Replace("-reflection", "", StringComparison.Ordinal).ToUpperInvariant();
        return new LocalizedText(protocol + " reflection", protocol + "リフレクション");
    }

    public static Status StatusOf(IncidentRow row, ConsoleView view) =>
        row.ClosedAt is null ? new(Tone.Bad, view[new("Under attack", "攻撃中")]) : new(Tone.Good, view[new("Over", "終息")]);

    public static Status StatusOf(MitigationRow row, ConsoleView view) => row.EndedHow switch
    {
        "" when row.EndedAt is null => new(Tone.Warning, view[new("Announced", "広告中")]),
        "lifted" => new(Tone.Neutral, view[new("Lifted", "解除済み")]),
        "expired" => new(Tone.Neutral, view[new("Expired", "期限切れ")]),
        "switch" => new(Tone.Neutral, view[new("Withdrawn by the switch", "一括取消")]),
        _ => new(Tone.Neutral, view[new("Contract ended", "契約対象外")]),
    };

    public static LocalizedText Kind(string kind) => kind == MitigationRow.Blackhole ? new("Blackhole", "ブラックホール") : new("FlowSpec", "FlowSpec");

    public static LocalizedText Mode(string mode) => mode switch
    {
        ResponseMode.Automatic => new("Automatic", "自動"),
        ResponseMode.Ask => new("Ask", "確認"),
        _ => new("Observe", "監視のみ"),
    };

    public static LocalizedText ModeMeans(string mode) => mode switch
    {
        ResponseMode.Automatic => new("Rules that stop an attack and spare the customer go out by themselves, and are lifted when it is over.", "遮断率と巻き添えの基準を満たすルールを自動で広告し、終息後に解除します。"),
        ResponseMode.Ask => new("Rules wait on the incident's page for somebody to release them.", "ルール案はインシデント画面で解放を待ちます。"),
        _ => new("Attacks are told with the rules that would stop them; nothing is announced.", "攻撃とルール案を通知するのみで、広告は行いません。"),
    };

    public static LocalizedText WhyNot(string why) => why.Length == 0 ? new("", "") : new(why[..1].ToUpperInvariant() + why[1..] + ".", why.StartsWith("no rule", StringComparison.Ordinal) ? "お客様自身の通信を止めずに攻撃だけを遮断できるルールがありません。"
        : why.StartsWith("the attack goes", StringComparison.Ordinal) ? "攻撃先が広く、一つのルールの宛先に収まりません。" : why.StartsWith("there is no", StringComparison.Ordinal) ? "攻撃のサンプルがまだありません。" : "ルール案は攻撃の一部にのみ一致します。");

    /// <summary>How a rule stands on a scrubber.</summary>
    public static LocalizedText StateOf(RuleDrop drop) => drop.State switch
    {
        ScrubbedRule.InPlace => new("In place", "設定済み"),
        ScrubbedRule.Refused => new("Refused", "設定不可"),
        ScrubbedRule.Gone => new("Gone", "解除済み"),
        _ => new("Waiting", "設定待ち"),
    };

    public static Tone ToneOf(RuleDrop drop) => drop.State switch { ScrubbedRule.InPlace => Tone.Good, ScrubbedRule.Refused => Tone.Bad, ScrubbedRule.Gone => Tone.Neutral, _ => Tone.Warning };

    public static LocalizedText StateOf(ScrubberView scrubber) => scrubber.State switch
    {
        ScrubberView.Up => new("Up", "正常"),
        ScrubberView.Failing => new("Failing", "失敗中"),
        _ => new("Starting", "起動中"),
    };

    /// <summary>What kept traffic can be put together by.</summary>
    public static IReadOnlyDictionary<string, LocalizedText> Dimensions { get; } = new Dictionary<string, LocalizedText>(StringComparer.Ordinal)
    {
        ["dst"] = new("Destination", "宛先"), ["src"] = new("Source", "送信元"), ["sport"] = new("Source port", "送信元ポート"), ["dport"] = new("Destination port", "宛先ポート"), ["proto"] = new("Protocol", "プロトコル"),
        ["exporter"] = new("Exporter", "フロー送信元"), ["input"] = new("Input interface", "入力インタフェース"), ["output"] = new("Output interface", "出力インタフェース"), ["src-as"] = new("Source AS", "送信元AS"),
        ["dst-as"] = new("Destination AS", "宛先AS"), ["flow"] = new("Flow", "フロー"), ["service"] = new("Service port", "サービスポート"), ["vector"] = new("Kind of traffic", "通信種別"), ["contract"] = new("Contract", "契約"),
        ["net"] = new("Protected network", "保護対象ネットワーク"), ["interface"] = new("Exporter and interface", "フロー送信元とインタフェース"),
    };

    public static IReadOnlyDictionary<string, LocalizedText> Lasts { get; } = new Dictionary<string, LocalizedText>(StringComparer.Ordinal)
    {
        ["10m"] = new("Ten minutes", "10分"), ["1h"] = new("An hour", "1時間"), ["6h"] = new("Six hours", "6時間"), ["1d"] = new("A day", "1日"),
    };

    public static IReadOnlyDictionary<string, LocalizedText> LongLasts { get; } = new Dictionary<string, LocalizedText>(StringComparer.Ordinal)
    {
        ["1h"] = new("An hour", "1時間"), ["6h"] = new("Six hours", "6時間"), ["1d"] = new("A day", "1日"), ["7d"] = new("A week", "1週間"), ["30d"] = new("30 days", "30日"), ["90d"] = new("90 days", "90日"), ["365d"] = new("A year", "1年"),
    };

    public static IReadOnlyDictionary<string, LocalizedText> Units { get; } = new Dictionary<string, LocalizedText>(StringComparer.Ordinal)
    {
        ["bits"] = new("Bits/s", "ビット/秒"), ["packets"] = new("Packets/s", "パケット/秒"), ["flows"] = new("Flows/s", "フロー/秒"),
    };

    public static LocalizedText StackedBy(string by) => Dimensions.TryGetValue(by, out var text) ? text : new("All together", "合計");

    public static LocalizedText Level(string level) => level switch
    {
        "1m" => new("sums by the minute", "1分ごとの合計"),
        "5m" => new("sums by five minutes", "5分ごとの合計"),
        "1h" => new("sums by the hour", "1時間ごとの合計"),
        _ => new("records", "フロー記録"),
    };

    /// <summary>The name of one of those that traffic is stacked by.</summary>
    public static LocalizedText LineOf(string by, string key) => (by, key) switch
    {
        (_, Api.FlowTimeline.All) => new("All together", "合計"),
        (_, Api.FlowTimeline.Rest) => new("The rest", "その他"),
        ("contract", "") => new("Nobody's", "保護対象外"),
        ("vector", "tcp") => new("TCP connections", "TCPコネクション"),
        ("vector", _) => Vector(key),
        ("service", "high") => new("Ports from 32,768 on", "32,768番以上のポート"),
        ("src-as" or "dst-as", "0") => new("Not told", "通知なし"),
        ("src-as" or "dst-as", _) => new("AS" + key, "AS" + key),
        _ => new(KeyOf(by, key), KeyOf(by, key)),
    };

    /// <summary>A protocol by its name; anything else as it is.</summary>
    public static string KeyOf(string by, string key) => by != "proto" ? key : key switch
    {
        "1" => "ICMP",
        "6" => "TCP",
        "17" => "UDP",
        "47" => "GRE",
        "50" => "ESP",
        "58" => "ICMPv6",
        _ => key,
    };

    /// <summary>"12,300 packets/s ± 8 %", in the metric of the rule that fired.</summary>
    public static string Estimate(IncidentRow row, ConsoleView view) =>
        (row.Metric == "bits" ? Formats.BitsPerSecond(row.Estimate) : $"{Formats.Number(row.Estimate)} {Unit(row.Metric, view)}")
        + (row.ErrorPercent > 0 ? $" ± {row.ErrorPercent.ToString("0.#", CultureInfo.InvariantCulture)} %" : "");

    public static string Limit(IncidentRow row, ConsoleView view) => row.Metric == "bits" ? Formats.BitsPerSecond(row.LimitValue) : $"{Formats.Number(row.LimitValue)} {Unit(row.Metric, view)}";

    public static string Rule(IncidentRow row, ConsoleView view) => row.Metric == Incident.AttackMetric ? AttackRule(row, view) : view.Say(
        row.Scope == "host" ? new("More than {0} to one address, in most of the last looks at the last second", "1アドレス宛が {0} を超過(直近1秒の判定の過半)")
            : new("More than {0} to one prefix as a whole, in most of the last looks at the last second", "プレフィックス全体が {0} を超過(直近1秒の判定の過半)"),
        Limit(row, view));

    private static string AttackRule(IncidentRow row, ConsoleView view) => view.Say(
        row.Scope == "host" ? new("{0} to one address: more than {1} of its kind, in most of the last looks", "1アドレス宛の{0}: 該当する通信が {1} を超過(直近の判定の過半)")
            : new("{0} to many addresses of one prefix: more than {1} of its kind, in most of the last looks", "プレフィックス内の多数のアドレス宛の{0}: 該当する通信が {1} を超過(直近の判定の過半)"),
        view[Vector(row.Vector)], Limit(row, view));

    public static string Source(string source, ConsoleView view) => view[source switch
    {
        "Unknown" => new("nobody told", "不明"),
        "Override" => new("the operator", "運用者の指定"),
        "Sample" => new("the sample", "サンプル"),
        "Header" => new("the header", "ヘッダー"),
        "Record" => new("the record", "レコード"),
        "Selector" or "Interface" or "Domain" or "OtherDomain" => new("options records", "オプションレコード"),
        _ => new(source, source),
    }];

    private static string Unit(string metric, ConsoleView view) => view[metric == "flows" ? new("flows/s", "フロー/秒") : new("packets/s", "パケット/秒")];
}
