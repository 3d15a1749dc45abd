using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity;

/// <summary>
/// Connectivity on real stores with Core's services as the host wires them, no web and no background work: what a hosted service would do is asked for. Several worlds may
/// share one database, as nodes do.
/// </summary>
internal sealed class ConnectivityWorld : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly IAsyncDisposable? _owned;

    private ConnectivityWorld(Stores stores, string directory, ServiceProvider services, ManualTime time, IAsyncDisposable? owned)
    {
        Stores = stores;
        Directory = directory;
        _services = services;
        Time = time;
        _owned = owned;
    }

    public Stores Stores { get; }

    public string Directory { get; }

    public ManualTime Time { get; }

    public Tenant Root { get; private set; } = null!;

    public Caller Operator { get; private set; } = null!;

    public LineBook Lines => Get<LineBook>();

    public LineSnapshot Snapshot => Get<LineSnapshotHolder>().Current;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<SqlDialect> BothStores => [SqlDialect.Sqlite, SqlDialect.Postgres];

    public static async Task<ConnectivityWorld> OpenAsync(SqlDialect dialect = SqlDialect.Sqlite, ConnectivityOptions? options = null, TimeProvider? clock = null, IDisk? disk = null, IKernelRoutes? routes = null)
    {
        SchemaPart[] schema = [.. CoreDescription.Description.Schema, .. new ConnectivityModule().Describe().Schema];
        var stores = dialect == SqlDialect.Sqlite ? await TestStores.OpenAsync(schema) : await TestStores.OpenOnPostgresAsync(schema);
        return await OpenAsync(stores.Stores, stores.Directory, "node-1", options, new ManualTime(), stores, clock, disk, routes: routes);
    }

    /// <summary>On stores that are somebody else's, with all tables there.</summary>
    public static Task<ConnectivityWorld> OpenOnAsync(Stores stores, string directory, ConnectivityOptions options, TimeProvider clock, IKernelRoutes? routes = null) =>
        OpenAsync(stores, directory, "node-1", options, new ManualTime(), null, clock, routes: routes);

    /// <summary>A node of the same stores whose data lie on a disk of its own.</summary>
    public Task<ConnectivityWorld> BootAsync(string node, string dataDirectory, ConnectivityOptions options, IDisk disk) => OpenAsync(Stores, Directory, node, options, Time, null, TimeProvider.System, disk, dataDirectory);

    /// <summary>The same node started again, with what it left and the same clock.</summary>
    public Task<ConnectivityWorld> AgainAsync(ConnectivityOptions options, IDisk? disk = null, IKernelRoutes? routes = null) => OpenAsync(Stores, Directory, "node-1", options, Time, null, null, disk, routes: routes);

    /// <summary>A second node on the same database, with the same keys and the same clock.</summary>
    public Task<ConnectivityWorld> BesideAsync(string node = "node-2", ConnectivityOptions? options = null, IKernelRoutes? routes = null) => OpenAsync(Stores, Directory, node, options, Time, null, null, routes: routes);

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public async Task<Tenant> AddTenantAsync(string name, Tenant? below = null) =>
        Value(await Get<TenantDirectory>().AddAsync(Operator, new NewTenant((below ?? Root).Id, TenantKind.Customer, name), Cancel));

    public Task<SubscriptionView> BroadbandAsync(Tenant tenant, object settings, long quantity = 1) => TakeAsync(tenant, BroadbandSettings.Kind, settings, quantity);

    public async Task<SubscriptionView> TakeAsync(Tenant tenant, string kind, object settings, long quantity = 1)
    {
        var code = await PlanAsync(kind);
        return Value(await Get<SubscriptionOrders>().TakeAsync(Operator, new NewSubscription(tenant.Id, code, "Line of " + tenant.Name, JsonSerializer.SerializeToElement(settings), quantity), Cancel));
    }

    /// <summary>A plan of a kind, by its code.</summary>
    public async Task<string> PlanAsync(string kind)
    {
        var code = kind.Replace('.', '-');
        Value(await Get<Plans>().PutAsync(Operator, new NewPlan(code, kind, code, null, "JPY", [new FlatPrice("Fee", 100)]), Cancel));
        return code;
    }

    public async Task<LineMade> AddLineAsync(SubscriptionView subscription, string userName, string? password = null) =>
        Value(await Lines.AddAsync(Operator, new NewLine { SubscriptionId = subscription.Id, UserName = userName, Password = password }, Cancel));

    /// <summary>What the reconciler does at a change.</summary>
    public async Task ReconcileAsync() => await Get<Reconciler>().PassAsync(Cancel);

    /// <summary>What the feed does at a hint.</summary>
    public async Task FollowAsync() => await Get<LineFeed>().RefreshAsync(Cancel);

    public async Task<string?> WhyNotAsync(string subscription) =>
        (await Get<SubscriptionBook>().RunningAsync(Operator, subscription, Cancel)).Select(static state => state.WhyNotYet).FirstOrDefault();

    public static Caller CallerOf(Tenant tenant) => TestProvider.CallerOf(tenant);

    public static T Value<T>(Outcome<T> outcome) => TestProvider.Value(outcome);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_owned is not null)
        {
            await _owned.DisposeAsync();
        }
    }

    private static async Task<ConnectivityWorld> OpenAsync(
        Stores stores, string directory, string node, ConnectivityOptions? options, ManualTime time, IAsyncDisposable? owned, TimeProvider? clock, IDisk? disk = null, string? dataDirectory = null, IKernelRoutes? routes = null)
    {
        var module = new ConnectivityModule();
        var masters = MasterKeys.Open(SecretsSetup.DefaultMasterFile(directory), time);
        var services = new ServiceCollection();
        services.AddLogging(static logging => logging.ClearProviders());
        services.AddSingleton(clock ?? time);
        services.AddCore(stores, new Node(node, "b_" + node, dataDirectory ?? directory), [module]);
        services.AddSecrets(masters, await SecretBox.OpenAsync(stores, masters, time, Cancel));
        if (disk is not null)
        {
            services.AddSingleton(disk);
        }

        if (routes is not null)
        {
            services.AddSingleton(routes);
        }

        module.AddServices(services, options ?? new ConnectivityOptions());
        var world = new ConnectivityWorld(stores, directory, services.BuildServiceProvider(), time, owned);
        world.Root = await world.Get<TenantDirectory>().EnsureProviderAsync("Provider", "en", "Asia/Tokyo", "JPY", Cancel);
        world.Operator = CallerOf(world.Root);
        return world;
    }
}
