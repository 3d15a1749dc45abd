using Tsunagi.Core.Audit;
using Tsunagi.Core.Events;
using Tsunagi.Core.Modules;

namespace Tsunagi.Core;

/// <summary>Core itself in the terms of a module: the events it writes, what may be allowed, its tables.</summary>
public static class CoreDescription
{
    public static readonly ModuleDescription Description = new(
        "core",
        new("Core", "基盤"),
        new("Tenants, contracts, identity, meters and events", "テナント、契約、認証、計量、イベント"),
        RunsOn.EveryNode,
        Specifications: [],
        Meters: [],
        Events:
        [
            Info("tenant.created@1", "A tenant was added.", "テナントが追加されました。"),
            Info("tenant.changed@1", "A tenant's record was changed.", "テナント情報が変更されました。"),
            Info("contact.added@1", "A contact was added.", "連絡先が追加されました。"),
            Info("contact.changed@1", "A contact was changed.", "連絡先が変更されました。"),
            Info("contact.removed@1", "A contact was removed.", "連絡先が削除されました。"),
            Info("domain.claimed@1", "A tenant says a domain is its own; it is not usable before proof.", "ドメインの所有が申告されました(証明前は利用できません)。"),
            new("domain.proved@1", EventSeverity.Notice, new("The control of a domain was proved.", "ドメインの管理権が証明されました。")),
            new("domain.released@1", EventSeverity.Notice, new("A domain was given up and rests before another tenant may have it.", "ドメインが返上され、待機期間に入りました。")),
            Info("prefix.claimed@1", "A tenant says an address block is its own; an operator has to approve it.", "アドレスブロックの所有が申告されました(承認が必要です)。"),
            new("prefix.proved@1", EventSeverity.Notice, new("An address block was approved.", "アドレスブロックが承認されました。")),
            new("prefix.released@1", EventSeverity.Notice, new("An address block was given up.", "アドレスブロックが返上されました。")),
            Info("site.added@1", "A site was added.", "拠点が追加されました。"),
            Info("site.changed@1", "A site was changed.", "拠点が変更されました。"),
            Info("site.removed@1", "A site was removed.", "拠点が削除されました。"),
            Info("plan.created@1", "A plan was added to the catalogue.", "プランが追加されました。"),
            new("plan.changed@1", EventSeverity.Notice, new("A plan's name or prices changed; running subscriptions keep theirs.", "プランが改定されました(既存契約の料金は変わりません)。")),
            new("subscription.taken@1", EventSeverity.Notice, new("A tenant took a service.", "サービスの契約が始まりました。")),
            new("subscription.changed@1", EventSeverity.Notice, new("The terms or settings of a subscription changed.", "契約の内容または設定が変更されました。")),
            new("subscription.ended@1", EventSeverity.Notice, new("A subscription ended.", "契約が終了しました。")),
            new("subscription.held@1", EventSeverity.Warning, new("A hold was placed on a subscription.", "契約に保留がかけられました。"),
                new("Lift the hold on the subscription's page when its reason is gone.", "理由が解消したら、契約の画面で保留を解除してください。")),
            new("subscription.hold-lifted@1", EventSeverity.Notice, new("A hold was lifted; others, if any, stay.", "保留が一つ解除されました(他の保留は残ります)。")),
            new("usage.recorded@1", EventSeverity.Notice, new("Usage was recorded from outside, or corrected.", "利用量が外部から記録、または訂正されました。")),
        ],
        Permissions:
        [
            new("core.tenant.read", new("See tenants, contacts, domains, address blocks and sites", "テナント、連絡先、ドメイン、アドレス、拠点の閲覧")),
            new("core.tenant.write", new("Change tenants, contacts, domains, address blocks and sites", "同上の変更")),
            new("core.plan.read", new("See the catalogue", "プランの閲覧")),
            new("core.plan.write", new("Change the catalogue", "プランの変更")),
            new("core.subscription.read", new("See subscriptions", "契約の閲覧")),
            new("core.subscription.write", new("Take, change and end subscriptions", "契約の開始、変更、終了")),
            new("core.hold.write", new("Place and lift holds", "保留の設定と解除")),
            new("core.event.read", new("See events", "イベントの閲覧")),
            new("core.usage.read", new("See usage and invoice previews", "利用量と請求見込の閲覧")),
            new("core.usage.write", new("Record and correct usage", "利用量の記録と訂正")),
            new("core.node.read", new("See nodes and their health", "ノードの状態の閲覧")),
            new("core.apply.write", new("Apply a provider file", "構成ファイルの適用")),
        ],
        Schema: [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema]);

    private static EventDeclaration Info(string type, string en, string ja) => new(type, EventSeverity.Info, new(en, ja));
}
