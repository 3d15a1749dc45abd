using Tsunagi.Ui.Texts;

namespace Tsunagi.Mail.Pages;

/// <summary>Refusals of the mail gateway in Japanese.</summary>
internal static class MailRefusals
{
    public static RefusalWords Words { get; } = new(new Dictionary<string, string>
    {
        ["mail.gateway.domain"] = "ドメイン名の形式が正しくないか、管理権の確認が済んでいません。",
        ["mail.gateway.next-hop"] = "配送先の形式が正しくありません(ホスト名:ポート番号、例: mx.example.co.jp:25)。",
        ["mail.gateway.relay"] = "送信元サーバーのアドレスが正しくないか、お客様専用のアドレスではありません。",
        ["mail.credential.name"] = "ユーザー名の形式が正しくないか、契約のドメインではありません(名前@ドメイン)。",
        ["mail.credential.senders"] = "差出人の形式が正しくないか、契約のドメインではありません(アドレス、またはドメイン。1件以上50件以下)。",
        ["mail.credential.secret"] = "このシークレットは使用できません(推測されにくい12から128文字の英数字と記号)。空欄にすると自動的に作成します。",
        ["mail.credential.taken"] = "同じユーザー名の認証情報がすでにあります。",
        ["mail.credential.too-many"] = "認証情報の件数が上限に達しています。",
        ["mail.credential.revoked"] = "失効済みの認証情報です。新しく発行してください。",
        ["mail.credential.no-gateway"] = "稼働中のメールゲートウェイの契約ではありません。",
        ["mail.signing.next-waits"] = "次の鍵は作成済みで、公開を待っています。",
        ["mail.content.own"] = "お客様ご自身のメールです。理由の入力なしで開けます。",
        ["mail.content.closed"] = "本文はお客様のものです。先に理由を入力して開いてください。",
        ["mail.content.gone"] = "本文はこのノードにありません(配送済みで保管を終えたか、別のノードにあります)。",
        ["mail.quarantine.ended"] = "すでに終了しているため、保全できません。",
        ["mail.quarantine.legal-hold"] = "法的保全中のため、削除できません。",
        ["mail.quarantine.look-only"] = "隔離メールの操作は管理者が行います。",
        ["mail.quarantine.no-class"] = "この種別は選択できません。",
        ["mail.quarantine.no-request"] = "この種別のメールは、申請による解放の対象外です。",
        ["mail.quarantine.no-sender"] = "拒否できる送信者の記載がありません。",
        ["mail.quarantine.no-state"] = "この状態は選択できません。",
        ["mail.quarantine.not-yours"] = "この種別のメールは、管理者のみ解放できます。",
        ["mail.quarantine.state"] = "状態が変わったため、この操作はできません。",
        ["mail.classifier.gone"] = "内容がこのノードに残っていないため、学習できません。",
        ["mail.classifier.not-yours"] = "この種別のメールについては、管理者が申告します。",
        ["mail.sender.address"] = "送信者の形式が正しくありません(アドレス、またはドメイン)。",
        ["mail.sender.owner"] = "対象の形式が正しくありません(受信者ならアドレス、ドメインなら名前)。",
        ["mail.sender.too-many"] = "送信者ルールの件数が上限に達しています。",
        ["mail.message.not-here"] = "このノードでは待機していないか、配送先を定めた契約がありません。",
        ["mail.message.not-waiting"] = "待機中ではありません(完了、保留、または配送中)。",
        ["mail.message.state"] = "この状態は選択できません。",
        ["mail.next-hop.operators-only"] = "配送先の停止と再開は、事業者の運用者のみ可能です。",
        ["mail.recipients.address"] = "メールアドレスの形式が正しくない行があります(1行に1件)。",
        ["mail.recipients.many-removed"] = "宛先の多くが削除されるため、確認が必要です。",
        ["mail.recipients.too-many"] = "宛先一覧の件数が上限を超えています。",
        ["mail.recipients.alias"] = "別名の対象が一覧にないか、それ自体が別名です。",
        ["mail.recipients.groups"] = "グループ名の形式が正しくない行があります。",
        ["mail.policy.check"] = "この検査はありません。",
        ["mail.policy.code"] = "この検出事項にはポリシーを設定できません。",
        ["mail.policy.action"] = "この扱いは選択できません。",
        ["mail.policy.actions"] = "設定数が上限を超えています。",
        ["mail.policy.points"] = "点数は0から10000の範囲で指定してください。",
        ["mail.policy.scope"] = "この範囲は選択できません。",
        ["mail.policy.name"] = "名前の形式が正しくありません(ドメイン、グループ名またはアドレス)。",
        ["mail.policy.recipient"] = "メールアドレスの形式が正しくありません。",
        ["mail.policy.too-many"] = "ポリシーの件数が上限に達しています。",
    });
}
