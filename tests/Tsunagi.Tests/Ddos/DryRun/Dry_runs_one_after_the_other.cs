using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Store;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.DryRun;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.DryRun;

/// <summary>The queue and the table are everybody's: a tenant fills neither.</summary>
public sealed class Dry_runs_one_after_the_other
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tenant_has_one_under_way_and_waits_before_the_next_and_the_newest_reports_are_kept()
    {
        await using var world = await DryRunWorld.OpenAsync(TimeSpan.FromDays(3), mostKept: 2);
        ProtectTwo(world);
        var desk = world.Get<DryRunDesk>();
        var mine = world.Provider.Operator with { IsOperator = false };
        DryRunRequest one = new() { Of = "s_1", Days = 1 }, two = new() { Of = "s_2", Days = 1 };

        // Nobody makes them yet.
        var first = TestProvider.Value(desk.Begin(mine, one)).Id;
        Assert.Equal("ddos.dry-run.busy", desk.Begin(mine, two).Refusal!.Code);
        TestProvider.Value(desk.Begin(world.Provider.Operator, two));
        await desk.StartAsync(Cancel);
        await DoneAsync(world);
        Assert.Equal("ddos.dry-run.pace", desk.Begin(mine, one).Refusal!.Code);
        world.Provider.Time.Advance(world.Options.DryRun.TenantsEvery - TimeSpan.FromSeconds(1));
        Assert.Equal("ddos.dry-run.pace", desk.Begin(mine, one).Refusal!.Code);
        world.Provider.Time.Advance(TimeSpan.FromSeconds(1));
        TestProvider.Value(desk.Begin(mine, one));
        await DoneAsync(world);
        Assert.Equal(2, await CountAsync(world, "SELECT count(*) FROM ddos_dry_run WHERE subscription_id = 's_1'"));

        // Of one protection two are kept, and of the other its own.
        TestProvider.Value(desk.Begin(world.Provider.Operator, one));
        await DoneAsync(world);
        Assert.Equal(2, await CountAsync(world, "SELECT count(*) FROM ddos_dry_run WHERE subscription_id = 's_1'"));
        Assert.Equal(0, await CountAsync(world, $"SELECT count(*) FROM ddos_dry_run WHERE id = '{first}'"));
        Assert.Equal(1, await CountAsync(world, "SELECT count(*) FROM ddos_dry_run WHERE subscription_id = 's_2'"));
        await desk.StopAsync(Cancel);
    }

    private static Task DoneAsync(DryRunWorld world) => Eventually.HoldsAsync(() => world.Get<DryRunDesk>().UnderWay(world.Provider.Operator).Count == 0);

    private static void ProtectTwo(DryRunWorld world)
    {
        var (id, path) = (world.Provider.Root.Id, world.Provider.Root.TenantPath);
        var records = new[] { ("s_1", "192.0.2.0/24"), ("s_2", "198.51.100.0/24") }.ToDictionary(
            static each => each.Item1, each => new DesiredRecord(each.Item1, ProtectionSettings.Kind, id, path, "", 0, $$"""{"prefixes":["{{each.Item2}}"]}""", [], null, 1));
        var proved = new[] { "192.0.2.0/24", "198.51.100.0/24" }.Select(static prefix => CidrRange.Parse(prefix)!.Value).Select(range => new ProvedBlock(path, range.First, range.Last));
        world.Get<ProtectionContracts>().Apply(new DesiredSnapshot(2, records), [.. proved]);
    }

    private static ValueTask<long> CountAsync(DryRunWorld world, string sql) => world.Provider.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>(sql, new { }), Cancel);
}
