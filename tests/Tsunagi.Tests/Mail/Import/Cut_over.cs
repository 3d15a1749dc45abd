using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Import;

/// <summary>A Postfix brought over by the command line, a domain at a time.</summary>
public sealed class Cut_over
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Domains_are_shown_first_then_taken_once_when_they_are_proved_and_the_second_time_nothing_changes()
    {
        await using var running = await RunningNode.StartAsync();
        using var cli = new CliRun();
        async Task<(int Exit, JsonNode Answer)> RunAsync(params string[] arguments)
        {
            var (exit, output, error) = await cli.RunAsync([.. arguments, "--data", running.Data, "--json"]);
            return (exit, JsonNode.Parse(output.Length > 0 ? output : throw new InvalidOperationException(error))!);
        }

        async Task<string> IdAsync(params string[] arguments) => (string)(await RunAsync(arguments)).Answer["id"]!;
        var tenant = await IdAsync("tenant", "add", "--kind", "customer", "--name", "Aoba");
        var old = await IdAsync("domain", "claim", "--tenant-id", tenant, "--name", "zero.example");
        await RunAsync("domain", "approve", old, "--reason", "known to us");
        await File.WriteAllTextAsync(Path.Combine(cli.Home, "plan.yaml"), "code: mail\nspecification: mail.gateway\nnameEn: Mail\nnameJa: メール\ncurrency: JPY\nprices:\n  - { model: flat, label: Base, amount: 1000 }\n", Cancel);
        await RunAsync("plan", "put", "mail", "plan.yaml");
        var subscription = await IdAsync("subscription", "take", "--tenant-id", tenant, "--plan", "mail", "--name", "Mail", "--set", "domains=[zero.example]", "--set", "nextHop=127.0.0.1:2525");

        var etc = Directory.CreateDirectory(Path.Combine(cli.Home, "postfix")).FullName;
        await File.WriteAllTextAsync(Path.Combine(etc, "main.cf"), "relay_domains = zero.example, one.example, two.example\ntransport_maps = texthash:$config_directory/transport\nrelay_recipient_maps = inline:{ {a@one.example = OK}, {b@one.example = OK}, {@zero.example = OK} }\nvirtual_alias_maps = inline:{ {c@one.example = a@one.example} }\n", Cancel);
        await File.WriteAllTextAsync(Path.Combine(etc, "transport"), "two.example smtp:[192.0.2.7]\n* smtp:[127.0.0.1]:2525\n", Cancel);
        string[] import = ["mail", "import", "postfix", etc, "--subscription", subscription];

        var (exit, shown) = await RunAsync(import);
        Assert.Equal(1, exit);
        Assert.Equal(["zero.example recipients same", "zero.example next-hop same", "zero.example domain same", "one.example domain wait", "two.example domain wait"], Steps(shown));
        Assert.Single((await RunAsync("domain", "list", "--tenant", tenant)).Answer.AsArray());

        // Claimed, and to be proved or approved.
        var (_, first) = await RunAsync([.. import, "--apply"]);
        Assert.Equal(2, (int)first["waiting"]!);
        var told = (string)first["steps"]!.AsArray().First(static step => (string?)step!["domain"] == "one.example")!["detail"]!;
        foreach (var name in (string[])["one.example", "two.example"])
        {
            await RunAsync("domain", "approve", (string)(await RunAsync("domain", "list", "--tenant", tenant)).Answer.AsArray().First(domain => (string?)domain!["name"] == name)!["id"]!, "--reason", "its zone is ours");
        }

        Assert.Contains("TXT \"tsunagi-proof=", told, StringComparison.Ordinal);
        Assert.Equal(["one.example recipients add", "one.example recipients same", "one.example next-hop same", "one.example domain add"], Steps((await RunAsync([.. import, "--domain", "one.example"])).Answer));
        Assert.Equal(["one.example recipients add", "one.example recipients same", "one.example next-hop same", "one.example domain add"], Steps((await RunAsync([.. import, "--domain", "one.example", "--apply"])).Answer));
        var entries = await running.Node.App.Services.GetRequiredService<Stores>().Control.ReadAsync(
            static reader => reader.QueryAsync<string>("SELECT address || ' ' || alias_of FROM mail_recipient_entry ORDER BY address"), Cancel);
        Assert.Equal(["a@one.example ", "b@one.example ", "c@one.example a@one.example"], entries);
        Assert.Equal(["zero.example", "one.example"], Settings(await RunAsync("subscription", "show", subscription))["domains"]!.AsArray().Select(static name => (string)name!));

        // The same again changes nothing; another server is another subscription's.
        var (again, same) = await RunAsync([.. import, "--domain", "one.example", "--apply"]);
        Assert.Equal(["one.example recipients same", "one.example recipients same", "one.example next-hop same", "one.example domain same"], Steps(same));
        Assert.Equal(0, again);
        var (refused, other) = await RunAsync([.. import, "--domain", "two.example", "--domain", "nine.example", "--apply"]);
        Assert.Equal((1, 2), (refused, (int)other["refused"]!));
        Assert.Equal(["nine.example domain refuse", "two.example next-hop refuse"], Steps(other));
        // What the old filter's maps say of senders is entered once, and what is said here already stays.
        await File.WriteAllTextAsync(Path.Combine(etc, "block.map"), "bad.example\nworse.example\n", Cancel);
        await File.WriteAllTextAsync(Path.Combine(etc, "multimap.conf"), $"B {{ type = \"from\"; filter = \"email:domain\"; map = \"{etc}/block.map\"; action = \"reject\"; }}\n", Cancel);
        string[] withSenders = [.. import, "--domain", "one.example", "--rspamd", Path.Combine(etc, "multimap.conf")];
        ValueTask<IReadOnlyList<string>> SendersAsync() => running.Node.App.Services.GetRequiredService<Stores>().Control.ReadAsync(
            static reader => reader.QueryAsync<string>("SELECT sender || ' ' || rule || ' ' || length(tenant_path) FROM mail_sender_rule ORDER BY tenant_path, sender"), Cancel);
        Assert.Contains(" senders add", Steps((await RunAsync(withSenders)).Answer));
        Assert.Empty(await SendersAsync());
        Assert.Contains(" senders add", Steps((await RunAsync([.. withSenders, "--apply"])).Answer));
        Assert.Contains(" senders same", Steps((await RunAsync([.. withSenders, "--apply"])).Answer));
        Assert.Equal(2, (await SendersAsync()).Count);
        Assert.Contains(" senders add", Steps((await RunAsync([.. withSenders, "--senders", "provider", "--apply"])).Answer));
        var rules = await SendersAsync();
        Assert.Equal(["@bad.example block", "@bad.example block", "@worse.example block", "@worse.example block"], rules.Select(static rule => rule[..rule.LastIndexOf(' ')]).Order(StringComparer.Ordinal));
        Assert.Equal(2, rules.Select(static rule => rule[rule.LastIndexOf(' ')..]).Distinct(StringComparer.Ordinal).Count());

        var (unknown, _, error) = await cli.RunAsync([.. import[..^1], "s_nobody", "--data", running.Data]);
        Assert.True(unknown != 0 && error.Contains("s_nobody", StringComparison.Ordinal), error);
    }

    private static JsonNode Settings((int Exit, JsonNode Answer) shown) => shown.Answer["settings"]!;

    private static IEnumerable<string> Steps(JsonNode report) => report["steps"]!.AsArray().Select(static step => $"{(string?)step!["domain"]} {(string?)step["kind"]} {(string?)step["act"]}");
}
