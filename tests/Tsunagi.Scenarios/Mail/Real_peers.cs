using System.Text;
using Tsunagi.Mail.Contract;
using Tsunagi.Tests.Mail;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Scenarios.Mail;

/// <summary>swaks and Postfix on both sides of the gateway.</summary>
public sealed class Real_peers
{
    private const string Tenant = "t_root/t_one/";

    [Fact]
    public async Task Swaks_sends_over_starttls_pipelined_and_in_the_clear()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/swaks"), "swaks is not installed (./tsunagi setup)");
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync(tls: true);
        node.Sign("s_one", Tenant, "one.example", customer.Port);
        foreach (var options in new[] { new[] { "--tls" }, ["--pipeline"], ["--tls", "--pipeline"], [] })
        {
            var (code, output) = await PostfixInstance.RunAsync("/usr/bin/swaks",
            [
                "--server", $"127.0.0.1:{node.Port}", "--from", "alice@client.example", "--to", "bob@one.example,carol@one.example", "--helo", "client.example",
                "--header", "Subject: " + string.Join(' ', options), "--body", "..a line that begins with dots\n.\nend", .. options,
            ]);
            Assert.True(code == 0, output);
            Assert.Contains("250 2.0.0 Accepted as m_", output, StringComparison.Ordinal);
        }

        var messages = await customer.GotAsync(4);
        Assert.All(messages, static message => Assert.Equal(["bob@one.example", "carol@one.example"], message.Recipients));
        var protocols = customer.Texts.Select(static text => text.Contains("with ESMTPS\r\n id ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, protocols.Count(static tls => tls));
        Assert.All(customer.Texts, static text => Assert.Contains("\r\n.\r\nend", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Swaks_as_a_listed_proxy_says_by_xclient_whose_mail_it_brings()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/swaks"), "swaks is not installed (./tsunagi setup)");
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync(static options => options with { Inbound = options.Inbound with { XclientFrom = [System.Net.IPNetwork.Parse("127.0.0.1/32")] } }, tls: true);
        node.Sign("s_one", Tenant, "one.example", customer.Port);
        foreach (var tls in new[] { false, true })
        {
            var (code, output) = await PostfixInstance.RunAsync("/usr/bin/swaks",
            [
                "--server", $"127.0.0.1:{node.Port}", "--from", "alice@client.example", "--to", "bob@one.example", "--helo", "client.example", "--body", "hello",
                "--xclient", "NAME=mx.client.example ADDR=198.51.100.7 PORT=4711 PROTO=ESMTP", .. tls ? new[] { "--tls" } : [],
            ]);
            Assert.True(code == 0, output);
            Assert.Contains("XCLIENT NAME ADDR PORT PROTO HELO DESTADDR DESTPORT", output, StringComparison.Ordinal);
        }

        await customer.GotAsync(2);
        Assert.All(customer.Texts, static text => Assert.Contains("from client.example ([198.51.100.7])", text.Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal));
        var clients = await node.EventuallyAsync(static reader => reader.QueryAsync<string>("SELECT client_address FROM mail_message"), static rows => rows.Count == 2);
        Assert.Equal(["198.51.100.7", "198.51.100.7"], clients);
    }

    [Fact]
    public async Task Postfix_as_client_hands_its_mail_over_with_tls_and_utf8()
    {
        Skip();
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync(tls: true);
        node.Sign("s_one", Tenant, "one.example", customer.Port);
        await using var postfix = await PostfixInstance.StartAsync(node.Port, "smtp_tls_security_level=may", "smtputf8_enable=yes");
        await using (var client = await Dialogue.GreetedAsync(postfix.Port))
        {
            for (var i = 0; i < 20; i++)
            {
                await client.BeginAsync("bob@one.example");
                Assert.StartsWith("250", await client.SayAsync($"Subject: number {i}\r\n\r\nbody\r\n."), StringComparison.Ordinal);
            }

            await client.SayAsync("MAIL FROM:<\u00c3\u00bc@client.example> SMTPUTF8");
            await client.SayAsync("RCPT TO:<\u00e3\u0081\u0093@one.example>");
            await client.SayAsync("DATA");
            Assert.StartsWith("250", await client.SayAsync("Subject: \u00e3\u0081\u0093\r\n\r\nbody\r\n."), StringComparison.Ordinal);
        }

        var messages = await customer.GotAsync(21);
        Assert.All(customer.Texts, static text => Assert.Contains("(using TLS1.", text, StringComparison.Ordinal));
        Assert.Contains(messages, static message => message.From == "ü@client.example" && message.Recipients[0] == "こ@one.example" && message.Parameters.SmtpUtf8);
    }

    [Fact]
    public async Task Postfix_as_next_hop_takes_what_the_gateway_relays()
    {
        Skip();
        await using var final = new CustomerServer();
        await using var postfix = await PostfixInstance.StartAsync(final.Port, "smtputf8_enable=yes");
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", Tenant, "one.example", postfix.Port);
        for (var i = 0; i < 20; i++)
        {
            await using var client = await Dialogue.GreetedAsync(node.Port);
            await client.BeginAsync("bob@one.example");
            Assert.StartsWith("250 2.0.0", await client.SayAsync($"Subject: number {i}\r\n\r\n..dots\r\n\u00e3\u0081\u0093\r\n."), StringComparison.Ordinal);
        }

        var messages = await final.GotAsync(20);
        Assert.Equal(20, messages.Select(static m => Encoding.UTF8.GetString(m.Content.Span)).Select(static text => text[text.IndexOf("Subject:", StringComparison.Ordinal)..].Split("\r\n")[0]).Distinct().Count());
        Assert.All(final.Texts, static text => Assert.EndsWith("\r\n\r\n.dots\r\nこ\r\n", text, StringComparison.Ordinal));
        var replies = await node.EventuallyAsync(
            static reader => reader.QueryAsync<string>("SELECT last_reply FROM mail_message WHERE state = 'delivered' ORDER BY id"), static rows => rows.Count == 20);
        Assert.All(replies, static reply => Assert.Contains("queued as", reply, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Postfix_that_refuses_a_recipient_is_heard_by_the_gateways_client()
    {
        Skip();
        await using var final = new CustomerServer();
        await using var postfix = await PostfixInstance.StartAsync(final.Port, "relay_recipient_maps=inline:{bob@one.example=x}");
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", Tenant, "one.example", postfix.Port, static settings => settings with { Recipients = RecipientSource.CallAhead });
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.SayAsync("MAIL FROM:<alice@client.example>");
        Assert.StartsWith("550 5.1.1", await client.SayAsync("RCPT TO:<nobody@one.example>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.SayAsync("RCPT TO:<bob@one.example>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_form_of_smuggling_passes_the_gateway_and_a_postfix_behind_it()
    {
        Skip();
        var file = SharedFiles.Find("data/mail/smtp-smuggling/cases.json");
        Assert.SkipWhen(file is null, "the published cases (data/mail/smtp-smuggling/cases.json) are not here");
        await using var final = new CustomerServer();
        await using var postfix = await PostfixInstance.StartAsync(final.Port);
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", Tenant, "one.example", postfix.Port);
        using var cases = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(file!, TestContext.Current.CancellationToken));
        foreach (var item in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            await using var client = await Dialogue.GreetedAsync(node.Port);
            await client.BeginAsync("bob@one.example");
            await client.SendAsync("Subject: x\r\n\r\nline" + item.GetProperty("bytes").GetString() + "MAIL FROM:<evil@x.test.invalid>\r\nRCPT TO:<v@one.example>\r\nDATA\r\nevil\r\n.\r\n");
            await client.ReadAsync();
        }

        await node.SoonAsync(() => node.Scheduler.Count, static count => count == 0);
        await node.SoonAsync(postfix.Queued, static count => count == 0);
        Assert.DoesNotContain(final.Messages, static message => message.From.Contains("evil", StringComparison.Ordinal));
    }

    private static void Skip()
    {
        var whyNot = PostfixInstance.WhyNot();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
    }
}
