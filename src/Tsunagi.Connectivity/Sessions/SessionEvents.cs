using Tsunagi.Core.Events;

namespace Tsunagi.Connectivity.Sessions;

/// <summary>The events of authentication, accounting and sessions.</summary>
internal static class SessionEvents
{
    public const string Rejected = "connectivity.access.rejected@1";
    public const string UnknownNas = "connectivity.nas.unknown@1";
    public const string UnknownCertificate = "connectivity.nas.certificate-refused@1";
    public const string Unsigned = "connectivity.nas.unsigned@1";
    public const string BadSecret = "connectivity.nas.bad-secret@1";
    public const string SessionsLost = "connectivity.nas.sessions-lost@1";
    public const string Acted = "connectivity.session.acted@1";

    public static readonly IReadOnlyList<EventDeclaration> All =
    [
        new(Rejected, EventSeverity.Notice, new("Access was refused: a line's, or that of a name that is no line; told once in a while with how often.", "接続要求を拒否しました(一定時間ごとに回数をまとめて通知します)。"),
            new("See the reason: a wrong password, a form that can not serve CHAP, a suspended line, too many sessions.", "理由(パスワード誤り、方式の不一致、停止中、同時接続数超過など)を確認してください。")),
        new(UnknownNas, EventSeverity.Warning, new("RADIUS requests come from an address that is no access server; they are not answered.", "未登録のアドレスからRADIUS要求を受信しました(応答しません)。"),
            new("If it is one of yours, add it as an access server with its secret.", "自社のアクセスサーバーであれば、共有シークレットとともに登録してください。")),
        new(UnknownCertificate, EventSeverity.Warning, new("A connection of RADIUS over TLS was refused: its certificate is no access server's.", "RADIUS/TLS接続を拒否しました(証明書がどのアクセスサーバーのものでもありません)。"),
            new("If it is one of yours, state the fingerprint or a name of its certificate at the access server; see the reason for one that is known but not valid.", "自社のアクセスサーバーであれば、証明書のフィンガープリントまたはDNS名を登録してください。登録済みの場合は理由を確認してください。")),
        new(Unsigned, EventSeverity.Warning, new("An access server sends requests without Message-Authenticator: answers to it could be forged on the way.", "アクセスサーバーがMessage-Authenticatorを送信していません。応答の偽造に弱い状態です。"),
            new("Bring its software up to date or switch the attribute on; then require it.", "ソフトウェアの更新または属性の有効化を行い、必須に設定してください。")),
        new(BadSecret, EventSeverity.Warning, new("Requests of an access server are signed with another secret; they are not answered.", "アクセスサーバーの署名が共有シークレットと一致しません(応答しません)。"),
            new("Set the same secret on both sides.", "双方に同じ共有シークレットを設定してください。")),
        new(SessionsLost, EventSeverity.Error, new("Many sessions on one access server were lost within a minute.", "一台のアクセスサーバーで多数のセッションが一分以内に失われました。"),
            new("Look at the access server and the access network behind it.", "アクセスサーバーとその先のアクセス網を確認してください。")),
        new(Acted, EventSeverity.Notice, new("A session was to be disconnected or changed; the access server's answer is with it.", "セッションの切断または変更を要求しました(結果を含みます)。")),
    ];
}
