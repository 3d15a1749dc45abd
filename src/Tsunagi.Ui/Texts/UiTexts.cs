using Tsunagi.Core.Modules;

namespace Tsunagi.Ui.Texts;

/// <summary>The words of the shell and the shared parts.</summary>
public static class UiTexts
{
    public static readonly LocalizedText SkipToContent = new("Skip to content", "本文へ移動");
    public static readonly LocalizedText Menu = new("Menu", "メニュー");
    public static readonly LocalizedText Close = new("Close", "閉じる");
    public static readonly LocalizedText MainNavigation = new("Main navigation", "メインナビゲーション");
    public static readonly LocalizedText Search = new("Search", "検索");
    public static readonly LocalizedText SearchHint = new("Address, Message-ID, IP, prefix, customer or invoice number", "アドレス、Message-ID、IP、プレフィックス、顧客・請求番号");
    public static readonly LocalizedText Language = new("Language", "言語");
    public static readonly LocalizedText Theme = new("Theme", "表示テーマ");
    public static readonly LocalizedText ThemeLight = new("Light", "ライト");
    public static readonly LocalizedText ThemeDark = new("Dark", "ダーク");
    public static readonly LocalizedText ThemeAuto = new("As the device", "端末に合わせる");
    public static readonly LocalizedText Account = new("Account", "アカウント");
    public static readonly LocalizedText SignOut = new("Sign out", "サインアウト");
    public static readonly LocalizedText Profile = new("Your settings", "個人設定");
    public static readonly LocalizedText GroupServices = new("Services", "サービス");
    public static readonly LocalizedText GroupCustomers = new("Customers", "顧客");
    public static readonly LocalizedText GroupAdministration = new("Administration", "管理");

    public static readonly LocalizedText Filter = new("Filter", "絞り込み");
    public static readonly LocalizedText FilterThis = new("Filter {0}", "{0}を絞り込む");
    public static readonly LocalizedText All = new("All", "すべて");
    public static readonly LocalizedText ExportCsv = new("Export CSV", "CSV出力");
    public static readonly LocalizedText SortBy = new("Sort by {0}", "{0}で並べ替え");
    public static readonly LocalizedText First = new("First page", "先頭へ");
    public static readonly LocalizedText Previous = new("Previous", "前へ");
    public static readonly LocalizedText Next = new("Next", "次へ");
    public static readonly LocalizedText RowsTotal = new("{0} in all", "全{0}件");
    public static readonly LocalizedText RowsShown = new("{0} shown", "{0}件を表示");
    public static readonly LocalizedText PageNumber = new("Page {0}", "{0}ページ目");
    public static readonly LocalizedText NothingYet = new("Nothing here yet", "まだ何もありません");
    public static readonly LocalizedText NoMatch = new("No match", "該当するものがありません");
    public static readonly LocalizedText NoMatchHint = new("No row fits the filter.", "絞り込みの条件に合う行がありません。");
    public static readonly LocalizedText ClearFilter = new("Clear the filter", "絞り込みを解除");
    public static readonly LocalizedText NotAllowed = new("You may not see this", "閲覧権限がありません");
    public static readonly LocalizedText NotAllowedHint = new("Your role does not include {0}. An administrator of your organisation can grant it.", "現在の役割には {0} が含まれていません。組織の管理者に付与を依頼してください。");
    public static readonly LocalizedText NotAllowedPage = new("Your role does not include this page. An administrator of your organisation can grant it.", "現在の役割ではこの画面を閲覧できません。組織の管理者に付与を依頼してください。");
    public static readonly LocalizedText Unavailable = new("The database does not answer", "データベースが応答していません");
    public static readonly LocalizedText UnavailableHint = new("Services keep running; only this view is missing. Try again in a moment.", "サービスは稼働を続けています。この画面の情報だけが取得できません。しばらくしてから再度お試しください。");
    public static readonly LocalizedText TryAgain = new("Try again", "再試行");
    public static readonly LocalizedText AsOf = new("As of {0}. Newer rows are still on their way.", "{0} 時点の情報です。以降の分は反映待ちです。");
    public static readonly LocalizedText Loading = new("Loading", "読み込み中");

    public static readonly LocalizedText Cancel = new("Cancel", "キャンセル");
    public static readonly LocalizedText Save = new("Save", "保存");
    public static readonly LocalizedText WhatWillHappen = new("What will happen", "実行される内容");
    public static readonly LocalizedText CanBeUndone = new("This can be undone.", "この操作は元に戻せます。");
    public static readonly LocalizedText CannotBeUndone = new("This cannot be undone.", "この操作は元に戻せません。");
    public static readonly LocalizedText Copy = new("Copy", "コピー");
    public static readonly LocalizedText Before = new("Before", "変更前");
    public static readonly LocalizedText After = new("After", "変更後");
    public static readonly LocalizedText Field = new("Field", "項目");
    public static readonly LocalizedText NoChange = new("Nothing changed", "変更はありません");
    public static readonly LocalizedText Yes = new("Yes", "はい");
    public static readonly LocalizedText No = new("No", "いいえ");
    public static readonly LocalizedText None = new("None", "なし");
    public static readonly LocalizedText Optional = new("optional", "任意");
    public static readonly LocalizedText Required = new("Required", "必須です");
    public static readonly LocalizedText OnePerLine = new("One per line", "1行に1件");
    public static readonly LocalizedText NotANumber = new("Not a whole number", "整数で入力してください");
    public static readonly LocalizedText BetweenAnd = new("Between {0} and {1}", "{0}〜{1}の範囲で入力してください");
    public static readonly LocalizedText AtLeast = new("At least {0}", "{0}以上で入力してください");
    public static readonly LocalizedText AtMost = new("At most {0}", "{0}以下で入力してください");
    public static readonly LocalizedText LongerThan = new("At most {0} characters", "{0}文字以内で入力してください");
    public static readonly LocalizedText NotAllowedValue = new("One of: {0}", "次のいずれかにしてください: {0}");
    public static readonly LocalizedText NoReading = new("No readings yet", "まだ計測値がありません");
    public static readonly LocalizedText Live = new("Live", "ライブ");
    public static readonly LocalizedText LiveLost = new("Reconnecting", "再接続中");

    public static readonly LocalizedText NotFound = new("Not found", "見つかりません");
    public static readonly LocalizedText NotFoundHint = new("There is nothing under this address, or it is not yours to see.", "このアドレスには何もないか、閲覧できない対象です。");
    public static readonly LocalizedText WentWrong = new("Something went wrong here", "処理中に問題が発生しました");
    public static readonly LocalizedText WentWrongHint = new("Nothing you entered was half saved. Our operators see this under the reference below.", "入力内容が中途半端に保存されることはありません。下記の参照番号で運用担当者が確認できます。");
    public static readonly LocalizedText Expired = new("This form is too old", "フォームの有効期限が切れました");
    public static readonly LocalizedText ExpiredHint = new("Open the page again and repeat the act: nothing was changed.", "ページを開き直して、もう一度操作してください。何も変更されていません。");
    public static readonly LocalizedText Reference = new("Reference", "参照番号");
    public static readonly LocalizedText BackHome = new("To the dashboard", "ダッシュボードへ");
}
