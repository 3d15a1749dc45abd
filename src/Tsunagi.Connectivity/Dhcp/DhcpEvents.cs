using Tsunagi.Core.Events;

namespace Tsunagi.Connectivity.Dhcp;

/// <summary>The events of DHCP of one family.</summary>
/// <param name="Family">"DHCPv6".</param>
/// <param name="Section">"connectivity.dhcp6".</param>
internal sealed record DhcpEvents(string Family, string Section, string UnknownClient, string UnknownRelay, string Refused, string Declined, string Flooded)
{
    public IReadOnlyList<EventDeclaration> All { get; } =
    [
        new(UnknownClient, EventSeverity.Notice, new($"A client of {Family} is on no line that is known; it is not answered.", $"どの回線にも該当しない{Family}クライアントです(応答しません)。"),
            new("See what its relay says about the place, and state that as the line's circuit id or remote id.", "リレーが通知する識別子を確認し、回線の回線IDまたはリモートIDに登録してください。")),
        new(UnknownRelay, EventSeverity.Warning, new($"A relay of {Family} that is none of ours sends; it is not answered.", $"未登録の{Family}リレーからの要求です(応答しません)。"),
            new($"If it is one of yours, add it as an access server, or to {Section}.relays.", $"自社の機器であれば、アクセスサーバーとして、または{Section}.relaysに登録してください。")),
        new(Refused, EventSeverity.Notice, new("A line got no address or prefix; told once in a while.", "回線にアドレスまたはプレフィックスを割り当てられませんでした(一定時間ごとに通知)。"),
            new("See the reason: suspended, no pool in its plan, a pool that is used up.", "理由(停止中、プランにプールなし、プール枯渇)を確認してください。")),
        new(Declined, EventSeverity.Warning, new("A client found that somebody else uses the address it was given; nobody gets it for a while.", "割り当てたアドレスが既に使用されていると通知されました。一定期間再利用しません。"),
            new("Look for who uses it: an address set by hand, or two routers on one line.", "手動設定や一回線での二重接続がないか確認してください。")),
        new(Flooded, EventSeverity.Warning, new($"A line sends more messages of {Family} than it may; for the rest of the minute it is not answered.", $"回線の{Family}要求が上限を超えたため、その分間は応答しません。"),
            new("Look at the router: a loop, or software that asks without pause.", "ルーターのループや異常な再送がないか確認してください。")),
    ];
}
