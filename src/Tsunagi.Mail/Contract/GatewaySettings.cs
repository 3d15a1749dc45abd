using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Mail.Contract;

/// <summary>Settings of one subscription to <c>mail.gateway</c>: whose mail, and where it goes. Its JSON is the desired state's payload.</summary>
public sealed record GatewaySettings : ICheckedSettings
{
    public const string Kind = "mail.gateway";

    [Required, MinLength(1)]
    [Description("Domains whose mail this gateway accepts. Each must be a verified domain of the tenant.")]
    [Japanese("受信ドメイン", "このゲートウェイで受け付けるドメインです。お客様の確認済みドメインに限ります。")]
    public IReadOnlyList<string> Domains { get; init; } = [];

    [Required]
    [Description("The customer's own mail server, host:port. Accepted mail is relayed there.")]
    [Japanese("配送先サーバー", "お客様のメールサーバー(ホスト名:ポート番号)です。受け付けたメールをここへ配送します。")]
    public string NextHop { get; init; } = "";

    [Description("TLS to the next hop: opportunistic (if it offers STARTTLS), required (else the mail waits), never.")]
    [Japanese("配送時のTLS", "opportunistic(対応していれば使用)、required(必須。対応するまで待機)、never(使用しない)から選びます。")]
    public NextHopTls NextHopTls { get; init; } = NextHopTls.Opportunistic;

    [Range(64 * 1024, 1L << 30)]
    [Description("Largest message accepted, in bytes.")]
    [Japanese("最大メールサイズ(バイト)", "受け付けるメールの最大サイズです。")]
    public long MaxMessageBytes { get; init; } = 50 * 1024 * 1024;

    [Description("How a recipient is known to exist: list (an uploaded list), callAhead (the next hop is asked), listThenCallAhead.")]
    [Japanese("宛先の確認方法", "list(登録済み一覧)、callAhead(配送先に照会)、listThenCallAhead(一覧の後に照会)から選びます。")]
    public RecipientSource Recipients { get; init; } = RecipientSource.ListThenCallAhead;

    [MaxLength(1)]
    [Description("Character after which the local part is a detail of the user (user+detail); empty when there is none. Used with the list.")]
    [Japanese("サブアドレスの区切り文字", "この文字以降を利用者名の詳細とみなします(user+detail)。使わない場合は空にします。")]
    public string SubaddressSeparator { get; init; } = "+";

    [Range(1, 7 * 24 * 60)]
    [Description("Minutes for which a recipient the next hop accepted is not asked for again.")]
    [Japanese("照会結果の保持(分)", "配送先が受け入れた宛先を、再び照会しない時間です。")]
    public int CallAheadKeepMinutes { get; init; } = 240;

    [Range(1, 24 * 60)]
    [Description("Minutes for which a recipient the next hop refused is not asked for again.")]
    [Japanese("拒否結果の保持(分)", "配送先が拒否した宛先を、再び照会しない時間です。")]
    public int CallAheadRefusedKeepMinutes { get; init; } = 10;

    [MaxLength(RelayNetwork.Most)]
    [Description("Addresses of the customer's own servers, which send mail of these domains to anybody through this gateway. Each belongs to one customer alone.")]
    [Japanese("送信元サーバー", "このドメインのメールを外部へ送信するお客様サーバーのアドレスです。他のお客様と共用するアドレスは登録できません。")]
    public IReadOnlyList<string> Relays { get; init; } = [];

    [Description("DKIM signatures on what is sent: required (once the keys are in use nothing leaves unsigned), whenPossible, off.")]
    [Japanese("DKIM署名", "required(鍵の使用開始後、署名なしでは送信しない)、whenPossible(可能な場合に署名)、off(署名しない)から選びます。")]
    public MailSigning Signing { get; init; } = MailSigning.Required;

    [Description("Mail to these domains is counted in the reports that senders' domains ask for (DMARC): source, results and this domain's name, no address and no content. Only where the provider sends such reports.")]
    [Japanese("DMARCレポートへの集計", "このドメイン宛のメールを、送信元ドメインが求めるDMARCレポートに集計します。送信元、認証結果、このドメイン名のみで、アドレスや本文は含みません。事業者がレポートを送付している場合に限ります。")]
    public bool DmarcReports { get; init; } = true;

    [Description("How held mail is kept, and what recipients may do with it.")]
    [Japanese("隔離", "保留したメールの保管と、受信者が行える操作です。")]
    public QuarantineSettings Quarantine { get; init; } = new();

    public Refusal? Check()
    {
        if (!Contract.NextHop.TryParse(NextHop, out _, out var error))
        {
            return Refusal.Invalid("mail.gateway.next-hop", "settings.nextHop", error!, "host:port, for example mx.customer.example:25");
        }

        foreach (var relay in Relays)
        {
            if (!RelayNetwork.TryParse(relay, out _, out var wrongRelay))
            {
                return Refusal.Invalid("mail.gateway.relay", "settings.relays", wrongRelay!, RelayNetwork.Allowed);
            }
        }

        return Domains.FirstOrDefault(static domain => MailDomain.Normalize(domain) is null) is { } wrong
            ? Refusal.Invalid("mail.gateway.domain", "settings.domains", $"'{wrong}' is not a domain name", "names such as customer.example")
            : null;
    }
}

/// <summary>TLS towards a next hop.</summary>
public enum NextHopTls
{
    Opportunistic,
    Required,
    Never,
}

/// <summary>
/// What is signed. Required is the default: a domain whose mail is signed says so to the world (DMARC), so mail that leaves unsigned is refused or lost as spam at its
/// receivers, while mail that waits for its key arrives. Before a domain's first keys are in use nobody expects a signature, and mail leaves without.
/// </summary>
public enum MailSigning
{
    Required,
    WhenPossible,
    Off,
}

/// <summary>Who says that a recipient exists. There is no "accept all": it would bounce to forged senders (RFC 5321 section 6.2).</summary>
public enum RecipientSource
{
    List,
    CallAhead,
    ListThenCallAhead,
}
