using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Connectivity;
using Tsunagi.Tests.Connectivity.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// The RADIUS server in a process of its own, so that it can be measured alone: sockets, accounting log on the real disk, and where wanted sessions, usage and meters into SQLite or PostgreSQL. It is this
/// very program, started again with <see cref="Word"/>.
/// </summary>
internal sealed class RadiusServerProcess : IDisposable
{
    public const string Word = "--radius-server";
    public const string Secret = "testing123";
    private const string Projects = "projects";

    private readonly Process _process;

    private RadiusServerProcess(Process process, IPEndPoint authenticates, IPEndPoint accounts) => (_process, Authenticates, Accounts) = (process, authenticates, accounts);

    public int Id => _process.Id;

    public IPEndPoint Authenticates { get; }

    public IPEndPoint Accounts { get; }

    /// <summary>What the started program does: <c>--radius-server USERS projects|answers [PORT]</c>, with the port of a PostgreSQL cluster where SQLite is not meant.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var stop = new TaskCompletionSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.TrySetResult();
        });
        var options = RadiusWorld.Options(account: static own => own with { SegmentBytes = 64 << 20 });
        using var directory = new TemporaryDirectory();
        await using var stores = await OpenStoresAsync(directory.Path, args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : null);
        await using var world = await ConnectivityWorld.OpenOnAsync(stores, directory.Path, options, TimeProvider.System);
        var builder = new LineSnapshotBuilder { Version = 1 };
        builder.Set(new Nas { NasId = "na_1", Name = "bras1", Sources = [new IPNetwork(IPAddress.Loopback, 32)], Secret = Encoding.ASCII.GetBytes(Secret) });
        for (var user = 0; user < int.Parse(args[1], CultureInfo.InvariantCulture); user++)
        {
            builder.TryAdd(new Line
            {
                LineId = $"ln_{user:00000}", TenantId = world.Root.Id, TenantPath = world.Root.TenantPath, SubscriptionId = $"s_{user:00000}", UserName = $"u{user:00000}", Password = LinePassword.Clear($"pw{user:00000}"),
                Plan = new LinePlan { SimultaneousUse = 0, SessionTimeout = TimeSpan.FromHours(1) },
            });
        }

        world.Get<LineSnapshotHolder>().Set(builder.Build());
        IHostedService[] projector = args[2] == Projects ? [world.Get<SessionProjector>()] : [];
        IHostedService[] services = [world.Get<AccountingLog>(), .. projector, world.Get<AccountingServer>(), world.Get<AccessServer>()];
        foreach (var service in services)
        {
            await service.StartAsync(CancellationToken.None);
        }

        Console.WriteLine($"ready {world.Get<AccessServer>().EndPoints[0].Port} {world.Get<AccountingServer>().EndPoints[0].Port}");
        await stop.Task;
        foreach (var service in services.Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }

        return 0;
    }

    /// <param name="projects">False: the records are written and answered, and nothing is made of them.</param>
    /// <param name="postgres">The port of a PostgreSQL cluster; null for SQLite.</param>
    public static async Task<RadiusServerProcess> StartAsync(int users, bool projects, int? postgres, CancellationToken cancellationToken)
    {
        string[] arguments = [Word, users.ToString(CultureInfo.InvariantCulture), projects ? Projects : "answers", .. postgres is { } port ? [port.ToString(CultureInfo.InvariantCulture)] : (string[])[]];
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Split(' ') is ["ready", var authenticates, var accounts])
            {
                return new RadiusServerProcess(
                    process, new IPEndPoint(IPAddress.Loopback, int.Parse(authenticates, CultureInfo.InvariantCulture)), new IPEndPoint(IPAddress.Loopback, int.Parse(accounts, CultureInfo.InvariantCulture)));
            }
        }

        throw new InvalidOperationException("the RADIUS server did not start");
    }

    // It ends as a service does, and takes its files with it.
    public void Dispose()
    {
        using var terminate = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        if (!_process.WaitForExit(TimeSpan.FromSeconds(20)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static async Task<Stores> OpenStoresAsync(string directory, int? postgres)
    {
        SchemaPart[] schema = [.. CoreDescription.Description.Schema, .. new ConnectivityModule().Describe().Schema];
        var options = new StoreOptions { Directory = directory, Postgres = postgres is { } port ? PostgresCluster.ConnectionStringFor(port) : null };
        var stores = await Stores.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        await Schema.ApplyAsync(stores, schema, TimeProvider.System, CancellationToken.None);
        return stores;
    }
}
