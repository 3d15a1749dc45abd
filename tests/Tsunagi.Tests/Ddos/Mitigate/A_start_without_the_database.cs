using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Time;
using Tsunagi.Ddos;
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
        file.Write(new LedgerContent([Row("mg_1", First, time, 300), Row("mg_2", Second, time, 300), Row("mg_3", "dst 192.0.2.3/32 then discard", time, -1)], [Row("mg_4", "dst 192.0.2.4/32 then discard", time, 300)]) { Unstored = ["mg_2"] });
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
            Assert.All(file.Read().Ended.Where(static row => row.Id is "mg_1" or "mg_2"), static row => Assert.Equal(("switch", "somebody"), (row.EndedHow, row.EndedBy)));
            await host.StopAsync(Cancel);
        }

        Assert.False(module.CanStandBy(directory.Path));
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
}
