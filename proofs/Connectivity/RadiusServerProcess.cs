using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Hosting;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Connectivity;
using Tsunagi.Tests.Connectivity.Radius;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// The RADIUS server in a process of its own, so that it can be measured alone: sockets, accounting log on the real disk, sessions, usage and meters into SQLite. It is this very program,
/// started again with <see cref="Word"/>.
/// </summary>
internal sealed class RadiusServerProcess : IDisposable
{
    public const string Word = "--radius-server";
    public const string Secret = "testing123";

    private readonly Process _process;

    private RadiusServerProcess(Process process, IPEndPoint authenticates, IPEndPoint accounts) => (_process, Authenticates, Accounts) = (process, authenticates, accounts);

    public int Id => _process.Id;

    public IPEndPoint Authenticates { get; }

    public IPEndPoint Accounts { get; }

    /// <summary>What the started program does: <c>--radius-server USERS</c>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var stop = new TaskCompletionSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.TrySetResult();
        });
        var options = RadiusWorld.Options(account: static own => own with { SegmentBytes = 64 << 20 });
        await using var world = await ConnectivityWorld.OpenAsync(SqlDialect.Sqlite, options, TimeProvider.System);
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
        IHostedService[] services = [world.Get<AccountingLog>(), world.Get<SessionProjector>(), world.Get<AccountingServer>(), world.Get<AccessServer>()];
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

    public static async Task<RadiusServerProcess> StartAsync(int users, CancellationToken cancellationToken)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [Word, users.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
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

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
