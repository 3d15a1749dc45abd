using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Checkv2;
using Tsunagi.Mail.Milter;
using Tsunagi.Mail.Shadow;
using Tsunagi.Mail.Verdict;
using Tsunagi.Tests.Mail;
using Tsunagi.Tests.Mail.Checks;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Scenarios.Mail;

/// <summary>The filter as a milter of Debian's Postfix: two lines of main.cf.</summary>
public sealed class Behind_a_real_postfix
{
    private const string Tenant = "t_root/t_one/";
    private static readonly string Program = Attachments_of_a_message.Attached(("run.exe", [(byte)'M', (byte)'Z', 0, 0]));

    [Fact]
    public async Task Mail_is_marked_held_and_refused_as_policies_say()
    {
        Assert.SkipWhen(PostfixInstance.WhyNot() is not null, PostfixInstance.WhyNot() ?? "");
        await using var final = new CustomerServer();
        await using var node = await MailNode.StartAsync(static options => options with { Milter = options.Milter with { Listen = ["127.0.0.1:0"] } });
        node.Sign("s_one", Tenant, "one.example", 9);
        var port = node.Services.GetRequiredService<MilterListener>().EndPoints[0].Port;
        await using var postfix = await PostfixInstance.StartAsync(final.Port, $"smtpd_milters=inet:127.0.0.1:{port}", "milter_default_action=tempfail");

        // Nobody says anything: marked, and what only we may write is gone.
        Assert.StartsWith("250", await SendAsync(postfix, "X-Tsunagi-Verdict: accept\r\nAuthentication-Results: gateway.test; dmarc=pass\r\nX-Tsunagi-Verdict: again\r\n" + Program), StringComparison.Ordinal);
        var text = Encoding.ASCII.GetString((await final.GotAsync(1))[0].Content.Span);
        Assert.Contains("X-Tsunagi-Verdict: tag; reason=attachment.executable; points=30;\r\n\tfound=header.forged-field;\r\n\tfound=attachment.executable\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("accept", text, StringComparison.Ordinal);
        Assert.DoesNotContain("again", text, StringComparison.Ordinal);
        Assert.DoesNotContain("dmarc=pass", text, StringComparison.Ordinal);

        // Refused: the sender hears our words.
        await SayAsync(node, """{"tagOnly":false,"actions":{"attachment.executable":"reject"}}""");
        Assert.StartsWith("554 5.7.1 Not taken: It carries a program. Put it on a server and send a link. (attachment.executable, m_", await SendAsync(postfix, Program), StringComparison.Ordinal);
        Assert.StartsWith("250", await SendAsync(postfix, "Subject: harmless\r\n\r\n.body\r\n"), StringComparison.Ordinal);
        Assert.Equal(2, (await final.GotAsync(2)).Count);
        Assert.Equal("rejected", await node.EventuallyAsync(
            static reader => reader.FirstOrDefaultAsync<string>("SELECT state FROM mail_message WHERE subscription_id = 's_one'"), static state => state is not null));

        // Held: Postfix keeps it in its hold queue.
        await SayAsync(node, """{"tagOnly":false,"actions":{"attachment.executable":"quarantine"}}""");
        Assert.StartsWith("250", await SendAsync(postfix, Program), StringComparison.Ordinal);
        Assert.StartsWith("250", await SendAsync(postfix, "Subject: after\r\n\r\nbody\r\n"), StringComparison.Ordinal);
        Assert.Contains("Subject: after", Encoding.ASCII.GetString((await final.GotAsync(3))[2].Content.Span), StringComparison.Ordinal);
        Assert.Equal(3, final.Messages.Count);
    }

    [Fact]
    public async Task Rspamds_proxy_asks_us_by_checkv2_and_does_what_it_is_told()
    {
        Assert.SkipWhen(PostfixInstance.WhyNot() is not null, PostfixInstance.WhyNot() ?? "");
        Assert.SkipUnless(File.Exists(RspamdInstance.Program), "rspamd is not installed (./tsunagi setup)");
        await using var final = new CustomerServer();
        await using var node = await MailNode.StartAsync(static options => options with { Checkv2 = options.Checkv2 with { Listen = ["127.0.0.1:0"] } });
        node.Sign("s_one", Tenant, "one.example", 9);
        var port = node.Services.GetRequiredService<Checkv2Listener>().EndPoints[0].Port;
        await using var proxy = await RspamdInstance.StartProxyAsync(port, TestContext.Current.CancellationToken);
        await using var postfix = await PostfixInstance.StartAsync(final.Port, $"smtpd_milters=inet:127.0.0.1:{proxy.Port}", "milter_default_action=tempfail");

        // Marked; what only we may write is gone, another host's results stay.
        Assert.StartsWith("250", await SendAsync(
            postfix, "X-Tsunagi-Verdict: accept\r\nAuthentication-Results: other.test; dmarc=pass\r\nAuthentication-Results: gateway.test; spf=pass\r\nX-Tsunagi-Verdict: again\r\n" + Program), StringComparison.Ordinal);
        var text = Encoding.ASCII.GetString((await final.GotAsync(1))[0].Content.Span);
        Assert.Contains("X-Tsunagi-Verdict: tag; reason=attachment.executable; points=30;\r\n\tfound=header.forged-field;\r\n\tfound=attachment.executable\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("accept", text, StringComparison.Ordinal);
        Assert.DoesNotContain("again", text, StringComparison.Ordinal);
        Assert.DoesNotContain("spf=pass", text, StringComparison.Ordinal);
        Assert.Contains("Authentication-Results: other.test; dmarc=pass", text, StringComparison.Ordinal);

        // Refused: the sender hears our words, and the trace has it.
        await SayAsync(node, """{"tagOnly":false,"actions":{"attachment.executable":"reject"}}""");
        Assert.StartsWith("554 5.7.1 Not taken: It carries a program. Put it on a server and send a link. (attachment.executable, m_", await SendAsync(postfix, Program), StringComparison.Ordinal);
        Assert.StartsWith("250", await SendAsync(postfix, "Subject: harmless\r\n\r\n.body\r\n"), StringComparison.Ordinal);
        Assert.Equal(2, (await final.GotAsync(2)).Count);
        Assert.DoesNotContain("X-Spam", Encoding.ASCII.GetString(final.Messages[1].Content.Span), StringComparison.Ordinal);
        Assert.Equal("rejected", await node.EventuallyAsync(
            static reader => reader.FirstOrDefaultAsync<string>("SELECT state FROM mail_message WHERE subscription_id = 's_one'"), static state => state is not null));

        // Held: Postfix keeps it in its hold queue.
        await SayAsync(node, """{"tagOnly":false,"actions":{"attachment.executable":"quarantine"}}""");
        Assert.StartsWith("250", await SendAsync(postfix, Program), StringComparison.Ordinal);
        Assert.StartsWith("250", await SendAsync(postfix, "Subject: after\r\n\r\nbody\r\n"), StringComparison.Ordinal);
        Assert.Contains("Subject: after", Encoding.ASCII.GetString((await final.GotAsync(3))[2].Content.Span), StringComparison.Ordinal);
        Assert.Equal(3, final.Messages.Count);
    }

    [Fact]
    public async Task Rspamds_own_client_reads_our_answer()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/rspamc"), "rspamd is not installed (./tsunagi setup)");
        await using var node = await MailNode.StartAsync(static options => options with { Checkv2 = options.Checkv2 with { Listen = ["127.0.0.1:0"] } });
        node.Sign("s_one", Tenant, "one.example", 9);
        await SayAsync(node, """{"tagOnly":false,"actions":{"attachment.executable":"reject"}}""");
        var port = node.Services.GetRequiredService<Checkv2Listener>().EndPoints[0].Port;
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "message.eml");
        await File.WriteAllTextAsync(file, ("Message-ID: <one@client.example>\r\n" + Program).Replace("\r\n", "\n", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var (code, output) = await PostfixInstance.RunAsync("/usr/bin/rspamc", "-h", $"127.0.0.1:{port}", "-F", "alice@client.example", "-r", "bob@one.example", "-i", "192.0.2.7", "--helo", "client.example", "symbols", file);
        Assert.True(code == 0, output);
        Assert.Contains("Action: reject", output, StringComparison.Ordinal);
        Assert.Contains("Score: 20.00 / 50.00", output, StringComparison.Ordinal);
        Assert.Contains("Symbol: ATTACHMENT_EXECUTABLE (20.00)", output, StringComparison.Ordinal);
        Assert.Contains("Message-ID: one@client.example", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_the_shadow_of_a_real_rspamd_nothing_is_done_and_both_verdicts_stand_side_by_side_until_a_domain_is_cut_over()
    {
        Assert.SkipWhen(PostfixInstance.WhyNot() is not null, PostfixInstance.WhyNot() ?? "");
        Assert.SkipUnless(File.Exists(RspamdInstance.Program), "rspamd is not installed (./tsunagi setup)");
        await using var final = new CustomerServer();
        await using var node = await MailNode.StartAsync(static options => options with { Milter = options.Milter with { Listen = ["127.0.0.1:0"] }, Shadow = options.Shadow with { SilentIsClean = true } });
        node.Sign("s_one", Tenant, "one.example", 9);
        node.Sign("s_two", Tenant, "two.example", 9);
        await SayAsync(node, """{"tagOnly":false,"shadow":true,"actions":{"attachment.executable":"reject"}}""");
        var port = node.Services.GetRequiredService<MilterListener>().EndPoints[0].Port;
        await using var old = await RspamdInstance.StartFilterAsync(TestContext.Current.CancellationToken);
        await using var postfix = await PostfixInstance.StartAsync(final.Port, $"smtpd_milters=inet:127.0.0.1:{old.Port}, inet:127.0.0.1:{port}", "milter_default_action=tempfail");

        var spam = RspamdInstance.MarkedPattern + "\r\n";
        foreach (var message in new[] { Plain("clean"), Plain("theirs") + spam, Program, Program })
        {
            Assert.StartsWith("250", await SendAsync(postfix, message), StringComparison.Ordinal);
        }

        // Everything went on as it came: the old filter marks, we do nothing.
        await final.GotAsync(4);
        Assert.All(final.Messages, static message => Assert.DoesNotContain("X-Tsunagi", Encoding.ASCII.GetString(message.Content.Span), StringComparison.Ordinal));
        Assert.Single(final.Messages, static message => Encoding.ASCII.GetString(message.Content.Span).Contains("X-Spam: Yes", StringComparison.Ordinal));
        var store = node.Services.GetRequiredService<ShadowStore>();
        var caller = new Caller("u_owner", "owner@x.example", new TenantScope("t_one", Tenant), new HashSet<string> { "*" }, false, "en");
        await node.EventuallyAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_shadow"), static count => count == 4);
        var counts = Assert.Single(await store.CountAsync(caller, 0, TestContext.Current.CancellationToken));
        Assert.Equal(new ShadowCount("one.example", 0, 2, 1, 1, 0), counts);
        var theirs = Assert.Single(await store.ListAsync(caller, 0, "one.example", "only-theirs", "", 10, TestContext.Current.CancellationToken));
        Assert.Equal("X-Spam: Yes", theirs.Field);
        var ours = await store.ListAsync(caller, 0, "", "only-ours", "", 10, TestContext.Current.CancellationToken);
        Assert.All(ours, static row => Assert.Equal(("reject", "attachment.executable", "bob@one.example"), (row.Action, row.Reason, row.Recipient)));

        // One domain is cut over: it is acted on there, and the other goes on being watched.
        await SayAsync(node, """{"tagOnly":false,"shadow":true,"actions":{"attachment.executable":"reject"}}""", ("two.example", """{"shadow":false}"""));
        Assert.StartsWith("554 5.7.1 Not taken", await SendAsync(postfix, Program, "carol@two.example"), StringComparison.Ordinal);
        Assert.StartsWith("250", await SendAsync(postfix, Program), StringComparison.Ordinal);
        await node.EventuallyAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_shadow"), static count => count == 5);
        Assert.Equal(5, (await final.GotAsync(5)).Count);
    }

    private static string Plain(string subject) => $"From: alice@client.example\r\nTo: bob@one.example\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{subject}@client.example>\r\nSubject: {subject}\r\n\r\nhello\r\n";

    private static async Task SayAsync(MailNode node, string policy, params (string Domain, string Policy)[] domains)
    {
        await node.Stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("DELETE FROM mail_filter_policy WHERE tenant_path = @Path", new { Path = Tenant });
                await transaction.ExecuteAsync(
                    "INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by) VALUES (@Path, 'tenant', '', 1, @Policy, 0, 'test')",
                    new { Path = Tenant, Policy = policy });
                foreach (var (domain, said) in domains)
                {
                    await transaction.ExecuteAsync(
                        "INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by) VALUES (@Path, 'domain', @Domain, 1, @Policy, 0, 'test')",
                        new { Path = Tenant, Domain = domain, Policy = said });
                }

                await transaction.ExecuteAsync("UPDATE mail_filter_version SET version = version + 1");
                return true;
            },
            TestContext.Current.CancellationToken);
        await node.Services.GetRequiredService<PolicyWatch>().LoadAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string> SendAsync(PostfixInstance postfix, string message, string recipient = "bob@one.example")
    {
        await using var client = await Dialogue.GreetedAsync(postfix.Port);
        await client.BeginAsync(recipient);
        return await client.SayAsync(message.TrimEnd().Replace("\r\n.", "\r\n..", StringComparison.Ordinal) + "\r\n.");
    }
}
