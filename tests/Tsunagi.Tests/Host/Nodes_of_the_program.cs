using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Nodes;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Host;

public sealed class Nodes_of_the_program
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Operators_see_the_nodes_and_customers_do_not()
    {
        await using var node = await TestNode.StartAsync();
        var shown = await ReadyAsync(node);
        Assert.Equal(global::Tsunagi.Host.Modules.All.Select(static module => module.Describe().Id), shown["modules"]!.AsArray().Select(static m => (string)m!));
        Assert.Empty(shown["reasons"]!.AsArray());
        var (_, customer) = await node.AddTenantAsync(null, "customer", "aoba");
        Assert.Equal(HttpStatusCode.Forbidden, await customer.StatusAsync(HttpMethod.Get, "/nodes"));
        customer.Dispose();
    }

    [Fact]
    public async Task Verb_lists_them_and_ready_is_told_with_its_code()
    {
        await using var running = await RunningNode.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(running.Node.Url) };
        for (var i = 0; i < 200 && (await http.GetAsync("/readyz", Cancel)).StatusCode != HttpStatusCode.OK; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, Cancel);
        }

        Assert.Equal("ready\n", await http.GetStringAsync("/readyz", Cancel));
        using var cli = new CliRun();
        var (exit, output, error) = await cli.RunAsync("node", "list", "--data", running.Data);

        // The node writes its row a beat after it knows itself that it is ready.
        for (var i = 0; i < 200 && exit != 0; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, Cancel);
            (exit, output, error) = await cli.RunAsync("node", "list", "--data", running.Data);
        }

        Assert.True(exit == 0, output + error);
        Assert.Contains("mail", output, StringComparison.Ordinal);
        Assert.Contains("ready", output, StringComparison.Ordinal);
        Assert.Contains(running.Node.Services.GetRequiredService<Node>().Name, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_that_is_not_ready_makes_the_verb_fail_and_say_why()
    {
        const string Nodes = """{"items":[{"name":"n_1","state":"notReady","modules":["mail"],"version":"1","reasons":[{"code":"mail.spool.closed","detail":"a write failed","nextStep":"Look at the disk"}]}]}""";
        using var cli = new CliRun { Connection = new RecordingApi(HttpStatusCode.OK, Nodes) };
        var (exit, output, _) = await cli.RunAsync("node", "list");
        Assert.Equal(1, exit);
        Assert.Contains("n_1: a write failed (mail.spool.closed)", output, StringComparison.Ordinal);
        Assert.Contains("Look at the disk", output, StringComparison.Ordinal);
    }

    private static async Task<JsonNode> ReadyAsync(TestNode node)
    {
        for (var i = 0; ; i++)
        {
            var nodes = (await node.Operator.GetAsync("/nodes"))["items"]!.AsArray();
            if (nodes is [{ } only] && (string?)only["state"] == "ready")
            {
                return only;
            }

            Assert.True(i < 200, nodes.ToJsonString());
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, Cancel);
        }
    }
}
