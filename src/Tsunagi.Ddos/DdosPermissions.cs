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
    public const string ModeOverride = "ddos.mode.override";
    public const string DryRunRead = "ddos.dry-run.read";
    public const string DryRunWrite = "ddos.dry-run.write";
    public const string ExporterRead = "ddos.exporter.read";

    public const string SharingRead = "ddos.sharing.read";
    public const string ShareWrite = "ddos.share.write";
    public const string TaxiiUse = "ddos.taxii.use";

    public static readonly IReadOnlyList<PermissionDeclaration> All =
    [
        new(TrafficRead, new("See the live traffic of protected prefixes", "保護対象プレフィックスの通信量の閲覧")),
        new(IncidentRead, new("See incidents", "攻撃インシデントの閲覧")),
        new(MitigationRead, new("See the rules that are announced", "広告中のルールの閲覧")),
        new(MitigationWrite, new("Announce and lift rules for one's own prefixes", "自己のプレフィックスに対するルールの広告と解除")),
        new(ModeWrite, new("Decide what is done about attacks: operators as they like, others may only go back to observing", "攻撃への対応モードの変更(運用者以外は「監視のみ」への変更に限ります)")),
        new(ModeOverride, new("Let rules wait or go out by themselves without the report of a dry run", "ドライランのレポートなしでの対応モードの引き上げ"), OperatorOnly: true),
        new(DryRunRead, new("See reports of dry runs", "ドライランのレポートの閲覧")),
        new(DryRunWrite, new("Make dry runs over kept traffic", "保存された通信に対するドライランの実行")),
        new(ExporterRead, new("See flow exporters and BGP sessions", "フロー送信元とBGPセッションの閲覧"), OperatorOnly: true),
        new(SharingRead, new("See sharing groups, peers, and what they shared with us", "共有グループ、共有先、受信した脅威情報の閲覧"), OperatorOnly: true),
        new(ShareWrite, new("Share incidents with groups, and withdraw them", "インシデントの共有と撤回"), OperatorOnly: true),
        new(TaxiiUse, new("For tokens of sharing peers: use our TAXII server, as far as the groups name the token", "共有先のトークン用: TAXIIサーバーの利用(グループで指定された範囲)"), OperatorOnly: true),
    ];
}
