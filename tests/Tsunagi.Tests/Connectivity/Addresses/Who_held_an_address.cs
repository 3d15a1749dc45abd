using System.Net;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Addresses;

/// <summary>The history of addresses, on both stores, and against a plain list of 20,000.</summary>
public sealed class Who_held_an_address
{
    private const string Purpose = "order 2026-4711 of the district court";
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 3, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<SqlDialect> BothStores => ConnectivityWorld.BothStores;

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task Session_prefix_and_shared_port_are_found_and_nobody_else(SqlDialect store)
    {
        await using var world = await ConnectivityWorld.OpenAsync(store);
        var tenant = await world.AddTenantAsync("Kita");
        Holding Held(string prefix, string line, string session, int from, int? to, int firstPort = 0, int lastPort = 65_535) => new(
            Vrf.Global, IPNetwork.Parse(prefix), line, tenant.Id, tenant.TenantPath, session, UnixMicros.From(Noon.AddSeconds(from)), to is { } end ? UnixMicros.From(Noon.AddSeconds(end)) : null, "node-1", firstPort, lastPort);
        await world.Stores.Control.WriteAsync(
            async transaction =>
            {
                await AssignmentHistory.OpenAsync(transaction,
                [
                    Held("198.51.100.7/32", "ln_a", "s1", -600, -60), Held("198.51.100.7/32", "ln_b", "s2", -30, null), Held("2001:db8:40::/56", "ln_a", "s1", -600, null),
                    Held("203.0.113.9/32", "ln_a", "n1", -600, null, 1024, 2047), Held("203.0.113.9/32", "ln_b", "n2", -600, null, 2048, 3071),
                ]);

                // The same again, as a repeated projection does.
                await AssignmentHistory.OpenAsync(transaction, [Held("198.51.100.7/32", "ln_b", "s2", -30, null)]);
                return true;
            },
            Cancel);
        var desk = world.Get<HolderDesk>();
        async Task<string> AskAsync(string address, int at, int? port = null, int tolerance = 5)
        {
            var answer = ConnectivityWorld.Value(await desk.AskAsync(
                world.Operator, new HolderQuestion { Address = address, At = Noon.AddSeconds(at), Port = port, ToleranceSeconds = tolerance, Purpose = Purpose }, Cancel));
            return string.Join(' ', answer.Holders.Select(static holder => holder.LineId + (holder.IsWhole ? "" : "?"))) + (answer.NeedsPort ? " port" : "");
        }

        Assert.Equal("ln_a port", await AskAsync("198.51.100.7", -300));
        Assert.Equal(" port", await AskAsync("198.51.100.7", -45));
        Assert.Equal("ln_b? ln_a? port", await AskAsync("198.51.100.7", -45, tolerance: 20));
        Assert.Equal("ln_b port", await AskAsync("198.51.100.7", 0));
        Assert.Equal("ln_b? port", await AskAsync("198.51.100.7", -30));
        Assert.Equal("ln_a", await AskAsync("2001:db8:40:ff::1", 0));
        Assert.Equal("", await AskAsync("2001:db8:40:100::1", 0));
        Assert.Equal("ln_a", await AskAsync("203.0.113.9", 0, 1_500));
        Assert.Equal("ln_b", await AskAsync("203.0.113.9", 0, 2_048));
        Assert.Equal("", await AskAsync("203.0.113.9", 0, 5_000));
        Assert.Equal(" port", await AskAsync("203.0.113.9", 0));

        await world.Stores.Control.WriteAsync(
            async transaction =>
            {
                await AssignmentHistory.CloseAsync(transaction, Vrf.Global, IPNetwork.Parse("198.51.100.7/32"), "ln_b", "s2", UnixMicros.From(Noon.AddSeconds(60)));
                return true;
            },
            Cancel);
        Assert.Equal(" port", await AskAsync("198.51.100.7", 120));
        Assert.Equal("ln_b port", await AskAsync("198.51.100.7", 30));
    }

    [Fact]
    public async Task A_question_without_a_purpose_is_refused_and_one_with_it_is_kept()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var desk = world.Get<HolderDesk>();
        Task<Outcome<HolderAnswer>> AskAsync(string address, string purpose, Tsunagi.Core.Identity.Caller? by = null) =>
            desk.AskAsync(by ?? world.Operator, new HolderQuestion { Address = address, At = Noon, Purpose = purpose }, Cancel).AsTask();
        Assert.Equal("connectivity.holder.purpose", (await AskAsync("198.51.100.7", "because")).Refusal?.Code);
        Assert.Equal("connectivity.holder.purpose", (await AskAsync("198.51.100.7", "          because          ")).Refusal?.Code);
        Assert.Equal("connectivity.holder.address", (await AskAsync("198.51.100.0/24", Purpose)).Refusal?.Code);
        var customer = ConnectivityWorld.CallerOf(await world.AddTenantAsync("Kita"));
        Assert.Equal(RefusalKind.Forbidden, (await AskAsync("198.51.100.7", Purpose, customer)).Refusal?.Kind);

        var answer = ConnectivityWorld.Value(await AskAsync("198.51.100.7", Purpose));
        var kept = await desk.FindQuestionAsync(world.Operator, answer.Question!, Cancel);
        Assert.Equal((Purpose, "198.51.100.7"), (kept!.Purpose, kept.Address));
        Assert.Null(await desk.FindQuestionAsync(customer, answer.Question!, Cancel));
        var audit = await world.Get<AuditTrail>().ListAsync(world.Operator, new AuditFilter(null, null, "connectivity.holder.asked", null, null), long.MaxValue, 10, Cancel);
        Assert.Equal(Purpose, Assert.Single(audit).Reason);
    }

    [Fact]
    public async Task Of_twenty_thousand_holdings_it_finds_what_a_plain_list_finds()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var random = new Random(7);
        var start = UnixMicros.From(Noon);
        var held = new List<Holding>();
        for (var i = 0; i < 20_000; i++)
        {
            var prefix = i % 3 == 0 ? $"2001:db8:{random.Next(0, 800):x}:{random.Next(0, 256) * 256:x}::/56" : $"10.0.{random.Next(0, 256)}.{random.Next(0, 52)}/32";
            var from = start + (random.NextInt64(0, 86_400) * UnixMicros.PerSecond);
            held.Add(new Holding(Vrf.Global, IPNetwork.Parse(prefix), $"ln_{i}", "t", "t/", $"s{i}", from, i % 50 == 0 ? null : from + (random.NextInt64(1, 7_200) * UnixMicros.PerSecond), "n"));
        }

        foreach (var part in held.Chunk(5_000))
        {
            await world.Stores.Control.WriteAsync(
                async transaction =>
                {
                    await AssignmentHistory.OpenAsync(transaction, part);
                    return true;
                },
                Cancel);
        }

        var desk = world.Get<HolderDesk>();
        for (var i = 0; i < 200; i++)
        {
            var of = held[random.Next(held.Count)];
            var (from, until) = (of.FromMicros + (random.NextInt64(-3_600, 3_600) * UnixMicros.PerSecond), 0L);
            until = from + (10 * UnixMicros.PerSecond);
            var address = new AddressBlock(AddressBlock.From(of.Prefix).Last, of.Prefix.PrefixLength == 32 ? 32 : 128, of.Prefix.PrefixLength != 32).Address;
            var answer = await desk.FindAsync(Vrf.Global, address, null, from, until, Cancel);
            var expected = held.Where(each => each.Prefix.Contains(address) && each.FromMicros < until && (each.ToMicros is null || each.ToMicros > from)).Select(static each => each.LineId).Order(StringComparer.Ordinal);
            Assert.Equal(expected, answer.Holders.Select(static holder => holder.LineId).Order(StringComparer.Ordinal));
        }

        // Older than they are kept: gone; what still lasts stays.
        world.Time.Advance(UnixMicros.ToDateTimeOffset(start).AddDays(400) - world.Time.GetUtcNow());
        await world.Get<PoolWatch>().JudgeAsync(Cancel);
        var left = await world.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM connectivity_holding"), Cancel);
        Assert.Equal(held.Count(static each => each.ToMicros is null), left);
    }

    [Fact]
    public async Task A_fixed_address_of_a_line_is_its_own_from_then_to_then()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var subscription = await world.BroadbandAsync(await world.AddTenantAsync("Kita"), new { });
        var line = (await world.AddLineAsync(subscription, "kita")).Line;
        ConnectivityWorld.Value(await world.Lines.ChangeAsync(world.Operator, line.Id, new() { V4 = "198.51.100.8/29" }, null, Cancel));
        var since = world.Time.GetUtcNow();
        world.Time.Advance(TimeSpan.FromHours(1));
        var found = await world.Get<HolderDesk>().FindAsync(Vrf.Global, IPAddress.Parse("198.51.100.11"), null, UnixMicros.From(since) + 1, UnixMicros.From(since) + 2, Cancel);
        Assert.Equal(("kita", "198.51.100.8/29", null as string), (found.Holders[0].UserName, found.Holders[0].Prefix, found.Holders[0].Session));
        ConnectivityWorld.Value(await world.Lines.EndAsync(world.Operator, line.Id, null, Cancel));
        Assert.Equal(world.Time.NowMicros(), (await world.Get<HolderDesk>().OfLineAsync(world.Operator, line.Id, 10, Cancel))[0].ToAt);
    }
}
