using System.Diagnostics;
using System.Net;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// 64 callers that each take 1,000 addresses of one pool, one after another, as lines are set up: each taking is durable (synchronous=FULL; fsync on at PostgreSQL) and has its row in the history before its caller goes on.
/// On PostgreSQL also with two nodes that do not know of each other. Every address is then counted in the table.
/// </summary>
internal sealed class AddressAllocation : IClaim
{
    private const int Callers = 64;
    private const int Each = 1_000;

    public string Name => "ipam.allocate";

    public string Promise => "64 parallel allocators × 1,000 on both stores: 0 duplicates, 0 errors, ≥ 5,000 allocations/s on SQLite in process, ≥ 2,000/s on PostgreSQL";

    /// <summary>Its bars are rates too; that nothing is given twice is a test of the fast tier.</summary>
    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            var figures = new List<Figure>();
            progress.Say("SQLite");
            await using (var stores = await Stores.OpenAsync(new StoreOptions { Directory = directory }, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken))
            {
                figures.AddRange(await RunAsync("SQLite", stores, 1, 5_000, cancellationToken));
            }

            progress.Say("PostgreSQL");
            await using var cluster = await PostgresCluster.StartAsync(durable: true);
            foreach (var nodes in (int[])[1, 2])
            {
                await using var stores = new Stores(await cluster.OpenStoreAsync(deadline: TimeSpan.FromMinutes(1)), await cluster.OpenStoreAsync());
                figures.AddRange(await RunAsync(nodes == 1 ? "PostgreSQL" : "PostgreSQL, two nodes", stores, nodes, nodes == 1 ? 2_000 : 0, cancellationToken));
            }

            return figures;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> RunAsync(string where, Stores stores, int nodes, double bar, CancellationToken cancellationToken)
    {
        await Schema.ApplyAsync(stores, [.. CoreDescription.Description.Schema, .. new ConnectivityModule().Describe().Schema], TimeProvider.System, cancellationToken);
        var pool = new PoolRow("po_1", "t_root/", Vrf.Global, "wide", "10.0.0.0/15", 32, PoolPurpose.Lines, PoolPolicy.Dense, "[]", 0, 90, "", 1, 1, 1, null);
        var allocators = Enumerable.Range(0, nodes).Select(number => Allocator(stores, $"node-{number}")).ToList();
        var errors = 0;
        var given = new string[Callers * Each];
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(
            async () =>
            {
                for (var i = 0; i < Each; i++)
                {
                    var taken = await allocators[caller % nodes].TakeAsync(pool, new AddressRequest($"ln_{caller}_{i}", "t_root", "t_root/"), cancellationToken);
                    given[(caller * Each) + i] = taken.Ok ? taken.Value.Cidr : "";
                    errors += taken.Ok ? 0 : 1;
                }
            },
            cancellationToken)));
        var seconds = watch.Elapsed.TotalSeconds;
        foreach (var allocator in allocators)
        {
            await allocator.DisposeAsync();
        }

        var (rows, held) = await stores.Control.ReadAsync(
            static async reader => (
                await reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM connectivity_assignment"), await reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM connectivity_holding WHERE to_at IS NULL")),
            cancellationToken);
        var duplicates = given.Length - given.Distinct(StringComparer.Ordinal).Count();
        var rate = given.Length / seconds;
        return
        [
            bar > 0 ? Figure.AtLeast($"{where}: allocations/s", rate, bar, "#,0", "/s") : new Figure($"{where}: allocations/s", rate.ToString("#,0", CultureInfo.InvariantCulture) + "/s"),
            Figure.AtMost($"{where}: addresses given twice", duplicates, 0, "0", ""), Figure.AtMost($"{where}: errors", errors, 0, "0", ""),
            Figure.AtMost($"{where}: rows of the table and of the history that are not there", (2 * given.Length) - rows - held, 0, "0", ""),
        ];
    }

    private static AddressAllocator Allocator(Stores stores, string node)
    {
        var time = TimeProvider.System;
        var changes = new ChangeRecorder(new AuditTrail(stores, time), new Outbox(new EventCatalogue([]), new OutboxSignal(stores.Control.Hints)), time);
        return new AddressAllocator(stores, new LineSignal(stores), changes, new AddressOptions(), new Node(node, "b", ""), time);
    }
}
