using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail;
using Tsunagi.Mail.Api;
using Tsunagi.Mail.Checks.Classifier;
using Tsunagi.Mail.Conformance;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Classify;
using Tsunagi.Tests.Mail.Checks;
using Tsunagi.Tests.Mail.Delivery;
using Tsunagi.Tests.Mail.Quarantine;
using Tsunagi.Tests.Protocols.Mail.Classify;

namespace Tsunagi.Tests.Mail.Verdict;

/// <summary>The whole way: listener, checks, verdict, spool, next hop, trace.</summary>
public sealed class Filter_of_arriving_mail
{
    private const string Tenant = "t_root/t_one/";
    private static readonly string Program = Attachments_of_a_message.Attached(("run.exe", [(byte)'M', (byte)'Z', 0, 0]));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_tenants_mail_is_marked_and_delivered_and_the_trace_says_why()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var id = MailNode.IdIn(await SendAsync(node, Program, "b@one.example"));
        var text = Encoding.ASCII.GetString((await customer.GotAsync(1))[0].Content.Span);
        Assert.StartsWith("X-Tsunagi-Verdict: tag; reason=attachment.executable; points=20;\r\n\tfound=attachment.executable\r\nReceived: ", text, StringComparison.Ordinal);
        await Delivery_of_mail.StateAsync(node, id, "delivered");
        var view = await VerdictAsync(node, id, "en");
        Assert.Equal(("tag", "quarantine", "attachment.executable"), (view.Action, view.Wished, view.Reason));
        Assert.Equal("It was delivered with a mark. Without tag-only it would have been quarantined.", view.Summary);
        Assert.Equal("run.exe is a program (by its name).", view.Decider);
        Assert.Equal("run.exe は実行プログラムです(名前による)。", (await VerdictAsync(node, id, "ja")).Decider);
    }

    [Fact]
    public async Task Mail_without_anything_in_it_is_delivered_as_it_came_and_the_trace_says_that_it_was_checked()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var id = await Delivery_of_mail.SendAsync(node, "b@one.example");
        Assert.StartsWith("Received: ", Encoding.ASCII.GetString((await customer.GotAsync(1))[0].Content.Span), StringComparison.Ordinal);
        await Delivery_of_mail.StateAsync(node, id, "delivered");
        Assert.Equal(("accept", null), ((await VerdictAsync(node, id, "en")).Action, (await VerdictAsync(node, id, "en")).Wished));
    }

    [Fact]
    public async Task Where_nothing_is_to_be_checked_nothing_is()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        await PolicyAsync(node, Tenant, "tenant", "", new FilterPolicy { Enabled = false });
        var id = MailNode.IdIn(await SendAsync(node, Program, "b@one.example"));
        Assert.StartsWith("Received: ", Encoding.ASCII.GetString((await customer.GotAsync(1))[0].Content.Span), StringComparison.Ordinal);
        await Delivery_of_mail.StateAsync(node, id, "delivered");
        Assert.Null(VerdictView.Of((await TraceAsync(node, id)).Verdict, "en"));
    }

    [Fact]
    public async Task A_refusal_explains_itself_and_is_in_the_trace_though_nothing_was_taken()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port, static options => options with { WhyUrl = "https://why.example/" });
        await PolicyAsync(node, "t_root/", "tenant", "", Say("attachment.executable", PolicyAction.Reject));
        var reply = await SendAsync(node, Program, "b@one.example");
        Assert.StartsWith("554 5.7.1 Not taken: It carries a program. Put it on a server and send a link. (attachment.executable, m_", reply, StringComparison.Ordinal);
        Assert.EndsWith(" see https://why.example/attachment.executable", reply, StringComparison.Ordinal);
        var id = reply[reply.IndexOf("m_", StringComparison.Ordinal)..reply.IndexOf(')', StringComparison.Ordinal)];
        Assert.Equal("rejected", await Delivery_of_mail.StateAsync(node, id, "rejected"));
        var trace = await TraceAsync(node, id);
        Assert.Equal(("rejected", reply), (trace.Recipients[0].State, trace.Recipients[0].Reply));
        Assert.Equal("It was refused, and its sender was told why.", VerdictView.Of(trace.Verdict, "en")!.Summary);
        Assert.Equal("refused (policy of provider)", VerdictView.Of(trace.Verdict, "en")!.Evidence.Single(static found => found.Code == "attachment.executable").Policy);
        Assert.Empty(customer.Messages);
        var events = await node.Stores.Projections.ReadAsync(static reader => reader.QueryAsync<string>("SELECT type FROM event ORDER BY id"), Cancel);
        Assert.Contains(MailEvents.Rejected, events);
        Assert.DoesNotContain(MailEvents.Accepted, events);
    }

    [Fact]
    public async Task Recipients_with_different_verdicts_become_messages_of_their_own()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        await PolicyAsync(node, Tenant, "tenant", "", Say("attachment.executable", PolicyAction.Quarantine));
        await PolicyAsync(node, Tenant, "user", "tag@one.example", Say("attachment.executable", PolicyAction.Tag));
        await PolicyAsync(node, Tenant, "user", "no@one.example", Say("attachment.executable", PolicyAction.Reject));
        await PolicyAsync(node, Tenant, "user", "off@one.example", new FilterPolicy { Enabled = false });
        var reply = await SendAsync(node, Program, "tag@one.example", "keep@one.example", "no@one.example", "off@one.example", "keep2@one.example");
        var rows = await node.EventuallyAsync(
            static reader => reader.QueryAsync<string>("SELECT m.id || ' ' || r.recipient FROM mail_message m JOIN mail_recipient r ON r.message_id = m.id ORDER BY r.recipient"), static rows => rows.Count == 5);
        Assert.Equal(4, rows.Select(static row => row.Split(' ')[0]).Distinct().Count());
        Assert.All(rows, row => Assert.Contains(row.Split(' ')[0], reply, StringComparison.Ordinal));
        string IdOf(string local) => rows.Single(row => row.EndsWith($" {local}@one.example", StringComparison.Ordinal)).Split(' ')[0];
        Assert.Equal(IdOf("keep"), IdOf("keep2"));
        var kept = await VerdictAsync(node, IdOf("no"), "en");
        Assert.Equal(("quarantine", "policy", "reject"), (kept.Action, kept.Class, kept.Wished));
        Assert.Contains("another recipient", kept.Summary, StringComparison.Ordinal);
        Assert.Equal(("quarantine", "attachment"), ((await VerdictAsync(node, IdOf("keep"), "en")).Action, (await VerdictAsync(node, IdOf("keep"), "en")).Class));
        await Delivery_of_mail.StateAsync(node, IdOf("tag"), "delivered");
        await Delivery_of_mail.StateAsync(node, IdOf("off"), "delivered");
        foreach (var message in customer.Messages.Where(static message => message.Recipients[0] is "tag@one.example" or "off@one.example"))
        {
            var text = Encoding.ASCII.GetString(message.Content.Span);
            Assert.Equal(message.Recipients[0] == "tag@one.example", text.StartsWith("X-Tsunagi-Verdict: tag", StringComparison.Ordinal));
            Assert.Contains($"id {IdOf(message.Recipients[0].Split('@')[0])}", text, StringComparison.Ordinal);
            Assert.EndsWith("--mark--\r\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_a_verdict_keeps_is_in_the_quarantine_and_is_delivered_with_its_marks_when_it_is_released()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        await PolicyAsync(node, Tenant, "tenant", "", Say("attachment.executable", PolicyAction.Quarantine));
        var id = MailNode.IdIn(await SendAsync(node, Program, "b@one.example"));
        var held = Assert.Single(await HeldMail.RowsAsync(node, id));
        Assert.Equal((HeldClass.Attachment, HeldState.Held), (held.Class, held.State));
        await Delivery_of_mail.StateAsync(node, id, "quarantined");
        Assert.Empty(customer.Messages);
        Assert.True((await HeldMail.Desk(node).ReleaseAsync(HeldMail.Administrator, held.Id, false, Cancel)).Ok);
        await customer.GotAsync(1);
        var text = Encoding.ASCII.GetString(customer.Messages[0].Content.Span);
        Assert.StartsWith("X-Tsunagi-Verdict: quarantine", text, StringComparison.Ordinal);
        Assert.Contains($"X-Tsunagi-Quarantine: released; class=attachment; id={held.Id}\r\n", text, StringComparison.Ordinal);
        Assert.EndsWith("--mark--\r\n", text, StringComparison.Ordinal);
        var released = await HeldMail.StateAsync(node, held.Id, HeldState.Released);
        await Delivery_of_mail.StateAsync(node, released.ReleaseId, "delivered");
        Assert.Equal("attachment.executable", (await VerdictAsync(node, released.ReleaseId, "en")).Reason);
    }

    [Fact]
    public async Task A_policy_of_a_group_holds_for_its_members_and_their_aliases_alone()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port, settings: static settings => settings with { Recipients = Tsunagi.Mail.Contract.RecipientSource.List });
        await node.ListAsync("s_one", Tenant, "a@one.example", "b@one.example", "alias@one.example");
        await node.Stores.Control.WriteAsync(
            static async transaction =>
            {
                await transaction.ExecuteAsync("UPDATE mail_recipient_entry SET in_groups = 'sales' WHERE address = 'a@one.example'");
                await transaction.ExecuteAsync("UPDATE mail_recipient_entry SET alias_of = 'a@one.example' WHERE address = 'alias@one.example'");
                await transaction.ExecuteAsync("UPDATE mail_recipient_list SET version = version + 1");
                return true;
            },
            Cancel);
        await node.Services.GetRequiredService<Tsunagi.Mail.Inbound.RecipientLists>().LoadAsync(Cancel);
        await PolicyAsync(node, Tenant, "group", "sales", Say("attachment.executable", PolicyAction.Reject));
        Assert.StartsWith("554", await SendAsync(node, Program, "a@one.example"), StringComparison.Ordinal);
        Assert.StartsWith("554", await SendAsync(node, Program, "alias@one.example"), StringComparison.Ordinal);
        Assert.StartsWith("554", await SendAsync(node, Program, "a+detail@one.example"), StringComparison.Ordinal);
        Assert.StartsWith("250", await SendAsync(node, Program, "b@one.example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_recipient_said_of_a_sender_counts_for_that_recipient_and_an_allow_only_for_a_confirmed_one()
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync(dns: ZoneFile.From(new[] { ("client.example", "TXT", "v=spf1 ip4:127.0.0.1 -all"), ("_dmarc.client.example", "TXT", "v=DMARC1; p=none") }));
        node.Sign("s_one", Tenant, "one.example", customer.Port);
        await PolicyAsync(node, Tenant, "tenant", "", new FilterPolicy { TagOnly = false, QuarantinePoints = 5 });
        var book = node.Services.GetRequiredService<SenderBook>();
        var admin = HeldMail.Who("u_admin", Tenant);
        Assert.True((await book.SetAsync(admin, Tenant, SenderScope.Recipient, "no@one.example", "alice@client.example", SenderRule.Block, Cancel)).Ok);
        Assert.True((await book.SetAsync(admin, Tenant, SenderScope.Recipient, "yes@one.example", "alice@client.example", SenderRule.Allow, Cancel)).Ok);
        Assert.True((await book.SetAsync(admin, Tenant, SenderScope.Recipient, "yes@one.example", "alice@forged.example", SenderRule.Allow, Cancel)).Ok);
        async Task<VerdictView> OfAsync(string from, string to)
        {
            // No Date: five points.
            var id = MailNode.IdIn(await SendAsync(node, $"From: {from}\r\nSubject: x\r\n\r\nbody", to));
            await node.EventuallyAsync(reader => reader.FirstOrDefaultAsync<string>("SELECT message_id FROM mail_verdict WHERE message_id = @Id", new { Id = id }), static found => found is not null);
            return await VerdictAsync(node, id, "en");
        }

        Assert.Equal(("quarantine", "sender.blocked"), Shown(await OfAsync("alice@client.example", "no@one.example")));
        Assert.Equal(("accept", "sender.allowed"), Shown(await OfAsync("alice@client.example", "yes@one.example")));
        Assert.Equal(("quarantine", "points"), Shown(await OfAsync("alice@forged.example", "yes@one.example")));
        Assert.Equal(("quarantine", "points"), Shown(await OfAsync("alice@client.example", "other@one.example")));
        static (string, string?) Shown(VerdictView view) => (view.Action, view.Reason);
    }

    [Fact]
    public async Task A_scanner_that_is_away_is_evidence_and_one_event_and_the_policy_may_put_mail_off()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port, static options => options with { Filter = options.Filter with { Clamd = "/nowhere/clamd.ctl" } });
        Assert.StartsWith("250", await SendAsync(node, "Subject: x\r\n\r\nbody", "b@one.example"), StringComparison.Ordinal);
        Assert.StartsWith("X-Tsunagi-Verdict: tag; reason=clamav.unavailable", Encoding.ASCII.GetString((await customer.GotAsync(1))[0].Content.Span), StringComparison.Ordinal);
        await PolicyAsync(node, Tenant, "tenant", "", Say("clamav.unavailable", PolicyAction.Defer));
        Assert.StartsWith("451 4.7.1 Not taken now: The virus scanner is not available just now. (clamav.unavailable, m_", await SendAsync(node, "Subject: x\r\n\r\nbody", "b@one.example"), StringComparison.Ordinal);
        for (var attempt = 0; ; attempt++)
        {
            var told = await node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT event FROM outbox WHERE event LIKE '%mail.check.away%'"), Cancel);
            if (told.Count > 0)
            {
                Assert.Contains("clamav", Assert.Single(told), StringComparison.Ordinal);
                return;
            }

            Assert.True(attempt < 200, "no event within 4 s");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    [Fact]
    public async Task A_model_of_the_classifier_that_cannot_be_read_is_one_event_and_another_when_it_can()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port, static options => options with { Filter = options.Filter with { ClassifierModel = "x.model" } });
        var shared = node.Services.GetRequiredService<SharedModel>();
        var path = Path.Combine(node.Services.GetRequiredService<Node>().DataDirectory, "x.model");
        await File.WriteAllTextAsync(path, "no model", Cancel);
        shared.Load();
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        shared.Load();
        await ToldAsync("mail.classifier.unreadable", "it is no model");

        var trainer = new ModelTrainer(new TrainingOptions { Bits = 16 });
        var tokens = new MessageTokens();
        for (var seed = 0; seed < 8; seed++)
        {
            tokens.Read(SampleMail.Make(seed, seed % 2 == 0));
            trainer.Add(tokens, seed % 2 == 0);
        }

        await File.WriteAllBytesAsync(path, ModelFile.Write(trainer.Train(null, Cancel)!), Cancel);
        shared.Load();
        await ToldAsync("mail.classifier.readable", "x.model");
        Assert.NotNull(shared.Current);

        async Task ToldAsync(string name, string with)
        {
            for (var attempt = 0; ; attempt++)
            {
                var told = await node.Stores.Control.ReadAsync(reader => reader.QueryAsync<string>("SELECT event FROM outbox WHERE event LIKE @Like", new { Like = $"%{name}%" }), Cancel);
                if (told.Count > 0)
                {
                    Assert.Contains(with, Assert.Single(told), StringComparison.Ordinal);
                    return;
                }

                Assert.True(attempt < 500, "no event within 10 s");
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
            }
        }
    }

    [Fact]
    public async Task A_virus_in_a_long_message_is_found_and_one_that_is_too_long_is_told()
    {
        await using var clamd = new FakeClamd();
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(
            customer.Port, options => options with { Filter = options.Filter with { Clamd = clamd.Place, MaxScanBytes = 300_000 } });
        await PolicyAsync(node, Tenant, "tenant", "", Say("clamav.virus", PolicyAction.Reject));
        var lines = string.Concat(Enumerable.Repeat(new string('x', 70) + "\r\n", 3_000));
        Assert.StartsWith("554 5.7.1 Not taken: It carries malware.", await SendAsync(node, "Subject: x\r\n\r\n" + lines + "EICAR", "b@one.example"), StringComparison.Ordinal);
        Assert.StartsWith("250", await SendAsync(node, "Subject: x\r\n\r\n" + lines + lines + "EICAR", "b@one.example"), StringComparison.Ordinal);
        Assert.StartsWith("X-Tsunagi-Verdict: tag; reason=message.unscannable", Encoding.ASCII.GetString((await customer.GotAsync(1))[0].Content.Span[..80]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forged_fields_never_reach_the_customer()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        const string header = "From: alice@client.example\r\nX-Tsunagi-Verdict: accept\r\nAuthentication-Results: gateway.test; dmarc=pass\r\nAuthentication-Results: other.test; spf=pass\r\nSubject: x\r\n";
        await SendAsync(node, header + "\r\nX-Tsunagi-Verdict: in the body\r\n", "b@one.example");
        var text = Encoding.ASCII.GetString((await customer.GotAsync(1))[0].Content.Span);
        Assert.DoesNotContain("X-Tsunagi-Verdict: accept", text, StringComparison.Ordinal);
        Assert.DoesNotContain("gateway.test; dmarc=pass", text, StringComparison.Ordinal);
        Assert.Contains("Authentication-Results: other.test; spf=pass\r\nSubject: x\r\n\r\nX-Tsunagi-Verdict: in the body\r\n", text, StringComparison.Ordinal);
        Assert.Contains("found=header.forged-field", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_thousand_tenants_a_change_is_live_within_a_second()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var json = JsonSerializer.Serialize(Say("attachment.macro", PolicyAction.Quarantine), PolicyBook.Json);
        await node.Stores.Control.WriteAsync(
            async transaction =>
            {
                for (var i = 0; i < 1_000; i++)
                {
                    await transaction.ExecuteAsync(
                        "INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by) VALUES (@Path, 'tenant', '', 1, @Json, 0, 'test')",
                        new { Path = $"t_root/t_{i}/", Json = json });
                }

                return true;
            },
            Cancel);
        Assert.StartsWith("250", await SendAsync(node, Program, "b@one.example"), StringComparison.Ordinal);
        var started = Stopwatch.GetTimestamp();
        await PolicyAsync(node, Tenant, "tenant", "", Say("attachment.executable", PolicyAction.Reject), wait: false);
        await node.SoonAsync(() => node.Services.GetRequiredService<PolicyWatch>().Table.For(Tenant, "", [], "").ActionOn("attachment.executable").Action, static action => action == PolicyAction.Reject);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.StartsWith("554", await SendAsync(node, Program, "b@one.example"), StringComparison.Ordinal);
    }

    private static FilterPolicy Say(string code, PolicyAction action) => new() { TagOnly = false, Actions = new Dictionary<string, PolicyAction> { [code] = action } };

    private static async Task PolicyAsync(MailNode node, string path, string scope, string name, FilterPolicy policy, bool wait = true)
    {
        await node.Stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    "INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by) VALUES (@Path, @Scope, @Name, 1, @Json, 0, 'test')",
                    new { Path = path, Scope = scope, Name = name, Json = JsonSerializer.Serialize(policy, PolicyBook.Json) });
                await transaction.ExecuteAsync("UPDATE mail_filter_version SET version = version + 1");
                return true;
            },
            Cancel);
        if (wait)
        {
            await node.Services.GetRequiredService<PolicyWatch>().LoadAsync(Cancel);
        }
    }

    private static async Task<string> SendAsync(MailNode node, string message, params string[] to)
    {
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.SayAsync("MAIL FROM:<alice@client.example>");
        foreach (var recipient in to)
        {
            Assert.StartsWith("250", await client.SayAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        }

        await client.SayAsync("DATA");
        return await client.SayAsync(message.TrimEnd() + "\r\n.");
    }

    private static async Task<MessageTrace> TraceAsync(MailNode node, string id)
    {
        var owner = new Caller("u_owner", "owner@x.example", new TenantScope("t_one", Tenant), new HashSet<string> { "*" }, false, "en");
        return (await node.Services.GetRequiredService<TraceStore>().FindAsync(owner, id, Cancel))!;
    }

    private static async Task<VerdictView> VerdictAsync(MailNode node, string id, string locale) => VerdictView.Of((await TraceAsync(node, id)).Verdict, locale)!;
}
