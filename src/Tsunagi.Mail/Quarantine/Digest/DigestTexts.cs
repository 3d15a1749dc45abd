using Tsunagi.Core.Modules;

namespace Tsunagi.Mail.Quarantine.Digest;

/// <summary>The words of a digest in both languages.</summary>
internal static class DigestTexts
{
    public static readonly LocalizedText SenderName = new("Mail quarantine", "メール隔離通知");
    public static readonly LocalizedText SubjectOne = new("1 message is held for you", "隔離されたメールが1通あります");
    public static readonly LocalizedText SubjectMany = new("{0} messages are held for you", "隔離されたメールが{0}通あります");
    public static readonly LocalizedText Lead = new("These messages for {0} were held since the last list. Nothing of them was delivered.", "前回の通知以降、{0} 宛の次のメールを隔離しました。配送はしていません。");
    public static readonly LocalizedText Open = new("Open my held mail", "隔離メールを開く");
    public static readonly LocalizedText OpenHint = new("On that page you can read, release or delete each message. Opening it changes nothing.", "ページでは、各メールの確認、解放、削除ができます。開くだけでは何も変わりません。");
    public static readonly LocalizedText Look = new("Look at it", "確認する");
    public static readonly LocalizedText From = new("From", "差出人");
    public static readonly LocalizedText Subject = new("Subject", "件名");
    public static readonly LocalizedText Time = new("Received", "受信日時");
    public static readonly LocalizedText KeptUntil = new("Kept until", "保管期限");
    public static readonly LocalizedText More = new("{0} more are on the page.", "ほかに{0}通あります(ページで確認できます)。");
    public static readonly LocalizedText NoSubject = new("(no subject)", "(件名なし)");
    public static readonly LocalizedText NoSender = new("(no sender)", "(差出人なし)");
    public static readonly LocalizedText Why = new(
        "You get this list because mail for {0} is checked here. The links are for you alone, until {1}: do not pass this mail on.",
        "{0} 宛のメールを検査しているため、この一覧をお送りしています。リンクはご本人専用で、{1}まで有効です。このメールを転送しないでください。");

    public static LocalizedText NameOf(string heldClass) => heldClass switch
    {
        HeldClass.Spam => new("Unwanted mail", "迷惑メール"),
        HeldClass.Virus => new("Malware", "ウイルス"),
        HeldClass.Attachment => new("Attachment", "添付ファイル"),
        _ => new("Rule", "ルール"),
    };
}
