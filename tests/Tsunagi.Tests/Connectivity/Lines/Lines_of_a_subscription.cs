using System.Text;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;

namespace Tsunagi.Tests.Connectivity.Lines;

/// <summary>From a subscription to what a node serves, on both stores.</summary>
public sealed class Lines_of_a_subscription
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<SqlDialect> BothStores => ConnectivityWorld.BothStores;

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task A_line_is_served_with_its_plan_until_it_is_held_or_ended(SqlDialect store)
    {
        await using var world = await ConnectivityWorld.OpenAsync(store);
        var tenant = await world.AddTenantAsync("Kita");
        var subscription = await world.BroadbandAsync(tenant, new { downBitsPerSecond = 100_000_000, upBitsPerSecond = 20_000_000, simultaneousUse = 2, ipv4Pool = "residential" }, quantity: 2);
        await world.ReconcileAsync();
        Assert.Equal("no line is set up under it yet", await world.WhyNotAsync(subscription.Id));

        var made = await world.AddLineAsync(subscription, "kita@isp.example");
        Assert.Equal(16, made.Password!.Length);
        await world.FollowAsync();
        var line = world.Snapshot.ByUserName("kita@isp.example")!;
        Assert.Equal(made.Password, Encoding.UTF8.GetString(line.Password.Value));
        Assert.Equal((100_000_000L, 20_000_000L, 2), (line.Plan.DownBps!.Value, line.Plan.UpBps!.Value, line.Plan.SimultaneousUse));
        Assert.Equal(("residential", null as string, tenant.TenantPath), (line.Addresses.V4Pool!, line.SuspendedFor, line.TenantPath));
        world.Time.Advance(TimeSpan.FromMinutes(2));
        await world.ReconcileAsync();
        Assert.Null(await world.WhyNotAsync(subscription.Id));

        var hold = ConnectivityWorld.Value(await world.Get<SubscriptionOrders>().PlaceHoldAsync(world.Operator, subscription.Id, new NewHold("non-payment", "a test"), Cancel));
        await world.ReconcileAsync();
        Assert.Equal("non-payment", world.Snapshot.ById(line.LineId)!.SuspendedFor);
        Assert.Equal(LineState.Suspended, (await world.Lines.FindAsync(world.Operator, line.LineId, Cancel))!.State);
        ConnectivityWorld.Value(await world.Get<SubscriptionOrders>().LiftHoldAsync(world.Operator, subscription.Id, hold.Id, Cancel));
        await world.ReconcileAsync();
        Assert.Null(world.Snapshot.ById(line.LineId)!.SuspendedFor);

        ConnectivityWorld.Value(await world.Lines.EndAsync(world.Operator, line.LineId, null, Cancel));
        await world.FollowAsync();
        Assert.Null(world.Snapshot.ById(line.LineId));
        Assert.Null(world.Snapshot.ByUserName("kita@isp.example"));

        // A name is free again when its line has ended.
        await world.AddLineAsync(subscription, "kita@isp.example");
    }

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task Two_nodes_serve_the_same_lines_and_set_up_one_first_line(SqlDialect store)
    {
        await using var one = await ConnectivityWorld.OpenAsync(store);
        await using var two = await one.BesideAsync();
        var tenant = await one.AddTenantAsync("Kita");
        var subscription = await one.BroadbandAsync(tenant, new { userName = "first@isp.example" });
        await Task.WhenAll(one.ReconcileAsync(), two.ReconcileAsync());
        var line = one.Snapshot.ByUserName("first@isp.example")!;
        Assert.Equal(subscription.Id[2..], line.LineId[3..]);
        Assert.Single(await one.Lines.ListAsync(one.Operator, new LineQuery(), 10, Cancel));

        var set = ConnectivityWorld.Value(await one.Lines.SetPasswordAsync(ConnectivityWorld.CallerOf(tenant), line.LineId, null, Cancel));
        await two.FollowAsync();
        Assert.Equal(set.Password, Encoding.UTF8.GetString(two.Snapshot.ById(line.LineId)!.Password.Value));

        // A first line that was ended does not come back.
        ConnectivityWorld.Value(await two.Lines.EndAsync(two.Operator, line.LineId, null, Cancel));
        one.Time.Advance(TimeSpan.FromMinutes(2));
        await one.ReconcileAsync();
        await one.FollowAsync();
        Assert.Null(one.Snapshot.ByUserName("first@isp.example"));
    }

    [Fact]
    public async Task As_many_lines_as_the_quantity_and_not_one_more_and_no_name_twice()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var subscription = await world.BroadbandAsync(await world.AddTenantAsync("Kita"), new { }, quantity: 2);
        await world.AddLineAsync(subscription, "a");
        Assert.Equal("connectivity.line.user-name-taken", await RefusedAsync(world, new NewLine { SubscriptionId = subscription.Id, UserName = "a" }));
        await world.AddLineAsync(subscription, "b");
        Assert.Equal("connectivity.line.quantity", await RefusedAsync(world, new NewLine { SubscriptionId = subscription.Id, UserName = "c" }));
        var other = await world.BroadbandAsync(await world.AddTenantAsync("Minami"), new { }, quantity: 5);
        Assert.Equal("connectivity.line.user-name-taken", await RefusedAsync(world, new NewLine { SubscriptionId = other.Id, UserName = "b" }));
        ConnectivityWorld.Value(await world.Lines.AddAsync(world.Operator, new NewLine { SubscriptionId = other.Id, CircuitId = "olt1/1/3", CircuitProves = true }, Cancel));
        Assert.Equal("connectivity.line.circuit-taken", await RefusedAsync(world, new NewLine { SubscriptionId = other.Id, CircuitId = "olt1/1/3" }));

        // Before anything is sold.
        var plan = await world.Get<SubscriptionOrders>().TakeAsync(
            world.Operator, new NewSubscription(other.TenantId, "connectivity-broadband", "x", System.Text.Json.JsonSerializer.SerializeToElement(new { userName = "a" })), Cancel);
        Assert.Equal("connectivity.line.user-name-taken", plan.Refusal?.Code);
    }

    [Theory]
    [InlineData("user name with blanks", "", "", "", "connectivity.line.user-name")]
    [InlineData("", "", "", "", "connectivity.line.nothing")]
    [InlineData("u", "192.0.2.1/24", "", "", "connectivity.line.address")]
    [InlineData("u", "2001:db8::1", "", "", "connectivity.line.address")]
    [InlineData("u", "", "2001:db8::/31", "", "connectivity.line.address")]
    [InlineData("u", "", "2001:db8::/56", "", null)]
    [InlineData("u", "192.0.2.8/29", "", "", null)]
    [InlineData("u", "", "", "203.0.113.0/24 192.0.2.9 1", null)]
    public async Task What_cannot_be_a_line_is_refused_with_its_field(string user, string v4, string delegated, string route, string? code)
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var subscription = await world.BroadbandAsync(await world.AddTenantAsync("Kita"), new { });
        var made = await world.Lines.AddAsync(
            world.Operator, new NewLine { SubscriptionId = subscription.Id, UserName = user, V4 = v4, DelegatedPrefix = delegated, Routes = route.Length > 0 ? [route] : null }, Cancel);
        Assert.Equal(code, made.Refusal?.Code);
        Assert.True(made.Ok || made.Refusal.Field is { Length: > 0 });
    }

    [Fact]
    public async Task The_longest_user_name_fits_and_one_octet_more_does_not()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var subscription = await world.BroadbandAsync(await world.AddTenantAsync("Kita"), new { }, quantity: 2);
        await world.AddLineAsync(subscription, new string('u', 253));
        Assert.Equal("connectivity.line.user-name", await RefusedAsync(world, new NewLine { SubscriptionId = subscription.Id, UserName = new string('u', 252) + "é" }));
    }

    [Fact]
    public async Task As_many_routes_and_attributes_as_the_limit_and_not_one_more()
    {
        var options = new ConnectivityOptions { Lines = new LineOptions { MaxRoutes = 2, MaxReplies = 1 } };
        await using var world = await ConnectivityWorld.OpenAsync(options: options);
        var subscription = await world.BroadbandAsync(await world.AddTenantAsync("Kita"), new { });
        var line = (await world.AddLineAsync(subscription, "u")).Line;
        async Task<string?> ChangeAsync(LineChange change) => (await world.Lines.ChangeAsync(world.Operator, line.Id, change, null, Cancel)).Refusal?.Code;
        Assert.Null(await ChangeAsync(new LineChange { Routes = ["a", "b"], Replies = [new("Class", "gold")] }));
        Assert.Equal("connectivity.line.routes", await ChangeAsync(new LineChange { Routes = ["a", "b", "c"] }));
        Assert.Equal("connectivity.line.replies", await ChangeAsync(new LineChange { Replies = [new("Class", "gold"), new("Class", "silver")] }));
        Assert.Equal(RefusalKind.PreconditionFailed, (await world.Lines.ChangeAsync(world.Operator, line.Id, new LineChange { Port = "x" }, 1, Cancel)).Refusal?.Kind);
    }

    [Fact]
    public async Task A_password_is_nowhere_in_audit_and_table()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var subscription = await world.BroadbandAsync(await world.AddTenantAsync("Kita"), new { });
        await world.AddLineAsync(subscription, "u", "correct horse battery");
        var kept = await world.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<byte[]>("SELECT password_box FROM connectivity_line"), Cancel);
        Assert.DoesNotContain("correct horse", Encoding.Latin1.GetString(kept!), StringComparison.Ordinal);
        var audit = await world.Get<AuditTrail>().ListAsync(world.Operator, new AuditFilter(null, null, null, null, null), long.MaxValue, 100, Cancel);
        Assert.DoesNotContain(audit, static entry => $"{entry.Before}{entry.After}".Contains("correct horse", StringComparison.Ordinal));
        Assert.Contains(audit, static entry => entry.Act == ConnectivityEvents.LineAdded);
    }

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task The_list_pages_sorts_and_filters_and_shows_nobody_elses(SqlDialect store)
    {
        await using var world = await ConnectivityWorld.OpenAsync(store);
        var (kita, minami) = (await world.AddTenantAsync("Kita"), await world.AddTenantAsync("Minami"));
        var subscription = await world.BroadbandAsync(kita, new { }, quantity: 9);
        foreach (var name in (string[])["d", "a", "c", "b"])
        {
            await world.AddLineAsync(subscription, name);
        }

        await world.AddLineAsync(await world.BroadbandAsync(minami, new { }), "e");
        async Task<string> NamesAsync(LineQuery query, int size, Tsunagi.Core.Identity.Caller? caller = null)
        {
            var names = "";
            while (true)
            {
                var rows = await world.Lines.ListAsync(caller ?? world.Operator, query, size + 1, Cancel);
                names += string.Concat(rows.Take(size).Select(static row => row.UserName));
                if (rows.Count <= size)
                {
                    return names;
                }

                query = query with { After = query.PlaceOf(rows[size - 1]) };
            }
        }

        Assert.Equal("abcde", await NamesAsync(new LineQuery(Order: LineOrder.Name), 2));
        Assert.Equal("edcba", await NamesAsync(new LineQuery(Order: LineOrder.NameDescending), 2));
        Assert.Equal(5, (await NamesAsync(new LineQuery(), 2)).Length);
        Assert.Equal("abcd", await NamesAsync(new LineQuery(Order: LineOrder.Name), 3, ConnectivityWorld.CallerOf(kita)));
        Assert.Equal("e", await NamesAsync(new LineQuery(Text: "LINE OF MINAMI", Order: LineOrder.Name), 3));
        Assert.Equal("", await NamesAsync(new LineQuery(State: LineState.Ended), 3));
        Assert.Null(await world.Lines.FindAsync(ConnectivityWorld.CallerOf(minami), (await world.Lines.ListAsync(world.Operator, new LineQuery(Text: "a", Order: LineOrder.Name), 1, Cancel))[0].Id, Cancel));
        Assert.Equal(new LineCounts(5, 0, 0), await world.Lines.CountAsync(world.Operator, Cancel));
    }

    private static async Task<string?> RefusedAsync(ConnectivityWorld world, NewLine line) => (await world.Lines.AddAsync(world.Operator, line, Cancel)).Refusal?.Code;
}
