using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Net;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Search;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Mail.Api;
using Tsunagi.Mail.Beside;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Checks.Classifier;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Mail.Checkv2;
using Tsunagi.Mail.Content;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Directories;
using Tsunagi.Mail.Greylist;
using Tsunagi.Mail.Import;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Limits;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Milter;
using Tsunagi.Mail.Pages;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Quarantine.Digest;
using Tsunagi.Mail.Quarantine.Preview;
using Tsunagi.Mail.Reporting.Daily;
using Tsunagi.Mail.Reporting.Dmarc;
using Tsunagi.Mail.Reports;
using Tsunagi.Mail.Routes;
using Tsunagi.Mail.Shadow;
using Tsunagi.Mail.Signing;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Submission;
using Tsunagi.Mail.Teach;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verbs;
using Tsunagi.Mail.Verdict;
using Tsunagi.Mail.WhatIf;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Ui.Dashboard;
using Tsunagi.Ui.Live;
using Tsunagi.Ui.Subjects;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Mail;

/// <summary>
/// The mail gateway: accepts mail for customers' domains, keeps it safe, relays it to their servers, and tells the story of every message.
/// The folders in the order data walks them: Contract (who bought what), Inbound (the SMTP server), Submission (who hands mail in after AUTH), Limits (how much anybody may send), Checks (what is found in a message), Greylist (who was here before), Verdict (what is done about it, for whom), WhatIf (past verdicts under another policy), Beside (the same for a message that another mail server has), Milter and Checkv2 (how that asks), Shadow (what is only watched, beside what the filter in service said),
/// Spool (what a record says), Pending (what waits before it leaves, and may be taken back), Delivery (the scheduler and the SMTP client), Routes (which servers take mail for a domain, what their TLS must be, and what domains are told of that), Signing (the keys and signatures of what leaves), Quarantine (what is held, and comes back), Teach (what people say of it), Reporting (bounces, and what other domains are told once a day), Reports (what others report of our customers' domains), Trace (the story, and events), Content (a message opened), Meters (what is billed), then Api, Pages, Verbs. The walk of a message is
/// told in <see cref="SmtpConnectionHandler"/> and goes on in <see cref="DeliveryScheduler"/>.
/// </summary>
public sealed class MailModule : IServiceModule
{
    public const string Id = "mail";

    public ModuleDescription Describe() => new(
        Id,
        new("Mail gateway", "メールゲートウェイ"),
        new("Accepts mail for customers' domains, relays it to their servers, and shows what became of each message.",
            "お客様ドメイン宛のメールを受け付けて中継し、一通ごとの経過を示します。"),
        RunsOn.EveryNode,
        Specifications:
        [
            new PlanSpecification(
                GatewaySettings.Kind,
                new("Mail gateway", "メールゲートウェイ"),
                new("Mail for the customer's domains is accepted, kept until delivered, and relayed to the customer's server.",
                    "お客様ドメイン宛のメールを受け付け、配送完了まで保管し、お客様のサーバーへ中継します。"),
                typeof(GatewaySettings),
                [MailMeters.Messages, MailMeters.Bytes]),
        ],
        Meters: MailMeters.All,
        Events: MailEvents.All,
        Permissions: MailPermissions.All,
        Schema: [MailControlSchema.Control, FilterSchema.Control, TraceSchema.Projections])
    {
        Options = typeof(MailOptions),
        Readiness = SpoolReadiness.All,
    };

    public void AddServices(IServiceCollection services, object? options)
    {
        services.TryAddSingleton((MailOptions)options!);
        services.TryAddSingleton<IDisk, RealDisk>();
        services.AddSingleton(Pages.MailRefusals.Words);
        services.AddSingleton<GatewayContracts>();
        services.AddSingleton<ProvedDomains>();
        services.AddSingleton<ISubscriptionRule>(static provider => provider.GetRequiredService<ProvedDomains>());
        services.AddSingleton<ISubscriptionRule, NextHopRule>();
        services.AddSingleton<ISubscriptionRule, RelayRule>();
        services.AddSingleton<MailMetrics>();
        services.AddSingleton<MailSpool>();
        services.AddSingleton<IReadiness, SpoolReadiness>();
        services.AddSingleton<NextHopBook>();
        services.AddSingleton<NextHopHolds>();
        services.AddSingleton<RecipientListBook>();
        AddDirectories(services);
        services.AddSingleton<RecipientLists>();
        services.AddSingleton<MailImport>();
        services.AddSingleton<CallAhead>();
        services.AddSingleton<RecipientCheck>();
        AddFilter(services);
        AddQuarantine(services);
        AddSigning(services);
        AddSubmission(services);
        AddPending(services);
        AddReports(services);
        AddRoutes(services);
        services.AddSingleton<DeliveryScheduler>();
        services.AddSingleton<NextHopOutages>();
        services.AddSingleton<TraceProjector>();
        services.AddSingleton<TraceRetention>();
        services.AddSingleton<MeterProjector>();
        services.AddSingleton<IMeterSource, TraceMeters>();
        services.AddSingleton<TraceStore>();
        services.AddSingleton<ContentDesk>();
        services.AddSingleton<NextHopProbe>();
        services.AddSingleton<ISearchSource, MessageSearch>();
        services.AddTable<MessageTable>();
        services.AddTable<QuarantineTable>();
        services.AddTable<SenderTable>();
        services.AddSingleton<MailTraffic>().AddSingleton<ILiveFigures>(static provider => provider.GetRequiredService<MailTraffic>());
        services.AddDashboardPart<MailTiles>(MailPermissions.TraceRead, 10, DashboardPlace.Figures);
        services.AddDashboardPart<MailTrafficPanel>(MailPermissions.TraceRead, 10, DashboardPlace.Main);
        services.AddSingleton(new SubjectPage("q", "/console/mail/quarantine/{0}", "shield-exclamation", new("Held message", "隔離メール")));
        services.AddSingleton(new SubjectPage("m", "/console/mail/messages/{0}", "mail", new("Message", "メール")));
        services.AddSingleton<MailListener>();
        services.AddSingleton(static provider => new SmtpSessionServices(
            provider.GetRequiredService<MailOptions>(),
            provider.GetRequiredService<GatewayContracts>(),
            provider.GetRequiredService<RecipientCheck>(),
            provider.GetRequiredService<NextHopBook>(),
            provider.GetRequiredService<MailSpool>(),
            provider.GetRequiredService<DeliveryScheduler>(),
            provider.GetRequiredService<RecipientLists>(),
            provider.GetRequiredService<MailFilter>(),
            provider.GetRequiredService<RefusalWriter>(),
            provider.GetRequiredService<MailListener>().Limits,
            provider.GetRequiredService<MailMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<SubmissionAccess>(),
            provider.GetRequiredService<SendingGuard>(),
            provider.GetRequiredService<ClientLimits>(),
            provider.GetService<Certificates>(),
            provider.GetRequiredService<PendingWord>(),
            provider.GetRequiredService<DmarcCounts>()));
        services.AddSingleton<SmtpConnectionHandler>();
        AddBeside(services);

        // Started in this order, stopped in the reverse: the spool first and last; the listener (Kestrel) starts after all of them.
        services.AddHostedService(static provider => provider.GetRequiredService<MailSpool>());
        services.AddHostedService(static provider => provider.GetRequiredService<RecipientLists>());
        services.AddHostedService(static provider => provider.GetRequiredService<DirectorySync>());
        services.AddHostedService(static provider => provider.GetRequiredService<PolicyWatch>());
        services.AddHostedService(static provider => provider.GetRequiredService<SharedModel>());
        services.AddHostedService(static provider => provider.GetRequiredService<TenantModels>());
        services.AddHostedService(static provider => provider.GetRequiredService<CheckOutages>());
        services.AddHostedService(static provider => provider.GetRequiredService<DnsListHealth>());
        services.AddHostedService(static provider => provider.GetRequiredService<GreylistBook>());
        services.AddHostedService(static provider => provider.GetRequiredService<SigningKeys>());
        services.AddHostedService(static provider => provider.GetRequiredService<CredentialBook>());
        services.AddHostedService(static provider => provider.GetRequiredService<CredentialUse>());
        services.AddHostedService(static provider => provider.GetRequiredService<SendingBook>());
        services.AddHostedService(static provider => provider.GetRequiredService<NextHopHolds>());
        services.AddHostedService(static provider => provider.GetRequiredService<TraceProjector>());
        services.AddHostedService(static provider => provider.GetRequiredService<RefusalWriter>());
        services.AddHostedService(static provider => provider.GetRequiredService<MeterProjector>());
        services.AddHostedService(static provider => provider.GetRequiredService<Correspondents>());
        services.AddHostedService(static provider => provider.GetRequiredService<DeliveryScheduler>());
        services.AddHostedService(static provider => provider.GetRequiredService<PendingKeeper>());
        services.AddHostedService(static provider => provider.GetRequiredService<SenderBook>());
        services.AddHostedService(static provider => provider.GetRequiredService<QuarantineKeeper>());
        services.AddHostedService(static provider => provider.GetRequiredService<HeldReleases>());
        services.AddHostedService(static provider => provider.GetRequiredService<HeldRetention>());
        services.AddHostedService(static provider => provider.GetRequiredService<DigestRun>());
        services.AddHostedService(static provider => provider.GetRequiredService<SigningKeeper>());
        services.AddHostedService(static provider => provider.GetRequiredService<NextHopOutages>());
        services.AddHostedService(static provider => provider.GetRequiredService<TraceRetention>());
        HostReports(services);
        AddListeners(services);
    }

    public void Map(ModuleMap map)
    {
        MailApi.Map(map.Api);
        QuarantineApi.Map(map.Api);
        PolicyApi.Map(map.Api);
        WhatIfApi.Map(map.Api);
        SigningApi.Map(map.Api);
        MailImportApi.Map(map.Api);
        ShadowApi.Map(map.Api);
        CredentialApi.Map(map.Api);
        PendingApi.Map(map.Api);
        DirectoryApi.Map(map.Api);
        ReportApi.Map(map.Api);
        RouteApi.Map(map.Api);
        map.Verbs.AddRange(MailVerbs.All);
        map.Verbs.AddRange(QuarantineVerbs.All);
        map.Verbs.AddRange(ConformanceVerbs.All);
        map.Verbs.AddRange(PolicyVerbs.All);
        map.Verbs.AddRange(WhatIfVerbs.All);
        map.Verbs.AddRange(SigningVerbs.All);
        map.Verbs.AddRange(ShadowVerbs.All);
        map.Verbs.AddRange(CredentialVerbs.All);
        map.Verbs.AddRange(PendingVerbs.All);
        map.Verbs.AddRange(DirectoryVerbs.All);
        map.Verbs.AddRange(MailImportVerbs.All);
        map.Verbs.AddRange(ClassifyVerbs.All);
        map.Verbs.AddRange(ReportVerbs.All);
        map.Verbs.AddRange(RouteVerbs.All);
        map.Verbs.AddRange(CheckVerbs.All);
        map.Pages.Add(typeof(MailModule).Assembly);
        map.Navigation.Add(new NavigationEntry("/console/mail/messages", "mail", new("Mail", "メール"), MailPermissions.TraceRead, 100));
        map.Navigation.Add(new NavigationEntry("/console/mail/queue", "inbox", new("Mail queue", "メールキュー"), MailPermissions.QueueRead, 110));
        map.Navigation.Add(new NavigationEntry("/console/mail/quarantine", "shield-exclamation", new("Quarantine", "隔離メール"), MailPermissions.QuarantineRead, 105));
        MailActs.Map(map.Root);
        QuarantineActs.Map(map.Root);
        RecipientActRoutes.Map(map.Root);
        TeachActs.Map(map.Root);
        map.Navigation.Add(new NavigationEntry("/console/mail/shadow", "eye", new("Mail shadow", "メール並行判定"), MailPermissions.TraceRead, 125));
        map.Navigation.Add(new NavigationEntry("/console/mail/policies", "shield", new("Mail policies", "メールポリシー"), MailPermissions.PolicyRead, 120));
        map.Navigation.Add(new NavigationEntry("/console/mail/recipients", "users", new("Recipients", "宛先一覧"), MailPermissions.RecipientsRead, 130));
        map.Navigation.Add(new NavigationEntry("/console/mail/signing", "key", new("Signatures", "DKIM署名"), MailPermissions.SigningRead, 140));
        map.Navigation.Add(new NavigationEntry("/console/mail/credentials", "mail-forward", new("Sending devices", "送信機器"), MailPermissions.CredentialRead, 135));
        map.Navigation.Add(new NavigationEntry("/console/mail/reports", "chart-bar", new("Domain reports", "ドメインレポート"), MailPermissions.ReportsRead, 145));
        CredentialActs.Map(map.Root);
        PendingActs.Map(map.Root);
        map.Navigation.Add(new NavigationEntry("/console/mail/pending", "clock-pause", new("Waits to leave", "送信保留"), MailPermissions.QueueRead, 112));
        PolicyActs.Map(map.Root);
        WhatIfActs.Map(map.Root);
        SigningActs.Map(map.Root);
        RecipientListActs.Map(map.Root);
        DirectoryActs.Map(map.Root);
        WhyRefused.Map(map.Root);
    }

    public async ValueTask<IReadOnlyList<ReconcileOutcome>> ReconcileAsync(
        IServiceProvider services, DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken)
    {
        var proved = await services.GetRequiredService<ProvedDomains>().ReadAsync(cancellationToken);
        return services.GetRequiredService<GatewayContracts>().Apply(snapshot, proved);
    }

    private static void AddFilter(IServiceCollection services)
    {
        services.AddSingleton(static provider => provider.GetRequiredService<MailOptions>().Filter);
        services.AddSingleton<PolicyBook>();
        services.AddSingleton<PolicyWatch>();
        services.AddSingleton<PolicyDesk>();
        services.AddSingleton<CheckOutages>();
        services.AddSingleton<ICheckOutages>(static provider => provider.GetRequiredService<CheckOutages>());
        services.AddSingleton<ScanMemory>();
        services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<DnsListHealth>(provider));
        services.AddChecks();
        services.AddSingleton<TaughtBook>();
        services.AddSingleton<TenantModels>();
        services.AddSingleton<TeachDesk>();
        services.AddSingleton<GreylistBook>();
        services.AddSingleton<GreylistWord>();
        services.AddSingleton<MailFilter>();
        services.AddSingleton<PastMessages>();
        services.AddSingleton<WhatIfDesk>();
        services.AddSingleton<WhatIfRuns>();
        services.AddSingleton<RefusalWriter>();
        services.AddSingleton<ShadowStore>();
        services.AddTable<ShadowTable>();
    }

    private static void AddReports(IServiceCollection services)
    {
        services.AddSingleton<ReportLine>();
        services.AddSingleton(static provider => new SourceNames(provider.GetRequiredService<MailOptions>(), provider.GetRequiredService<TimeProvider>(), ResolverOf(provider)));
        services.AddSingleton(static provider => new ReportAuthor(provider.GetRequiredService<MailOptions>(), ResolverOf(provider)));
        services.AddSingleton<ReportDesk>();
        services.AddSingleton<ReportBook>();
        services.AddSingleton<ReportIntake>();
        services.AddSingleton<ReportRetention>();
        services.AddTable<ReportTable>();
        services.AddSingleton(new SubjectPage("mr", "/console/mail/reports/of/{0}", "chart-bar", new("Domain report", "ドメインレポート")));
    }

    private static void AddBeside(IServiceCollection services)
    {
        services.AddSingleton<MilterListener>();
        services.AddSingleton<BesideServices>();
        services.AddSingleton<MilterConnectionHandler>();
        services.AddSingleton<Checkv2Server>();
        services.AddSingleton<Checkv2Listener>();
        services.AddSingleton<IStartupFilter>(static provider => provider.GetRequiredService<Checkv2Listener>());
    }

    private static void AddRoutes(IServiceCollection services)
    {
        services.AddSingleton<MailTrust>();
        services.AddSingleton<RouteHttp>();
        services.AddSingleton<StsFetch>();
        services.AddSingleton<StsPolicies>();
        services.AddSingleton<ValidationWatch>();
        services.AddSingleton<RouteBook>();
        services.AddSingleton<TlsResults>();
        services.AddSingleton<MxDoor>();
        services.AddSingleton<RouteDesk>();
        services.AddSingleton<ReportPost>();
        services.AddSingleton<TlsReportPost>();
        services.AddSingleton<TlsReportRun>();
        services.AddSingleton<DmarcCounts>();
        services.AddSingleton<DmarcReportMaking>();
        services.AddSingleton<DmarcReportRun>();
    }

    private static void HostReports(IServiceCollection services)
    {
        services.AddHostedService(static provider => provider.GetRequiredService<ReportIntake>());
        services.AddHostedService(static provider => provider.GetRequiredService<ReportRetention>());
        services.AddHostedService(static provider => provider.GetRequiredService<StsPolicies>());
        services.AddHostedService(static provider => provider.GetRequiredService<ValidationWatch>());
        services.AddHostedService(static provider => provider.GetRequiredService<TlsResults>());
        services.AddHostedService(static provider => provider.GetRequiredService<TlsReportRun>());
        services.AddHostedService(static provider => provider.GetRequiredService<DmarcCounts>());
        services.AddHostedService(static provider => provider.GetRequiredService<DmarcReportRun>());
    }

    private static MailResolver? ResolverOf(IServiceProvider provider) =>
        provider.GetService<IMailDns>() is { } dns ? new MailResolver(dns, provider.GetRequiredService<FilterOptions>(), provider.GetRequiredService<TimeProvider>()) : null;

    private static void AddSigning(IServiceCollection services)
    {
        services.AddSingleton<SigningKeys>();
        services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<SigningKeeper>(provider));
        services.AddSingleton<SigningDesk>();
        services.AddSingleton<OutboundSigner>();
    }

    private static void AddSubmission(IServiceCollection services)
    {
        services.AddSingleton<CredentialBook>();
        services.AddSingleton<CredentialUse>();
        services.AddSingleton<SendingBook>();
        services.AddSingleton<SendingGuard>();
        services.AddSingleton<ClientLimits>();
        services.AddSingleton<CredentialDesk>();
        services.AddSingleton<SubmissionAccess>();
        services.AddSingleton(static provider => new SubmissionListener(provider.GetRequiredService<MailOptions>(), provider.GetService<Certificates>()));
        services.AddTable<CredentialTable>();
        services.AddSingleton(new SubjectPage("mc", "/console/mail/credentials/{0}", "mail-forward", new("Mail credential", "送信用認証情報")));
    }

    private static void AddDirectories(IServiceCollection services)
    {
        services.AddSingleton<DirectoryBook>();
        services.AddSingleton<DirectoryReading>();
        services.AddSingleton<DirectorySync>();
        services.AddSingleton<DirectoryDesk>();
    }

    private static void AddListeners(IServiceCollection services)
    {
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>>(static provider => provider.GetRequiredService<MailListener>());
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>>(static provider => provider.GetRequiredService<SubmissionListener>());
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>>(static provider => provider.GetRequiredService<MilterListener>());
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>>(static provider => provider.GetRequiredService<Checkv2Listener>());
    }

    private static void AddPending(IServiceCollection services)
    {
        services.AddSingleton<Correspondents>();
        services.AddSingleton<PendingWord>();
        services.AddSingleton<PendingBook>();
        services.AddSingleton<PendingLinks>();
        services.AddSingleton<PendingDoor>();
        services.AddSingleton<PendingNotices>();
        services.AddSingleton<PendingDesk>();
        services.AddSingleton<PendingKeeper>();
        services.AddTable<PendingTable>();
        services.AddSingleton(new SubjectPage("mp", "/console/mail/pending?filter={0}", "clock-pause", new("Mail that waits to leave", "送信保留メール")));
    }

    private static void AddQuarantine(IServiceCollection services)
    {
        services.AddSingleton<HoldLine>();
        services.AddSingleton<HeldBodies>();
        services.AddSingleton<HeldBook>();
        services.AddSingleton<QuarantineKeeper>();
        services.AddSingleton<SpoolOnce>();
        services.AddSingleton<HeldReleases>();
        services.AddSingleton<SenderBook>();
        services.AddSingleton<HeldDesk>();
        services.AddSingleton<HeldRetention>();
        services.AddSingleton<RecipientLinks>();
        services.AddSingleton<RecipientDoor>();
        services.AddSingleton<DigestRun>();
        services.AddSingleton<HeldReading>();
    }
}
