using Tsunagi.Core.Modules;

namespace Tsunagi.Mail.Pending;

/// <summary>The words of a notice in both languages.</summary>
internal static class PendingTexts
{
    public static readonly LocalizedText SenderName = new("Mail outbox", "メール送信保留");
    public static readonly LocalizedText Subject = new("Waits until {0}: {1}", "{0}まで送信保留: {1}");
    public static readonly LocalizedText DoubtSubject = new("Check the address ({0}): {1}", "宛先をご確認ください({0}): {1}");
    public static readonly LocalizedText Lead = new("Your message waits and leaves by itself at {0}. Until then you can take it back, for each recipient, or send it at once.", "メールは送信保留中で、{0}に自動的に送信されます。それまでは宛先ごとに取り消すか、すぐに送信できます。");
    public static readonly LocalizedText Open = new("Look, cancel or send now", "確認・取り消し・すぐに送信");
    public static readonly LocalizedText OpenHint = new("Opening the page changes nothing.", "ページを開くだけでは何も変わりません。");
    public static readonly LocalizedText To = new("To", "宛先");
    public static readonly LocalizedText Sent = new("Handed in", "受付");
    public static readonly LocalizedText Doubt = new("Never written to before, and like {0}, which you often write to. Is it the right address?", "初めての宛先ドメインで、よく送信する {0} に似ています。宛先は正しいですか。");
    public static readonly LocalizedText NoSubject = new("(no subject)", "(件名なし)");
    public static readonly LocalizedText More = new("{0} more recipients are on the page.", "ほかに{0}件の宛先があります(ページで確認できます)。");
    public static readonly LocalizedText Why = new(
        "You get this because mail from {0} to others waits before it leaves. The link is for you alone and for this message alone: do not pass this mail on.",
        "{0} から外部へのメールは送信前に一定時間保留されるため、お知らせしています。リンクはご本人専用で、このメールにのみ有効です。このメールを転送しないでください。");
}
