using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Tsunagi.Scenarios.TwoNodes;
using Tsunagi.Tests.Connectivity.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Scenarios.Connectivity;

/// <summary>A process is killed, its database goes away, and it starts again: access servers are answered, and what they account is there when the database is back.</summary>
[Trait("Process", "own")]
public class A_node_starts_without_its_database
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task And_answers_access_servers_from_its_copy()
    {
        Radclient.Require();
        var directory = Directory.CreateTempSubdirectory("tsunagi-standby-").FullName;
        await using var cluster = await PostgresCluster.StartAsync();
        var (access, accounting) = (FreePorts.Udp(), FreePorts.Udp());
        string[] settings = [$"connectivity.authenticate.listen=[\"127.0.0.1:{access}\"]", $"connectivity.account.listen=[\"127.0.0.1:{accounting}\"]", "connectivity.lines.copyEvery=00:00:01"];
        try
        {
            var master = Path.Combine(directory, "master.json");
            await using (var node = await NodeProcess.StartAsync("node", directory, cluster.ConnectionString, master, TimeSpan.FromSeconds(10), settings))
            {
                await SellAsync(node);
                await UntilAsync(async () => (await AskAsync(access, "auth", "User-Name=joe,User-Password=secret")).Contains("Access-Accept", StringComparison.Ordinal), "the line is served");
                var copy = Path.Combine(directory, "node", "connectivity", "lines.copy");
                await UntilAsync(() => Task.FromResult(File.Exists(copy) && new FileInfo(copy).Length > 500), "the copy is written");
            }

            await cluster.StopServerAsync();
            await using var again = NodeProcess.Begin("node", directory, cluster.ConnectionString, master, TimeSpan.FromSeconds(10), settings);
            await again.SaysAsync("waiting: ");
            await UntilAsync(async () => (await AskAsync(access, "auth", "User-Name=joe,User-Password=secret")).Contains("Framed-IP-Address = 192.0.2.7", StringComparison.Ordinal), "it answers without its database");
            Assert.Contains("Access-Reject", await AskAsync(access, "auth", "User-Name=joe,User-Password=wrong"), StringComparison.Ordinal);
            Assert.Contains("Accounting-Response", await AskAsync(accounting, "acct", "User-Name=joe,Acct-Session-Id=meanwhile,Acct-Status-Type=Start"), StringComparison.Ordinal);

            await cluster.StartServerAsync();
            await again.SignInAsync();
            await UntilAsync(async () => ((JsonArray)(await again.Operator.GetAsync("/connectivity/sessions"))["items"]!).Count == 1, "what was accounted meanwhile is a session");
            Assert.Contains("Access-Accept", await AskAsync(access, "auth", "User-Name=joe,User-Password=secret"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task SellAsync(NodeProcess node)
    {
        await node.Operator.PutAsync("/plans/line", new
        {
            code = "line", specification = "connectivity.broadband", nameEn = "Line", nameJa = "回線", currency = "JPY", prices = new[] { new { model = "flat", label = "Fee", amount = 100 } },
        });
        var tenant = await node.Operator.PostAsync("/tenants", new { parentId = default(string), kind = "customer", name = "Customer" });
        var subscription = await node.Operator.PostAsync("/subscriptions", new { tenantId = (string)tenant["id"]!, plan = "line", name = "Line", settings = new { } });
        await node.Operator.PostAsync("/connectivity/nas", new { name = "bras", sources = new[] { "127.0.0.1" }, secret = RadiusWorld.Secret });
        await node.Operator.PostAsync("/connectivity/lines", new { subscriptionId = (string)subscription["id"]!, userName = "joe", password = "secret", v4 = "192.0.2.7/32" });
    }

    private static Task<string> AskAsync(int port, string kind, string attributes) => Radclient.RunAsync($"127.0.0.1:{port}", kind, attributes, tries: 1);

    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1), "never: " + what);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }
    }
}
