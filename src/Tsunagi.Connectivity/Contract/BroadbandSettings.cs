using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Connectivity.Contract;

/// <summary>Settings of one subscription to <c>connectivity.broadband</c>: lines that many users share a network by. Its JSON is the desired state's payload.</summary>
public sealed record BroadbandSettings : ICheckedSettings
{
    public const string Kind = "connectivity.broadband";

    private const long MostBits = 1_000_000_000_000_000;
    private const long MostOctets = 1_000_000_000_000_000_000;

    [MaxLength(253)]
    [Description("User name of the first line, which is then set up by itself. Empty: lines are set up one by one.")]
    [Japanese("接続ユーザー名", "一本目の回線のユーザー名です。指定すると自動で開通登録します。")]
    public string UserName { get; init; } = "";

    [Range(0, MostBits)]
    [Description("Bits a second to the customer; 0 sets no limit.")]
    [Japanese("下り速度(ビット/秒)", "0は制限なしです。")]
    public long DownBitsPerSecond { get; init; }

    [Range(0, MostBits)]
    [Description("Bits a second from the customer; 0 sets no limit.")]
    [Japanese("上り速度(ビット/秒)", "0は制限なしです。")]
    public long UpBitsPerSecond { get; init; }

    [Range(0, 1_000)]
    [Description("Sessions of a line at the same time; 0 sets no limit.")]
    [Japanese("同時接続数", "1回線あたりの同時セッション数です。0は制限なしです。")]
    public int SimultaneousUse { get; init; } = 1;

    [Range(0, MostOctets)]
    [Description("Octets of a calendar month, both directions together, after which the speeds below hold; 0 sets no quota.")]
    [Japanese("月間データ量(オクテット)", "上下合計です。超過後は下記の速度になります。0は上限なしです。")]
    public long QuotaOctets { get; init; }

    [Range(0, MostBits)]
    [Description("Bits a second to the customer beyond the quota; 0 changes nothing.")]
    [Japanese("超過後の下り速度(ビット/秒)", "0は変更なしです。")]
    public long OverQuotaDownBitsPerSecond { get; init; }

    [Range(0, MostBits)]
    [Description("Bits a second from the customer beyond the quota; 0 changes nothing.")]
    [Japanese("超過後の上り速度(ビット/秒)", "0は変更なしです。")]
    public long OverQuotaUpBitsPerSecond { get; init; }

    [Range(0, 31_536_000)]
    [Description("Seconds after which the access server ends a session; 0 never does.")]
    [Japanese("セッション最長時間(秒)", "0は無制限です。")]
    public int SessionTimeoutSeconds { get; init; }

    [Range(0, 31_536_000)]
    [Description("Seconds without traffic after which the access server ends a session; 0 never does.")]
    [Japanese("無通信切断(秒)", "0は切断しません。")]
    public int IdleTimeoutSeconds { get; init; }

    [Range(0, 86_400)]
    [Description("Seconds between two reports of a session's usage; 0 leaves it to the server's own setting.")]
    [Japanese("利用量の報告間隔(秒)", "0はサーバー設定に従います。")]
    public int InterimSeconds { get; init; }

    [MaxLength(80)]
    [Description("Pool of the line's IPv4 address: one of ours, or a name the access server knows. Empty: the access server gives what it likes.")]
    [Japanese("IPv4プール", "当社のプール名、またはアクセスサーバー側のプール名です。空ならアクセスサーバーに任せます。")]
    public string Ipv4Pool { get; init; } = "";

    [MaxLength(80)]
    [Description("Pool of the prefix of the link itself (a /64).")]
    [Japanese("IPv6リンクプレフィックスのプール", "リンク自体の/64を割り当てます。")]
    public string LinkPrefixPool { get; init; } = "";

    [MaxLength(80)]
    [Description("Pool of the prefix that is delegated to the customer's router.")]
    [Japanese("IPv6委任プレフィックスのプール", "お客様ルーターへ委任するプレフィックスを割り当てます。")]
    public string DelegatedPrefixPool { get; init; } = "";

    [MaxLength(80)]
    [Description("Name of the terms (SLA) that are promised: iij, ntt or softbank; empty promises nothing.")]
    [Japanese("SLA条件", "iij、ntt、softbankのいずれかです。空の場合、SLAはありません。")]
    public string Sla { get; init; } = "";

    public Refusal? Check() => LineNames.CheckSettings(UserName) ?? SlaNames.Check(Sla) ?? (QuotaOctets == 0 && OverQuotaDownBitsPerSecond + OverQuotaUpBitsPerSecond > 0
        ? Refusal.Invalid("connectivity.quota", "settings.quotaOctets", "speeds beyond a quota are given, and no quota", "a quota above 0, or no such speeds")
        : null);
}
