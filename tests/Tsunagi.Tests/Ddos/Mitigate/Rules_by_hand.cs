using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Routing.Try;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Routing;
using Tsunagi.Tests.Routing.Scrub;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>From a request of the API to a router's table and back, on a whole node.</summary>
public sealed class Rules_by_hand
{
    private const string Rule = "dst 192.0.2.7/32 proto udp sport 53 then discard";

    [Fact]
    public async Task A_tenant_makes_and_lifts_a_rule_for_its_own_addresses_and_no_others()
    {
        await using var router = new TrialRouter();
        await using var world = await StartAsync(router, ("routing.scrubbers", """[{"name":"box","command":["/bin/false"]}]"""));
        var made = await world.Customer.PostAsync("/ddos/mitigations", new { rule = Rule, reason = "an attack", minutes = 5 });
        await Eventually.HoldsAsync(() => router.Routes.ContainsKey("dst 192.0.2.7/32 proto udp sport 53"));
        Assert.Equal("an attack", (string)made["reason"]!);

        // A scrubber that does not work is told to operators; who owns the rule sees that it is not there yet, and holds up no router.
        await DdosNode.UntilAsync(async () => (await world.Customer.GetAsync($"/ddos/mitigations/{made["id"]}"))["drops"] is JsonArray { Count: 1 } drops && (string)drops[0]!["state"]! == "waiting");
        var box = (await world.Node.Operator.GetAsync("/routing/scrubbers"))["items"]![0]!;
        Assert.Equal(("box", "failing", "it ended with 1"), ((string)box["name"]!, (string)box["state"]!, (string)box["lastError"]!));
        Assert.Equal(HttpStatusCode.Forbidden, await world.Customer.StatusAsync(HttpMethod.Get, "/routing/scrubbers"));

        // Of two rules for one match one would replace the other at the router.
        Assert.Equal(HttpStatusCode.Conflict, await world.Customer.StatusAsync(HttpMethod.Post, "/ddos/mitigations", new { rule = Rule, reason = "again" }));
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Post, "/ddos/mitigations", new { blackhole = "198.51.100.1/32", reason = "not theirs" }));
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Post, "/ddos/mitigations", new { blackhole = "192.0.2.250/32", reason = "protected" }));
        var (_, stranger) = await world.Node.AddTenantAsync(null, "customer", "stranger");
        Assert.Equal(HttpStatusCode.BadRequest, await stranger.StatusAsync(HttpMethod.Post, "/ddos/mitigations", new { blackhole = "192.0.2.8/32", reason = "not theirs" }));
        Assert.Equal(HttpStatusCode.NotFound, await stranger.StatusAsync(HttpMethod.Post, $"/ddos/mitigations/{made["id"]}/lift"));
        stranger.Dispose();

        await world.Customer.PostAsync($"/ddos/mitigations/{made["id"]}/lift", new { });
        await Eventually.HoldsAsync(() => router.Routes.IsEmpty);
        var ended = await world.Customer.GetAsync($"/ddos/mitigations/{made["id"]}");
        Assert.Equal("lifted", (string)ended["endedHow"]!);
        await DdosNode.UntilAsync(async () => (await world.EventTypesAsync()) is var types && types.Contains("ddos.mitigation.made@1") && types.Contains("ddos.mitigation.ended@1"));
        await DdosNode.UntilAsync(async () => (await world.EventTypesAsync()).Contains("routing.scrubber.failing@1"));
    }

    [Fact]
    public async Task As_many_rules_as_the_budget_and_not_one_more()
    {
        await using var router = new TrialRouter();
        await using var world = await StartAsync(router, ("ddos.mitigate", """{"maxPerSubscription":2}"""));
        for (var i = 1; i <= 2; i++)
        {
            await world.Customer.PostAsync("/ddos/mitigations", new { blackhole = $"192.0.2.{i}/32", reason = "a test" });
        }

        Assert.Equal(HttpStatusCode.Conflict, await world.Customer.StatusAsync(HttpMethod.Post, "/ddos/mitigations", new { blackhole = "192.0.2.3/32", reason = "one too many" }));
        await Eventually.HoldsAsync(() => router.Routes.Count == 2);
    }

    [Fact]
    public async Task The_switch_withdraws_everything_with_the_database_away_in_less_than_five_seconds()
    {
        await using var router = new TrialRouter();
        await using var scrub = await ScrubWorld.TryOpenAsync();
        await using var world = await StartAsync(router, ("routing.scrubbers", JsonSerializer.Serialize(scrub?.Options.Scrubbers.Select(static box => new { name = box.Name, command = box.Command }) ?? [])));
        await world.Customer.PostAsync("/ddos/mitigations", new { rule = Rule, reason = "a test" });
        await world.Customer.PostAsync("/ddos/mitigations", new { blackhole = "192.0.2.9/32", reason = "a test" });
        await Eventually.HoldsAsync(() => router.Routes.Count == 2);
        if (scrub is not null)
        {
            await scrub.SendAsync([MadePackets.Udp("192.0.2.7", 53, 428)]);
            await DdosNode.UntilAsync(async () => ((JsonArray)(await world.Customer.GetAsync("/ddos/mitigations"))["items"]!) is { Count: 2 } items && items.All(static item => item!["drops"] is JsonArray { Count: 1 } drops && (string)drops[0]!["state"]! == "in place"));
            Assert.Contains("192.0.2.7", await scrub.NftAsync("", "list", "table", "inet", "tsunagi_scrub"), StringComparison.Ordinal);
        }

        // Somebody holds the database's only writer: every write of the program waits.
        await using var holder = new SqliteConnection($"Data Source={Path.Combine(world.Node.Data, "store", "control.db")};Pooling=False");
        await holder.OpenAsync(TestContext.Current.CancellationToken);
        await using (var begin = holder.CreateCommand())
        {
            begin.CommandText = "BEGIN IMMEDIATE";
            await begin.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        using var cli = new CliRun();
        var started = TimeProvider.System.GetTimestamp();
        var (exit, output, error) = await cli.RunAsync("ddos", "withdraw", "--all", "--reason", "a test", "--data", world.Node.Data, "--json");
        var took = TimeProvider.System.GetElapsedTime(started);
        Assert.True(exit == 0, output + error);
        Assert.True(took < TimeSpan.FromSeconds(5), $"{took}");
        Assert.Equal(2, (int)JsonNode.Parse(output)!["withdrawn"]!);
        await Eventually.HoldsAsync(() => router.Routes.IsEmpty);
        if (scrub is not null)
        {
            Assert.DoesNotContain("192.0.2.", await scrub.NftAsync("", "list", "ruleset"), StringComparison.Ordinal);
        }

        await using (var end = holder.CreateCommand())
        {
            end.CommandText = "ROLLBACK";
            await end.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        // When the database is back it learns how they ended; they do not come back.
        await DdosNode.UntilAsync(async () => ((JsonArray)(await world.Node.Operator.GetAsync("/ddos/mitigations"))["items"]!).All(static m => (string?)m!["endedHow"] == "switch"));
        await DdosNode.UntilAsync(async () => (await world.EventTypesAsync()).Contains("ddos.withdrawn-all@1"));
        Assert.True(router.Routes.IsEmpty);
    }

    [Fact]
    public async Task Frozen_nothing_new_is_announced_until_thaw()
    {
        await using var router = new TrialRouter();
        await using var world = await StartAsync(router);
        await world.Customer.PostAsync("/ddos/mitigations", new { blackhole = "192.0.2.9/32", reason = "a test" });
        await Eventually.HoldsAsync(() => router.Routes.Count == 1);
        using var cli = new CliRun();
        var (exit, output, error) = await cli.RunAsync("ddos", "freeze", "--reason", "a test", "--data", world.Node.Data);
        Assert.True(exit == 0, output + error);
        Assert.Equal(HttpStatusCode.Conflict, await world.Customer.StatusAsync(HttpMethod.Post, "/ddos/mitigations", new { blackhole = "192.0.2.10/32", reason = "a test" }));
        Assert.Single(router.Routes);
        Assert.Equal(0, (await cli.RunAsync("ddos", "thaw", "--data", world.Node.Data)).Exit);
        await world.Customer.PostAsync("/ddos/mitigations", new { blackhole = "192.0.2.10/32", reason = "a test" });
        await Eventually.HoldsAsync(() => router.Routes.Count == 2);
    }

    [Fact]
    public async Task Without_a_running_program_the_switch_says_so_and_stands()
    {
        using var directory = new TemporaryDirectory();
        using var cli = new CliRun();
        Assert.Equal(2, (await cli.RunAsync("ddos", "freeze", "--data", directory.Path)).Exit); // no node's
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "node"), "n_1\n", TestContext.Current.CancellationToken);
        var (exit, _, error) = await cli.RunAsync("ddos", "freeze", "--data", directory.Path);
        Assert.Equal(1, exit);
        Assert.Contains("carried out when the program starts", error, StringComparison.Ordinal);
        Assert.NotNull(new LedgerSwitch(directory.Path).Frozen);
    }

    private static Task<DdosNode> StartAsync(TrialRouter router, params (string Key, string Value)[] more)
    {
        var values = new Dictionary<string, string>
        {
            ["ddos.protected"] = "[\"192.0.2.240/28\"]", ["routing.identifier"] = "10.0.0.1", ["routing.firstRetry"] = "00:00:00.100",
            ["routing.peers"] = $$"""[{"name":"router","address":"127.0.0.1","port":{{router.Port}},"as":64512}]""",
        };
        foreach (var (key, value) in more)
        {
            values[key] = value;
        }

        return DdosNode.StartAsync(values);
    }
}
