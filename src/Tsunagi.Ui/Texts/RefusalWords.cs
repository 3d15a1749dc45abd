using Tsunagi.Core.Outcomes;

namespace Tsunagi.Ui.Texts;

/// <summary>
/// Refusals in Japanese by their code. The English sentence is the refusal's own and names the value; the Japanese one stands beside the field that holds
/// it. A module registers its words; a code without one is shown in English, and a test names it.
/// </summary>
public sealed record RefusalWords(IReadOnlyDictionary<string, string> Japanese)
{
    /// <summary>Core's refusals, as far as a form of the console can meet them.</summary>
    public static RefusalWords Core { get; } = new(new Dictionary<string, string>
    {
        ["not-found"] = "対象が見つからないか、閲覧権限がありません。",
        ["permission.missing"] = "この操作に必要な権限がありません。",
        ["version.stale"] = "他の利用者が先に変更しました。画面を再読み込みしてから、もう一度変更してください。",
        ["store.unavailable"] = "現在データベースに接続できません。しばらくしてからもう一度お試しください。",
        ["sign-in.throttled"] = "試行回数が多すぎます。しばらく待ってからもう一度お試しください。",
        ["sign-in.busy"] = "サインインが混み合っています。しばらくしてからもう一度お試しください。",
        ["contact.email"] = "メールアドレスの形式が正しくありません(name@domain、254文字以内)。",
        ["contact.phone"] = "電話番号は40文字以内で入力してください。",
        ["contact.role"] = "連絡先の担当区分が正しくありません。",
        ["domain.name"] = "ドメイン名の形式が正しくありません(例: example.co.jp)。",
        ["domain.taken"] = "このドメインは他のお客様が使用中か、返上から間もないため登録できません。",
        ["domain.released"] = "この申告は返上済みです。もう一度ドメインを追加してください。",
        ["domain.not-proved"] = "指定のTXTレコードが見つかりません。設定後、反映を待ってからもう一度確認してください。",
        ["domain.dns-silent"] = "DNSから応答がありませんでした。1分ほど待ってからもう一度お試しください。",
        ["domain.approve"] = "ドメインの承認は事業者の運用者のみ可能です。",
        ["prefix.cidr"] = "アドレスブロックの形式が正しくありません(例: 192.0.2.0/24、2001:db8::/48)。",
        ["prefix.released"] = "この申告は返上済みです。もう一度ブロックを追加してください。",
        ["prefix.taken"] = "このアドレスブロックは、他のブロックと重なるため登録できません。",
        ["prefix.approve"] = "アドレスブロックの承認は事業者の運用者のみ可能です。",
        ["proof.in-use"] = "稼働中の契約で使用しているため、返上できません。先に契約を終了または変更してください。",
        ["proof.reason"] = "承認の理由を入力してください。",
        ["site.name"] = "名称は1〜200文字で入力してください(制御文字は使えません)。",
        ["site.address"] = "住所は500文字以内で入力してください。",
        ["site.place"] = "緯度は-90〜90、経度は-180〜180の範囲で、両方を入力するか、どちらも空にしてください。",
        ["tenant.name"] = "名称は1〜200文字で入力してください(制御文字は使えません)。",
        ["tenant.locale"] = "この言語は選択できません。",
        ["tenant.time-zone"] = "タイムゾーンが正しくありません(例: Asia/Tokyo)。",
        ["tenant.currency"] = "この通貨は使用できないか、契約があるため変更できません。",
        ["tenant.kind"] = "この種別は、選択した上位の配下には登録できません。",
        ["tenant.depth"] = "階層が深すぎるため、ここには追加できません。",
        ["subscription.plan"] = "このプランは選択できません。",
        ["subscription.currency"] = "プランの通貨が、お客様の請求通貨と異なります。",
        ["subscription.ended"] = "この契約は終了しています。新しく契約してください。",
        ["subscription.name"] = "名称は1〜200文字で入力してください(制御文字は使えません)。",
        ["subscription.quantity"] = "数量は1〜1,000,000で入力してください。",
        ["subscription.settings"] = "この値は設定できません。入力できる範囲を確認してください。",
        ["hold.kind"] = "この種別の保留はかけられません。",
        ["hold.owner"] = "この保留は提供者がかけたものです。解除は提供者にご依頼ください。",
        ["hold.reason"] = "理由を入力してください(500文字以内)。",
        ["usage.batch"] = "一度に記録できる利用量は1件から1,000件です。",
        ["usage.meter"] = "この契約には該当する計量項目がありません。",
        ["usage.quantity"] = "数量が範囲を超えています。",
        ["usage.reason"] = "訂正の理由を入力してください(500文字以内)。",
        ["usage.key"] = "識別キーが正しくありません。",
        ["usage.key-reused"] = "同じ識別キーで、内容の異なる利用量がすでに記録されています。",
        ["usage.at"] = "この日時には記録できません。",
        ["external-refs"] = "外部番号の形式が正しくありません。",
        ["subscription.from"] = "適用開始日時が範囲外です。",
        ["role.unknown"] = "この役割はありません。",
        ["period"] = "対象月の形式が正しくありません(例: 2026-11)。",
        ["preview.too-large"] = "金額が大きすぎて合計できません。単価または利用量をご確認ください。",
        ["user.email"] = "メールアドレスの形式が正しくありません(name@domain、254文字以内)。",
        ["user.email-taken"] = "このアドレスの利用者はすでに登録されています。",
        ["user.disabled"] = "この利用者は停止中です。先に有効にしてください。",
        ["user.last-administrator"] = "最後の管理者は変更できません。先に別の管理者を登録してください。",
        ["user.beyond-yours"] = "ご自身にない権限を持つ利用者は変更できません。",
        ["role.beyond-yours"] = "ご自身にない権限を含む役割は付与できません。",
        ["role.built-in"] = "標準の役割は変更できません。新しい役割を作成してください。",
        ["role.in-use"] = "この役割を持つ利用者がいます。先に役割を外してください。",
        ["role.name-taken"] = "同じ名前の役割がすでにあります。",
        ["role.permission"] = "存在しない権限が含まれています。",
        ["role.tenant"] = "指定した顧客が見つからないか、閲覧権限がありません。",
        ["token.permission"] = "ご自身にない権限は付与できません。",
        ["token.too-many"] = "トークンの数が上限に達しています。不要なものを失効させてください。",
        ["token.by-token"] = "トークンではトークンを発行できません。サインインしてください。",
        ["token.no-person"] = "APIトークンには個人の設定がありません。サインインしてください。",
        ["token.no-session"] = "APIトークンにはサインインの記録がありません。",
        ["password.length"] = "パスワードの長さが範囲外です(12文字以上)。",
        ["password.well-known"] = "推測されやすいパスワードです。別のものを設定してください。",
        ["password.own-address"] = "ご自身のアドレスから作られたパスワードは使えません。",
        ["password.wrong"] = "現在のパスワードが違います。",
        ["totp.code"] = "コードが違います。認証アプリに今表示されている6桁を入力してください。",
        ["totp.not-begun"] = "確認する設定がありません。最初からやり直してください。",
    });

    /// <summary>The sentence for a person: Japanese where there are words for the code, else the refusal's own with what would be accepted.</summary>
    public static string Say(Refusal refusal, IEnumerable<RefusalWords> words, bool japanese)
    {
        if (japanese && words.Select(known => known.Japanese.GetValueOrDefault(refusal.Code)).FirstOrDefault(static text => text is not null) is { } text)
        {
            return text;
        }

        var sentence = refusal.Allowed is null ? refusal.Message : $"{refusal.Message} ({refusal.Allowed})";
        return char.ToUpperInvariant(sentence[0]) + sentence[1..];
    }
}
