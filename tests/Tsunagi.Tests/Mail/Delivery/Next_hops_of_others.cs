using System.Net;
using Tsunagi.Core.Outbound;
using Tsunagi.Mail.Contract;

namespace Tsunagi.Tests.Mail.Delivery;

public sealed class Next_hops_of_others
{
    [Theory]
    [InlineData("127.0.0.1:25", "loopback")]
    [InlineData("127.1:25", "loopback")]
    [InlineData("[::1]:25", "loopback")]
    [InlineData("[::ffff:10.0.0.1]:25", "private")]
    [InlineData("10.1.2.3", "private")]
    [InlineData("192.168.0.1", "private")]
    [InlineData("169.254.169.254:80", "link-local or metadata")]
    [InlineData("[fe80::1]:25", "link-local or metadata")]
    [InlineData("0.0.0.0:25", "this network")]
    public void An_address_that_is_not_public_is_refused_when_it_is_ordered(string nextHop, string kind)
    {
        var refusal = Rule().Check(new GatewaySettings { NextHop = nextHop });
        Assert.NotNull(refusal);
        Assert.Equal("settings.nextHop", refusal.Field);
        Assert.Contains(kind, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("outbound.allow", refusal.Allowed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("9.9.9.9:25")]
    [InlineData("mx.customer.example")]
    public void A_public_address_and_a_name_are_taken(string nextHop) => Assert.Null(Rule().Check(new GatewaySettings { NextHop = nextHop }));

    [Fact]
    public void A_network_that_the_node_allows_is_taken() =>
        Assert.Null(Rule(IPNetwork.Parse("10.0.0.0/8")).Check(new GatewaySettings { NextHop = "10.1.2.3:25" }));

    [Fact]
    public async Task A_name_that_leads_to_an_inner_address_is_never_dialled_and_its_mail_is_deferred_with_an_event()
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync(options => options with { Delivery = Delivery_of_mail.Quick(options.Delivery) }, mayDial: null);
        node.Sign("s_one", "t_root/t_one/", "one.example", customer.Port, settings => settings with { NextHop = $"localhost:{customer.Port}" });
        var id = await Delivery_of_mail.SendAsync(node, "postmaster@one.example");
        await Delivery_of_mail.StateAsync(node, id, "deferred");
        var reply = await node.EventuallyAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT last_reply FROM mail_message WHERE id = @Id", new { Id = id }), static reply => reply is { Length: > 0 });
        Assert.StartsWith("451 4.7.0", reply, StringComparison.Ordinal);
        Assert.Contains("is not dialled", reply, StringComparison.Ordinal);
        Assert.Contains("loopback", reply, StringComparison.Ordinal);
        var events = await node.EventuallyAsync(
            reader => reader.QueryAsync<string>("SELECT type FROM event WHERE subject = @Id ORDER BY position", new { Id = id }), static rows => rows.Count >= 2);
        Assert.Equal("mail.message.deferred@1", events[1]);
        Assert.Equal(0, customer.Receiver.Connections);
        Assert.Empty(customer.Messages);
    }

    [Fact]
    public async Task Call_ahead_does_not_dial_it_either()
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync(mayDial: null);
        node.Sign("s_one", "t_root/t_one/", "one.example", customer.Port);
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.SayAsync("MAIL FROM:<a@client.example>");
        Assert.StartsWith("451", await client.SayAsync("RCPT TO:<b@one.example>"), StringComparison.Ordinal);
        Assert.Equal(0, customer.Receiver.Connections);
    }

    private static NextHopRule Rule(params IPNetwork[] allow) => new(new OutboundTcp(new OutboundOptions { Allow = allow }, TimeProvider.System));
}
