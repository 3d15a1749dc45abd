using System.Net;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tsunagi.Core;
using Tsunagi.Core.Api;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Identity.Tokens;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Host.Configuration;
using Tsunagi.Host.Resolver;
using Tsunagi.Host.Telemetry;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Route;

namespace Tsunagi.Host.Running;

/// <summary>
/// One running node of the provider: (1) the data directory is taken, (2) the stores are opened and brought up to date, (3) Core's, the
/// modules' and the console's services are put together, (4) routes and pages are mapped, (5) the provider and its first operator are made
/// if there are none, (6) listeners open. Stopping goes backwards: listeners drain, engines stop, stores close, the directory is given back.
/// </summary>
public sealed class ProviderNode : IAsyncDisposable
{
    private readonly DataDirectoryLock _lock;
    private readonly Stores _stores;

    private ProviderNode(WebApplication app, Stores stores, DataDirectoryLock directory)
    {
        App = app;
        _stores = stores;
        _lock = directory;
    }

    public WebApplication App { get; }

    public IServiceProvider Services => App.Services;

    /// <summary>Where the console answers ("http://127.0.0.1:8480").</summary>
    public string Url => App.Urls.First();

    /// <summary>The one-time link of the first operator, when this start made one.</summary>
    public string? SetUpLink { get; private set; }

    public static async Task<ProviderNode> StartAsync(
        NodeConfiguration configuration, IReadOnlyList<IServiceModule> modules, TimeProvider time, CancellationToken cancellationToken)
    {
        var options = configuration.Options;
        var running = options.Roles.Count == 0 ? modules : [.. modules.Where(m => options.Roles.Contains(m.Describe().Id))];

        // (1)
        var directory = DataDirectoryLock.Take(options.Data);
        var node = Node.Open(options.Data, options.Name, time);
        Stores? stores = null;
        WebApplication? app = null;
        try
        {
            using var loggers = LoggerFactory.Create(logging => NodeLogging.Configure(logging, options.Log));

            // (2) The tables of every module, whether it runs here or not: nodes of one provider share them.
            stores = await Stores.OpenAsync(StoreSettings(options), time, loggers, cancellationToken);
            await Schema.ApplyAsync(
                stores, [.. CoreDescription.Description.Schema, .. modules.SelectMany(static m => m.Describe().Schema)], time, cancellationToken);

            // (3)
            var masters = MasterKeys.Open(options.Secrets.FileIn(options.Data), time);
            var box = await SecretBox.OpenAsync(stores, masters, time, cancellationToken);
            app = Compose(configuration, modules, running, time, node, stores, services => services.AddSecrets(masters, box));

            // (4)
            NodeRoutes.Map(app, running);

            // (5)
            var result = new ProviderNode(app, stores, directory);
            var root = await app.Services.GetRequiredService<TenantDirectory>().EnsureProviderAsync(
                options.Provider.Name, options.Provider.Locale, options.Provider.TimeZone, options.Provider.Currency, cancellationToken);
            result.SetUpLink = await app.Services.GetRequiredService<FirstStart>().EnsureAsync(root, options.Provider.Operator, cancellationToken);

            // (6)
            await app.StartAsync(cancellationToken);
            app.Services.GetRequiredService<PublicAddress>().Listening(result.Url);
            app.Services.GetRequiredService<LocalAccess>().Open(app.Services.GetRequiredService<IDisk>(), Path.Combine(options.Data, Cli.CliSettings.LocalFile), result.Url, root);
            return result;
        }
        catch
        {
            // What was begun ends before the stores it works on.
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            if (stores is not null)
            {
                await stores.DisposeAsync();
            }

            directory.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        await _stores.DisposeAsync();
        _lock.Dispose();
    }

    private static WebApplication Compose(
        NodeConfiguration configuration, IReadOnlyList<IServiceModule> all, IReadOnlyList<IServiceModule> modules, TimeProvider time, Node node, Stores stores,
        Action<IServiceCollection> addSecrets)
    {
        var options = configuration.Options;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "tsunagi-host", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        NodeLogging.Configure(builder.Logging, options.Log);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        builder.Services.AddSingleton(time).AddSingleton<IDisk>(new RealDisk()).AddSingleton(options).AddSingleton(new PublicAddress(options.Console.PublicUrl));
        var certificates = Certificates.Open(
            new CertificateOptions { Directory = Path.Combine(options.Data, "certificates") }, time, LoggerFactory.Create(l => NodeLogging.Configure(l, options.Log)).CreateLogger<Certificates>());
        builder.Services.AddSingleton(certificates);
        builder.WebHost.ConfigureKestrel(kestrel => ListenConsole(kestrel, options.Console, certificates));

        builder.Services.AddSingleton(new LeaseOptions { TimeToLive = options.Lease.TimeToLive, Beat = options.Lease.TimeToLive / 5 });
        builder.Services.AddCore(stores, node, modules);
        addSecrets(builder.Services);
        builder.Services.AddIdentity([.. CoreDescription.Description.Permissions, .. all.SelectMany(static m => m.Describe().Permissions)]);
        builder.Services.AddApi().AddOutbound(options.Outbound);
        builder.Services.AddSingleton(new StubResolver(SystemDnsServers.Read(), time)).AddSingleton<ITxtLookup, DnsTxtLookup>().AddSingleton<IMailDns, DnsMailLookup>().AddSingleton<IRouteDns, DnsRouteLookup>();
        builder.Services.AddSingleton<PrometheusText>().AddSingleton(new OpenTelemetrySetup(options.Telemetry, node));
        builder.Services.AddResponseCompression(static compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = ResponseCompressionDefaults.MimeTypes.Append("image/svg+xml");
        });
        NodeRoutes.AddServices(builder.Services);
        foreach (var bound in configuration.ModuleOptions.Values)
        {
            builder.Services.AddSingleton(bound.GetType(), bound);
        }

        foreach (var module in modules)
        {
            module.AddServices(builder.Services, configuration.ModuleOptions.GetValueOrDefault(module.Describe().Id));
        }

        // A start that fails is told in one line by whoever started it; from then on the framework's own faults are logged.
        WebApplication? app = null;
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level >= LogLevel.Warning && app?.Lifetime.ApplicationStarted.IsCancellationRequested == true);
        app = builder.Build();

        // Measurements count from here on, so the listener must exist before anything is counted.
        app.Services.GetRequiredService<PrometheusText>();
        return app;
    }

    private static void ListenConsole(KestrelServerOptions kestrel, ConsoleOptions options, Certificates certificates)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 16 * 1024 * 1024;
        kestrel.Listen(
            IPEndPoint.Parse(options.Listen),
            listen =>
            {
                listen.Protocols = options.Https ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
                if (options.Https)
                {
                    listen.UseHttps(certificates.SelectAsync, state: null!);
                }
            });
    }

    internal static StoreOptions StoreSettings(NodeOptions options)
    {
        var connection = options.Store.Kind == "postgres" ? options.Store.Connection : null;
        if (connection is not null && options.Store.PasswordFile.Length > 0)
        {
            connection += ";Password=" + File.ReadLines(options.Store.PasswordFile).First().Trim();
        }

        var directory = Path.Combine(options.Data, "store");
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new StoreOptions { Directory = directory, Postgres = connection };
    }
}
