using Tsunagi.Ui.Texts;

namespace Tsunagi.Ddos.Pages;

/// <summary>Refusals of DDoS protection in Japanese.</summary>
internal static class DdosRefusals
{
    public static RefusalWords Words { get; } = new(new Dictionary<string, string>
    {
        ["ddos.sharing.organisation"] = "共有グループ、相手先、ルールには組織名の設定が必要です。",
        ["ddos.sharing.group"] = "共有グループの名前が空か、重複しています。",
        ["ddos.sharing.peer"] = "共有の相手先の設定が正しくありません(名前、グループ、URL)。",
        ["ddos.sharing.rule"] = "共有ルールのグループまたはTLPが正しくありません。",
        ["ddos.protection.prefix"] = "アドレスブロックの形式が正しくないか、お客様の承認済みブロックの範囲外です。",
        ["ddos.protection.no-limit"] = "上限が一つも設定されていません。",
        ["ddos.mitigation.what"] = "ブラックホールかルールのどちらか一方を指定してください。",
        ["ddos.mitigation.life"] = "この期間は指定できません。",
        ["ddos.mitigation.prefix"] = "プレフィックスの形式が正しくありません(例: 192.0.2.1/32)。",
        ["ddos.mitigation.rule"] = "ルールの形式が正しくありません(例: dst 192.0.2.1/32 proto udp sport 53 then discard)。",
        ["ddos.mitigation.destination"] = "宛先(dst)の指定が必要です。",
        ["ddos.mitigation.impossible"] = "どのパケットにも一致しない条件です。ルーターの障害につながるため受け付けません。",
        ["ddos.mitigation.action"] = "手動ルールで指定できるのは破棄(discard)と帯域制限(rate、rate-packets)のみです。",
        ["ddos.mitigation.too-broad"] = "宛先が広すぎます。",
        ["ddos.mitigation.not-yours"] = "契約の保護対象プレフィックスに含まれない宛先です。",
        ["ddos.mitigation.protected"] = "事業者設備のアドレスを含むため、ルールを作成できません。",
        ["ddos.mitigation.there"] = "同じ条件の有効なルールがあります。先に解除してください。",
        ["ddos.mitigation.budget"] = "有効なルール数が上限に達しています。不要なルールを解除してください。",
        ["ddos.incident.over"] = "攻撃は終息しています。",
        ["ddos.incident.no-rule"] = "このインシデントにはルール案がありません。",
        ["ddos.mode.operator"] = "「確認」と「自動」への変更は運用者のみ可能です。",
        ["ddos.mode.no-report"] = "有効なドライランのレポートがありません。ドライランを実行するか、権限のある担当者が「レポートなし」を指定してください。",
        ["ddos.dry-run.not-kept"] = "このノードではフロー記録を保存していないため、ドライランを実行できません。",
        ["ddos.dry-run.busy"] = "同じ契約のドライランを実行中です。",
        ["ddos.dry-run.pace"] = "この契約のドライランは直前に実行されています。しばらくしてから実行してください。",
        ["ddos.dry-run.full"] = "待機中のドライランが上限に達しています。後でもう一度実行してください。",
        ["ddos.dry-run.many"] = "保護契約が複数あります。契約を指定してください。",
        ["ddos.mode.observe"] = "この保護は監視のみの設定です。運用者が「確認」または「自動」に変更する必要があります。",
        ["ddos.flows.where"] = "絞り込み条件の形式が正しくありません(例: dst=192.0.2.0/24 proto=udp port=53)。",
        ["ddos.flows.last"] = "指定できる期間は366日までです。",
        ["ddos.flows.level"] = "この粒度の合計では、指定された条件を集計できません。",
        ["ddos.flows.routers"] = "フロー送信元とインターフェースは事業者の担当者のみ指定できます。",
        ["ddos.flows.step"] = "間隔と期間の組み合わせが正しくありません(期間より短く、2,000区間以内にしてください)。",
        ["ddos.share.group"] = "該当する共有グループが設定にありません。",
        ["ddos.share.tlp"] = "このグループへはこのTLP区分で共有できません。",
        ["ddos.share.red"] = "TLP:RED は外部へ送信できません。",
        ["ddos.frozen"] = "ノードで凍結中のため、新しいルールは広告できません。",
    });
}
