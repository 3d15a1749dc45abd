using System.Diagnostics;
using System.Text;
using Tsunagi.Core.Logs;
using Tsunagi.Mail;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Routes;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Mail.Quarantine;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Delivery;

public sealed class Delivery_of_mail
{
    private const string Tenant = "t_root/t_one/";

    [Fact]
    public async Task What_the_next_hop_puts_off_is_tried_again_and_delivered()
    {
        await using var customer = new CustomerServer();
        var refusals = 2;
        customer.Receiver.Answer = command => command.Verb == SmtpVerb.Data && Interlocked.Decrement(ref refusals) >= 0
            ? new SmtpReply(451, new EnhancedStatus(4, 7, 1), "greylisted") : null;
        await using var node = await NodeAsync(customer.Port);
        var id = await SendAsync(node, "b@one.example");
        await customer.GotAsync(1);
        var attempts = await node.EventuallyAsync(
            reader => reader.QueryAsync<string>("SELECT replies FROM mail_attempt WHERE message_id = @Id ORDER BY attempt", new { Id = id }), static rows => rows.Count == 3);
        Assert.Contains("451 4.7.1 greylisted", attempts[0], StringComparison.Ordinal);
        Assert.Contains("250", attempts[2], StringComparison.Ordinal);
        Assert.Equal("delivered", await StateAsync(node, id, "delivered"));
    }

    [Theory]
    [InlineData(DepartureRoute.Smarthost)]
    [InlineData(DepartureRoute.Mx)]
    public async Task A_report_made_before_the_contracts_were_loaded_goes_to_the_customer_whose_domain_it_is(DepartureRoute route)
    {
        // As at a start: what the spool held is there first, and whose domains are whose is known later.
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync(options => options with { Outbound = options.Outbound with { Route = route } });
        await HeldMail.PutAsync(node, HeldMail.Facts(HoldClass.None, ["a@one.example"], Tenant, "") with { Flags = MessageFlags.Report, ReversePath = "", Added = "", SizeBytes = HeldMail.Content.Length }, HeldMail.Content);
        Assert.Equal(0, customer.Receiver.Received);
        node.Sign("s_one", Tenant, "one.example", customer.Port);
        Assert.Equal(["a@one.example"], (await customer.GotAsync(1))[0].Recipients);
    }

    [Fact]
    public async Task A_refused_recipient_is_reported_to_the_sender_with_the_next_hops_words()
    {
        await using var customer = new CustomerServer();
        await using var smarthost = new CustomerServer();
        customer.Receiver.Answer = static command => command.Verb == SmtpVerb.Data ? new SmtpReply(550, new EnhancedStatus(5, 7, 1), "no spam here") : null;
        await using var node = await NodeAsync(customer.Port, options => options with { Smarthost = $"127.0.0.1:{smarthost.Port}" });
        var id = await SendAsync(node, "b@one.example");
        var report = (await smarthost.GotAsync(1))[0];
        Assert.Equal("", report.From);
        Assert.Equal(["alice@client.example"], report.Recipients);
        var text = Encoding.ASCII.GetString(report.Content.Span);
        Assert.Contains("Content-Type: multipart/report; report-type=delivery-status;", text, StringComparison.Ordinal);
        Assert.Contains("Final-Recipient: rfc822;b@one.example\r\nAction: failed\r\nStatus: 5.7.1\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Diagnostic-Code: smtp;550 5.7.1 no spam here\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Auto-Submitted: auto-replied\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Subject: Hello\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("the body", text, StringComparison.Ordinal);
        Assert.Equal("failed", await StateAsync(node, id, "failed"));
        var about = await node.EventuallyAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT about_id FROM mail_message WHERE sender = '' AND state = 'delivered'"), static about => about is not null);
        Assert.Equal(id, about);
    }

    [Fact]
    public async Task A_fault_of_the_program_puts_a_message_off_and_does_not_keep_it()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer.Port);
        node.Sign("s_one", Tenant, "one.example", customer.Port, null, "technical");
        var id = await SendAsync(node, "b@one.example");
        Assert.True(SpoolId.TryParse(id, out var spoolId));
        var (trace, faults) = (MailTracing.TraceIdOf(spoolId), 0);
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == MailTracing.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = span =>
            {
                if (span.TraceId == trace && span.OperationName == MailTracing.Attempt && Interlocked.Increment(ref faults) == 1)
                {
                    throw new InvalidOperationException("a fault of the program");
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        node.Sign("s_one", Tenant, "one.example", customer.Port);
        await customer.GotAsync(1);
        Assert.Equal("delivered", await StateAsync(node, id, "delivered"));
        Assert.Equal(2, faults);
    }

    [Fact]
    public async Task A_refused_message_without_sender_is_never_reported()
    {
        await using var customer = new CustomerServer();
        await using var smarthost = new CustomerServer();
        customer.Receiver.Answer = static command => command.Verb == SmtpVerb.Data ? new SmtpReply(550, new EnhancedStatus(5, 7, 1), "no") : null;
        await using var node = await NodeAsync(customer.Port, options => options with { Smarthost = $"127.0.0.1:{smarthost.Port}" });
        var id = await SendAsync(node, "b@one.example", from: "");
        Assert.Equal("dropped", await StateAsync(node, id, "dropped"));
        Assert.Empty(smarthost.Messages);
        Assert.Equal(0, node.Scheduler.Count);
    }

    [Fact]
    public async Task Each_recipient_of_a_message_has_its_own_fate()
    {
        await using var customer = new CustomerServer();
        var late = 1;
        customer.Receiver.Answer = command => command.ForwardPath.Mailbox?.LocalPart switch
        {
            "gone" when command.Verb == SmtpVerb.Rcpt => SmtpReplies.UnknownRecipient,
            "late" when Interlocked.Decrement(ref late) >= 0 => new SmtpReply(450, new EnhancedStatus(4, 2, 1), "mailbox busy"),
            _ => null,
        };
        await using var node = await NodeAsync(customer.Port, settings: static settings => settings with { Recipients = RecipientSource.List });
        await node.ListAsync("s_one", Tenant, "good@one.example", "gone@one.example", "late@one.example");
        var id = await SendAsync(node, ["good@one.example", "gone@one.example", "late@one.example"]);
        await StateAsync(node, id, "partial");
        var states = await node.EventuallyAsync(
            reader => reader.QueryAsync<string>("SELECT state FROM mail_recipient WHERE message_id = @Id ORDER BY position", new { Id = id }), static _ => true);
        Assert.Equal(["delivered", "failed", "delivered"], states);
        Assert.Equal(["good@one.example", "late@one.example"], (await customer.GotAsync(2)).SelectMany(static m => m.Recipients));
    }

    [Fact]
    public async Task Mail_for_a_next_hop_that_is_down_waits_and_follows_when_it_is_back()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer.Port, settings: static settings => settings with { Recipients = RecipientSource.List });
        await node.ListAsync("s_one", Tenant, "b@one.example");
        await customer.Receiver.StopAsync();
        for (var i = 0; i < 30; i++)
        {
            await SendAsync(node, "b@one.example");
        }

        var hop = Assert.Single(await node.SoonAsync(() => node.Scheduler.NextHops(Root), static hops => hops is [{ State: "failing" }]));
        Assert.Contains("connection refused", hop.Why, StringComparison.Ordinal);
        Assert.NotNull(hop.NextAt);
        Assert.Equal(30, node.Scheduler.Count);
        customer.Receiver.Start();
        await customer.GotAsync(30);
        await node.SoonAsync(() => node.Scheduler.Count, static count => count == 0);
        Assert.Equal("up", node.Scheduler.NextHops(Root)[0].State);
    }

    [Fact]
    public async Task A_message_past_the_queue_life_is_reported_as_expired()
    {
        await using var customer = new CustomerServer();
        await using var smarthost = new CustomerServer();
        await using var node = await NodeAsync(
            customer.Port,
            options => options with { Smarthost = $"127.0.0.1:{smarthost.Port}", Delivery = options.Delivery with { QueueLife = TimeSpan.FromMilliseconds(600) } },
            static settings => settings with { Recipients = RecipientSource.List });
        await node.ListAsync("s_one", Tenant, "b@one.example");
        await customer.Receiver.StopAsync();
        var id = await SendAsync(node, "b@one.example");
        Assert.Equal("expired", await StateAsync(node, id, "expired"));
        var text = Encoding.ASCII.GetString((await smarthost.GotAsync(1))[0].Content.Span);
        Assert.Contains("Status: 5.4.7\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_a_hold_mail_is_accepted_and_kept_and_delivered_when_it_is_lifted()
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync(options => options with { Delivery = Quick(options.Delivery) with { QueueLife = TimeSpan.FromMilliseconds(300) } });
        node.Sign("s_one", Tenant, "one.example", customer.Port, null, "non-payment");
        var id = await SendAsync(node, "b@one.example");
        Assert.Equal("held", await StateAsync(node, id, "held"));
        await Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Empty(customer.Messages);
        Assert.Equal(1, node.Scheduler.Count);
        node.Sign("s_one", Tenant, "one.example", customer.Port);
        await customer.GotAsync(1);
        Assert.Equal("delivered", await StateAsync(node, id, "delivered"));
    }

    [Fact]
    public async Task A_change_of_the_next_hop_takes_the_waiting_mail_with_it()
    {
        await using var old = new CustomerServer();
        await using var moved = new CustomerServer();
        await using var node = await NodeAsync(old.Port, settings: static settings => settings with { Recipients = RecipientSource.List });
        await node.ListAsync("s_one", Tenant, "b@one.example");
        await old.Receiver.StopAsync();
        await SendAsync(node, "b@one.example");
        await SendAsync(node, "b@one.example");
        node.Sign("s_one", Tenant, "one.example", moved.Port);
        await moved.GotAsync(2);
        Assert.Empty(old.Messages);
    }

    [Fact]
    public async Task What_waited_at_a_stop_is_delivered_after_the_next_start()
    {
        await using var customer = new CustomerServer();
        using var directory = new TemporaryDirectory();
        string id;
        await using (var node = await NodeAsync(customer.Port, directory: directory.Path, settings: static settings => settings with { Recipients = RecipientSource.List }))
        {
            await node.ListAsync("s_one", Tenant, "b@one.example");
            await customer.Receiver.StopAsync();
            id = await SendAsync(node, "b@one.example");
            await node.SoonAsync(() => node.Scheduler.NextHops(Root), static hops => hops is [{ Failures: > 0 }]);
        }

        customer.Receiver.Start();
        await using var again = await NodeAsync(customer.Port, directory: directory.Path);
        await customer.GotAsync(1);
        Assert.Equal("delivered", await StateAsync(again, id, "delivered"));
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Single(customer.Messages);
    }

    [Fact]
    public void A_lane_is_counted_once_however_often_its_contract_is_read()
    {
        var queue = new NextHopQueue(new NextHop("mx.example", 25), NextHopTls.Never);
        var lane = new Lane("s_one", "s_one", Tenant) { NextHop = queue };
        lane.Append(Queued(lane));
        lane.Append(Queued(lane));
        for (var i = 0; i < 3; i++)
        {
            queue.Close(lane);
            queue.Open(lane);
            Assert.Equal(2, queue.ReadyCount);
        }

        Assert.NotNull(queue.Take());
        Assert.NotNull(queue.Take());
        Assert.Null(queue.Take());
        Assert.Equal(0, queue.ReadyCount);
        static QueuedMessage Queued(Lane lane) => new() { Id = default, AcceptedMicros = 0, Lane = lane, TenantPath = Tenant, Subscription = "s_one" };
    }

    [Fact]
    public async Task What_the_next_hop_cannot_take_is_refused_while_the_sender_listens()
    {
        await using var plain = new ScriptedServer(["SIZE 5000"]);
        await using var node = await NodeAsync(plain.Port);
        await SendAsync(node, "b@one.example");
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.SayAsync("MAIL FROM:<a@client.example> SIZE=5001");
        Assert.StartsWith("552 5.3.4", await client.SayAsync("RCPT TO:<b@one.example>"), StringComparison.Ordinal);
        await client.SayAsync("RSET");
        await client.SayAsync("MAIL FROM:<a@client.example> SMTPUTF8");
        Assert.StartsWith("553 5.6.7", await client.SayAsync("RCPT TO:<\u00c3\u00bc@one.example>"), StringComparison.Ordinal);
        await client.SayAsync("RSET");
        await client.BeginAsync("b@one.example");
        Assert.StartsWith("554 5.6.3", await client.SayAsync("Subject: eight\r\n\r\n\u00c3\u00bc\r\n."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_lost_behind_the_final_dot_is_tried_again()
    {
        var first = 1;
        await using var odd = new ScriptedServer(["PIPELINING"], line => line == "." && Interlocked.Decrement(ref first) >= 0 ? "" : null);
        await using var node = await NodeAsync(odd.Port);
        var id = await SendAsync(node, "b@one.example");
        Assert.Equal("delivered", await StateAsync(node, id, "delivered"));
        var replies = await node.EventuallyAsync(
            reader => reader.QueryAsync<string>("SELECT replies FROM mail_attempt WHERE message_id = @Id ORDER BY attempt", new { Id = id }), static rows => rows.Count == 2);
        Assert.Contains("451 4.4.2", replies[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_next_hop_that_speaks_nonsense_is_no_reason_to_stumble()
    {
        await using var odd = new ScriptedServer([], static line => line.StartsWith("MAIL", StringComparison.Ordinal) ? "what?" : null);
        await using var node = await NodeAsync(odd.Port, settings: static settings => settings with { Recipients = RecipientSource.List });
        await node.ListAsync("s_one", Tenant, "b@one.example");
        var id = await SendAsync(node, "b@one.example");
        Assert.Equal("deferred", await StateAsync(node, id, "deferred"));
    }

    [Fact]
    public async Task A_required_tls_that_is_not_offered_keeps_the_mail_here()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer.Port, settings: static settings => settings with { Recipients = RecipientSource.List, NextHopTls = NextHopTls.Required });
        await node.ListAsync("s_one", Tenant, "b@one.example");
        await SendAsync(node, "b@one.example");
        var hop = Assert.Single(await node.SoonAsync(() => node.Scheduler.NextHops(Root), static hops => hops is [{ State: "failing" }]));
        Assert.Contains("does not offer STARTTLS", hop.Why, StringComparison.Ordinal);
        Assert.Empty(customer.Messages);
    }

    [Fact]
    public async Task Recipients_of_two_customers_become_two_messages_that_know_nothing_of_each_other()
    {
        await using var one = new CustomerServer();
        await using var two = new CustomerServer();
        await using var node = await NodeAsync(one.Port);
        node.Sign("s_two", "t_root/t_two/", "two.example", two.Port);
        await SendAsync(node, ["b@one.example", "c@two.example"]);
        Assert.Equal(["b@one.example"], (await one.GotAsync(1))[0].Recipients);
        Assert.Equal(["c@two.example"], (await two.GotAsync(1))[0].Recipients);
        Assert.DoesNotContain("two.example", one.Texts[0], StringComparison.Ordinal);
        var rows = await node.EventuallyAsync(
            static reader => reader.QueryAsync<string>(
                "SELECT m.tenant_path || ' ' || r.recipient FROM mail_message m JOIN mail_recipient r ON r.message_id = m.id WHERE m.tenant_path = r.tenant_path ORDER BY 1"),
            static rows => rows.Count == 2);
        Assert.Equal(["t_root/t_one/ b@one.example", "t_root/t_two/ c@two.example"], rows);
    }

    [Fact]
    public async Task One_customers_flood_does_not_stand_before_anothers_letter()
    {
        await using var shared = new CustomerServer();
        await using var node = await NodeAsync(
            shared.Port, static options => options with { Delivery = Quick(options.Delivery) with { MaxConnectionsPerNextHop = 1 } }, static settings => settings with { Recipients = RecipientSource.List });
        node.Sign("s_two", "t_root/t_two/", "two.example", shared.Port, static settings => settings with { Recipients = RecipientSource.List });
        await node.ListAsync("s_one", Tenant, "b@one.example");
        await node.ListAsync("s_two", "t_root/t_two/", "c@two.example");
        await shared.Receiver.StopAsync();
        for (var i = 0; i < 40; i++)
        {
            await SendAsync(node, "b@one.example");
        }

        await SendAsync(node, "c@two.example");
        shared.Receiver.Start();
        var order = (await shared.GotAsync(41)).Select(static message => message.Recipients[0]).ToList();
        Assert.InRange(order.IndexOf("c@two.example"), 0, 2);
    }

    internal static readonly Tsunagi.Core.Tenants.TenantScope Root = new("t_root", "t_root/");

    internal static DeliveryOptions Quick(DeliveryOptions options) => options with
    {
        FirstRetry = TimeSpan.FromMilliseconds(200), LongestRetry = TimeSpan.FromSeconds(1),
        FirstProbe = TimeSpan.FromMilliseconds(300), LongestProbe = TimeSpan.FromMilliseconds(500),
    };

    internal static async Task<MailNode> NodeAsync(
        int nextHop, Func<MailOptions, MailOptions>? options = null, Func<GatewaySettings, GatewaySettings>? settings = null, string? directory = null, TimeSpan? storeDeadline = null)
    {
        var node = await MailNode.StartAsync(
            given => (options ?? (static same => same))(given with { Delivery = Quick(given.Delivery) }), directory, storeDeadline: storeDeadline);

        // Lists of held mail would come at any time of the day; those who want them ask for them.
        node.Sign("s_one", Tenant, "one.example", nextHop, given => (settings ?? (static same => same))(given with { Quarantine = given.Quarantine with { Digest = false } }));
        return node;
    }

    internal static Task<string> SendAsync(MailNode node, string to, string from = "alice@client.example") => SendAsync(node, [to], from);

    internal static async Task<string> SendAsync(MailNode node, string[] to, string from = "alice@client.example")
    {
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.SayAsync($"MAIL FROM:<{from}>");
        foreach (var recipient in to)
        {
            Assert.StartsWith("250", await client.SayAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        }

        await client.SayAsync("DATA");
        var reply = await client.SayAsync("From: alice@client.example\r\nSubject: Hello\r\nMessage-ID: <1@client.example>\r\n\r\nthe body\r\n.");
        Assert.StartsWith("250 2.0.0 Accepted as ", reply, StringComparison.Ordinal);
        return reply["250 2.0.0 Accepted as ".Length..];
    }

    internal static async Task<string> StateAsync(MailNode node, string id, string expected) => (await node.EventuallyAsync(
        reader => reader.FirstOrDefaultAsync<string>("SELECT state FROM mail_message WHERE id = @Id", new { Id = id }), state => state == expected))!;
}
