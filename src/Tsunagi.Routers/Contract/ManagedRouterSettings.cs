using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Routers.Contract;

/// <summary>Settings of one subscription to <c>routers.managed-site</c>: the site whose router is managed, and how its box is known. The configuration belongs to the site, not to the box.</summary>
public sealed record ManagedRouterSettings : ICheckedSettings
{
    public const string Kind = "routers.managed-site";

    [Required, MaxLength(200)]
    [Description("The site: its id, or its name among the tenant's sites.")]
    [Japanese("拠点", "拠点のID、またはお客様の拠点名です。")]
    public string Site { get; init; } = "";

    [MaxLength(200)]
    [Description("The box, where it is known beforehand: OUI-serial or OUI-class-serial, as on its label (00E0FC-HG8245-210235771), or with ARMS its distribution id (0001-0000-0101-0000-0000-0000-DEAD-BEEF). It is claimed at its first word.")]
    [Japanese("機器", "事前に分かる場合の機器識別子(OUI-シリアル番号、OUI-製品クラス-シリアル番号、またはARMSの配布ID)。最初の接続で登録されます。")]
    public string? Device { get; init; }

    [MinLength(12), MaxLength(64)]
    [Description("A code of at least twelve characters that a new box brings as its provisioning code: it is claimed for this site, once. Hard to guess.")]
    [Japanese("登録コード", "新しい機器がプロビジョニングコードとして送る12文字以上の推測困難なコード。一度だけこの拠点に登録されます。")]
    public string? ClaimCode { get; init; }

    public Refusal? Check() =>
        Device is { Length: > 0 } device && device.Split('-').Length < 2
            ? Refusal.Invalid("routers.device-identity", "settings.device", $"'{device}' is not the identity of a router", "OUI-serial or OUI-class-serial, such as 00E0FC-HG8245-210235771")
            : null;
}
