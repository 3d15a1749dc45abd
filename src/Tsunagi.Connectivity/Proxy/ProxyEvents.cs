using Tsunagi.Core.Events;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>The events of home servers.</summary>
internal static class ProxyEvents
{
    public const string Dead = "connectivity.home-server.dead@1";
    public const string NotRelayed = "connectivity.accounting.not-relayed@1";
    public const string Back = "connectivity.home-server.back@1";

    public static readonly IReadOnlyList<EventDeclaration> All =
    [
        new(Dead, EventSeverity.Error, new("A home server of other providers' users does not answer; their requests go to another, or get no answer.", "他事業者のホームサーバーが応答しません。要求は別のサーバーへ送られるか、応答できません。"),
            new("Look at the way there and at the secret (answers that are not authentic are counted), then tell its operator; it is used again by itself when it answers.", "経路と共有シークレット(認証できない応答の件数)を確認し、運用者へ連絡してください。応答が戻れば自動的に使用を再開します。")),
        new(NotRelayed, EventSeverity.Error, new("Accounting of another provider's users could not be relayed to its home servers in time and was given up; our own sessions have it.", "他事業者の利用者の課金情報をホームサーバーへ期限内に転送できず、断念しました(自社のセッション記録には残っています)。"),
            new("Give the provider the sessions of that time from here, and see why its servers took none.", "該当期間のセッション記録を相手事業者へ提供し、受信されなかった原因を確認してください。")),
        new(Back, EventSeverity.Notice, new("A home server answers again.", "ホームサーバーの応答が回復しました。")),
    ];
}
