using System.Collections.Concurrent;
using Npgsql;
using Tsunagi.Core.Store;

namespace Tsunagi.Tests.Testing;

/// <summary>Databases of single tests: the tables are made once for each set of parts, and the database that has them is copied.</summary>
internal sealed partial class PostgresCluster
{
    // The driver asks each database for the types it knows, which costs more than what many a test does; those we use are known. Whole nodes do ask.
    private const string UnreadTypes = ";Server Compatibility Mode=NoTypeLoading";

    private static int _databases;

    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _models = new(StringComparer.Ordinal);
    private readonly Lazy<NpgsqlDataSource> _administrator;

    /// <summary>Both stores in a database of the caller's own with the tables of these parts, and its name for <see cref="DropAsync"/>.</summary>
    public async Task<(Stores Stores, string Database)> OpenCopyAsync(IReadOnlyCollection<SchemaPart> parts)
    {
        var name = await CopyAsync(parts);
        return (await OpenAsync(name), name);
    }

    /// <summary>The connection string of a database with all tables of the program, for a node to start on; it goes with the cluster.</summary>
    public async Task<string> CopyForNodeAsync() => ConnectionStringFor(Port, await CopyAsync(ReadyTables.OfProgram));

    /// <summary>Takes a copy away again, with whoever is still connected to it.</summary>
    public Task DropAsync(string database) => AdministerAsync($"DROP DATABASE {database} WITH (FORCE)");

    private static string NewDatabase() => $"d{Interlocked.Increment(ref _databases)}";

    private async Task<string> CopyAsync(IReadOnlyCollection<SchemaPart> parts)
    {
        var model = await _models.GetOrAdd(ReadyTables.KeyOf(parts), _ => new(() => MakeModelAsync(parts))).Value;
        var name = NewDatabase();

        // Copied as files: through the server's own buffers and its log, as is usual, takes three times as long.
        await AdministerAsync($"CREATE DATABASE {name} TEMPLATE {model} STRATEGY FILE_COPY");
        return name;
    }

    private async Task<string> MakeModelAsync(IReadOnlyCollection<SchemaPart> parts)
    {
        var name = NewDatabase();
        await AdministerAsync("CREATE DATABASE " + name);
        await using var stores = await OpenAsync(name);
        await Schema.ApplyAsync(stores, parts, TimeProvider.System, CancellationToken.None);
        return name;
    }

    private async Task<Stores> OpenAsync(string database) =>
        new(await OpenStoreAsync("control", database: database + UnreadTypes), await OpenStoreAsync("projections", database: database + UnreadTypes));

    private async Task AdministerAsync(string sql)
    {
        await using var command = _administrator.Value.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
