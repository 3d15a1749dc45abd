using Tsunagi.Core.Modules;
using Tsunagi.Protocols.Mail.Route;

namespace Tsunagi.Mail.Routes;

/// <summary>Routes in words, for page, API and terminal.</summary>
internal static class RouteText
{
    public static readonly LocalizedText DaneOff = new(
        "DANE is off: no resolver is declared to validate DNSSEC (mail.outbound.trustResolver).", "DANEは無効です。DNSSECを検証するリゾルバーが宣言されていません(mail.outbound.trustResolver)。");

    public static readonly LocalizedText NeverValidated = new(
        "DANE is on, but the resolver has not validated one answer yet: it does not validate, or its AD bit does not arrive.", "DANEは有効ですが、リゾルバーが一度も応答を検証していません。検証していないか、ADビットが届いていません。");

    public static LocalizedText PolicyProblem(StsState sts) => sts.Policy is null
        ? new($"The domain announces an MTA-STS policy that cannot be had, so mail goes without it: {sts.Problem}.", $"MTA-STSポリシーが公開されていますが取得できないため、適用せずに送信します: {sts.Problem}")
        : new($"The MTA-STS policy known before is kept to until its time is over: {sts.Problem}.", $"期限まで、取得済みのMTA-STSポリシーを適用します: {sts.Problem}");

    public static string Policy(TlsPolicy policy) => policy switch
    {
        TlsPolicy.Dane => "dane",
        TlsPolicy.DaneUnauthenticated => "dane-unauthenticated",
        TlsPolicy.StsEnforce => "sts-enforce",
        TlsPolicy.StsTesting => "sts-testing",
        _ => "opportunistic",
    };

    public static LocalizedText Says(RouteServer server) => server.Refused.Length > 0
        ? new($"not tried: {server.Refused}", $"接続しません: {server.Refused}")
        : server.Demand.Policy switch
        {
            TlsPolicy.Dane => new("DANE: TLS with a certificate that its TLSA records name, or the mail waits", "DANE: TLSAレコードと一致する証明書が必須です(一致しない場合は待機)"),
            TlsPolicy.DaneUnauthenticated => new("DANE without a usable record: TLS with any certificate, or the mail waits", "DANE(有効なレコードなし): TLSが必須です(証明書は確認しません)"),
            TlsPolicy.StsEnforce => new("MTA-STS (enforce): TLS with a valid certificate of its name, or the mail waits", "MTA-STS(enforce): 名前の一致する有効な証明書が必須です(満たさない場合は待機)"),
            TlsPolicy.StsTesting => new("MTA-STS (testing): TLS where offered; what fails is only reported", "MTA-STS(testing): 可能な場合にTLSを使用し、失敗は報告のみ行います"),
            _ => new("no policy: TLS where offered, with any certificate; else in the clear", "ポリシーなし: 可能な場合にTLSを使用し、できない場合は平文で送信します"),
        };

    public static LocalizedText Summary(Route route, string goes, string? nextHop, bool hasSmarthost)
    {
        switch (goes)
        {
            case "nextHop":
                return new($"The domain is served here: mail that arrives for it goes to its customer's server {nextHop}. What follows is what others find.", $"当社で受信しているドメインです。届いたメールはお客様のサーバー {nextHop} に配送します。以下は外部から見た配送先です。");
            case "smarthost":
                return nextHop is null && hasSmarthost ? new("Mail leaves by the provider's smarthost; what follows is what that server would find.", "事業者のスマートホストに送信します。以下はその先の配送先です。")
                    : nextHop is null
                    ? new("Nothing leaves: no smarthost is configured (mail.smarthost), and mail.outbound.route is not mx.", "送信できません。mail.smarthost が未設定で、mail.outbound.route も mx ではありません。")
                    : new($"Mail leaves by the smarthost {nextHop}; what follows is what that server would find.", $"スマートホスト {nextHop} に送信します。以下はその先の配送先です。");
            case "never":
                return new($"Mail goes back to its sender: {route.Plan.Why}.", $"送信者に返送します: {route.Plan.Why}");
            case "later":
                return new($"Mail waits: {route.Plan.Why}.", $"待機します: {route.Plan.Why}");
        }

        var first = route.Servers.FirstOrDefault(static server => server.MayBeTried);
        return first is null
            ? new("Mail waits: none of the servers may be tried now, as said at each.", "待機します。現在接続できるサーバーがありません。理由は各サーバーに示します。")
            : new($"Mail goes to {first.Host.Name} first: {Says(first).En}.", $"最初に {first.Host.Name} に送信します。{Says(first).Ja}。");
    }
}
