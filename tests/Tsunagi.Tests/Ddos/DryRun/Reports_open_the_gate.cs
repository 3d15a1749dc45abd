using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.DryRun;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.DryRun;

/// <summary>More is done about attacks only with a report that says something about now.</summary>
public sealed class Reports_open_the_gate
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_report_opens_it_only_for_what_it_is_of()
    {
        await using var world = await DryRunWorld.OpenAsync(TimeSpan.FromDays(3), leastDays: 7);
        var good = Row(world, "dr_1");
        await RefusedAsync(world, "there is no dry run");

        // At each bound, and one past it.
        var past = new (string Why, DryRunRow Row)[]
        {
            ("failed", good with { State = DryRunRow.Failed }), ("is for ask", good with { Mode = ResponseMode.Ask }), ("is of 6 days", good with { Days = 6 }), ("knows of 89 %", good with { CoverPercent = 89 }), ("did not read all", good with { Verdict = DryRunVerdict.TooLittle }),
            ("is older than", good with { MadeAt = good.MadeAt - (long)world.Options.DryRun.ValidFor.TotalMicroseconds - 1 }), ("stands on other limits", good with { Inputs = "other" }),
            ("there is no dry run", good with { SubscriptionId = "s_2" }), ("there is no dry run", good with { TenantPath = "elsewhere/" }),
        };
        for (var i = 0; i < past.Length; i++)
        {
            await PutAsync(world, past[i].Row with { Id = $"dr_0{i}" });
            await RefusedAsync(world, past[i].Why);
            await world.Provider.Stores.Control.WriteAsync(static transaction => transaction.ExecuteAsync("DELETE FROM ddos_dry_run"), Cancel);
        }

        await PutAsync(world, good with { MadeAt = good.MadeAt - (long)world.Options.DryRun.ValidFor.TotalMicroseconds });
        var set = TestProvider.Value(await SetAsync(world, ResponseMode.Automatic));
        Assert.Equal("dr_1", set.Report);

        // Less needs none, and keeps what it stood on; back up is more again.
        Assert.Equal("dr_1", TestProvider.Value(await SetAsync(world, ResponseMode.Ask)).Report);
        Assert.Equal("", TestProvider.Value(await SetAsync(world, ResponseMode.Observe)).Report);
        Assert.Equal("dr_1", TestProvider.Value(await SetAsync(world, ResponseMode.Ask)).Report);

        // However many came after it that let nothing.
        for (var i = 0; i < 51; i++)
        {
            await PutAsync(world, good with { Id = $"dr_2{i:00}", Mode = ResponseMode.Ask, Days = 1 });
        }

        Assert.Equal("dr_1", TestProvider.Value(await SetAsync(world, ResponseMode.Automatic)).Report);
        TestProvider.Value(await SetAsync(world, ResponseMode.Observe));
        await world.Provider.Stores.Control.WriteAsync(static transaction => transaction.ExecuteAsync("DELETE FROM ddos_dry_run WHERE id LIKE 'dr_2%'"), Cancel);

        // Limits that changed void it.
        world.Protect(new ProtectionSettings { Prefixes = ["192.0.2.0/24"], AttackPacketsPerSecond = 501 });
        await RefusedAsync(world, "stands on other limits");
    }

    [Fact]
    public async Task Without_a_report_it_takes_a_permission_of_its_own_and_is_told_as_a_warning()
    {
        await using var world = await DryRunWorld.OpenAsync(TimeSpan.FromDays(3));
        var request = new ModeRequest { Mode = ResponseMode.Automatic, Reason = "a test", WithoutReport = true };
        var some = world.Provider.Operator with { Permissions = new HashSet<string>(StringComparer.Ordinal) { DdosPermissions.ModeWrite } };
        Assert.Equal("permission.missing", (await world.Get<ResponseModes>().SetAsync(some, DdosEngine.Subscription, request, Cancel)).Refusal!.Code);
        Assert.Equal(ResponseMode.Observe, world.Get<ResponseModes>().Of(DdosEngine.Subscription));

        Assert.Equal(ModeRow.Without, TestProvider.Value(await world.Get<ResponseModes>().SetAsync(world.Provider.Operator, DdosEngine.Subscription, request, Cancel)).Report);
        Assert.Equal(1, await CountAsync(world, "SELECT count(*) FROM outbox WHERE event LIKE '%ddos.mode.without-report@1%' AND event LIKE '%a test%'"));
        Assert.Equal(1, await CountAsync(world, "SELECT count(*) FROM outbox WHERE event LIKE '%ddos.mode.changed@1%'"));
    }

    [Fact]
    public async Task Reports_are_deleted_when_their_time_is_over()
    {
        await using var world = await DryRunWorld.OpenAsync(TimeSpan.FromDays(3));
        var keep = (long)world.Options.DryRun.Keep.TotalMicroseconds;
        await PutAsync(world, Row(world, "dr_1") with { MadeAt = world.Provider.Time.NowMicros() - keep });
        await PutAsync(world, Row(world, "dr_2") with { MadeAt = world.Provider.Time.NowMicros() - keep - 1 });
        Assert.Equal(1, await world.Get<DryRunDesk>().SweepAsync(Cancel));
        Assert.Equal(1, await CountAsync(world, "SELECT count(*) FROM ddos_dry_run WHERE id = 'dr_1'"));
    }

    private static DryRunRow Row(DryRunWorld world, string id)
    {
        var now = world.Provider.Time.NowMicros();
        return new DryRunRow(
            id, world.Provider.Root.TenantPath, world.Provider.Root.Id, DdosEngine.Subscription, "n", ResponseMode.Automatic, 7, DryRunInputs.HashOf(world.Protection, world.Options), DryRunRow.Done, 0, now, "somebody", now, now, 90, 0, 0,
            DryRunVerdict.Nothing, "", "");
    }

    private static async Task PutAsync(DryRunWorld world, DryRunRow row) => await world.Provider.Stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            $"""
            INSERT INTO ddos_dry_run ({DryRunRow.Columns})
            VALUES (@Id, @TenantPath, @TenantId, @SubscriptionId, @Node, @Mode, @Days, @Inputs, @State, @FromAt, @ToAt, @MadeBy, @MadeAt, @DoneAt, @CoverPercent, @Opened, @RulesOut, @Verdict, @Problem, @Report)
            """,
            row),
        Cancel);

    private static async Task RefusedAsync(DryRunWorld world, string why)
    {
        var refused = (await SetAsync(world, ResponseMode.Automatic)).Refusal!;
        Assert.Equal(DryRunGate.Code, refused.Code);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    private static ValueTask<Tsunagi.Core.Outcomes.Outcome<ModeRow>> SetAsync(DryRunWorld world, string mode) =>
        world.Get<ResponseModes>().SetAsync(world.Provider.Operator, DdosEngine.Subscription, new ModeRequest { Mode = mode, Reason = "a test" }, Cancel);

    private static ValueTask<long> CountAsync(DryRunWorld world, string sql) => world.Provider.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>(sql, new { }), Cancel);
}
