using Tsunagi.Core.Modules;

namespace Tsunagi.Host.Console.Tenants;

/// <summary>The words of a tenant's page.</summary>
internal static class T
{
    public static readonly LocalizedText Customers = new("Customers", "顧客");
    public static readonly LocalizedText Edit = new("Edit", "編集");
    public static readonly LocalizedText AddBelow = new("Add below", "配下に追加");
    public static readonly LocalizedText TakeService = new("Add a service", "サービスを追加");
    public static readonly LocalizedText Services = new("Services", "ご契約サービス");
    public static readonly LocalizedText Below = new("Customers below", "配下の顧客");
    public static readonly LocalizedText Happened = new("What happened", "最近のイベント");
    public static readonly LocalizedText Bill = new("This month so far", "当月の請求見込");
    public static readonly LocalizedText BillOpen = new("Preview", "明細");
    public static readonly LocalizedText BillOf = new("Invoice preview for {0}, if it were written now", "{0} 分、現時点での見込額");
    public static readonly LocalizedText Record = new("Record", "登録情報");
    public static readonly LocalizedText Language = new("Language", "言語");
    public static readonly LocalizedText Zone = new("Time zone", "タイムゾーン");
    public static readonly LocalizedText Currency = new("Currency", "通貨");
    public static readonly LocalizedText Since = new("Since", "登録日時");

    public static readonly LocalizedText Contacts = new("Contacts", "連絡先");
    public static readonly LocalizedText NoContacts = new("No contact yet. Notices and bills need someone to go to.", "連絡先が未登録です。通知や請求の宛先を登録してください。");
    public static readonly LocalizedText AddContact = new("Add a contact", "連絡先を追加");
    public static readonly LocalizedText ContactAdded = new("Contact added", "連絡先を追加しました");
    public static readonly LocalizedText Role = new("Role", "役割");
    public static readonly LocalizedText PersonName = new("Name", "氏名");
    public static readonly LocalizedText Email = new("E-mail", "メールアドレス");
    public static readonly LocalizedText Phone = new("Phone", "電話番号");

    public static readonly LocalizedText Domains = new("Domains", "ドメイン");
    public static readonly LocalizedText NoDomains = new("No domain yet. A service can use a domain once its control is proved.", "ドメインが未登録です。管理権の確認後、サービスで利用できます。");
    public static readonly LocalizedText ClaimDomain = new("Add a domain", "ドメインを追加");
    public static readonly LocalizedText DomainClaimed = new("{0} added. Set the TXT record shown, then check.", "{0} を追加しました。表示のTXTレコードを設定後、確認してください。");
    public static readonly LocalizedText DomainName = new("Domain name", "ドメイン名");
    public static readonly LocalizedText TxtRecord = new("TXT record to set", "設定するTXTレコード");
    public static readonly LocalizedText Prove = new("Check the DNS now", "DNSを確認する");
    public static readonly LocalizedText Proved = new("{0} is proved and may be used", "{0} の管理権を確認しました");
    public static readonly LocalizedText Approve = new("Vouch for it", "運用者として承認");
    public static readonly LocalizedText ApproveTitle = new("Vouch that {0} belongs to {1}?", "{0} が {1} の所有であることを承認しますか");
    public static readonly LocalizedText ApproveEffect = new("It can be used by their services at once.", "直ちにサービスで利用できるようになります。");
    public static readonly LocalizedText ApproveAudit = new("Your name and reason go into the audit.", "承認者と理由が監査ログに残ります。");
    public static readonly LocalizedText Release = new("Give up", "返上");
    public static readonly LocalizedText ReleaseTitle = new("Give up {0}?", "{0} を返上しますか");
    public static readonly LocalizedText ReleaseEffect = new("A domain that a running contract uses is kept; otherwise no contract can be made with it.", "稼働中の契約で使われている場合は返上できません。返上後は、このドメインで契約できなくなります。");
    public static readonly LocalizedText ReleaseRest = new("It rests before another customer may prove it.", "待機期間が過ぎるまで他の顧客は確認できません。");
    public static readonly LocalizedText Released = new("{0} was given up", "{0} を返上しました");
    public static readonly LocalizedText State = new("State", "状態");
    public static readonly LocalizedText Reason = new("Reason", "理由");

    public static readonly LocalizedText Addresses = new("Addresses and sites", "アドレスと拠点");
    public static readonly LocalizedText NoAddresses = new("No address block or site.", "アドレスブロック・拠点は未登録です。");
    public static readonly LocalizedText Block = new("Address block", "アドレスブロック");
    public static readonly LocalizedText ClaimBlock = new("Add a block", "ブロックを追加");
    public static readonly LocalizedText BlockClaimed = new("{0} added. An operator has to approve it.", "{0} を追加しました。運用者の承認が必要です。");
    public static readonly LocalizedText AddSite = new("Add a site", "拠点を追加");
    public static readonly LocalizedText SiteName = new("Site", "拠点名");
    public static readonly LocalizedText SiteAddress = new("Address", "住所");
    public static readonly LocalizedText SiteAdded = new("{0} added", "{0} を追加しました");
    public static readonly LocalizedText Added = new("{0} was added", "{0} を登録しました");
    public static readonly LocalizedText Saved = new("Saved", "保存しました");
}
