using Tsunagi.Core.Events;

namespace Tsunagi.Ddos.Incidents;

/// <summary>The events of DDoS protection.</summary>
internal static class DdosEvents
{
    public const string IncidentOpened = "ddos.incident.opened@1";
    public const string IncidentClosed = "ddos.incident.closed@1";
    public const string SamplingUnknown = "ddos.exporter.sampling-unknown@1";
    public const string ExporterUnknown = "ddos.exporter.unknown@1";
    public const string ExporterDoubted = "ddos.exporter.doubted@1";
    public const string ExporterSilent = "ddos.exporter.silent@1";
    public const string ExporterBack = "ddos.exporter.back@1";
    public const string FlowsLost = "ddos.flows.lost@1";
    public const string FlowsNotKept = "ddos.flows.not-kept@1";
    public const string NotCounted = "ddos.traffic.not-counted@1";
    public const string MitigationMade = "ddos.mitigation.made";
    public const string MitigationEnded = "ddos.mitigation.ended";
    public const string MitigationProposed = "ddos.mitigation.proposed@1";
    public const string ModeChanged = "ddos.mode.changed";
    public const string ModeWithoutReport = "ddos.mode.without-report@1";
    public const string DryRunMade = "ddos.dry-run.made";
    public const string Frozen = "ddos.frozen@1";
    public const string Thawed = "ddos.thawed@1";
    public const string WithdrawnAll = "ddos.withdrawn-all@1";

    public const string IncidentShared = "ddos.incident.shared";
    public const string ShareWithdrawn = "ddos.share.withdrawn";
    public const string SourcesKnown = "ddos.incident.sources-known@1";
    public const string PeerFailing = "ddos.peer.failing@1";
    public const string PeerBack = "ddos.peer.back@1";

    public static readonly IReadOnlyList<EventDeclaration> All =
    [
        new(IncidentOpened, EventSeverity.Warning, new("Traffic to a protected address or prefix passed its limit.", "保護対象への通信量が上限を超えました。"),
            new("See the incident: what it looks like, from where, and how sure the figure is. A rule can be announced from there.", "インシデント画面で内容、送信元、推定値の確度を確認してください。ルールもそこから広告できます。")),
        new(IncidentClosed, EventSeverity.Notice, new("An incident is over.", "攻撃が終息しました。")),
        new(SamplingUnknown, EventSeverity.Warning, new("A flow exporter does not say how it samples: its figures may be too small by an unknown factor.", "フロー送信元のサンプリング率が不明なため、値が過小になる可能性があります。"),
            new("Let the router send its options templates, or state the rate under ddos.collect.exporters.", "ルーターにオプションテンプレートを送信させるか、ddos.collect.exporters で率を指定してください。")),
        new(ExporterUnknown, EventSeverity.Warning, new("Flow datagrams come from an address that is not allowed; they are not read.", "許可されていないアドレスからフローを受信しました(読み取りません)。"),
            new("If it is a router of yours, add it under ddos.collect.exporters; if not, somebody may be forging flows.", "自社のルーターであれば ddos.collect.exporters に追加してください。そうでなければ偽造の可能性があります。")),
        new(ExporterDoubted, EventSeverity.Warning, new("What comes in a flow exporter's name may be forged: attacks it tells of are shown, and no rule goes out by itself for their targets.", "フロー送信元を騙る偽造の可能性があります(攻撃は表示しますが、対象へのルールは自動では広告しません)。"),
            new("See the reason. If the router was changed, it passes by itself within ten minutes; if nobody else can send in its name, say trusted under ddos.collect.exporters. Else find who forges it.", "理由を確認してください。ルーターの変更によるものなら10分以内に自動的に解消します。他者が騙れない構成であれば ddos.collect.exporters に trusted を指定し、そうでなければ偽造元を調査してください。")),
        new(ExporterSilent, EventSeverity.Warning, new("A flow exporter that sent before is silent: attacks seen only by it are not seen now.", "フロー送信元からの受信が途絶え、その範囲の攻撃を検知できません。"),
            new("Look at the router and at the way to the collector.", "ルーターとコレクターまでの経路を確認してください。")),
        new(ExporterBack, EventSeverity.Notice, new("A flow exporter sends again.", "フロー送信元からの受信が再開しました。")),
        new(FlowsLost, EventSeverity.Warning, new("Flow datagrams were lost: by the kernel since the program was too slow, or on the way.", "フローの欠落を検出しました(受信側の処理遅れ、または経路上)。"),
            new("See the exporters' page: which, and where. Raise net.core.rmem_max or the sampling.", "フロー送信元の画面で箇所を確認し、net.core.rmem_max かサンプリング率を見直してください。")),
        new(FlowsNotKept, EventSeverity.Warning, new("Flow records are not kept: the disk is full or fails, or is too slow. Detection goes on.", "フロー記録を保存できていません(ディスクの空き不足、障害、または速度不足)。検知は継続します。"),
            new("See the reason; make room on the disk, or let less be kept: ddos.archive.mostBytes, keep.", "理由を確認し、ディスクの空きを増やすか、ddos.archive.mostBytes や keep を小さくしてください。")),
        new(NotCounted, EventSeverity.Warning, new("More addresses had traffic at once than are counted: the others are counted in their prefixes only.", "通信のあるアドレス数が計数の上限を超えたため、超過分はプレフィックス単位でのみ計数しています。"),
            new("Look for a flood to random addresses among the prefixes; if the addresses are real, raise ddos.traffic.maxCounted (131 bytes each).", "ランダムなアドレス宛の攻撃がないかプレフィックス単位で確認し、実在するアドレスであれば ddos.traffic.maxCounted を大きくしてください(1件あたり約131バイト)。")),
        new(MitigationMade + "@1", EventSeverity.Notice, new("A rule against an attack was made and is announced to the routers.", "遮断ルールを作成し、ルーターへ広告しました。")),
        new(MitigationEnded + "@1", EventSeverity.Notice, new("A rule was lifted or its time was over; it is withdrawn from the routers.", "ルールが解除されたか期限を迎え、ルーターから取り消しました。")),
        new(MitigationProposed, EventSeverity.Warning, new("Rules that would stop an attack wait to be released.", "攻撃を遮断するルール案が解放待ちです。"),
            new("See the incident: what the rules would stop, and what of the customer's own traffic; release them there.", "インシデント画面で遮断率と巻き添えの割合を確認し、解放してください。")),
        new(ModeChanged + "@1", EventSeverity.Notice, new("It was decided anew what is done about attacks on a protection's prefixes.", "攻撃への対応モードが変更されました。")),
        new(ModeWithoutReport, EventSeverity.Warning, new("A protection was set to do more about attacks without the report of a dry run.", "ドライランのレポートなしで、攻撃への対応モードが引き上げられました。"),
            new("See who did it and why; make a dry run (tsunagi ddos dry-run), and set it back to observe if that says so.", "実施者と理由を確認し、ドライランを実行してください。結果によっては「監視のみ」に戻してください。")),
        new(DryRunMade + "@1", EventSeverity.Notice, new("A dry run is over: what would have been done about attacks on a protection's prefixes in the last days.", "攻撃対応のドライランが完了しました。")),
        new(Frozen, EventSeverity.Warning, new("The switch was thrown on a node: nothing new is announced.", "ノード上で凍結されました。新しいルールは広告されません。"),
            new("tsunagi ddos thaw on that node, when it is clear why it was thrown.", "理由を確認のうえ、そのノードで tsunagi ddos thaw を実行してください。")),
        new(Thawed, EventSeverity.Notice, new("A node announces new rules again.", "ノードの凍結が解除されました。")),
        new(WithdrawnAll, EventSeverity.Warning, new("All rules were withdrawn by the switch on a node.", "ノード上の操作により、すべてのルールを取り消しました。"),
            new("See who did it and why; rules that are still needed must be made again.", "実行者と理由を確認してください。必要なルールは作成し直してください。")),
        new(IncidentShared + "@1", EventSeverity.Notice, new("An incident was shared with a group, without its victim unless that was decided.", "インシデントを共有グループに共有しました(指定がない限り被害者は匿名です)。")),
        new(ShareWithdrawn + "@1", EventSeverity.Notice, new("A shared incident was withdrawn: the group was told that it does not hold.", "共有したインシデントを撤回し、グループへ通知しました。")),
        new(SourcesKnown, EventSeverity.Notice, new("Sources of an attack that goes on were named by a peer before. Nothing is blocked for that.", "攻撃の送信元が、共有先から受け取った情報に含まれています(それによる遮断は行いません)。"),
            new("See the incident: which sources, who named them, and how sure that is.", "インシデント画面で該当する送信元、提供元、確度を確認してください。")),
        new(PeerFailing, EventSeverity.Warning, new("A sharing peer does not answer as it should: nothing comes from it or goes to it meanwhile.", "共有先サーバーとの通信に失敗しており、送受信が止まっています。"),
            new("See the reason: an address or a certificate is mended there, a refused token under ddos.sharing.peers. It is tried again by itself, and nothing is lost.", "理由を確認してください。接続先や証明書は共有先で、トークンは ddos.sharing.peers で直します。自動的に再試行し、欠落はありません。")),
        new(PeerBack, EventSeverity.Notice, new("A sharing peer answers again.", "共有先サーバーとの通信が回復しました。")),
    ];
}
