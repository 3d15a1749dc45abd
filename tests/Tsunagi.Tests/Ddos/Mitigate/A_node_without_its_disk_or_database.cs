using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Routing.Try;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>The disk is full, or PostgreSQL is gone, and then the attack comes: it is told, its rule goes out, and the switch works in less than five seconds. Afterwards the database knows it all.</summary>
public sealed class A_node_without_its_disk_or_database
{
    private static readonly TimeSpan SwitchWithin = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_an_attack_with_PostgreSQL_gone()
    {
        await using var cluster = await PostgresCluster.StartAsync();
        await using var router = new TrialRouter();
        await using var world = await StartAsync(router, [], await cluster.CopyForNodeAsync());
        await cluster.StopServerAsync();
        await AnswersAsync(world, router);
        await cluster.StartServerAsync();
        await KnowsItAllAsync(world);
    }

    [Fact]
    public async Task Answers_an_attack_with_the_disk_full()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root to mount a small file system");
        using var directory = new TemporaryDirectory();
        var small = Path.Combine(directory.Path, "small");
        Directory.CreateDirectory(small);
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=512m", "tmpfs", small);
        try
        {
            await ReadyTables.PlaceAsync(small);
            await using var router = new TrialRouter();
            await using var world = await StartAsync(router, [("data", small), ("ddos.archive", """{"leastFreeBytes":0}""")], postgres: null);
            var ballast = Path.Combine(small, "ballast");
            Fill(ballast);
            await AnswersAsync(world, router, small, () => Fill(ballast + "2"));
            File.Delete(ballast);
            File.Delete(ballast + "2");
            await KnowsItAllAsync(world);
        }
        finally
        {
            await RunAsync("umount", small);
        }
    }

    private static async Task AnswersAsync(DdosNode world, TrialRouter router, string? data = null, Action? again = null)
    {
        await world.AttackUntilAsync(() => Task.FromResult(router.Routes.Keys.Any(static rule => rule.StartsWith("dst 192.0.2.1/32 proto udp sport 53", StringComparison.Ordinal))), AttackAndOwn);
        Assert.NotEmpty(world.Node.Services.GetRequiredService<IncidentBook>().OpenOnes);
        again?.Invoke();
        using var cli = new CliRun();
        await SwitchAsync(cli, "freeze", "--reason", "a test", "--data", data ?? world.Node.Data);
        await SwitchAsync(cli, "withdraw", "--all", "--reason", "a test", "--data", data ?? world.Node.Data);
        await Eventually.HoldsAsync(() => router.Routes.IsEmpty);
        Assert.Empty(world.Node.Services.GetRequiredService<Ledger>().Active);
    }

    private static async Task SwitchAsync(CliRun cli, params string[] words)
    {
        var started = TimeProvider.System.GetTimestamp();
        var (exit, output, error) = await cli.RunAsync(["ddos", .. words]);
        Assert.True(exit == 0, $"{words[0]}: {output}{error}");
        Assert.True(TimeProvider.System.GetElapsedTime(started) < SwitchWithin, words[0]);
    }

    // What was made and ended meanwhile is in the database; nothing of it comes back.
    private static async Task KnowsItAllAsync(DdosNode world)
    {
        await DdosNode.UntilAsync(async () =>
            await world.Node.Operator.StatusAsync(HttpMethod.Get, "/ddos/mitigations") == System.Net.HttpStatusCode.OK
            && (JsonArray)(await world.Node.Operator.GetAsync("/ddos/mitigations"))["items"]! is { Count: > 0 } rows
            && rows.All(static row => ((string)row!["madeBy"]!, (string?)row["endedHow"]) == ("automatic", "switch")));
        await DdosNode.UntilAsync(async () => (await world.EventTypesAsync()) is var types && types.Contains("ddos.withdrawn-all@1") && types.Contains("ddos.frozen@1") && types.Contains("ddos.mitigation.made@1"));
        await DdosNode.UntilAsync(async () => (await world.IncidentsAsync()).Count > 0);
        Assert.Empty(world.Node.Services.GetRequiredService<Ledger>().Active);
    }

    private static async Task<DdosNode> StartAsync(TrialRouter router, (string Key, string Value)[] more, string? postgres)
    {
        var values = new Dictionary<string, string>
        {
            ["ddos.mitigate"] = """{"mostCollateralPermille":100}""", ["routing.identifier"] = "10.0.0.1", ["routing.firstRetry"] = "00:00:00.100",
            ["routing.peers"] = $$"""[{"name":"router","address":"127.0.0.1","port":{{router.Port}},"as":64512}]""",
        };
        foreach (var (key, value) in more)
        {
            values[key] = value;
        }

        var world = await DdosNode.StartAsync(values, postgres: postgres);
        await world.Node.Operator.PutAsync($"/ddos/protections/{world.Subscription}/mode", new { mode = "automatic", reason = "a test", withoutReport = true });
        await Eventually.HoldsAsync(() => router.Sessions > 0);
        return world;
    }

    private static byte[] AttackAndOwn(uint sequence) =>
        sequence / 30 % 2 == 0 ? Exports.NetFlow5(30, sequence, packets: 10) : Exports.NetFlow5(30, sequence, packets: 10, octetsEach: 1_400, protocol: 6, flags: 0x18, sourcePort: 443);

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var length = 1 << 20; length >= 1; length /= 2)
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[length]);
                }
            }
            catch (IOException)
            {
                // Less fits in, or nothing.
            }
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(0, process.ExitCode);
    }
}
