using Microsoft.Extensions.Logging;
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
    public static ValueTask<Stores> OpenAsync(StoreOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SqliteStore File(string name, bool full) => SqliteStore.Open(
            new SqliteStoreOptions { Path = Path.Combine(options.Directory, name + ".db"), Name = name, Full = full, Deadline = options.Deadline },
            time,
            loggers.CreateLogger<SqliteStore>());
        return ValueTask.FromResult(new Stores(File("control", full: true), File("projections", full: false)));
    }

    public async ValueTask DisposeAsync()
    {
        await Projections.DisposeAsync();
        await Control.DisposeAsync();
    }
}
