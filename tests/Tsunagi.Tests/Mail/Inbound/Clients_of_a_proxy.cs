using System.Net;
using Tsunagi.Mail;

namespace Tsunagi.Tests.Mail.Inbound;

/// <summary>XCLIENT at the gateway: whom a listed proxy speaks for is the client from then on, and nobody else may say so.</summary>
public sealed class Clients_of_a_proxy
{
    private const string Tenant = "t_root/t_one/";

    [Fact]
    public async Task A_listed_proxys_client_is_known_by_the_address_it_says()
    {
        await using var customer = new CustomerServer();
        await using var node = await StartAsync("127.0.0.1/32");
        node.Sign("s_one", Tenant, "one.example", customer.Port);
        await using var proxy = await Dialogue.GreetedAsync(node.Port);
        Assert.StartsWith("220 gateway.test", await proxy.SayAsync("XCLIENT ADDR=198.51.100.7 NAME=[UNAVAILABLE]"), StringComparison.Ordinal);
        Assert.StartsWith("503", await proxy.SayAsync("MAIL FROM:<alice@client.example>"), StringComparison.Ordinal);
        Assert.Contains("XCLIENT NAME ADDR", await proxy.SayAsync("EHLO first.example"), StringComparison.Ordinal);
        await BringAsync(proxy, "first");

        // Another client by the same connection; the name it greeted with is told.
        Assert.StartsWith("220", await proxy.SayAsync("XCLIENT ADDR=IPV6:2001:db8::7 HELO=second.example PROTO=ESMTP"), StringComparison.Ordinal);
        await BringAsync(proxy, "second");
        Assert.StartsWith("220", await proxy.SayAsync("XCLIENT ADDR=[UNAVAILABLE]"), StringComparison.Ordinal);
        await proxy.SayAsync("HELO third.example");
        await BringAsync(proxy, "third");
        var rows = await node.EventuallyAsync(static reader => reader.QueryAsync<Came>("SELECT subject, client_address, helo FROM mail_message ORDER BY subject"), static rows => rows.Count == 3);
        Assert.Equal([new("first", "198.51.100.7", "first.example"), new("second", "2001:db8::7", "second.example"), new("third", "", "third.example")], rows);
    }

    [Fact]
    public async Task What_is_pipelined_behind_it_belongs_to_the_next_session()
    {
        await using var customer = new CustomerServer();
        await using var node = await StartAsync("127.0.0.0/8");
        node.Sign("s_one", Tenant, "one.example", customer.Port);
        await using var proxy = await Dialogue.GreetedAsync(node.Port);
        await proxy.SendAsync("XCLIENT ADDR=198.51.100.7\r\nEHLO client.example\r\nMAIL FROM:<alice@client.example>\r\nRCPT TO:<bob@one.example>\r\n");
        foreach (var code in new[] { "220", "250-gateway.test", "250 2.1.0", "250 2.1.5" })
        {
            Assert.StartsWith(code, await proxy.ReadAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nobody_else_is_offered_it_and_a_told_client_keeps_its_own_limits()
    {
        await using (var closed = await StartAsync("192.0.2.0/24"))
        {
            await using var stranger = await Dialogue.OpenAsync(closed.Port);
            await stranger.ReadAsync();
            Assert.DoesNotContain("XCLIENT", await stranger.SayAsync("EHLO client.example"), StringComparison.Ordinal);
            Assert.StartsWith("502", await stranger.SayAsync("XCLIENT ADDR=198.51.100.7"), StringComparison.Ordinal);
        }

        await using var node = await StartAsync("127.0.0.0/8", static options => options with { Inbound = options.Inbound with { Clients = options.Inbound.Clients with { ConnectionsPerMinute = 2 } } });
        await using var proxy = await Dialogue.GreetedAsync(node.Port);
        Assert.StartsWith("220", await proxy.SayAsync("XCLIENT ADDR=198.51.100.7"), StringComparison.Ordinal);
        Assert.StartsWith("220", await proxy.SayAsync("XCLIENT ADDR=198.51.100.7"), StringComparison.Ordinal);
        Assert.StartsWith("421", await proxy.SayAsync("XCLIENT ADDR=198.51.100.7"), StringComparison.Ordinal);
    }

    private static Task<MailNode> StartAsync(string from, Func<MailOptions, MailOptions>? options = null) =>
        MailNode.StartAsync(given => (options ?? (static same => same))(given with { Inbound = given.Inbound with { XclientFrom = [IPNetwork.Parse(from)] } }));

    private static async Task BringAsync(Dialogue proxy, string subject)
    {
        await proxy.BeginAsync("bob@one.example");
        Assert.StartsWith("250", await proxy.SayAsync($"Subject: {subject}\r\n\r\nbody\r\n."), StringComparison.Ordinal);
    }

    private sealed record Came(string Subject, string ClientAddress, string Helo);
}
