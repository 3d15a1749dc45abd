using Tsunagi.Core.Modules;

namespace Tsunagi.Mail;

/// <summary>What the mail service's routes and pages ask for.</summary>
internal static class MailPermissions
{
    public const string TraceRead = "mail.trace.read";
    public const string ContentRead = "mail.content.read";
    public const string QueueRead = "mail.queue.read";
    public const string QueueWrite = "mail.queue.write";
    public const string RecipientsRead = "mail.recipients.read";
    public const string RecipientsWrite = "mail.recipients.write";
    public const string PolicyRead = "mail.policy.read";
    public const string PolicyWrite = "mail.policy.write";

    public const string SigningRead = "mail.signing.read";
    public const string SigningWrite = "mail.signing.write";

    public const string CredentialRead = "mail.credential.read";
    public const string CredentialWrite = "mail.credential.write";

    public const string QuarantineRead = "mail.quarantine.read";
    public const string QuarantineWrite = "mail.quarantine.write";

    public const string ReportsRead = "mail.reports.read";
    public const string ReportsWrite = "mail.reports.write";

    public const string ImportWrite = "mail.import.write";

    public static readonly IReadOnlyList<PermissionDeclaration> All =
    [
        new(TraceRead, new("See what became of messages", "メールの追跡の閲覧")),
        new(ContentRead, new("Open the content of messages; above the tenant with a reason, for a limited time", "メールの内容の閲覧(所有者以外は理由と期限付き)"), OpensContent: true),
        new(QueueRead, new("See the queue and the next hops", "キューと配送先の閲覧")),
        new(QueueWrite, new("Retry messages; hold and release next hops; send or take back what waits to leave", "再送、配送先の停止と再開、送信保留メールの送信と取り消し")),
        new(RecipientsRead, new("See the lists of recipients", "宛先一覧の閲覧")),
        new(RecipientsWrite, new("Replace the lists of recipients", "宛先一覧の更新")),
        new(QuarantineRead, new("See held mail and the rules about senders", "隔離メールと送信者ルールの閲覧")),
        new(QuarantineWrite, new("Release, refuse, delete and keep held mail; allow and block senders; say what is spam", "隔離メールの解放、却下、削除、保全、送信者の許可と拒否、迷惑メールの申告")),
        new(PolicyRead, new("See the policies for arriving mail", "受信メールのポリシーの閲覧")),
        new(SigningRead, new("See the signing keys of outgoing mail", "送信メールの署名鍵の閲覧")),
        new(SigningWrite, new("Have signing keys checked, and make the next ones", "署名鍵の確認と更新")),
        new(CredentialRead, new("See the credentials of devices that send mail", "メール送信用認証情報の閲覧")),
        new(CredentialWrite, new("Make, change and revoke credentials of devices that send mail", "メール送信用認証情報の発行、変更、失効")),
        new(ReportsRead, new("See what others report of own domains (DMARC, TLS)", "自ドメインに関するレポート(DMARC、TLS)の閲覧")),
        new(ReportsWrite, new("Bring reports about own domains in", "自ドメインに関するレポートの登録")),
        new(ImportWrite, new("Bring another mail server's domains, recipients and signing keys into contracts", "他のメールサーバーの設定(ドメイン、宛先、署名鍵)の取り込み")),
        new(PolicyWrite, new("Change the policies for arriving mail", "受信メールのポリシーの変更")),
    ];
}
