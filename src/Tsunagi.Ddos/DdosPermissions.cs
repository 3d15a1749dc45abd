using Tsunagi.Core.Modules;

namespace Tsunagi.Ddos;

/// <summary>What the routes and pages of DDoS protection ask for.</summary>
internal static class DdosPermissions
{
    public const string TrafficRead = "ddos.traffic.read";
    public const string IncidentRead = "ddos.incident.read";
    public const string MitigationRead = "ddos.mitigation.read";
    public const string MitigationWrite = "ddos.mitigation.write";
    public const string ModeWrite = "ddos.mode.write";
    public const string ExporterRead = "ddos.exporter.read";

    public static readonly IReadOnlyList<PermissionDeclaration> All =
    [
        new(TrafficRead, new("See the live traffic of protected prefixes", "保護対象プレフィックスの通信量の閲覧")),
        new(IncidentRead, new("See incidents", "攻撃インシデントの閲覧")),
        new(MitigationRead, new("See the rules that are announced", "広告中のルールの閲覧")),
        new(MitigationWrite, new("Announce and lift rules for one's own prefixes", "自己のプレフィックスに対するルールの広告と解除")),
        new(ModeWrite, new("Decide what is done about attacks: operators as they like, others may only go back to observing", "攻撃への対応モードの変更(運用者以外は「監視のみ」への変更に限ります)")),
        new(ExporterRead, new("See flow exporters and BGP sessions", "フロー送信元とBGPセッションの閲覧"), OperatorOnly: true),
    ];
}
