using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Verdict;
using Tsunagi.Mail.WhatIf;
using Tsunagi.Tests.Mail.Checks;
using Tsunagi.Tests.Mail.Delivery;

namespace Tsunagi.Tests.Mail.WhatIf;

/// <summary>What a policy would have done to mail that came by SMTP: asked of the trace, and held against what it does when it is saved and the same mail comes again.</summary>
public sealed class What_if
{
    private const string Tenant = "t_root/t_one/";
    private static readonly string Program = Attachments_of_a_message.Attached(("run.exe", [(byte)'M', (byte)'Z', 0, 0]));
    private static readonly string Script = Attachments_of_a_message.Attached(("run.js", "alert(1)"u8.ToArray()));
    private const string Letter = "From: a@client.example\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@client.example>\r\nSubject: s\r\n\r\nbody";
    private const string Bare = "Subject: s\r\n\r\nbody";

    // Each with its recipients: alone, together, with one whom others' policies bind.
    private static readonly (string Content, string[] To)[] Mail =
    [
        (Program, ["b@one.example"]), (Program, ["b@one.example", "no@one.example"]), (Program, ["no@one.example"]), (Program, ["off@one.example", "b@one.example"]), (Script, ["b@one.example", "c@one.example"]),
        (Letter, ["b@one.example"]), (Bare, ["b@one.example", "tag@one.example"]), (Program, ["tag@one.example", "no@one.example", "c@one.example"]),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Under_the_unchanged_policy_every_stored_verdict_is_as_it_was()
    {
        await using var world = await WorldAsync();
        await SendAllAsync(world.Node);
        var rows = await RowsAsync(world.Node);
        Assert.All(rows, static row => Assert.True(row.Facts.Length > 0 || row.Recipients == "off@one.example"));
        var setUp = world.Node.Services.GetRequiredService<CheckRun>().SetUp.ToList();
        foreach (var row in rows.Where(static row => row.Facts.Length > 0))
        {
            Assert.True(VerdictFacts.TryRead(Convert.FromBase64String(row.Facts), out var stored, out _));
            var policy = PolicyOf(world.Node, row.Recipients.Split('\n')[0]);
            var anew = Rejudge.Decide(stored, policy, setUp).Verdict!;
            anew = stored.Action != stored.Asked ? anew.KeptInstead() : anew;
            Assert.Equivalent(stored, anew, strict: true);
        }

        var answer = await AskAsync(world.Node, "tenant", "", TenantPolicy);
        Assert.Equal((rows.Count, 14L, 14L, 0), (answer.Messages, answer.Copies, answer.Same, answer.Changes.Count + answer.NotJudged.Count));
        Assert.False(answer.IsCut);
    }

    [Theory]
    [InlineData("tenant", "", "acts")]
    [InlineData("tenant", "", "refuses")]
    [InlineData("tenant", "", "points")]
    [InlineData("tenant", "", "off")]
    [InlineData("tenant", "", "nothing")]
    [InlineData("domain", "one.example", "refuses")]
    [InlineData("user", "b@one.example", "refuses")]
    [InlineData("user", "no@one.example", "nothing")]
    [InlineData("user", "tag@one.example", "acts")]
    public async Task What_is_said_of_the_past_is_what_the_saved_policy_does_to_the_same_mail(string scope, string name, string which)
    {
        await using var world = await WorldAsync();
        await SendAllAsync(world.Node);
        var draft = which switch
        {
            "acts" => new FilterPolicy { TagOnly = false },
            "refuses" => new FilterPolicy { TagOnly = false, Actions = new Dictionary<string, PolicyAction> { ["attachment.executable"] = PolicyAction.Reject, ["attachment.script"] = PolicyAction.Quarantine } },
            "points" => new FilterPolicy { TagOnly = false, TagPoints = 1, QuarantinePoints = 6, RejectPoints = 15, Actions = new Dictionary<string, PolicyAction> { ["attachment.executable"] = PolicyAction.Accept } },
            "off" => new FilterPolicy { Enabled = false },
            _ => null,
        };
        var answer = await AskAsync(world.Node, scope, name, draft);
        Assert.Empty(answer.NotJudged);
        Assert.Equal(answer.Copies, answer.Same + answer.Changed);

        var before = await FatesAsync(world.Node, scope, name, 0);
        Assert.Equal(answer.Copies, before.Count);
        await SaveAsync(world.Node, scope, name, draft);
        await SendAllAsync(world.Node);
        var after = await FatesAsync(world.Node, scope, name, Mail.Length);
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        var expected = before.Keys.Select(key => (From: before[key], To: after[key])).Where(static pair => pair.From != pair.To).GroupBy(static pair => pair).ToDictionary(static group => group.Key, static group => (long)group.Count());
        Assert.Equal(
            expected.Select(static pair => $"{pair.Key} {pair.Value}").Order(StringComparer.Ordinal),
            answer.Changes.Select(static change => $"({change.From}, {change.To}) {change.Copies}").Order(StringComparer.Ordinal));
        Assert.All(answer.Changes, static change => Assert.Equal((change.Copies, "client.example"), (change.Newest.Count, change.Senders[0].Domain)));
        if (which is "refuses" && name != "no@one.example")
        {
            Assert.NotEmpty(answer.Changes);
        }
    }

    [Fact]
    public async Task Only_as_many_messages_as_a_question_may_look_at_and_only_as_many_questions_as_a_node_answers()
    {
        await using var world = await WorldAsync(3);
        for (var sent = 0; sent < 3; sent++)
        {
            await SendAsync(world.Node, Letter, "b@one.example");
        }

        await RowsAsync(world.Node, 3);
        Assert.Equal((3, false), Of(await AskAsync(world.Node, "tenant", "", null)));
        await SendAsync(world.Node, Program, "b@one.example");
        await RowsAsync(world.Node, 4);
        Assert.Equal((3, true), Of(await AskAsync(world.Node, "tenant", "", null)));

        var desk = world.Node.Services.GetRequiredService<WhatIfDesk>();
        Task<Outcome<WhatIfAnswer>>? second = null;
        var asked = await desk.AskAsync(Question("tenant", "", null), _ => second ??= desk.AskAsync(Question("tenant", "", null), null, Cancel).AsTask(), Cancel);
        Assert.Equal((true, RefusalKind.TooMany), (asked.Ok, (await second!).Refusal?.Kind));
        Assert.True((await desk.AskAsync(Question("tenant", "", null), null, Cancel)).Ok);

        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await desk.AskAsync(Question("tenant", "", null), null, Cancelled(gone)));
        static (long, bool) Of(WhatIfAnswer answer) => (answer.Messages, answer.IsCut);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(400, true)]
    [InlineData(401, false)]
    public async Task A_question_is_about_a_day_or_up_to_400(int days, bool good)
    {
        await using var world = await WorldAsync();
        await world.Node.Stores.Control.WriteAsync(
            static transaction => transaction.ExecuteAsync("INSERT INTO tenant (id, tenant_path, kind, name, locale, time_zone, currency, external_refs, version, created_at) VALUES ('t_one', 't_root/t_one/', 'customer', 'One', 'en', 'Asia/Tokyo', 'JPY', '{}', 1, 0)"), Cancel);
        var asked = await world.Node.Services.GetRequiredService<WhatIfDesk>().QuestionAsync(Who("t_one", Tenant), "t_one", "tenant", "", null, days, Cancel);
        Assert.Equal((good, good ? null : "days"), (asked.Ok, asked.Refusal?.Field));
        Assert.Equal(RefusalKind.NotFound, (await world.Node.Services.GetRequiredService<WhatIfDesk>().QuestionAsync(Who("t_two", "t_root/t_two/"), "t_one", "tenant", "", null, 7, Cancel)).Refusal!.Kind);
        Assert.Equal(RefusalKind.Forbidden, (await world.Node.Services.GetRequiredService<WhatIfDesk>().QuestionAsync(Who("t_one", Tenant) with { Permissions = new HashSet<string> { "mail.policy.*" } }, "t_one", "tenant", "", null, 7, Cancel)).Refusal!.Kind);
    }

    [Fact]
    public async Task One_message_is_judged_anew_for_each_of_its_recipients_and_for_nobody_who_may_not_see_it()
    {
        await using var world = await WorldAsync();
        var reply = await SendAsync(world.Node, Script, "b@one.example", "tag@one.example");
        var rows = await RowsAsync(world.Node, 1);
        var desk = world.Node.Services.GetRequiredService<WhatIfDesk>();
        var id = rows[0].Id;
        Assert.Contains(id, reply, StringComparison.Ordinal);
        var now = (await desk.OneAsync(Who("t_one", Tenant), id, null, Cancel)).Value!;
        Assert.Equal(["b@one.example", "tag@one.example"], now.Select(static one => one.Recipient));
        Assert.All(now, static one => Assert.Equal(one.Stored!.Action, one.Anew.Verdict!.Action));
        var acting = (await desk.OneAsync(Who("t_one", Tenant), id, new FilterPolicy { TagOnly = false }, Cancel)).Value!;
        Assert.All(acting, static one => Assert.Equal((PolicyAction.Quarantine, "attachment.script"), (one.Anew.Verdict!.Action, one.Anew.Verdict.Reason)));
        Assert.Equal(RefusalKind.NotFound, (await desk.OneAsync(Who("t_two", "t_root/t_two/"), id, null, Cancel)).Refusal!.Kind);
        Assert.Equal(RefusalKind.Invalid, (await desk.OneAsync(Who("t_one", Tenant), id, new FilterPolicy { TagPoints = -1 }, Cancel)).Refusal!.Kind);
    }

    private static FilterPolicy TenantPolicy => new() { TagPoints = 8 };

    private static async Task<World> WorldAsync(int mostMessages = 1_000)
    {
        var customer = new CustomerServer();
        var node = await Delivery_of_mail.NodeAsync(customer.Port, options => options with { WhatIf = new WhatIfOptions { MaxMessages = mostMessages, Together = 1 } });
        await SaveAsync(node, "tenant", "", TenantPolicy);
        await SaveAsync(node, "user", "no@one.example", new FilterPolicy { TagOnly = false, Actions = new Dictionary<string, PolicyAction> { ["attachment.executable"] = PolicyAction.Reject } });
        await SaveAsync(node, "user", "tag@one.example", new FilterPolicy { TagOnly = true });
        await SaveAsync(node, "user", "off@one.example", new FilterPolicy { Enabled = false });
        return new World(node, customer);
    }

    private static async Task SendAllAsync(MailNode node)
    {
        var before = (await RowsAsync(node)).Count;
        var sent = 0;
        foreach (var (content, to) in Mail)
        {
            // A round's mail is told apart by its subject's place.
            sent += (await SendAsync(node, content, to)).Length > 0 ? 1 : 0;
        }

        Assert.Equal(Mail.Length, sent);
        await node.EventuallyAsync(
            static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_recipient"), count => count % Copies == 0 && count > 0 && count >= (before == 0 ? Copies : 2 * Copies));
    }

    private static int Copies => Mail.Sum(static mail => mail.To.Length);

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

    private static async Task<List<PastMessage>> RowsAsync(MailNode node, int atLeast = 0)
    {
        if (atLeast > 0)
        {
            await node.EventuallyAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_message"), count => count >= atLeast);
        }

        var rows = new List<PastMessage>();
        var now = TimeProvider.System.GetUtcNow();
        await foreach (var page in node.Services.GetRequiredService<PastMessages>().PagesAsync(new TenantScope("t_one", Tenant), now.AddDays(-7), now.AddDays(1), Cancel))
        {
            rows.AddRange(page);
        }

        return rows;
    }

    /// <summary>What became of each copy of a round: "mail number, recipient" → fate.</summary>
    private static async Task<Dictionary<string, WhatIfFate>> FatesAsync(MailNode node, string scope, string name, int skip)
    {
        var rows = await RowsAsync(node);
        rows.Reverse();
        var transmissions = rows.GroupBy(static row => row.TransactionId.Length > 0 ? row.TransactionId : row.Id).OrderBy(static group => group.Min(static row => row.AcceptedAt)).ToList();
        var fates = new Dictionary<string, WhatIfFate>();
        foreach (var (number, transmission) in transmissions.Skip(skip).Take(Mail.Length).Index())
        {
            foreach (var row in transmission)
            {
                foreach (var recipient in row.Recipients.Split('\n').Where(recipient => scope != "user" || recipient == name))
                {
                    fates[$"{number} {recipient}"] = WhatIfFate.Of(row.Facts.Length > 0 && VerdictFacts.TryRead(Convert.FromBase64String(row.Facts), out var verdict, out _) ? verdict : MessageVerdict.NotChecked);
                }
            }
        }

        return fates;
    }

    private static WhatIfQuestion Question(string scope, string name, FilterPolicy? draft) => new(new PolicyPlace("t_one", Tenant, scope, name), draft, 7);

    private static async Task<WhatIfAnswer> AskAsync(MailNode node, string scope, string name, FilterPolicy? draft)
    {
        var asked = await node.Services.GetRequiredService<WhatIfDesk>().AskAsync(Question(scope, name, draft), null, Cancel);
        Assert.True(asked.Ok, asked.Refusal?.Message);
        return asked.Value!;
    }

    private static async Task SaveAsync(MailNode node, string scope, string name, FilterPolicy? policy)
    {
        await node.Stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("DELETE FROM mail_filter_policy WHERE tenant_path = @Path AND scope = @Scope AND name = @Name", new { Path = Tenant, Scope = scope, Name = name });
                if (policy is not null)
                {
                    await transaction.ExecuteAsync(
                        "INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by) VALUES (@Path, @Scope, @Name, 1, @Json, 0, 'test')",
                        new { Path = Tenant, Scope = scope, Name = name, Json = JsonSerializer.Serialize(policy, PolicyBook.Json) });
                }

                await transaction.ExecuteAsync("UPDATE mail_filter_version SET version = version + 1");
                return true;
            },
            Cancel);
        await node.Services.GetRequiredService<PolicyWatch>().LoadAsync(Cancel);
    }

    private static EffectivePolicy PolicyOf(MailNode node, string recipient) => node.Services.GetRequiredService<PolicyWatch>().Table.For(Tenant, "one.example", [], recipient);

    private static Caller Who(string tenant, string path) => new("u_x", "x", new TenantScope(tenant, path), new HashSet<string> { "*" }, false, "en");

    private static CancellationToken Cancelled(CancellationTokenSource source)
    {
        source.Cancel();
        return source.Token;
    }

    private sealed record World(MailNode Node, CustomerServer Customer) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            await Customer.DisposeAsync();
        }
    }
}
