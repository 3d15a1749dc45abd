using Tsunagi.Core;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Host.Configuration;
using Tsunagi.Host.Resolver;

namespace Tsunagi.Host.Running;

/// <summary>
/// A node's stores and Core's services without listeners and engines, for verbs that run when the program does not: (1) the data directory is taken,
/// so it fails beside a running program, (2) the stores are opened, (3) the services are put together. Nothing is started.
/// </summary>
internal sealed class OfflineNode : IAsyncDisposable
{
    private readonly DataDirectoryLock _lock;
    private readonly Stores _stores;
    private readonly ServiceProvider _services;

    private OfflineNode(DataDirectoryLock directory, Stores stores, ServiceProvider services)
    {
        _lock = directory;
        _stores = stores;
        _services = services;
    }

    public IServiceProvider Services => _services;

    /// <exception cref="IOException">The directory is in use or cannot be opened.</exception>
    public static async Task<OfflineNode> OpenAsync(NodeOptions options, CancellationToken cancellationToken)
    {
        // (1)
        var directory = DataDirectoryLock.Take(options.Data);
        Stores? stores = null;
        try
        {
            // (2)
            var time = TimeProvider.System;
            using var loggers = LoggerFactory.Create(static logging => { });
            stores = await Stores.OpenAsync(ProviderNode.StoreSettings(options), time, loggers, cancellationToken);
            await Schema.ApplyAsync(stores, [.. CoreDescription.Description.Schema, .. Modules.All.SelectMany(static m => m.Describe().Schema)], time, cancellationToken);
            var masters = MasterKeys.Open(options.Secrets.FileIn(options.Data), time);
            var box = await SecretBox.OpenAsync(stores, masters, time, cancellationToken);

            // (3)
            var services = new ServiceCollection().AddLogging().AddSingleton(time);
            services.AddCore(stores, Node.Open(options.Data, options.Name, time), Modules.All).AddSecrets(masters, box);
            services.AddIdentity([.. CoreDescription.Description.Permissions, .. Modules.All.SelectMany(static m => m.Describe().Permissions)]);
            services.AddSingleton<ITxtLookup, DnsTxtLookup>();
            return new OfflineNode(directory, stores, services.BuildServiceProvider());
        }
        catch
        {
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
        await _services.DisposeAsync();
        await _stores.DisposeAsync();
        _lock.Dispose();
    }
}
