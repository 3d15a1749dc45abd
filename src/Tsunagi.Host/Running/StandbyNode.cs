using Tsunagi.Core.Disk;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Host.Configuration;

namespace Tsunagi.Host.Running;

/// <summary>
/// A node that has run before and whose database is away when it starts again: (1) the data directory is taken, (2) the modules that can do without a store do what they can
/// (<see cref="IStandbyModule"/>), (3) the database is asked again and again; when it answers, that work ends and the directory is given back, and the node starts whole.
/// </summary>
internal static class StandbyNode
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(2);

    /// <summary>False for a node that never ran: what it waits for may never have been there.</summary>
    public static bool CanServe(NodeConfiguration configuration, IReadOnlyList<IServiceModule> modules) => Ready(configuration, modules).Any();

    /// <summary>Returns when the database answers.</summary>
    public static async Task ServeAsync(NodeConfiguration configuration, IReadOnlyList<IServiceModule> modules, TimeProvider time, CancellationToken cancellationToken)
    {
        // (1)
        var options = configuration.Options;
        using var directory = DataDirectoryLock.Take(options.Data);

        // (2)
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "tsunagi-host", ContentRootPath = AppContext.BaseDirectory });
        NodeLogging.Configure(builder.Logging, options.Log);
        builder.Services.AddSingleton(time).AddSingleton<IDisk>(new RealDisk()).AddSingleton(Node.Open(options.Data, options.Name, time)).AddSingleton(MasterKeys.Open(options.Secrets.FileIn(options.Data), time));
        foreach (var (id, module) in Ready(configuration, modules).Concat(OfThisNode(configuration, modules).Where(static each => each.Module.ServesOthers)))
        {
            module.AddStandby(builder.Services, configuration.ModuleOptions.GetValueOrDefault(id));
        }

        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        try
        {
            // (3)
            while (!await AnswersAsync(options, time, cancellationToken))
            {
                await Task.Delay(AskEvery, time, cancellationToken);
            }
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static IEnumerable<(string Id, IStandbyModule Module)> Ready(NodeConfiguration configuration, IReadOnlyList<IServiceModule> modules) =>
        OfThisNode(configuration, modules).Where(each => each.Module.CanStandBy(configuration.Options.Data));

    private static IEnumerable<(string Id, IStandbyModule Module)> OfThisNode(NodeConfiguration configuration, IReadOnlyList<IServiceModule> modules)
    {
        var options = configuration.Options;
        foreach (var module in modules)
        {
            var id = module.Describe().Id;
            if (module is IStandbyModule standby && (options.Roles.Count == 0 || options.Roles.Contains(id)))
            {
                yield return (id, standby);
            }
        }
    }

    private static async Task<bool> AnswersAsync(NodeOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            // Its own faults are told by the start that follows; as long as it is away there is nothing to say each time.
            using var silent = LoggerFactory.Create(static _ => { });
            await using var stores = await Stores.OpenAsync(ProviderNode.StoreSettings(options), time, silent, cancellationToken);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }
}
