using Tsunagi.Core.Meters;

namespace Tsunagi.Mail.Meters;

/// <summary>What the mail service counts for bills.</summary>
internal static class MailMeters
{
    public const string Messages = "mail.messages";
    public const string Bytes = "mail.bytes";

    public static readonly IReadOnlyList<MeterDeclaration> All =
    [
        new(Messages, MeterKind.Sum, "{message}", new(
            "Messages accepted from other mail systems for the subscription's domains: one per message, however many recipients it has, counted when it is "
            + "accepted. Our own reports to senders are not counted.",
            "契約のドメイン宛に他システムから受け付けたメール数。宛先の数によらず一通を一と数え、受付時に計上します。当社が作る配送通知は数えません。")),
        new(Bytes, MeterKind.Sum, "By", new(
            "Size of those messages as stored, our trace header included.",
            "上記メールの保管時のサイズの合計(当社の追跡ヘッダーを含む)。")),
    ];
}
