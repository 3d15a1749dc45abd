using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Core;
using Tsunagi.Core.Store;
using Tsunagi.Routing;
using Tsunagi.Routing.Kernel;
using Tsunagi.Tests.Connectivity;
using Tsunagi.Tests.Connectivity.Addresses;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>How a started server is to be.</summary>
/// <param name="Lines">Lines; each is told by the circuit "port N" and by the DUID that perfdhcp's N-th client has.</param>
/// <param name="Links">Interfaces whose clients are heard; each is one line more. None hears relays on a port of loopback.</param>
/// <param name="HasRoutes">Routes of delegated prefixes go into the kernel.</param>
/// <param name="Projects">False: leases are written and answered, and not brought into the store.</param>
/// <param name="Lifetime">Preferred lifetime in seconds; clients renew at half of it.</param>
/// <param name="Version">6 or 4; in 4 lines are told by the hardware address of perfdhcp's clients, and last twice the lifetime.</param>
internal sealed record DhcpServerSetting(string Directory, int Lines = 0, string[]? Links = null, bool HasRoutes = false, bool Projects = true, int Lifetime = 3_600, int Version = 6);

/// <summary>
/// The DHCP server of one family in a process of its own, in a network namespace where one is named: sockets, log of leases on the real disk, SQLite, and routes in the kernel. It is this very program, started again
/// with <see cref="Word"/>; what it left in its directory it goes on with.
/// </summary>
internal sealed class DhcpServerProcess : IDisposable
{
    public const string Word = "--dhcp-server";

    private readonly Process _process;

    private DhcpServerProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Id => _process.Id;

    /// <summary>Where relays are heard on loopback; 0 where links are.</summary>
    public int Port { get; }

    /// <summary>The DUID of perfdhcp's N-th client, for the base that it is started with.</summary>
    public static string DuidOf(int client) => $"00030001000c{client:x8}";

    /// <summary>The same of its hardware address.</summary>
    public static string MacOf(int client) => $"000c{client:x8}";

    /// <summary>What the started program does: <c>--dhcp-server DIRECTORY LINES LINKS routes|none projects|answers LIFETIME 6|4</c>; "leases" on its input is answered with what is bound.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var setting = new DhcpServerSetting(
            args[1], int.Parse(args[2], CultureInfo.InvariantCulture), args[3] == "-" ? [] : args[3].Split(','), args[4] == "routes", args[5] == "projects", int.Parse(args[6], CultureInfo.InvariantCulture),
            int.Parse(args[7], CultureInfo.InvariantCulture));
        var stop = new TaskCompletionSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.TrySetResult();
        });
        await using var stores = await Stores.OpenAsync(new StoreOptions { Directory = setting.Directory }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        await Schema.ApplyAsync(stores, [.. CoreDescription.Description.Schema, .. new ConnectivityModule().Describe().Schema], TimeProvider.System, CancellationToken.None);
        var routing = new RoutingOptions { Kernel = new KernelRouteOptions { Interfaces = setting.HasRoutes ? ["s*"] : [] } };
        using var routes = new KernelRoutes(routing, new KernelTroubles(routing.Kernel, TimeProvider.System), TimeProvider.System, NullLogger<KernelRoutes>.Instance);
        await routes.StartAsync(CancellationToken.None);
        await using var world = await ConnectivityWorld.OpenOnAsync(stores, setting.Directory, OptionsOf(setting), TimeProvider.System, routes);
        await PlanAsync(world, stores, setting.Version);
        world.Get<LineSnapshotHolder>().Set(LinesOf(setting, world));
        IHostedService[] projector = setting.Projects ? [world.Get<LeaseProjector>()] : [];
        IHostedService[] services = [world.Get<LeaseLog>(), world.Get<LeaseKeeper>(), .. projector, world.Get<AddressShares>(), setting.Version == 4 ? world.Get<Dhcp4Server>() : world.Get<Dhcp6Server>()];
        foreach (var service in services)
        {
            await service.StartAsync(CancellationToken.None);
        }

        while (world.Get<LeaseKeeper>().Duid is null && !stop.Task.IsCompleted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {(setting.Version == 4 ? world.Get<Dhcp4Server>().EndPoints : world.Get<Dhcp6Server>().EndPoints)[0].Port} {Convert.ToHexStringLower(world.Get<LeaseKeeper>().Duid ?? [])}"));
        _ = Task.Run(() => Tell(world, stop), CancellationToken.None);
        await stop.Task;
        await routes.StopAsync(CancellationToken.None);
        foreach (var service in services.Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }

        return 0;
    }

    /// <param name="inNamespace">The network namespace; null for this one.</param>
    public static async Task<DhcpServerProcess> StartAsync(DhcpServerSetting setting, string? inNamespace, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            Word, setting.Directory, setting.Lines.ToString(CultureInfo.InvariantCulture), setting.Links is { Length: > 0 } links ? string.Join(',', links) : "-", setting.HasRoutes ? "routes" : "none",
            setting.Projects ? "projects" : "answers", setting.Lifetime.ToString(CultureInfo.InvariantCulture), setting.Version.ToString(CultureInfo.InvariantCulture),
        ];
        var start = inNamespace is null ? new ProcessStartInfo(Environment.ProcessPath!, arguments) : new ProcessStartInfo(DhcpNetwork.Ip, ["netns", "exec", inNamespace, Environment.ProcessPath!, .. arguments]);
        (start.RedirectStandardOutput, start.RedirectStandardInput) = (true, true);
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Split(' ') is ["ready", var port, var duid])
            {
                return new DhcpServerProcess(process, int.Parse(port, CultureInfo.InvariantCulture)) { Duid = Convert.FromHexString(duid) };
            }
        }

        throw new InvalidOperationException("the DHCP server did not start");
    }

    public byte[] Duid { get; private init; } = [];

    /// <summary>What is bound: kind, prefix, next hop, and when it last changed (µs).</summary>
    public async Task<IReadOnlyList<(string Line, string Kind, string Prefix, string NextHop, long ChangedAt)>> LeasesAsync(CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync("leases".AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        var leases = new List<(string, string, string, string, long)>();
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line && line != "end")
        {
            if (line.Split(' ') is [var id, var kind, var prefix, var hop, var at])
            {
                leases.Add((id, kind, prefix, hop, long.Parse(at, CultureInfo.InvariantCulture)));
            }
        }

        return leases;
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            if (!_process.WaitForExit(TimeSpan.FromSeconds(20)))
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private static ConnectivityOptions OptionsOf(DhcpServerSetting setting) => new()
    {
        // Shares as large as may be: clients that were never there come faster here than shares of 256 are filled up, once a second.
        Addresses = new AddressOptions { ShareSlots = 65_536 },
        Dhcp4 = setting.Version != 4 ? new() : new Dhcp4ServerOptions
        {
            Links = [.. (setting.Links ?? []).Select(static name => new Dhcp4LinkOption { Interface = name })],
            Relays = ["172.16.0.0/12"],
            MessagesPerMinute = 1_000_000,
            Default = new Dhcp4PoolOption { LeaseTime = TimeSpan.FromSeconds(setting.Lifetime * 2) },
        },
        Dhcp6 = new Dhcp6ServerOptions
        {
            Listen = setting.Version == 4 || setting.Links is { Length: > 0 } ? [] : ["[::1]:0"],
            Links = setting.Version == 4 ? [] : [.. (setting.Links ?? []).Select(static name => new Dhcp6LinkOption { Interface = name })],
            Relays = ["::1/128"],
            MessagesPerMinute = 1_000_000,
            Default = new Dhcp6PoolOption { PreferredLifetime = TimeSpan.FromSeconds(setting.Lifetime), ValidLifetime = TimeSpan.FromSeconds(setting.Lifetime * 2) },
        },
    };

    private static async Task PlanAsync(ConnectivityWorld world, Stores stores, int version)
    {
        if (await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT name FROM connectivity_pool LIMIT 1"), CancellationToken.None) is null)
        {
            if (version == 4)
            {
                await Plan_of_addresses.AddAsync(world, "10.64.0.0/12");
                await Plan_of_addresses.PoolAsync(world, "v4", "10.64.0.0/12", 32, PoolPurpose.Sessions, restSeconds: 300);
                return;
            }

            await Plan_of_addresses.AddAsync(world, "2001:db8::/32");
            await Plan_of_addresses.PoolAsync(world, "na", "2001:db8:1::/108", 128, PoolPurpose.Sessions, restSeconds: 300);
            await Plan_of_addresses.PoolAsync(world, "pd", "2001:db8:8000::/36", 56, PoolPurpose.Sessions, restSeconds: 300);
        }
    }

    private static LineSnapshot LinesOf(DhcpServerSetting setting, ConnectivityWorld world)
    {
        var builder = new LineSnapshotBuilder { Version = 1 };
        Line New(string id) => new() { LineId = id, TenantId = world.Root.Id, TenantPath = world.Root.TenantPath, SubscriptionId = "s", Addresses = new LineAddresses { V6Pool = "na", DelegatedPool = "pd", V4Pool = "v4" } };
        foreach (var link in setting.Lines > 0 ? [] : setting.Links ?? [])
        {
            builder.TryAdd(New("ln_" + link) with { CircuitId = link });
        }

        for (var i = 0; i < setting.Lines; i++)
        {
            builder.TryAdd(New(string.Create(CultureInfo.InvariantCulture, $"ln_{i:00000}")) with { CircuitId = string.Create(CultureInfo.InvariantCulture, $"port {i}") });
        }

        for (var i = 0; i < setting.Lines; i++)
        {
            builder.TryAdd(New(string.Create(CultureInfo.InvariantCulture, $"ln_d{i:00000}")) with { RemoteId = setting.Version == 4 ? "mac:" + MacOf(i) : "duid:" + DuidOf(i) });
        }

        return builder.Build();
    }

    private static void Tell(ConnectivityWorld world, TaskCompletionSource stop)
    {
        while (Console.In.ReadLine() is not null)
        {
            var book = world.Get<LeaseBook>();
            lock (book.Turn)
            {
                foreach (var line in world.Snapshot.Lines)
                {
                    foreach (var lease in book.OfLine(line.LineId))
                    {
                        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lease.LineId} {lease.Kind} {lease.Prefix} {(lease.NextHop.Length > 0 ? lease.NextHop : "-")} {lease.ChangedAt}"));
                    }
                }
            }

            Console.WriteLine("end");
        }

        // Whoever started it is gone.
        stop.TrySetResult();
    }
}
