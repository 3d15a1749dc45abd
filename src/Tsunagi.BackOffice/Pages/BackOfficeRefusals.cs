using Tsunagi.Ui.Texts;

namespace Tsunagi.BackOffice.Pages;

/// <summary>Refusals of the back office in Japanese.</summary>
internal static class BackOfficeRefusals
{
    public static RefusalWords Words { get; } = new(new Dictionary<string, string>
    {
        ["backoffice.account.there"] = "このテナントの請求先はすでに登録されています。",
        ["backoffice.account.billed"] = "請求済みのため、締日と請求開始月は変更できません。",
        ["backoffice.account.name"] = "名称は1〜200文字で入力してください。",
        ["backoffice.account.text"] = "長すぎるか、使用できない文字が含まれています。",
        ["backoffice.account.country"] = "国は2文字のコード(例: JP)で入力してください。",
        ["backoffice.account.locale"] = "請求書の言語は en または ja です。",
        ["backoffice.account.tax"] = "この税区分はありません。",
        ["backoffice.account.terms"] = "支払条件は net:0〜net:365(日数)または eom:0〜eom:12(月末)で指定してください。",
        ["backoffice.account.closing"] = "締日は1〜31で指定してください(31は月末)。",
        ["backoffice.account.from"] = "月は YYYY-MM の形式で入力してください。",
        ["backoffice.account.refs"] = "外部参照が多すぎるか、長すぎます。",
        ["backoffice.run.operator"] = "請求処理は事業者のみが行えます。",
        ["backoffice.run.period"] = "対象月が正しくないか、まだ始まっていません(YYYY-MM)。",
        ["backoffice.run.date"] = "日付は YYYY-MM-DD の形式で入力してください。",
        ["backoffice.run.open"] = "この月の請求処理が進行中です。先に承認または破棄してください。",
        ["backoffice.run.person"] = "承認は、サインインした事業者の担当者のみが行えます。",
        ["backoffice.run.prices"] = "前回の承認以降に料金を変更したため承認できません。別の担当者が確認して承認してください。",
        ["backoffice.run.state"] = "請求処理の状態が変わったため、この操作はできません。",
        ["backoffice.preview.none"] = "この月の請求見込はありません(請求済み、または請求開始前です)。",
        ["backoffice.preview.too-large"] = "金額が大きすぎて計算できません。料金または利用記録を確認してください。",
        ["backoffice.shadow.size"] = "ファイルが大きすぎます。",
        ["backoffice.shadow.csv"] = "CSVを読み取れません。",
        ["backoffice.shadow.column"] = "ファイルに指定の列がありません。",
        ["backoffice.shadow.number"] = "数値として読み取れない項目があります。",
        ["backoffice.opening.items"] = "一度に取り込める件数は1〜500件です。",
        ["backoffice.opening.number"] = "同じ番号の別の書類がすでにあります。",
        ["backoffice.opening.date"] = "日付は YYYY-MM-DD の形式で入力してください。",
        ["backoffice.opening.text"] = "番号が空か、使用できない文字が含まれています。",
        ["backoffice.opening.amount"] = "未入金額は1以上で入力してください。",
        ["backoffice.credit.kind"] = "このシステムで発行した請求書のみ返還できます。",
        ["backoffice.credit.reason"] = "返還の理由を1〜500文字で入力してください。",
        ["backoffice.credit.line"] = "該当する明細がないか、重複しています。",
        ["backoffice.credit.amount"] = "返還できる残額を超えています。",
        ["backoffice.credit.nothing"] = "返還できる残額がありません。",
        ["backoffice.adjustment.label"] = "請求書に表示する品名を1〜200文字で入力してください。",
        ["backoffice.adjustment.reason"] = "調整の理由を1〜500文字で入力してください。",
        ["backoffice.adjustment.amount"] = "金額が0か、範囲外です。",
        ["backoffice.adjustment.tax"] = "この税区分はありません。",
        ["backoffice.payment.key-reused"] = "同じ番号の別の入金がすでに記録されています。",
        ["backoffice.bank.base64"] = "ファイルの内容を base64 で指定してください。",
        ["backoffice.bank.file"] = "銀行のファイルを読み取れないため、取り込みませんでした。行と桁を確認してください。",
        ["backoffice.payment.bill"] = "この請求先の該当する請求書がありません。",
        ["backoffice.payment.date"] = "日付は YYYY-MM-DD の形式で入力してください。",
        ["backoffice.payment.amount"] = "金額は1以上で入力してください。",
        ["backoffice.payment.text"] = "番号が空か、文字数が多すぎます。",
    });
}
