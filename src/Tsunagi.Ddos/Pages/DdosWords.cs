using System.Globalization;
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

    /// <summary>"12,300 packets/s ± 8 %", in the metric of the rule that fired.</summary>
    public static string Estimate(IncidentRow row, ConsoleView view) =>
        (row.Metric == "bits" ? Formats.BitsPerSecond(row.Estimate) : $"{Formats.Number(row.Estimate)} {Unit(row.Metric, view)}")
        + (row.ErrorPercent > 0 ? $" ± {row.ErrorPercent.ToString("0.#", CultureInfo.InvariantCulture)} %" : "");

    public static string Limit(IncidentRow row, ConsoleView view) => row.Metric == "bits" ? Formats.BitsPerSecond(row.LimitValue) : $"{Formats.Number(row.LimitValue)} {Unit(row.Metric, view)}";

    public static string Rule(IncidentRow row, ConsoleView view) => view.Say(
        row.Scope == "host" ? new("More than {0} to one address, in most of the last looks at the last second", "1アドレス宛が {0} を超過(直近1秒の判定の過半)")
            : new("More than {0} to one prefix as a whole, in most of the last looks at the last second", "プレフィックス全体が {0} を超過(直近1秒の判定の過半)"),
        Limit(row, view));

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
