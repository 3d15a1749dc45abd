using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store.Postgres;
using Tsunagi.Core.Store.Sqlite;

namespace Tsunagi.Core.Store;

/// <summary>
/// The two stores of a node. <see cref="Control"/> holds contracts, identity, money, leases and queues (synchronous=FULL);
/// <see cref="Projections"/> holds what can be made again from the logs while they last: events, traces, search (synchronous=NORMAL).
/// On PostgreSQL both are schemas of one database.
/// </summary>
public sealed record Stores(IStore Control, IStore Projections) : IAsyncDisposable
{
    /// <summary>Opens both. The tables are brought up to date by <see cref="Schema"/> afterwards.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be opened.</exception>
    public static async ValueTask<Stores> OpenAsync(StoreOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var control = await OpenAsync(options, "control", full: true, time, loggers, cancellationToken);
        try
        {
            return new Stores(control, await OpenAsync(options, "projections", full: false, time, loggers, cancellationToken));
        }
        catch
        {
            await control.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Projections.DisposeAsync();
        await Control.DisposeAsync();
    }

    private static async ValueTask<IStore> OpenAsync(
        StoreOptions options, string name, bool full, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        options.Postgres is { } connection
            ? await PostgresStore.OpenAsync(
                new PostgresStoreOptions { ConnectionString = connection, Schema = name, Deadline = options.Deadline },
                time,
                loggers.CreateLogger<PostgresStore>(),
                cancellationToken)
            : SqliteStore.Open(
                new SqliteStoreOptions { Path = Path.Combine(options.Directory, name + ".db"), Name = name, Full = full, Deadline = options.Deadline },
                time,
                loggers.CreateLogger<SqliteStore>());
}
