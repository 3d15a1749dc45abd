using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail;
using Tsunagi.Mail.Beside;
using Tsunagi.Mail.Checkv2;
using Tsunagi.Mail.Shadow;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Tests.Mail.Checks;

namespace Tsunagi.Tests.Mail.Shadow;

/// <summary>Shadow: everything is judged, nothing is done, and what another filter said is kept beside it.</summary>
public sealed class Mail_that_is_only_watched
{
    private const string Tenant = "t_root/t_one/";
    private static readonly string Program = Attachments_of_a_message.Attached(("run.exe", [(byte)'M', (byte)'Z', 0, 0]));
    private static readonly Caller Owner = new("u_owner", "owner@x.example", new TenantScope("t_one", Tenant), new HashSet<string> { "*" }, false, "en");

    [Theory]
    [InlineData("spam", "X-Spam-Flag: YES\r\n")]
    [InlineData("clean", "X-Spam-Flag: NO\r\n")]
    [InlineData("spam", "x-spam-status: Yes, score=7.2 required=5.0\r\n\ttests=A,B\r\n")]
    [InlineData("clean", "X-Spam-Status: No, score=-1\r\n")]
    [InlineData("", "X-Spam-Status: notified\r\n")]
    [InlineData("spam", "X-Spamd-Result: default: True [16.2 / 15.00];\r\n\tGTUBE(0.00)[]\r\n")]
    [InlineData("clean", "X-Spamd-Result: default: False [1.2 / 15.00]\r\n")]
    [InlineData("spam", "X-Rspamd-Action: add header\r\n")]
    [InlineData("clean", "X-Rspamd-Action: no action\r\nX-Rspamd-Score: 1.2\r\n")]
    [InlineData("spam", "X-Virus-Status: Infected (Eicar)\r\nX-Spam-Flag: NO\r\n")]
    [InlineData("spam", "X-Spam-Flag: NO\r\nX-Virus-Status: Infected (Eicar)\r\n")]
    [InlineData("clean", "X-Virus-Status: Clean\r\n")]
    [InlineData("", "Subject: X-Spam-Flag: YES\r\n")]
    public void What_another_filter_said_is_read_from_its_fields(string says, string fields)
    {
        var word = new OldFilterWord(new ShadowOptions());
        word.Reset();
        foreach (var field in fields.Replace("\r\n\t", "\0", StringComparison.Ordinal).Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            word.See(field[..field.IndexOf(':', StringComparison.Ordinal)], Encoding.ASCII.GetBytes(field.Replace("\0", "\r\n\t", StringComparison.Ordinal) + "\r\n"));
        }

        Assert.Equal(says, word.Says);
        Assert.True(word.Field.Length <= 140 && !word.Field.Contains('\n', StringComparison.Ordinal), word.Field);
    }

    [Fact]
    public void A_filter_that_marks_only_spam_finds_the_rest_clean_where_that_is_said()
    {
        var word = new OldFilterWord(new ShadowOptions { SilentIsClean = true });
        word.Reset();
        Assert.Equal("clean", word.Says);
        word.See("X-Spam", "X-Spam: Yes\r\n"u8);
        Assert.Equal("spam", word.Says);
        word.Reset();
        Assert.Equal("clean", word.Says);
    }

    [Fact]
    public async Task A_listener_in_shadow_takes_everything_as_it_is_and_the_trace_says_what_would_have_been_done()
    {
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", Tenant, "one.example", 9);
        await SayAsync(node, """{"tagOnly":false,"actions":{"attachment.executable":"reject"}}""");
        var answer = await JudgeAsync(node, isShadow: true, "X-Spam-Flag: YES\r\nX-Tsunagi-Verdict: forged\r\n" + Program, "bob@one.example");
        Assert.Equal((PolicyAction.Accept, "", "", null), (answer.Action, answer.Reply, answer.Mark, answer.Verdict));
        Assert.Equal("watched", await node.EventuallyAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT state FROM mail_message"), static state => state is not null));
        var row = Assert.Single(await node.Services.GetRequiredService<ShadowStore>().ListAsync(Owner, 0, "", "", "", 10, TestContext.Current.CancellationToken));
        Assert.Equal((answer.Id.ToString(), "one.example", "spam", "reject", "spam", "X-Spam-Flag: YES", "attachment.executable"), (row.MessageId, row.Domain, row.Ours, row.Action, row.Theirs, row.Field, row.Reason));
        var trace = await node.Services.GetRequiredService<TraceStore>().FindAsync(Owner, row.MessageId, TestContext.Current.CancellationToken);
        var verdict = Tsunagi.Mail.Api.VerdictView.Of(trace!.Verdict, "en")!;
        Assert.Equal(("accept", "reject", "It was only judged, and nothing was done (shadow). Otherwise it would have been refused."), (verdict.Action, verdict.Wished, verdict.Summary));
        Assert.Contains("only judged here", MessageStory.Why(trace.Message, null).En, StringComparison.Ordinal);

        // What was only watched is nobody's to pay for.
        Assert.Empty(await node.Services.GetRequiredService<Tsunagi.Core.Meters.IMeterSource>().DeriveAsync(0, long.MaxValue, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Domains_are_cut_over_one_at_a_time_and_a_message_for_both_is_acted_on_for_the_one()
    {
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", Tenant, "one.example", 9);
        node.Sign("s_two", Tenant, "two.example", 9);
        await SayAsync(node, """{"tagOnly":false,"shadow":true,"actions":{"attachment.executable":"reject"}}""", ("two.example", """{"shadow":false}"""));
        Assert.Equal(PolicyAction.Accept, (await JudgeAsync(node, false, Program, "bob@one.example")).Action);
        Assert.Equal(PolicyAction.Reject, (await JudgeAsync(node, false, Program, "carol@two.example")).Action);

        // Refused cannot be said to one of both: it is kept, for everybody.
        Assert.Equal(PolicyAction.Quarantine, (await JudgeAsync(node, false, Program, "bob@one.example", "carol@two.example")).Action);
        await node.EventuallyAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_shadow"), static count => count == 2);
        var counts = await node.Services.GetRequiredService<ShadowStore>().CountAsync(Owner, 0, TestContext.Current.CancellationToken);
        Assert.Equal([new ShadowCount("one.example", 0, 0, 0, 0, 2)], counts);

        // Neither what was refused nor what was watched was carried.
        await node.EventuallyAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_message WHERE state = 'rejected'"), static count => count == 1);
        Assert.Empty(await node.Services.GetRequiredService<Tsunagi.Core.Meters.IMeterSource>().DeriveAsync(0, long.MaxValue, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Under_the_gateways_own_listener_a_shadow_policy_delivers_as_it_came()
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", Tenant, "one.example", customer.Port);
        await SayAsync(node, """{"tagOnly":false,"shadow":true,"actions":{"attachment.executable":"reject"}}""");
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.BeginAsync("bob@one.example");
        Assert.StartsWith("250", await client.SayAsync(Program.TrimEnd() + "\r\n."), StringComparison.Ordinal);
        var text = Encoding.ASCII.GetString((await customer.GotAsync(1))[0].Content.Span);
        Assert.DoesNotContain("X-Tsunagi-Verdict", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Authentication-Results", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stored_verdict_keeps_that_it_was_shadow()
    {
        foreach (var (tagOnly, shadow) in new[] { (false, false), (true, false), (false, true), (true, true) })
        {
            var verdict = new MessageVerdict(PolicyAction.Accept, default, "points", PolicyAction.Tag, 12, tagOnly, "", []) { Shadow = shadow };
            Assert.True(VerdictFacts.TryRead(VerdictFacts.Write(verdict), out var read, out _));
            Assert.Equal((tagOnly, shadow), (read.TagOnly, read.Shadow));
        }
    }

    private static async Task<BesideAnswer> JudgeAsync(MailNode node, bool isShadow, string text, params string[] recipients)
    {
        using var message = new BesideMessage(node.Services.GetRequiredService<BesideServices>(), isShadow);
        message.Begin("alice@client.example");
        Assert.All(recipients, recipient => Assert.True(message.TryAdd(recipient, 10)));
        var content = new Checkv2Content(message, 1 << 20);
        content.Feed(Encoding.Latin1.GetBytes(text));
        content.End();
        return await message.JudgeAsync(TestContext.Current.CancellationToken);
    }

    private static async Task SayAsync(MailNode node, string policy, params (string Domain, string Policy)[] domains)
    {
        await node.Stores.Control.WriteAsync(
            async transaction =>
            {
                foreach (var (scope, name, said) in domains.Select(static domain => ("domain", domain.Domain, domain.Policy)).Prepend(("tenant", "", policy)))
                {
                    await transaction.ExecuteAsync(
                        "INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by) VALUES (@Path, @Scope, @Name, 1, @Policy, 0, 'test')",
                        new { Path = Tenant, Scope = scope, Name = name, Policy = said });
                }

                await transaction.ExecuteAsync("UPDATE mail_filter_version SET version = version + 1");
                return true;
            },
            TestContext.Current.CancellationToken);
        await node.Services.GetRequiredService<PolicyWatch>().LoadAsync(TestContext.Current.CancellationToken);
    }
}
