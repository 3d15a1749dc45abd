using System.Globalization;
using System.Text;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// Mail as companies send it today, made by the number: people writing to each other, invoices, notices of shops and services, newsletters with pictures and links; in English and
/// Japanese, as text and as HTML, in the charsets and encodings that are met. The same number gives the same message.
/// </summary>
internal static class BusinessMail
{
    private static readonly string[] Companies = ["northwind", "kawaguchi-seiki", "bluepeak", "tanaka-shoji", "orchard", "umi-design", "stellar-cloud", "midori-foods", "harborline", "sakura-logi", "finchworks", "aozora-kk"];
    private static readonly string[] Given = ["Anna", "James", "Priya", "Tom", "Sofia", "Kenji", "Marco", "Lena", "Aiko", "David"];
    private static readonly string[] Family = ["Miller", "Suzuki", "Patel", "Weber", "Rossi", "Tanaka", "Smith", "Sato", "Kim", "Novak"];
    private static readonly string[] FamilyJa = ["田中", "鈴木", "佐藤", "高橋", "渡辺", "中村", "小林", "加藤"];
    private static readonly string[] Matters = ["the quarterly report", "the delivery schedule", "the server migration", "the contract draft", "the onboarding plan", "the design review", "the budget for next year", "the customer visit", "the test results", "the office move"];
    private static readonly string[] MattersJa = ["四半期報告", "納品日程", "サーバー移行", "契約書案", "研修計画", "設計レビュー", "来年度予算", "お客様訪問", "試験結果", "事務所移転"];
    private static readonly string[] Sentences =
    [
        "Please find the latest version attached and let me know if anything is missing.", "We moved the meeting to Thursday because two people are travelling.", "I have added your comments to the document.",
        "Could you confirm the numbers on page four before we send it out?", "The vendor promised an answer by the end of the week.", "There is one open question about the warranty period.", "Thanks for the quick turnaround on this.",
        "Let us discuss the details in tomorrow's call.", "The new cost estimate is slightly below the last one.", "I will be out of office on Friday; Lena covers for me.",
    ];

    private static readonly string[] SentencesJa =
    [
        "添付資料をご確認いただき、不足がございましたらお知らせください。", "会議は木曜日の午後に変更いたしました。", "ご指摘いただいた点を反映いたしました。", "お手数ですが、四ページの数値をご確認ください。", "業者からの回答は今週中の予定です。",
        "保証期間について一点確認事項がございます。", "早速のご対応ありがとうございます。", "詳細は明日の打ち合わせでご相談させてください。", "見積金額は前回より若干下がりました。", "金曜日は休暇を取得いたします。",
    ];

    private static readonly string[] Products = ["Desk lamp", "Team plan", "Cotton shirt", "Data storage 1 TB", "Coffee beans", "Hosting package", "Wireless keyboard", "Conference ticket"];

    public static byte[] Make(int number)
    {
        var random = new Random(number);
        var japanese = random.Next(2) == 0;
        var company = Companies[random.Next(Companies.Length)];
        var domain = company + (japanese ? ".co.jp.example" : ".example");
        return (number % 5) switch
        {
            0 or 1 => Person(random, japanese, domain),
            2 => Invoice(random, japanese, company, domain),
            3 => Notice(random, japanese, company, domain),
            _ => Newsletter(random, japanese, company, domain),
        };
    }

    private static byte[] Person(Random random, bool japanese, string domain)
    {
        var (given, family) = (Given[random.Next(Given.Length)], Family[random.Next(Family.Length)]);
        var familyJa = FamilyJa[random.Next(FamilyJa.Length)];
        var matter = random.Next(Matters.Length);
        var reply = random.Next(2) == 0;
        var body = new StringBuilder();
        body.Append(japanese ? $"{FamilyJa[random.Next(FamilyJa.Length)]}様\r\n\r\nいつもお世話になっております。{familyJa}です。\r\n{MattersJa[matter]}の件、ご連絡いたします。\r\n" : $"Hi {Given[random.Next(Given.Length)]},\r\n\r\na short note about {Matters[matter]}.\r\n");
        for (var i = random.Next(2, 6); i > 0; i--)
        {
            body.Append(japanese ? SentencesJa[random.Next(SentencesJa.Length)] : Sentences[random.Next(Sentences.Length)]).Append("\r\n");
        }

        body.Append(japanese ? $"\r\nどうぞよろしくお願いいたします。\r\n\r\n{familyJa}\r\n" : $"\r\nBest regards,\r\n{given} {family}\r\n");
        if (reply)
        {
            body.Append(japanese ? "\r\n> 先日の件、その後いかがでしょうか。\r\n" : "\r\n> Do you have any news on this?\r\n");
        }

        var name = japanese ? Word(familyJa + " 健一") : $"{given} {family}";
        var subject = (reply ? "Re: " : "") + (japanese ? MattersJa[matter] + "の件" : Matters[matter]);
        var head = Head(random, $"{name} <{given.ToLowerInvariant()}.{family.ToLowerInvariant()}@{domain}>", subject, domain, japanese) + (reply ? $"In-Reply-To: <{random.Next():x}@mail.example>\r\nReferences: <{random.Next():x}@mail.example>\r\n" : "")
            + (random.Next(3) == 0 ? "User-Agent: Mozilla Thunderbird\r\n" : random.Next(2) == 0 ? "X-Mailer: Microsoft Outlook 16.0\r\n" : "");
        return random.Next(2) == 0 ? Text(head, body.ToString(), japanese && random.Next(2) == 0) : Alternative(random, head, body.ToString(), Paragraphs(body.ToString()));
    }

    private static byte[] Invoice(Random random, bool japanese, string company, string domain)
    {
        var number = string.Create(CultureInfo.InvariantCulture, $"INV-{random.Next(2024, 2027)}-{random.Next(10_000):0000}");
        var total = random.Next(10, 5_000);
        var lines = string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => $"<tr><td>{Products[random.Next(Products.Length)]}</td><td align=\"right\">{random.Next(1, 9)}</td><td align=\"right\">{(japanese ? "¥" : "€")}{random.Next(5, 500)}</td></tr>"));
        var subject = japanese ? $"【{company}】請求書送付のご案内({number})" : $"Invoice {number} from {company}";
        var text = japanese
            ? $"いつもご利用いただきありがとうございます。\r\n請求書番号: {number}\r\nご請求金額: ¥{total:n0}\r\nお支払期限: 翌月末日\r\n請求書をPDFで添付いたします。\r\n"
            : $"Thank you for your business.\r\nInvoice number: {number}\r\nAmount due: €{total:n0}\r\nDue within 30 days. The invoice is attached as a PDF.\r\n";
        var html = $"<html><body style=\"font-family:Arial,sans-serif\"><h2>{subject}</h2>{Paragraphs(text)}<table width=\"600\" border=\"0\" cellpadding=\"6\">{lines}</table><p><a href=\"https://billing.{domain}/i/{number}\">{(japanese ? "請求書を表示" : "View invoice")}</a></p></body></html>";
        var pdf = Convert.ToBase64String(Encoding.ASCII.GetBytes("%PDF-1.7\n" + new string('0', 200)));
        var head = Head(random, $"{(japanese ? Word(company + " 経理部") : company + " billing")} <billing@{domain}>", subject, domain, japanese);
        var b = $"m{random.Next():x}";
        return Encoding.UTF8.GetBytes(
            $"{head}Content-Type: multipart/mixed; boundary=\"{b}\"\r\n\r\n--{b}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{Base64(html)}\r\n"
            + $"--{b}\r\nContent-Type: application/pdf; name=\"{number}.pdf\"\r\nContent-Disposition: attachment; filename=\"{number}.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{pdf}\r\n--{b}--\r\n");
    }

    private static byte[] Notice(Random random, bool japanese, string company, string domain)
    {
        var order = random.Next(100_000, 999_999);
        var kind = random.Next(4);
        var (subject, text) = (kind, japanese) switch
        {
            (0, false) => ($"Your order #{order} has shipped", $"Hello,\r\nyour order {order} was handed to the carrier today and should arrive within two days.\r\nTrack your parcel: https://www.{domain}/track/{order}\r\n"),
            (1, false) => ("Your verification code", $"Your code is {random.Next(100_000, 999_999)}. It expires in 10 minutes. If you did not ask for it, you can ignore this mail.\r\n"),
            (2, false) => ("Planned maintenance on Sunday", "On Sunday between 02:00 and 04:00 UTC the service will be briefly unavailable. No action is needed on your side.\r\n"),
            (_, false) => ("Password changed", "The password of your account was changed. If this was not you, please contact our support team.\r\n"),
            (0, true) => ($"ご注文 {order} を発送いたしました", $"ご注文ありがとうございます。注文番号 {order} の商品を本日発送いたしました。\r\n配送状況: https://www.{domain}/track/{order}\r\n"),
            (1, true) => ("確認コードのお知らせ", $"確認コードは {random.Next(100_000, 999_999)} です。10分以内に入力してください。お心当たりのない場合は破棄してください。\r\n"),
            (2, true) => ("定期メンテナンスのお知らせ", "日曜日の午前2時から4時まで、メンテナンスのためサービスを一時停止いたします。ご理解のほどお願い申し上げます。\r\n"),
            _ => ("パスワード変更のお知らせ", "お客様のアカウントのパスワードが変更されました。お心当たりのない場合はサポートまでご連絡ください。\r\n"),
        };
        var head = Head(random, $"{company} <no-reply@{domain}>", subject, domain, japanese) + "Auto-Submitted: auto-generated\r\n";
        return random.Next(3) == 0 ? Text(head, text, japanese) : Alternative(random, head, text, $"<html><body bgcolor=\"#f4f4f4\"><table width=\"600\" align=\"center\" bgcolor=\"#ffffff\"><tr><td><img src=\"https://img.{domain}/logo.png\" width=\"120\" alt=\"{company}\"></td></tr><tr><td style=\"font-size:14px\">{Paragraphs(text)}</td></tr></table></body></html>");
    }

    private static byte[] Newsletter(Random random, bool japanese, string company, string domain)
    {
        var items = string.Concat(Enumerable.Range(0, random.Next(2, 7)).Select(_ => japanese
            ? $"<tr><td><h3>{MattersJa[random.Next(MattersJa.Length)]}について</h3><p>{SentencesJa[random.Next(SentencesJa.Length)]}{SentencesJa[random.Next(SentencesJa.Length)]}</p><a href=\"https://click.{domain}/c/{random.Next():x}\">続きを読む</a></td></tr>"
            : $"<tr><td><h3>News about {Matters[random.Next(Matters.Length)]}</h3><p>{Sentences[random.Next(Sentences.Length)]} {Products[random.Next(Products.Length)]}, now with {random.Next(5, 30)}% off for members.</p><a href=\"https://click.{domain}/c/{random.Next():x}\">Read more</a></td></tr>"));
        var subject = japanese ? $"【{company}】今月のお知らせ" : $"What is new at {company} this month";
        var html = $"<html><head><style>td{{font-family:Helvetica}}</style></head><body><table width=\"600\" align=\"center\">{items}<tr><td style=\"color:#999999;font-size:11px\">{(japanese ? $"配信停止は<a href=\"https://click.{domain}/u/{random.Next():x}\">こちら</a>" : $"You receive this because you subscribed. <a href=\"https://click.{domain}/u/{random.Next():x}\">Unsubscribe</a>")}</td></tr></table><img src=\"https://click.{domain}/o/{random.Next():x}.gif\" width=\"1\" height=\"1\"></body></html>";
        var head = Head(random, $"{company} <news@{domain}>", subject, domain, japanese)
            + $"List-Unsubscribe: <https://click.{domain}/u/{random.Next():x}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nList-Id: <news.{domain}>\r\nPrecedence: bulk\r\n";
        return Alternative(random, head, japanese ? "HTML対応のメールソフトでご覧ください。\r\n" : "Please view this newsletter in an HTML mail program.\r\n", html);
    }

    private static string Head(Random random, string from, string subject, string domain, bool japanese) =>
        $"Received: from mx{random.Next(1, 9)}.{domain} (mx.{domain} [198.51.100.{random.Next(1, 250)}]) by mail.receiver.example with ESMTPS id {random.Next():x}; Tue, 3 Mar 2026 09:{random.Next(10, 60)}:00 +0900\r\n"
        + $"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s1; h=from:to:subject; bh=x; b=y\r\nFrom: {from}\r\nTo: {(random.Next(2) == 0 ? "Team <team@receiver.example>" : "info@receiver.example")}\r\n"
        + $"Subject: {(Ascii.IsValid(subject.AsSpan()) ? subject : Word(subject))}\r\nDate: Tue, 3 Mar 2026 09:00:00 {(japanese ? "+0900" : random.Next(2) == 0 ? "+0100" : "-0500")}\r\nMessage-ID: <{random.Next():x}{random.Next():x}@{domain}>\r\nMIME-Version: 1.0\r\n";

    private static byte[] Text(string head, string body, bool iso2022) => iso2022
        ? [.. Encoding.ASCII.GetBytes(head + "Content-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"), .. CodePagesEncodingProvider.Instance.GetEncoding(50220)!.GetBytes(body)]
        : Encoding.UTF8.GetBytes(head + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body);

    private static byte[] Alternative(Random random, string head, string text, string html)
    {
        var b = $"b{random.Next():x}";
        return Encoding.UTF8.GetBytes(
            $"{head}Content-Type: multipart/alternative; boundary=\"{b}\"\r\n\r\n--{b}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{Base64(text)}\r\n--{b}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{Base64(html)}\r\n--{b}--\r\n");
    }

    private static string Paragraphs(string text) => string.Concat(text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(static line => $"<p>{line}</p>"));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text), Base64FormattingOptions.InsertLineBreaks);

    private static string Word(string text) => $"=?UTF-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}?=";
}
