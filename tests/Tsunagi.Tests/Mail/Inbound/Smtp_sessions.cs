using System.Text;
using Tsunagi.Mail;
using Tsunagi.Mail.Contract;

namespace Tsunagi.Tests.Mail.Inbound;

public sealed class Smtp_sessions
{
    private const string Tenant = "t_root/t_one/";

    [Fact]
    public async Task A_recipient_of_no_customer_is_refused()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer);
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.SayAsync("MAIL FROM:<a@client.example>");
        Assert.StartsWith("550 5.7.1", await client.SayAsync("RCPT TO:<b@elsewhere.example>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_the_contracts_are_loaded_nobody_is_refused_for_good()
    {
        await using var node = await MailNode.StartAsync();
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.SayAsync("MAIL FROM:<a@client.example>");
        Assert.StartsWith("451 4.3.5", await client.SayAsync("RCPT TO:<b@one.example>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Postmaster_is_taken_without_asking_anybody()
    {
        await using var customer = new CustomerServer();
        customer.Receiver.Answer = static command => command.Verb == Tsunagi.Protocols.Mail.Smtp.SmtpVerb.Rcpt ? Tsunagi.Protocols.Mail.Smtp.SmtpReplies.UnknownRecipient : null;
        await using var node = await NodeAsync(customer, static options => options with { Postmaster = "ops@one.example" });
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.SayAsync("MAIL FROM:<a@client.example>");
        Assert.StartsWith("250", await client.SayAsync("RCPT TO:<PostMaster@one.example>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.SayAsync("RCPT TO:<postmaster>"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1", await client.SayAsync("RCPT TO:<nobody@one.example>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_line_at_the_limit_is_read_and_one_octet_more_is_refused()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer, static options => options with { Inbound = options.Inbound with { MaxLineOctets = 600 } });
        await using var client = await Dialogue.GreetedAsync(node.Port);
        Assert.StartsWith("250", await client.SayAsync("NOOP " + new string('x', 600 - 7)), StringComparison.Ordinal);
        Assert.StartsWith("500 5.5.2", await client.SayAsync("NOOP " + new string('x', 600 - 6)), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.SayAsync("NOOP"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recipients_up_to_the_limit_are_taken_and_one_more_is_put_off()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer, static options => options with { Inbound = options.Inbound with { MaxRecipients = 100 } });
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.SayAsync("MAIL FROM:<a@client.example>");
        for (var i = 0; i < 100; i++)
        {
            Assert.StartsWith("250", await client.SayAsync($"RCPT TO:<u{i}@one.example>"), StringComparison.Ordinal);
        }

        Assert.StartsWith("452 4.5.3", await client.SayAsync("RCPT TO:<u100@one.example>"), StringComparison.Ordinal);
        await client.SayAsync("DATA");
        Assert.StartsWith("250", await client.SayAsync("Subject: many\r\n\r\nx\r\n."), StringComparison.Ordinal);
        Assert.Equal(100, (await customer.GotAsync(1))[0].Recipients.Count);
    }

    [Fact]
    public async Task A_message_at_the_smallest_limit_of_its_tenant_is_taken_and_one_octet_more_is_refused()
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", Tenant, "one.example", customer.Port, static settings => settings with { MaxMessageBytes = 64 * 1024 });
        var head = "Subject: size\r\n\r\n";
        foreach (var (octets, expected) in new[] { (64 * 1024, "250"), ((64 * 1024) + 1, "552 5.3.4") })
        {
            await using var client = await Dialogue.GreetedAsync(node.Port);
            await client.BeginAsync("b@one.example");
            var body = new StringBuilder(head);
            while (body.Length < octets)
            {
                body.Append(new string('y', Math.Min(70, octets - body.Length - 2))).Append("\r\n");
                if (octets - body.Length is > 0 and < 4)
                {
                    body.Insert(head.Length, new string('z', octets - body.Length));
                }
            }

            Assert.Equal(octets, body.Length);
            await client.SendAsync(body + ".\r\n");
            Assert.StartsWith(expected, await client.ReadAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_declared_size_beyond_the_tenants_limit_is_refused_before_the_content()
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", Tenant, "one.example", customer.Port, static settings => settings with { MaxMessageBytes = 100_000 });
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.SayAsync("MAIL FROM:<a@client.example> SIZE=100001");
        Assert.StartsWith("552 5.3.4", await client.SayAsync("RCPT TO:<b@one.example>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_up_to_the_limit_are_answered_and_one_more_ends_the_session()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer, static options => options with { Inbound = options.Inbound with { MaxErrors = 3 } });
        await using var client = await Dialogue.GreetedAsync(node.Port);
        for (var i = 0; i < 3; i++)
        {
            Assert.StartsWith("500", await client.SayAsync("WHAT"), StringComparison.Ordinal);
        }

        Assert.StartsWith("421 4.7.0", await client.SayAsync("WHAT"), StringComparison.Ordinal);
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task Connections_of_one_address_up_to_the_limit_are_greeted_and_one_more_is_not()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer, static options => options with
        {
            Inbound = options.Inbound with { Connections = new() { MaxPerAddress = 2 } },
        });
        await using var first = await Dialogue.GreetedAsync(node.Port);
        await using var second = await Dialogue.GreetedAsync(node.Port);
        await using var third = await Dialogue.OpenAsync(node.Port);
        Assert.StartsWith("421 4.7.0", await third.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_told_and_cut()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer, static options => options with { Inbound = options.Inbound with { CommandDeadline = TimeSpan.FromMilliseconds(200) } });
        await using var client = await Dialogue.OpenAsync(node.Port);
        await client.ReadAsync();
        Assert.StartsWith("421 4.4.2", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task A_client_that_drips_its_message_is_cut_though_it_never_pauses()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer, static options => options with
        {
            Inbound = options.Inbound with { MinBytesPerSecond = 10_000, SlowPeerGrace = TimeSpan.FromMilliseconds(200) },
        });
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.BeginAsync("b@one.example");
        var reply = client.ReadAsync();
        for (var i = 0; i < 100 && !reply.IsCompleted; i++)
        {
            await client.SendAsync("x\r\n");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.StartsWith("421 4.4.2", await reply, StringComparison.Ordinal);
        Assert.Equal(0, node.Scheduler.Count);
    }

    [Fact]
    public async Task A_message_that_came_through_thirty_hosts_is_taken_and_one_host_more_is_a_loop()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer);
        foreach (var (hosts, expected) in new[] { (30, "250"), (31, "554 5.4.6") })
        {
            await using var client = await Dialogue.GreetedAsync(node.Port);
            await client.BeginAsync("b@one.example");
            var head = string.Concat(Enumerable.Repeat("Received: from x by y; Mon, 1 Jan 2026 00:00:00 +0000\r\n", hosts));
            Assert.StartsWith(expected, await client.SayAsync(head + "Subject: round\r\n\r\nx\r\n."), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_message_that_was_here_twice_is_taken_and_the_third_round_is_a_loop()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer);
        foreach (var (rounds, expected) in new[] { (2, "250"), (3, "554 5.4.6") })
        {
            await using var client = await Dialogue.GreetedAsync(node.Port);
            await client.BeginAsync("b@one.example");
            var head = string.Concat(Enumerable.Repeat("Received: from x ([192.0.2.1])\r\n\tby gateway.test with ESMTP id m_1;\r\n\tMon, 1 Jan 2026 00:00:00 +0000\r\n", rounds));
            Assert.StartsWith(expected, await client.SayAsync(head + "Subject: round\r\n\r\nx\r\n."), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_leaves_nothing_behind()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer);
        await using (var client = await Dialogue.GreetedAsync(node.Port))
        {
            await client.BeginAsync("b@one.example");
            await client.SendAsync("Subject: half\r\n\r\nnot the e");
        }

        await using var next = await Dialogue.GreetedAsync(node.Port);
        await next.BeginAsync("b@one.example");
        Assert.StartsWith("250 2.0.0", await next.SayAsync("Subject: whole\r\n\r\nx\r\n."), StringComparison.Ordinal);
        Assert.Contains("Subject: whole", Assert.Single((await customer.GotAsync(1)).Select(static m => Encoding.ASCII.GetString(m.Content.Span))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_harms_nobody_but_its_sender()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer);
        var random = new Random(7);
        for (var i = 0; i < 20; i++)
        {
            await using var noise = await Dialogue.OpenAsync(node.Port);
            var octets = new byte[random.Next(1, 4000)];
            random.NextBytes(octets);
            await noise.SendAsync(Encoding.Latin1.GetString(octets));
        }

        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.BeginAsync("b@one.example");
        Assert.StartsWith("250 2.0.0", await client.SayAsync("Subject: fine\r\n\r\nx\r\n."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipelined_group_is_answered_in_order()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer);
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.SendAsync("MAIL FROM:<a@client.example>\r\nRCPT TO:<b@one.example>\r\nRCPT TO:<c@elsewhere.example>\r\nDATA\r\n");
        Assert.StartsWith("250 2.1.0", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250 2.1.5", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("354", await client.ReadAsync(), StringComparison.Ordinal);
        await client.SendAsync("Subject: group\r\n\r\nx\r\n.\r\nMAIL FROM:<a@client.example>\r\nQUIT\r\n");
        Assert.StartsWith("250 2.0.0", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250 2.1.0", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("221", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal(["b@one.example"], (await customer.GotAsync(1))[0].Recipients);
    }

    private static async Task<MailNode> NodeAsync(CustomerServer customer, Func<MailOptions, MailOptions>? options = null)
    {
        var node = await MailNode.StartAsync(options);
        node.Sign("s_one", Tenant, "one.example", customer.Port, static settings => settings with { Recipients = RecipientSource.CallAhead });
        return node;
    }
}
