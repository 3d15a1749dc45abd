using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;

namespace Tsunagi.Ddos.Contract;

/// <summary>Settings of one subscription to <c>ddos.protection</c>: which prefixes, and from where on their traffic is an attack. Its JSON is the desired state's payload.</summary>
public sealed record ProtectionSettings : ICheckedSettings
{
    public const string Kind = "ddos.protection";

    private const long MostPackets = 1_000_000_000_000;
    private const long MostBits = 1_000_000_000_000_000;

    [Required, MinLength(1), MaxLength(256)]
    [Description("Address blocks that are watched. Each must lie in an approved block of the tenant.")]
    [Japanese("保護対象プレフィックス", "監視するアドレスブロックです。お客様の承認済みブロックの範囲内に限ります。")]
    public IReadOnlyList<string> Prefixes { get; init; } = [];

    [Range(0, MostPackets)]
    [Description("Packets a second to one address above which it is under attack; 0 sets no limit.")]
    [Japanese("1アドレスあたりの上限(パケット/秒)", "これを超えると攻撃とみなします。0は上限なしです。")]
    public long HostPacketsPerSecond { get; init; } = 100_000;

    [Range(0, MostBits)]
    [Description("Bits a second to one address above which it is under attack; 0 sets no limit.")]
    [Japanese("1アドレスあたりの上限(ビット/秒)", "これを超えると攻撃とみなします。0は上限なしです。")]
    public long HostBitsPerSecond { get; init; } = 1_000_000_000;

    [Range(0, MostPackets)]
    [Description("Flows a second to one address (NetFlow and IPFIX) above which it is under attack; 0 sets no limit.")]
    [Japanese("1アドレスあたりの上限(フロー/秒)", "NetFlow/IPFIXのフロー数で判定します。0は上限なしです。")]
    public long HostFlowsPerSecond { get; init; }

    [Range(0, MostPackets)]
    [Description("Packets a second to each prefix as a whole: an attack on many addresses at once shows here; 0 sets no limit.")]
    [Japanese("プレフィックス全体の上限(パケット/秒)", "多数のアドレスに分散した攻撃を検知します。0は上限なしです。")]
    public long PrefixPacketsPerSecond { get; init; } = 500_000;

    [Range(0, MostBits)]
    [Description("Bits a second to each prefix as a whole; 0 sets no limit.")]
    [Japanese("プレフィックス全体の上限(ビット/秒)", "0は上限なしです。")]
    public long PrefixBitsPerSecond { get; init; } = 5_000_000_000;

    [Range(0, MostPackets)]
    [Description("Flows a second to each prefix as a whole (NetFlow and IPFIX); 0 sets no limit.")]
    [Japanese("プレフィックス全体の上限(フロー/秒)", "NetFlow/IPFIXのフロー数で判定します。0は上限なしです。")]
    public long PrefixFlowsPerSecond { get; init; }

    [Range(0, 1_000_000_000)]
    [Description("Packets a second of an attack's kind (answers of reflectors, SYNs that nobody follows up, fragments) to one address from which it is told, far below the limits; 0 holds traffic against the limits only.")]
    [Japanese("攻撃と判定する下限(パケット/秒)", "リフレクション応答や応答のないSYNなど、攻撃に特有の通信がこれを超えると攻撃とみなします。0は上限値のみで判定します。")]
    public long AttackPacketsPerSecond { get; init; } = 500;

    [Range(5, 24 * 60 * 60)]
    [Description("Seconds for which every figure must stay below 60 % of its limit before an incident is over.")]
    [Japanese("終息判定(秒)", "すべての値が上限の60%未満でこの時間続くと、攻撃の終息とみなします。")]
    public int QuietSeconds { get; init; } = 300;

    public Refusal? Check()
    {
        if (Prefixes.FirstOrDefault(static prefix => CidrRange.Parse(prefix) is null) is { } wrong)
        {
            return Refusal.Invalid("ddos.protection.prefix", "settings.prefixes", $"'{wrong}' is not an address block", "such as 192.0.2.0/24 or 2001:db8::/48: no bit set below the length");
        }

        return HostPacketsPerSecond + HostBitsPerSecond + HostFlowsPerSecond + PrefixPacketsPerSecond + PrefixBitsPerSecond + PrefixFlowsPerSecond + AttackPacketsPerSecond == 0
            ? Refusal.Invalid("ddos.protection.no-limit", "settings.hostPacketsPerSecond", "no limit is set: nothing would ever be told", "at least one limit above 0")
            : null;
    }
}
