using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Connectivity.Contract;

/// <summary>Settings of one subscription to <c>connectivity.dedicated</c>: lines with speeds of their own. Its JSON is the desired state's payload.</summary>
public sealed record DedicatedSettings : ICheckedSettings
{
    public const string Kind = "connectivity.dedicated";

    private const long MostBits = 1_000_000_000_000_000;

    [MaxLength(253)]
    [Description("User name of the first line, which is then set up by itself; empty for a line that its circuit proves, or for lines set up one by one.")]
    [Japanese("接続ユーザー名", "一本目の回線のユーザー名です。回線IDで認証する場合は空にします。")]
    public string UserName { get; init; } = "";

    [MaxLength(253)]
    [Description("Circuit id of the first line, as the access server tells it: the circuit itself proves the line.")]
    [Japanese("回線ID", "アクセスサーバーが通知するAgent-Circuit-Idです。回線自体で認証します。")]
    public string CircuitId { get; init; } = "";

    [Range(0, MostBits)]
    [Description("Bits a second to the customer; 0 sets no limit.")]
    [Japanese("下り速度(ビット/秒)", "0は制限なしです。")]
    public long DownBitsPerSecond { get; init; }

    [Range(0, MostBits)]
    [Description("Bits a second from the customer; 0 sets no limit.")]
    [Japanese("上り速度(ビット/秒)", "0は制限なしです。")]
    public long UpBitsPerSecond { get; init; }

    [Range(0, 86_400)]
    [Description("Seconds between two reports of a session's usage; 0 leaves it to the server's own setting.")]
    [Japanese("利用量の報告間隔(秒)", "0はサーバー設定に従います。")]
    public int InterimSeconds { get; init; }

    [MaxLength(80)]
    [Description("Pool of the line's IPv4 address or block: one of ours, or a name the access server knows.")]
    [Japanese("IPv4プール", "当社のプール名、またはアクセスサーバー側のプール名です。")]
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

    public Refusal? Check() => LineNames.CheckSettings(UserName) ?? SlaNames.Check(Sla) ?? (LineNames.IsCircuit(CircuitId)
        ? null
        : Refusal.Invalid("connectivity.line.circuit", "settings.circuitId", "the circuit id holds control characters", "at most 253 characters"));
}
