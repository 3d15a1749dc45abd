using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core;
using Tsunagi.Core.Store;
using Tsunagi.Host;

namespace Tsunagi.Tests.Testing;

/// <summary>
/// Stores whose tables were made once in this run and copied: making them step by step costs more than what most tests do with them. That the steps make
/// them is what the tests of <see cref="Schema"/>, nodes on PostgreSQL and the scenarios' demo and nodes show.
/// </summary>
internal static class ReadyTables
{
    private static readonly string[] Names = ["control.db", "projections.db"];
    private static readonly ConcurrentDictionary<string, Lazy<Task<byte[][]>>> Files = new(StringComparer.Ordinal);

    /// <summary>All tables of the program.</summary>
    public static IReadOnlyCollection<SchemaPart> OfProgram { get; } = [.. CoreDescription.Description.Schema, .. Modules.All.SelectMany(static module => module.Describe().Schema)];

    /// <summary>Both stores on SQLite with the tables of these parts; what lies in the directory already is brought up to date.</summary>
    public static async Task<Stores> OpenAsync(StoreOptions options, IReadOnlyCollection<SchemaPart> parts)
    {
        if (Names.Any(name => File.Exists(Path.Combine(options.Directory, name))))
        {
            return await MakeAsync(options, parts);
        }

        await PlaceAsync(options.Directory, parts);
        return await Stores.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
    }

    /// <summary>Puts the files of a node of the whole program into a directory that has none: its start then finds all steps done.</summary>
    public static Task PlaceAsync(string directory) => PlaceAsync(directory, OfProgram);

    private static async Task PlaceAsync(string directory, IReadOnlyCollection<SchemaPart> parts)
    {
        var files = await Files.GetOrAdd(KeyOf(parts), _ => new(() => MakeFilesAsync(parts))).Value;
        Directory.CreateDirectory(directory);
        for (var i = 0; i < Names.Length; i++)
        {
            await File.WriteAllBytesAsync(Path.Combine(directory, Names[i]), files[i], CancellationToken.None);
        }
    }

    /// <summary>Both stores, with the steps of these parts that have not run there yet.</summary>
    public static async Task<Stores> MakeAsync(StoreOptions options, IReadOnlyCollection<SchemaPart> parts)
    {
        var stores = await Stores.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        await Schema.ApplyAsync(stores, parts, TimeProvider.System, CancellationToken.None);
        return stores;
    }

    /// <summary>The same for the same tables.</summary>
    public static string KeyOf(IReadOnlyCollection<SchemaPart> parts)
    {
        var text = string.Join('\u001e', parts.Select(static part => string.Join('\u001f', [
            part.Owner, $"{part.Store}", .. part.SharedTables ?? [], .. part.Steps.SelectMany(static step => (string?[])[step.Sql, step.Postgres, step.Sqlite])])));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static async Task<byte[][]> MakeFilesAsync(IReadOnlyCollection<SchemaPart> parts)
    {
        using var directory = new TemporaryDirectory();
        await (await MakeAsync(new StoreOptions { Directory = directory.Path }, parts)).DisposeAsync();
        Assert.All(Names, name => Assert.False(File.Exists(Path.Combine(directory.Path, name + "-wal")), "the file is not whole"));
        return [.. Names.Select(name => File.ReadAllBytes(Path.Combine(directory.Path, name)))];
    }
}
