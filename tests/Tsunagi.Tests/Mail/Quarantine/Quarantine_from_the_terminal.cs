using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Spool;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Quarantine;

public sealed class Quarantine_from_the_terminal
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Held_mail_is_listed_opened_with_a_reason_kept_released_and_its_sender_blocked()
    {
        await using var running = await RunningNode.StartAsync();
        using var cli = new CliRun();
        var services = running.Node.App.Services;
        async Task<JsonNode?> SayAsync(int exit, params string[] arguments)
        {
            var (code, output, error) = await cli.RunAsync([.. arguments, "--data", running.Data, "--json"]);
            Assert.True(code == exit, $"{string.Join(' ', arguments)}: {code} {error}");
            return output.Length == 0 ? null : JsonNode.Parse(output);
        }

        var root = await services.GetRequiredService<Stores>().Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE kind = 'provider'"), Cancel);
        await HeldMail.PutAsync(services, HeldMail.Facts(HoldClass.Spam, ["b@one.example"], root + "t_one/"), HeldMail.Content);
        await HeldMail.PutAsync(services, HeldMail.Facts(HoldClass.Virus, ["c@one.example"], root + "t_one/"), HeldMail.Content);
        JsonArray items = [];
        for (var i = 0; i < 200 && items.Count < 2; i++)
        {
            items = Items(await SayAsync(0, "mail", "quarantine", "list"));
        }

        Assert.Equal(["virus", "spam"], items.Select(static item => (string?)item!["class"]));
        Assert.Null(items[0]!["subject"]);
        var held = (string)Items(await SayAsync(0, "mail", "quarantine", "list", "--recipient", "b@one.example", "--sender", "spam.example", "--state", "held", "--class", "spam")).Single()!["id"]!;
        Assert.Equal("b@one.example", (string?)(await SayAsync(0, "mail", "quarantine", "show", held))!["recipient"]);
        await SayAsync(1, "mail", "quarantine", "read", held);
        await SayAsync(0, "mail", "quarantine", "open", held, "--reason", "ticket 4711");
        Assert.Equal("click to claim the prize", (string?)(await SayAsync(0, "mail", "quarantine", "read", held))!["text"]);
        Assert.True((bool)(await SayAsync(0, "mail", "quarantine", "spam", held))!["changed"]!);
        Assert.False((bool)(await SayAsync(0, "mail", "quarantine", "spam", held))!["changed"]!);
        Assert.Equal("not-spam", (string?)(await SayAsync(0, "mail", "trace", "not-spam", (string)(await SayAsync(0, "mail", "quarantine", "show", held))!["messageId"]!))!["as"]);
        await SayAsync(1, "mail", "quarantine", "not-spam", "q_01m89y21yfntzk2135jbxkza6a");
        await SayAsync(0, "mail", "quarantine", "keep", held, "--reason", "case 12");
        await SayAsync(1, "mail", "quarantine", "delete", held);
        await SayAsync(0, "mail", "quarantine", "let-go", held);
        Assert.Equal("block", (string?)(await SayAsync(0, "mail", "quarantine", "block", held, "--for", "domain"))!["rule"]);
        Assert.Equal("@shop.example", (string?)(await SayAsync(0, "mail", "senders", "allow", "shop.example", "--for", "tenant"))!["sender"]);
        var rules = Items(await SayAsync(0, "mail", "senders", "list"));
        Assert.Equal(2, rules.Count);
        await SayAsync(0, "mail", "senders", "remove", (string)rules[0]!["id"]!);
        Assert.Single(Items(await SayAsync(0, "mail", "senders", "list")));
        await SayAsync(1, "mail", "quarantine", "refuse", held, "--reason", "not asked for");
        Assert.Contains((string?)(await SayAsync(0, "mail", "quarantine", "release", held, "--allow-sender"))!["state"], (string[])["releasing", "released"]);
        await SayAsync(0, "mail", "quarantine", "release", held);
        await SayAsync(1, "mail", "quarantine", "show", "q_01m89y21yfntzk2135jbxkza6a");
        await SayAsync(2, "mail", "quarantine", "list", "--state", "lost");
    }

    private static JsonArray Items(JsonNode? page) => (page as JsonArray) ?? page!["items"]!.AsArray();
}
