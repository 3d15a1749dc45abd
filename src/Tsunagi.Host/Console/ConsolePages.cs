using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Modules;
using Tsunagi.Host.Console.Account;
using Tsunagi.Host.Console.Audits;
using Tsunagi.Host.Console.Catalogue;
using Tsunagi.Host.Console.Dashboard;
using Tsunagi.Host.Console.Entry;
using Tsunagi.Host.Console.Events;
using Tsunagi.Host.Console.Finding;
using Tsunagi.Host.Console.Live;
using Tsunagi.Host.Console.Nodes;
using Tsunagi.Host.Console.Roles;
using Tsunagi.Host.Console.Subscriptions;
using Tsunagi.Host.Console.Tenants;
using Tsunagi.Host.Console.Tokens;
using Tsunagi.Host.Console.Users;
using Tsunagi.Ui;
using Tsunagi.Ui.Dashboard;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Live;
using Tsunagi.Ui.Subjects;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Host.Console;

/// <summary>The console and portal: the shell's own pages, and those of the modules.</summary>
public static class ConsolePages
{
    /// <summary>Adds what the pages need, beside Core's services.</summary>
    public static IServiceCollection AddConsole(this IServiceCollection services)
    {
        NodeHealth.MarkStart();
        services.AddUi();
        services.AddSingleton<CallerOf>(static http => http.FindCaller());
        services.AddHostedService<EventPump>();

        services.AddScoped<TenantNames>().AddScoped<MeterSeries>();
        services.AddTable<TenantTable>().AddTable<SubscriptionTable>().AddTable<EventTable>().AddTable<AuditTable>().AddTable<UserTable>().AddTable<TokenTable>().AddTable<NodeTable>();

        services.AddSingleton<CoreFigures>().AddSingleton<ILiveFigures>(static provider => provider.GetRequiredService<CoreFigures>());
        services.AddDashboardPart<CoreTiles>("", 100, DashboardPlace.Figures);
        services.AddDashboardPart<AttentionPanel>("core.event.read", 100, DashboardPlace.Main);
        services.AddDashboardPart<TroublePanel>("core.subscription.read", 200, DashboardPlace.Main);
        services.AddDashboardPart<NewestPanel>("core.event.read", 100, DashboardPlace.Side);
        services.AddDashboardPart<NodePanel>("core.node.read", 200, DashboardPlace.Side);

        services.AddSingleton(new SubjectPage("t", "/console/tenants/{0}", "building", new("Customer", "顧客")));
        services.AddSingleton(new SubjectPage("s", "/console/subscriptions/{0}", "package", new("Contract", "契約")));
        services.AddSingleton(new SubjectPage("d", null, "world-www", new("Domain", "ドメイン")));
        services.AddSingleton(new SubjectPage("x", null, "network", new("Address block", "アドレスブロック")));
        services.AddSingleton(new SubjectPage("l", null, "map-pin", new("Site", "拠点")));
        services.AddSingleton(new SubjectPage("c", null, "user", new("Contact", "連絡先")));
        services.AddSingleton(new SubjectPage("p", "/console/plans", "tags", new("Plan", "プラン")));
        services.AddSingleton(new SubjectPage("se", null, "device-desktop", new("Session", "セッション")));
        services.AddSingleton(new SubjectPage("u", "/console/users/{0}", "user-circle", new("User", "利用者")));
        services.AddSingleton(new SubjectPage("k", "/console/tokens", "key", new("API token", "APIトークン")));
        services.AddSingleton(new SubjectPage("r", "/console/roles", "shield-check", new("Role", "役割")));
        services.AddSingleton(new SubjectPage("e", "/console/events/{0}", "timeline-event", new("Event", "イベント")));
        return services;
    }

    /// <summary>Maps every page, form and stream under <c>/console</c>. Call after the modules have mapped theirs.</summary>
    public static void MapConsole(this WebApplication app, IReadOnlyCollection<ModuleMap> modules)
    {
        app.Services.GetRequiredService<ConsoleNavigation>().Fill(
            Navigation(),
            modules.Select(static module => new NavigationService(module.Name, module.Navigation)),
            modules.SelectMany(static module => module.Pages).Prepend(Assembly.GetExecutingAssembly()));
        app.MapUi();
        Preferences.Map(app);
        SuggestRoute.Map(app);
        TenantActs.Map(app);
        SubscriptionActs.Map(app);
        EntryActs.Map(app);
        AccountActs.Map(app);
        UserActs.Map(app);
        RoleActs.Map(app);
        TokenActs.Map(app);
        PlanActs.Map(app);
    }

    private static IEnumerable<NavigationEntry> Navigation() =>
    [
        new("/console", "layout-dashboard", new("Dashboard", "ダッシュボード"), "", 10),
        new("/console/events", "timeline-event", new("Events", "イベント"), "core.event.read", 20),
        new("/console/tenants", "sitemap", new("Customers", "顧客"), "core.tenant.read", 500),
        new("/console/subscriptions", "package", new("Contracts", "契約"), "core.subscription.read", 510),
        new("/console/users", "users", new("Users", "利用者"), "core.user.read", 800),
        new("/console/roles", "shield-check", new("Roles", "役割"), "core.role.read", 810),
        new("/console/tokens", "key", new("API tokens", "APIトークン"), "core.token.read", 820),
        new("/console/plans", "tags", new("Plans", "プラン"), "core.plan.read", 520),
        new("/console/nodes", "server-2", new("Nodes", "ノード"), "core.node.read", 880),
        new("/console/audit", "history", new("Audit", "監査ログ"), "core.audit.read", 890),
    ];
}
