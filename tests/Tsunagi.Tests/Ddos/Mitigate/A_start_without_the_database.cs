using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Time;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Routing;
using Tsunagi.Routing.Try;
using Tsunagi.Tests.Routing;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>A node starts in mid-attack while its database is away: its routers keep the rules of the ledger's file, and only those, and the switch works.</summary>
public sealed class A_start_without_the_database
{
    private const string First = "dst 192.0.2.1/32 proto udp sport 53 then discard";
    private const string Second = "dst 192.0.2.2/32 proto udp sport 123 then discard";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_router_holds_what_the_ledger_held_until_its_time_is_over_or_the_switch_is_thrown()
    {
        using var directory = new TemporaryDirectory();
        var time = TimeProvider.System;
        var file = new LedgerFile(new RealDisk(), new LedgerSwitch(directory.Path).Directory);
        var module = new DdosModule();
        Assert.False(module.CanStandBy(directory.Path));
        file.Prepare();
        file.Write(new LedgerContent([Row("mg_1", First, time, 300), Row("mg_2", Second, time, 300), Row("mg_3", "dst 192.0.2.3/32 then discard", time, -1)], [Row("mg_4", "dst 192.0.2.4/32 then discard", time, 300)]) { Unstored = ["mg_2"], AgreedAt = time.NowMicros() });
        Assert.True(module.CanStandBy(directory.Path));

        await using var router = new TrialRouter();
        using (var host = Standby(directory.Path, router.Port, time))
        {
            await host.StartAsync(Cancel);
            await Eventually.HoldsAsync(() => router.Routes.Count == 2);
            Assert.Equal([First[..^" then discard".Length], Second[..^" then discard".Length]], router.Routes.Keys.Order(StringComparer.Ordinal));

            // What was over is told to the store by the whole node; what it was never told of is still known as such.
            var kept = file.Read();
            Assert.Equal(["mg_1", "mg_2"], kept.Active.Select(static row => row.Id));
            Assert.Equal([("mg_4", ""), ("mg_3", "expired")], kept.Ended.Select(static row => (row.Id, row.EndedHow)));
            Assert.Equal(["mg_2"], kept.Unstored);

            // The switch of the node's own shell.
            new LedgerSwitch(directory.Path).WithdrawAll(new SwitchOrder("so_1", time.NowMicros(), "somebody", "a test"));
            await Eventually.HoldsAsync(() => router.Routes.IsEmpty);
            await Eventually.HoldsAsync(() => new LedgerSwitch(directory.Path).Status is { Withdrawn: "so_1", Active: 0, Announced: 0 });
            Assert.Equal([DdosEvents.WithdrawnAll], file.Read().Notes.Select(static note => note.Type));
            Assert.All(file.Read().Ended.Where(static row => row.Id is "mg_1" or "mg_2"), static row => Assert.Equal(("switch", "somebody"), (row.EndedHow, row.EndedBy)));
            await host.StopAsync(Cancel);
        }

        Assert.False(module.CanStandBy(directory.Path));
    }

    /// <summary>How long ago it was agreed with the store (seconds), what is left of the rule's life, and whether it is announced.</summary>
    [Theory]
    [InlineData(410, 300, true)]
    [InlineData(421, 300, false)]
    [InlineData(0, -1, false)]
    [InlineData(null, 300, false)]
    public async Task A_file_that_is_old_or_over_announces_nothing(int? agreed, int left, bool isAnnounced)
    {
        using var directory = new TemporaryDirectory();
        var time = TimeProvider.System;
        var file = new LedgerFile(new RealDisk(), new LedgerSwitch(directory.Path).Directory);
        file.Prepare();
        file.Write(new LedgerContent([Row("mg_1", First, time, left)], []) { AgreedAt = agreed is { } seconds ? time.NowMicros() - (seconds * UnixMicros.PerSecond) : 0 });
        Assert.Equal(isAnnounced, new DdosModule().CanStandBy(directory.Path));

        // Where the node stands by for another module.
        using var standby = new LedgerStandby(new RealDisk(), new Node("n", "b", directory.Path), new ServiceCollection().BuildServiceProvider(), new DdosOptions(), new ManualTime(time.GetUtcNow()), NullLogger<LedgerStandby>.Instance);
        await standby.StartAsync(Cancel);
        Assert.Equal(isAnnounced ? 1 : 0, standby.Wanted.Count);

        // It is kept for the whole node, which asks the store.
        Assert.Equal(left > 0 ? 1 : 0, file.Read().Active.Count);
        await standby.StopAsync(Cancel);
    }

    [Fact]
    public async Task The_switch_works_with_a_disk_that_fails_and_what_it_did_is_written_later()
    {
        using var directory = new TemporaryDirectory();
        var time = new ManualTime(TimeProvider.System.GetUtcNow());
        var (disk, order) = (new FailingDisk(new RealDisk()), new LedgerSwitch(directory.Path));
        var file = new LedgerFile(disk, order.Directory);
        file.Prepare();
        file.Write(new LedgerContent([Row("mg_1", First, time, 300), Row("mg_2", Second, time, -1)], []) { AgreedAt = time.NowMicros() });
        disk.Fails = true;

        // One rule is over at once: what cannot be written ends nothing.
        using var standby = new LedgerStandby(disk, new Node("n", "b", directory.Path), new ServiceCollection().BuildServiceProvider(), new DdosOptions(), time, NullLogger<LedgerStandby>.Instance);
        await standby.StartAsync(Cancel);
        Assert.Equal("mg_1", Assert.Single(standby.Wanted).Key);
        await standby.StopAsync(Cancel);

        order.Freeze(new SwitchOrder("so_1", time.NowMicros(), "somebody", "a test"));
        order.WithdrawAll(new SwitchOrder("so_2", time.NowMicros(), "somebody", "a test"));
        standby.Look();
        Assert.Empty(standby.Wanted);
        Assert.Null(order.Withdraw);
        Assert.Equal(("so_2", 1, 0), (order.Status!.Withdrawn, order.Status.WithdrawnCount, order.Status.Active));
        Assert.Equal(2, file.Read().Active.Count);

        disk.Fails = false;
        standby.Look();
        var kept = file.Read();
        Assert.Equal((0, 2), (kept.Active.Count, kept.Ended.Count));
        Assert.Equal([DdosEvents.WithdrawnAll, DdosEvents.Frozen], kept.Notes.Select(static note => note.Type));
        Assert.All(kept.Notes, static note => Assert.Contains("somebody", note.Facts, StringComparison.Ordinal));
    }

    [Fact]
    public void Sessions_are_not_opened_for_nobody_and_a_damaged_file_is_no_reason_to_wait()
    {
        using var directory = new TemporaryDirectory();
        var services = new ServiceCollection();
        ((IStandbyModule)new RoutingModule()).AddStandby(services, TestWishes.To("127.0.0.1", 179));
        Assert.Empty(services);
        var ledger = new LedgerSwitch(directory.Path).Directory;
        Directory.CreateDirectory(ledger);
        File.WriteAllText(Path.Combine(ledger, "ledger.json"), "{");
        Assert.False(new DdosModule().CanStandBy(directory.Path));
    }

    private static IHost Standby(string directory, int port, TimeProvider time)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(time).AddSingleton<IDisk>(new RealDisk()).AddSingleton(new Node("n", "b", directory));
        IStandbyModule[] modules = [new DdosModule(), new RoutingModule()];
        object[] options = [new DdosOptions(), TestWishes.To("127.0.0.1", port)];
        for (var i = 0; i < modules.Length; i++)
        {
            modules[i].AddStandby(builder.Services, options[i]);
        }

        return builder.Build();
    }

    private static MitigationRow Row(string id, string rule, TimeProvider time, int seconds)
    {
        var now = time.NowMicros();
        return new MitigationRow(id, "t/", "t", "s_1", MitigationRow.FlowSpec, rule, id, "a test", "di_1", "u", "automatic", now, now + (seconds * UnixMicros.PerSecond), null, "", "", true);
    }

    /// <summary>One that takes no new file while it fails.</summary>
    private sealed class FailingDisk(IDisk disk) : IDisk
    {
        public bool Fails { get; set; }

        public IDiskFile Create(string path) => Fails ? throw new IOException("the test broke the disk") : disk.Create(path);

        public IDiskFile Open(string path, bool forWriting) => disk.Open(path, forWriting);

        public bool Exists(string path) => disk.Exists(path);

        public IReadOnlyList<string> List(string directory) => disk.List(directory);

        public void CreateDirectory(string path) => disk.CreateDirectory(path);

        public void SyncDirectory(string path, SyncPoint why) => disk.SyncDirectory(path, why);

        public void Rename(string from, string to) => disk.Rename(from, to);

        public void Delete(string path) => disk.Delete(path);

        public long FreeBytes(string directory) => disk.FreeBytes(directory);
    }
}
