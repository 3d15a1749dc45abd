namespace Tsunagi.BackOffice.Dunning;

/// <summary>The letters of the stages until the operator writes his own.</summary>
internal static class LetterDefaults
{
    public static readonly LetterTemplate ReminderEn = new(
        "Reminder: {total} is overdue",
        "{customer}\n{attention}\n\nWe have not yet found a payment of these invoices with us:\n\n{invoices}\n\nTogether {total} is open. Please pay it to\n{bank}\n\nIf you have paid meanwhile, please disregard this letter.\n\n{issuer}\n");

    public static readonly LetterTemplate ReminderJa = new(
        "【お支払いのお願い】{total} のご入金を確認できておりません",
        "{customer}\n{attention} 御中\n\n平素よりお引き立ていただき、誠にありがとうございます。\n下記のご請求につきまして、支払期限を過ぎておりますが、ご入金を確認できておりません。\n\n{invoices}\n\n合計 {total}\n\nお手数ですが、下記口座へお振込みくださいますようお願い申し上げます。\n{bank}\n\n本状と行き違いにお支払い済みの場合は、何卒ご容赦ください。\n\n{issuer}\n");

    public static readonly LetterTemplate LastNoticeEn = new(
        "Last notice: {total}, suspension from {next}",
        "{customer}\n{attention}\n\nIn spite of our reminder these invoices are open:\n\n{invoices}\n\nTogether {total}. Unless it reaches us before, we suspend your services from {next}: mail is kept and not delivered, lines lead to a page that says how to pay, protection against attacks stays. Data is kept for {keep} days from then.\n\n{bank}\n\n{issuer}\n");

    public static readonly LetterTemplate LastNoticeJa = new(
        "【最終通知】{total} 未入金のため、{next} 以降サービスを停止します",
        "{customer}\n{attention} 御中\n\n先般お願い申し上げました下記のご請求につきまして、なおご入金を確認できておりません。\n\n{invoices}\n\n合計 {total}\n\nご入金を確認できない場合、{next} 以降、ご契約のサービスを停止いたします。停止中、メールは配送せずに保管し、回線はお支払いのご案内画面のみ表示します。攻撃からの保護は継続します。お預かりしているデータは停止から{keep}日間保管します。\n\n{bank}\n\n{issuer}\n");

    public static readonly LetterTemplate SuspensionEn = new(
        "Your services are suspended",
        "{customer}\n{attention}\n\nAs announced we suspend your services from today, {date}, for these invoices:\n\n{invoices}\n\nTogether {total}. As soon as we find the payment your services go on. Data is kept for {keep} days.\n\n{bank}\n\n{issuer}\n");

    public static readonly LetterTemplate SuspensionJa = new(
        "【サービス停止のお知らせ】",
        "{customer}\n{attention} 御中\n\nかねてよりお知らせのとおり、下記のご請求の未入金により、本日({date})よりサービスを停止いたします。\n\n{invoices}\n\n合計 {total}\n\nご入金を確認次第、サービスを再開いたします。データは{keep}日間保管します。\n\n{bank}\n\n{issuer}\n");

    public static readonly LetterTemplate HandOverEn = new(
        "Your account is handed over for collection",
        "{customer}\n{attention}\n\nThese invoices are still open:\n\n{invoices}\n\nTogether {total}. We hand the claim over for collection.\n\n{issuer}\n");

    public static readonly LetterTemplate HandOverJa = new(
        "【債権回収委託のお知らせ】",
        "{customer}\n{attention} 御中\n\n下記のご請求につきまして、再三のお願いにもかかわらず、ご入金を確認できておりません。\n\n{invoices}\n\n合計 {total}\n\nつきましては、債権の回収を外部に委託いたします。\n\n{issuer}\n");
}
