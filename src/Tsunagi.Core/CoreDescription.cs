using Tsunagi.Core.Audit;
using Tsunagi.Core.Events;
using Tsunagi.Core.Idempotency;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outbound.Webhooks;
using Tsunagi.Core.Queue;
using Tsunagi.Core.Secrets;

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
            new("credit.proposed@1", EventSeverity.Notice, new("A service proposes a credit.", "サービスが返還を提案しました。"), new("Look at its evidence and approve or reject it.", "根拠を確認し、承認または却下してください。")),
            new("credit.approved@1", EventSeverity.Notice, new("A credit was approved: it is on the next invoice.", "返還を承認しました(次回請求に反映)。")),
            new("credit.rejected@1", EventSeverity.Notice, new("A credit was rejected.", "返還を却下しました。")),
            new("subscription.hold-lifted@1", EventSeverity.Notice, new("A hold was lifted; others, if any, stay.", "保留が一つ解除されました(他の保留は残ります)。")),
            Info("user.added@1", "A user was added.", "利用者が追加されました。"),
            Info("user.changed@1", "A user's record was changed.", "利用者の情報が変更されました。"),
            new("user.disabled@1", EventSeverity.Notice, new("A user was disabled; sessions and tokens ended at once.", "利用者が停止され、セッションとトークンが無効になりました。")),
            Info("user.enabled@1", "A user may sign in again.", "利用者の停止が解除されました。"),
            new("user.roles-changed@1", EventSeverity.Notice, new("A user's roles were changed.", "利用者の役割が変更されました。")),
            Info("user.password-set@1", "A user set a password; the other sessions ended.", "パスワードが設定されました。"),
            Info("user.totp-set@1", "A user set up one-time codes.", "ワンタイムコードが設定されました。"),
            new("user.totp-removed@1", EventSeverity.Notice, new("One-time codes of a user were removed.", "ワンタイムコードが解除されました。")),
            new("user.link-made@1", EventSeverity.Notice, new("A one-time link to set a password was made.", "パスワード設定用の一度限りのリンクが作成されました。")),
            Info("role.added@1", "A role was made.", "役割が作成されました。"),
            new("role.changed@1", EventSeverity.Notice, new("A role was changed.", "役割が変更されました。")),
            Info("role.removed@1", "A role was removed.", "役割が削除されました。"),
            new("token.made@1", EventSeverity.Notice, new("An API token was made.", "APIトークンが発行されました。")),
            new("token.revoked@1", EventSeverity.Notice, new("An API token was revoked.", "APIトークンが失効しました。")),
            Info("webhook.added@1", "A webhook was added.", "Webhookが追加されました。"),
            Info("webhook.changed@1", "A webhook was changed.", "Webhookが変更されました。"),
            Info("webhook.removed@1", "A webhook was removed.", "Webhookが削除されました。"),
            new("session.throttled@1", EventSeverity.Warning, new("Many failed sign-ins for one account.", "一つのアカウントでサインインの失敗が続いています。"),
                new("Ask the user whether it was he; if not, the password is being guessed: one-time codes stop that.", "本人に確認してください。本人でなければ推測攻撃です。ワンタイムコードの設定を勧めてください。")),
            new("apply.finished@1", EventSeverity.Notice, new("A provider file was applied.", "構成ファイルが適用されました。")),
            new("usage.recorded@1", EventSeverity.Notice, new("Usage was recorded from outside, or corrected.", "利用量が外部から記録、または訂正されました。")),
            Info("usage.imported@1", "Many records of usage came from outside at once.", "利用量が外部からまとめて記録されました。"),
        ],
        Permissions:
        [
            new("core.tenant.read", new("See tenants, contacts, domains, address blocks and sites", "テナント、連絡先、ドメイン、アドレス、拠点の閲覧")),
            new("core.tenant.write", new("Change tenants, contacts, domains, address blocks and sites", "テナント、連絡先、ドメイン、アドレス、拠点の変更")),
            new("core.plan.read", new("See the catalogue", "プランの閲覧")),
            new("core.plan.write", new("Change the catalogue", "プランの変更"), OperatorOnly: true),
            new("core.subscription.read", new("See subscriptions", "契約の閲覧")),
            new("core.subscription.write", new("Take, change and end subscriptions", "契約の開始、変更、終了")),
            new("core.hold.write", new("Place and lift holds", "保留の設定と解除"), OperatorOnly: true),
            new("core.event.read", new("See events", "イベントの閲覧")),
            new("core.usage.read", new("See usage and invoice previews", "利用量と請求見込の閲覧")),
            new("core.usage.write", new("Record and correct usage", "利用量の記録と訂正"), OperatorOnly: true),
            new("core.node.read", new("See nodes and their health", "ノードの状態の閲覧"), OperatorOnly: true),
            new("core.apply.write", new("Apply a provider file", "構成ファイルの適用"), OperatorOnly: true),
            new("core.user.read", new("See users and their roles", "利用者と役割の閲覧")),
            new("core.user.write", new("Add, change and disable users, give roles", "利用者の追加、変更、停止、役割の付与")),
            new("core.role.read", new("See roles", "役割の閲覧")),
            new("core.role.write", new("Make and change roles", "役割の作成と変更")),
            new("core.token.read", new("See API tokens", "APIトークンの閲覧")),
            new("core.token.write", new("Make and revoke API tokens", "APIトークンの発行と失効")),
            new("core.audit.read", new("See the audit", "監査記録の閲覧")),
            new("core.audit.verify", new("Check the whole audit chain", "監査記録の検証"), OperatorOnly: true),
            new("core.webhook.read", new("See webhooks and their deliveries", "Webhookの閲覧")),
            new("core.webhook.write", new("Make, change and remove webhooks", "Webhookの作成、変更、削除")),
        ],
        Schema:
        [
            CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, SecretBox.Schema, IdentitySchema.Control, WorkQueueSchema.Part, LeaseSchema.Control,
            LeaseSchema.Projections, IdempotencySchema.Part, WebhookSchema.Part, Apply.ManagedThings.Schema, NodeSchema.Part,
        ])
    {
        Readiness = CoreReadiness.All,
    };

    private static EventDeclaration Info(string type, string en, string ja) => new(type, EventSeverity.Info, new(en, ja));
}
