using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Connectivity.Standby;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Connectivity.Radius;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Connectivity.Standby;

/// <summary>The copy that a start without the database answers from: whole, secret, and no older than it may be.</summary>
public class Copies_of_lines
{
    private static readonly string[] Passwords = ["", "secret", "\0ÿ日本"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Are_what_was_copied()
    {
        var (file, _, _) = Open();
        var random = new Random(8);
        for (var i = 0; i < 50; i++)
        {
            var snapshot = Snapshot(random);
            file.Write(LineCopy.Of(snapshot, i, ["pool-b", "pool-a"]));
            var read = file.Read(out _)!;
            Assert.Equal(["pool-a", "pool-b"], read.Pools);
            var again = read.ToSnapshot(RealmRules.None);
            Assert.Equal(i, again.TakenAt);
            Assert.Equal(snapshot.Lines.OrderBy(static line => line.LineId, StringComparer.Ordinal), again.Lines.OrderBy(static line => line.LineId, StringComparer.Ordinal));
            Assert.Equal(snapshot.Nases.OrderBy(static nas => nas.NasId, StringComparer.Ordinal), again.Nases.OrderBy(static nas => nas.NasId, StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Say_nothing_to_who_has_not_the_key_and_are_none_when_an_octet_is_another_or_missing()
    {
        var (file, disk, time) = Open();
        var builder = new LineSnapshotBuilder();
        builder.TryAdd(new Line { LineId = "ln_1", TenantId = "t_1", TenantPath = "/t_1/", UserName = "joe", Password = LinePassword.Clear("very-secret") });
        file.Write(LineCopy.Of(builder.Build(), 0, []));
        var path = LineCopyFile.PathIn("/data");
        var octets = PrivateFile.Read(disk, path);
        Assert.True(octets.AsSpan().IndexOf("very-secret"u8) < 0 && octets.AsSpan().IndexOf("joe"u8) < 0);

        var other = new LineCopyFile(new Node("n", "b", "/data"), disk, MasterKeys.Open(disk, "/other/keys", time), new ConnectivityOptions(), time);
        Assert.Null(other.Read(out var problem));
        Assert.Contains("key", problem, StringComparison.Ordinal);

        for (var i = 0; i < octets.Length; i++)
        {
            byte[] changed = [.. octets];
            changed[i] ^= 0x20;
            PrivateFile.Write(disk, path, changed);
            Assert.Null(file.Read(out _));
            PrivateFile.Write(disk, path, octets.AsSpan(0, i));
            Assert.Null(file.Read(out _));
        }

        PrivateFile.Write(disk, path, octets);
        Assert.NotNull(file.Read(out _));
    }

    [Fact]
    public void Are_none_when_they_are_too_old()
    {
        var (file, _, time) = Open();
        Assert.Null(file.Read(out var problem));
        Assert.Equal("there is none", problem);
        file.Write(LineCopy.Of(LineSnapshot.Empty, UnixMicros.From(time.GetUtcNow()), []));
        time.Advance(TimeSpan.FromDays(7));
        Assert.NotNull(file.Read(out _));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(file.Read(out problem));
        Assert.Contains("copyKept", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_written_when_what_is_in_force_changed_and_once_an_hour()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var writer = world.Get<LineCopyWriter>();
        Assert.False(writer.Look()); // nothing was read of the store yet
        var tenant = await world.AddTenantAsync("customer");
        var subscription = await world.BroadbandAsync(tenant, new { });
        await world.ReconcileAsync();
        await world.FollowAsync();
        Assert.True(writer.Look());
        Assert.False(writer.Look());
        await world.AddLineAsync(subscription, "joe", "secret");
        await world.FollowAsync();
        Assert.True(writer.Look());
        Assert.Equal("joe", Assert.Single(world.Get<LineCopyFile>().Read(out _)!.Lines).UserName);
        world.Time.Advance(TimeSpan.FromMinutes(59));
        await world.FollowAsync();
        Assert.False(writer.Look());
        world.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(writer.Look()); // the store has not said it since
        await world.FollowAsync();
        Assert.True(writer.Look());
    }

    [Fact]
    public async Task Answer_access_servers_and_what_is_accounted_meanwhile_becomes_sessions_later()
    {
        await using var world = await RadiusWorld.OpenAsync();
        var joe = world.Line("joe", "secret") with { Addresses = new LineAddresses { V4 = IPAddress.Parse("192.0.2.7") } };
        var pooled = world.Line("pooled", "secret") with { Addresses = new LineAddresses { V4Pool = "ours" } };
        var theirs = world.Line("theirs", "secret") with { Addresses = new LineAddresses { V4Pool = "of-the-nas" } };
        world.Set(joe, pooled, theirs);
        world.World.Get<LineCopyFile>().Write(LineCopy.Of(world.World.Snapshot, UnixMicros.From(world.World.Time.GetUtcNow()), ["ours"]));
        await world.World.Get<AccessServer>().StopAsync(Cancel);
        await world.World.Get<AccountingServer>().StopAsync(Cancel);
        await world.World.Get<AccountingLog>().StopAsync(Cancel);

        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(world.World.Time).AddSingleton(world.World.Get<IDisk>()).AddSingleton(world.World.Get<Node>()).AddSingleton(world.World.Get<MasterKeys>());
        new ConnectivityModule().AddStandby(builder.Services, RadiusWorld.Options());
        using (var standby = builder.Build())
        {
            await standby.StartAsync(Cancel);
            var access = standby.Services.GetRequiredService<AccessServer>().EndPoints[0];
            async Task<string> AskAsync(byte[] request) => world.Show(await world.AskAsync(access, request, seconds: 0.5), request);
            Assert.StartsWith("AccessAccept: ", await AskAsync(world.Pap("joe", "secret")), StringComparison.Ordinal);
            Assert.Contains("Framed-IP-Address = 192.0.2.7", await AskAsync(world.Pap("joe", "secret", identifier: 2)), StringComparison.Ordinal);
            Assert.StartsWith("AccessReject", await AskAsync(world.Pap("joe", "wrong", identifier: 3)), StringComparison.Ordinal);
            Assert.Contains("Framed-Pool", await AskAsync(world.Pap("theirs", "secret", identifier: 4)), StringComparison.Ordinal);
            Assert.Equal("nothing", await AskAsync(world.Pap("pooled", "secret", identifier: 5)));
            Assert.NotNull(await world.AskAsync(standby.Services.GetRequiredService<AccountingServer>().EndPoints[0], world.Accounting(1, "a")));
            await standby.StopAsync(Cancel);
        }

        await using var whole = await world.World.AgainAsync(RadiusWorld.Options());
        await whole.Get<AccountingLog>().StartAsync(Cancel);
        using var consumer = await whole.Get<SessionProjector>().TryOpenAsync(Cancel);
        Assert.Equal(1, await whole.Get<SessionProjector>().ProjectAsync(consumer!, TimeSpan.Zero, Cancel));
        Assert.Equal("joe", Assert.Single(await whole.Get<SessionStore>().ListAsync(whole.Operator, "", "", "", "", "", 10, Cancel)).UserName);
        await whole.Get<AccountingLog>().StopAsync(Cancel);
    }

    [Fact]
    public async Task Are_not_needed_to_start_and_without_one_nobody_is_answered()
    {
        await using var world = await RadiusWorld.OpenAsync();
        Assert.False(new ConnectivityModule().CanStandBy(world.World.Directory));
        await world.World.Get<AccountingLog>().StopAsync(Cancel);
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(world.World.Time).AddSingleton(world.World.Get<IDisk>()).AddSingleton(world.World.Get<Node>()).AddSingleton(world.World.Get<MasterKeys>());
        new ConnectivityModule().AddStandby(builder.Services, RadiusWorld.Options());
        using var standby = builder.Build();
        await standby.StartAsync(Cancel);
        var request = world.Pap("joe", "secret");
        Assert.Null(await world.AskAsync(standby.Services.GetRequiredService<AccessServer>().EndPoints[0], request, seconds: 0.3));
        await standby.StopAsync(Cancel);
    }

    private static (LineCopyFile File, IDisk Disk, ManualTime Time) Open()
    {
        var (disk, time) = (new CrashDisk().Boot(), new ManualTime(DateTimeOffset.UnixEpoch));
        return (new LineCopyFile(new Node("n", "b", "/data"), disk, MasterKeys.Open(disk, "/keys/keys", time), new ConnectivityOptions(), time), disk, time);
    }

    private static LineSnapshot Snapshot(Random random)
    {
        var builder = new LineSnapshotBuilder();
        for (var i = 0; i < 20; i++)
        {
            var form = (LinePasswordForm)random.Next(12);
            builder.TryAdd(new Line
            {
                LineId = $"ln_{i}", TenantId = "t_1", TenantPath = "/t_1/", SubscriptionId = random.Next(2) == 0 ? null : "s_1", UserName = random.Next(3) == 0 ? "" : $"user{i}@例え.example",
                Password = random.Next(2) == 0 ? LinePassword.Clear(Passwords[random.Next(Passwords.Length)]) : new LinePassword(form, Octets(random)), CircuitId = random.Next(2) == 0 ? null : $"circuit {i}",
                RemoteId = random.Next(2) == 0 ? null : $"remote {i}", CircuitProves = random.Next(2) == 0, SuspendedFor = random.Next(3) == 0 ? "non-payment" : null,
                Plan = new LinePlan
                {
                    DownBps = random.Next(2) == 0 ? null : random.NextInt64(), UpBps = random.Next(2) == 0 ? null : 1, SimultaneousUse = random.Next(4),
                    SessionTimeout = random.Next(2) == 0 ? null : TimeSpan.FromSeconds(random.Next(100_000)), IdleTimeout = random.Next(2) == 0 ? null : TimeSpan.FromMinutes(1),
                },
                Addresses = new LineAddresses
                {
                    V4 = random.Next(2) == 0 ? null : new IPAddress(random.NextInt64(1, uint.MaxValue)), V4Netmask = random.Next(2) == 0 ? null : IPAddress.Parse("255.255.255.248"),
                    V6 = random.Next(2) == 0 ? null : IPAddress.Parse("2001:db8::1"), LinkPrefix = random.Next(2) == 0 ? null : IPNetwork.Parse("2001:db8:1::/64"),
                    DelegatedPrefix = random.Next(2) == 0 ? null : IPNetwork.Parse("2001:db8:2::/56"), V4Pool = random.Next(2) == 0 ? null : "p4", V6Pool = "p6", DelegatedPool = random.Next(2) == 0 ? null : "pd",
                    Routes = random.Next(2) == 0 ? [] : ["198.51.100.0/24 0.0.0.0 1", "198.51.101.0/24"],
                },
                Replies = random.Next(2) == 0 ? [] : [new LineReply("Mikrotik-Address-List", "gäste")],
            });
        }

        for (var i = 0; i < 3; i++)
        {
            builder.Set(new Nas
            {
                NasId = $"na_{i}", Name = $"bras {i}", Sources = [IPNetwork.Parse($"192.0.2.{i}/32"), IPNetwork.Parse("2001:db8::/48")], Secret = Octets(random), Certificate = random.Next(2) == 0 ? null : $"bras{i}.example.net",
                Dialect = (NasDialect)random.Next(7), MessageAuthenticator = (MessageAuthenticatorRule)random.Next(3), DynamicAuthorization = random.Next(2) == 0 ? null : IPEndPoint.Parse("[2001:db8::1]:3799"),
                WalledGarden = random.Next(2) == 0 ? null : "garden", Accounts = random.Next(2) == 0,
            });
        }

        return builder.Build();
    }

    private static byte[] Octets(Random random)
    {
        var octets = new byte[random.Next(1, 40)];
        random.NextBytes(octets);
        return octets;
    }
}
