using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Mail.Verdict;
using Tsunagi.Tests.Mail.Submission;

namespace Tsunagi.Tests.Mail.Checks.Client;

/// <summary>Block lists from the policy to the header that marks a message: who asks which, and when none is asked.</summary>
public sealed class Block_lists
{
    private const string Zone = "bl.list.example";
    private static readonly Caller Provider = new("u_op", "op", new TenantScope("t_root", "t_root/"), new HashSet<string> { "*" }, false, "en");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_counts_for_those_whose_policy_names_it_by_exact_code()
    {
        var dns = new ListsDns();
        dns.Open(Zone);
        dns.Put(Zone, "198.51.100.9", "127.0.0.4", "127.0.0.11");
        dns.Put(Zone, "198.51.100.8", "127.0.0.11");
        await using var world = await WorldAsync(dns);
        await PutAsync(world, "t_one", List(Zone, ("127.0.0.2", 90, null), ("127.0.0.4", 60, "sends spam")));
        await world.Node.SoonAsync(() => world.Node.Services.GetRequiredService<DnsListHealth>().WhyOut(Zone), static why => why == "");

        await SendAsync(world, "198.51.100.9", "postmaster@one.example");
        await SendAsync(world, "198.51.100.9", "postmaster@two.example");
        await SendAsync(world, "198.51.100.8", "postmaster@one.example");
        var texts = (await world.Customer.GotAsync(3)).Select(static message => Encoding.ASCII.GetString(message.Content.Span)).ToList();
        var one = Assert.Single(texts, static text => text.Contains("found=client.listed", StringComparison.Ordinal));
        Assert.Contains("X-Tsunagi-Verdict: tag; reason=points; points=63", one, StringComparison.Ordinal);
        Assert.Contains("198.51.100.9", one, StringComparison.Ordinal);

        // The other's policy names no list; and a code that means nothing to this one is nothing.
        Assert.Equal(2, texts.Count(static text => !text.Contains("client.listed", StringComparison.Ordinal)));
        var blob = await world.Node.EventuallyAsync(
            static reader => reader.QueryAsync<string>("SELECT facts FROM mail_verdict JOIN mail_message ON mail_message.id = mail_verdict.message_id WHERE client_address = '198.51.100.9' AND mail_message.tenant_path = 't_root/t_one/'"), static rows => rows.Count == 1);
        Assert.True(VerdictFacts.TryRead(Convert.FromBase64String(blob[0]), out var verdict, out _));
        var listed = Assert.Single(verdict.Evidence, static judged => judged.Evidence.Code == ClientCheck.Listed);
        Assert.Equal(60, listed.Points);
        Assert.Equal("The sending server 198.51.100.9 stands on the block list bl.list.example: sends spam (127.0.0.4).", VerdictStory.Says(listed.Evidence).En);
        Assert.Equal("送信サーバー 198.51.100.9 がブロックリスト bl.list.example に登録されています: sends spam (127.0.0.4)。", VerdictStory.Says(listed.Evidence).Ja);
    }

    [Theory]
    [InlineData("wild", "it answers with addresses that no list answers with")]
    [InlineData("everything", "it has 127.0.0.1, which no list has: it answers everything")]
    [InlineData("empty", "it does not have 127.0.0.2, which every list has: it is empty or was given up")]
    [InlineData("refuses", "it refuses to answer us (127.255.255.x)")]
    [InlineData("silent", "it gives no answer")]
    public async Task A_list_that_cannot_be_believed_is_not_asked_and_told_once_to_who_names_it_until_it_is_back(string fault, string why)
    {
        var dns = new ListsDns();
        dns.Open(Zone);
        dns.Put(Zone, "198.51.100.9", "127.0.0.2");
        switch (fault)
        {
            case "wild":
                (dns.Addresses["2.0.0.127." + Zone], dns.Addresses["1.0.0.127." + Zone]) = (["203.0.113.1"], ["203.0.113.1"]);
                break;
            case "everything":
                dns.Put(Zone, "127.0.0.1", "127.0.0.2");
                break;
            case "empty":
                dns.Addresses.TryRemove("2.0.0.127." + Zone, out _);
                break;
            case "refuses":
                dns.Put(Zone, "127.0.0.2", "127.255.255.254");
                break;
            default:
                dns.Silent[Zone] = true;
                break;
        }

        await using var world = await WorldAsync(dns);
        await PutAsync(world, "t_one", List(Zone, ("127.0.0.2", 90, null)));
        var health = world.Node.Services.GetRequiredService<DnsListHealth>();
        Assert.Equal(why, await world.Node.SoonAsync(() => health.WhyOut(Zone), static said => said is not null));
        await SendAsync(world, "198.51.100.9", "postmaster@one.example");
        Assert.DoesNotContain("client.listed", Encoding.ASCII.GetString((await world.Customer.GotAsync(1))[0].Content.Span), StringComparison.Ordinal);
        Assert.DoesNotContain("9.100.51.198." + Zone, dns.Asked);

        dns.Addresses.TryRemove("1.0.0.127." + Zone, out _);
        dns.Silent.Clear();
        dns.Open(Zone);
        await world.Node.SoonAsync(() => health.WhyOut(Zone), static said => said == "");
        var told = await ToldAsync(world, 2);
        Assert.Equal(["mail.list.out@1", "mail.list.back@1"], told.Select(static one => one.Type));
        Assert.All(told, static one => Assert.Equal((SubmissionNode.Tenant, Zone), (one.TenantPath, one.Subject)));
        Assert.Equal(why, JsonDocument.Parse(told[0].Data).RootElement.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_list_that_stops_answering_is_waited_for_three_times_and_no_more()
    {
        var dns = new ListsDns();
        dns.Open(Zone);
        await using var world = await WorldAsync(dns);
        await PutAsync(world, "t_one", List(Zone, ("127.0.0.2", 90, null)));
        var health = world.Node.Services.GetRequiredService<DnsListHealth>();
        await world.Node.SoonAsync(() => health.WhyOut(Zone), static why => why == "");
        dns.Silent[Zone] = true;
        for (var i = 0; i < 5; i++)
        {
            await SendAsync(world, "198.51.100.9", "postmaster@one.example");
        }

        Assert.Equal(DnsListHealth.MissesToTest, dns.Asked.Count(static name => name == "9.100.51.198." + Zone));
        Assert.Equal("mail.list.out@1", Assert.Single(await ToldAsync(world, 1)).Type);
    }

    [Fact]
    public async Task Who_speaks_before_the_greeting_is_heard_and_marked()
    {
        await using var world = await WorldAsync(new ListsDns(), TimeSpan.FromMilliseconds(300));
        await using (var client = await TlsDialogue.OpenAsync(world.Node.Port))
        {
            await client.ComeFromAsync("198.51.100.9");
            Assert.StartsWith("220", await client.SayAsync("EHLO early.example"), StringComparison.Ordinal);
            Assert.StartsWith("250", await client.ReadAsync(), StringComparison.Ordinal);
            Assert.StartsWith("250", await client.SendAsync("a@early.example", "postmaster@one.example", Letter), StringComparison.Ordinal);
        }

        await SendAsync(world, "198.51.100.9", "postmaster@one.example");
        var texts = (await world.Customer.GotAsync(2)).Select(static message => Encoding.ASCII.GetString(message.Content.Span)).ToList();
        Assert.Single(texts, static text => text.Contains("found=client.early-talker", StringComparison.Ordinal));
    }

    [Fact]
    public void A_narrower_scope_adds_a_list_says_another_worth_or_has_one_not_asked()
    {
        var wider = EffectivePolicy.BuiltIn.With(new FilterPolicy { BlockLists = [List("a.example", ("127.0.0.2", 10, null)), List("b.example", ("127.0.0.2", 10, null))] }, "provider");
        var narrower = wider.With(new FilterPolicy { BlockLists = [List("b.example"), List("c.example", ("127.0.0.3", 7, null))] }, "tenant t_one");
        Assert.Equal(["a.example", "c.example"], narrower.Lists.Select(static list => list.Zone));
        Assert.Equal(["a.example", "b.example"], wider.With(new FilterPolicy { TagOnly = false }, "x").Lists.Select(static list => list.Zone));
        Assert.Equal(99, wider.With(new FilterPolicy { BlockLists = [List("a.example", ("127.0.0.2", 99, null))] }, "x").Lists.Single(static list => list.Zone == "a.example").Codes[0].Points);
    }

    [Theory]
    [InlineData("bl.list.example", "127.0.0.2", 1, true)]
    [InlineData("bl.list.example", "127.0.0.2", 10_000, true)]
    [InlineData("bl.list.example", "127.0.0.2", 0, false)]
    [InlineData("bl.list.example", "127.0.0.2", 10_001, false)]
    [InlineData("bl.list.example", "127.255.255.254", 5, false)]
    [InlineData("bl.list.example", "192.0.2.1", 5, false)]
    [InlineData("bl.list.example", "127.2", 5, false)]
    [InlineData("BL.list.example", "127.0.0.2", 5, false)]
    [InlineData("example", "127.0.0.2", 5, false)]
    [InlineData("not a zone", "127.0.0.2", 5, false)]
    public void What_a_policy_may_say_of_a_list(string zone, string code, int points, bool good) =>
        Assert.Equal(good, new FilterPolicy { BlockLists = [List(zone, (code, points, null))] }.Check() is null);

    [Fact]
    public void Twenty_lists_and_fifty_codes_are_taken_and_one_more_is_not()
    {
        static FilterPolicy Lists(int count) => new() { BlockLists = [.. Enumerable.Range(0, count).Select(static i => List($"l{i}.example", ("127.0.0.2", 5, null)))] };
        static FilterPolicy Codes(int count) => new() { BlockLists = [List("a.example", [.. Enumerable.Range(1, count).Select(static i => ($"127.0.1.{i}", 5, (string?)null))])] };
        Assert.Null(Lists(20).Check());
        Assert.NotNull(Lists(21).Check());
        Assert.Null(Codes(50).Check());
        Assert.NotNull(Codes(51).Check());
        Assert.NotNull(new FilterPolicy { BlockLists = [List("a.example"), List("a.example")] }.Check());
    }

    private const string Letter = "From: a@early.example\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nSubject: s\r\n\r\nbody\r\n";

    private static BlockList List(string zone, params (string Code, int Points, string? Means)[] codes) =>
        new() { Zone = zone, Codes = [.. codes.Select(static code => new BlockListCode { Code = code.Code, Points = code.Points, Means = code.Means })] };

    private static Task<SubmissionNode> WorldAsync(ListsDns dns, TimeSpan greetDelay = default) => SubmissionNode.StartAsync(
        options => options with
        {
            Inbound = options.Inbound with { Proxy = new() { From = [IPNetwork.Parse("127.0.0.0/8")] }, GreetDelay = greetDelay },
            Filter = options.Filter with { ListDeadline = TimeSpan.FromMilliseconds(300), ListRetryEvery = TimeSpan.FromSeconds(1) },
        },
        dns: dns);

    private static async Task PutAsync(SubmissionNode world, string tenant, params BlockList[] lists)
    {
        var put = await world.Node.Services.GetRequiredService<PolicyBook>().PutAsync(Provider, tenant, "tenant", "", new FilterPolicy { BlockLists = lists }, null, Cancel);
        Assert.True(put.Ok, put.Refusal?.Message);
        await world.Node.Services.GetRequiredService<PolicyWatch>().LoadAsync(Cancel);
    }

    private static async Task SendAsync(SubmissionNode world, string client, string to)
    {
        await using var dialogue = await TlsDialogue.OpenAsync(world.Node.Port);
        await dialogue.ComeFromAsync(client);
        await dialogue.ReadAsync();
        await dialogue.SayAsync("EHLO c.example");
        Assert.StartsWith("250", await dialogue.SendAsync("a@early.example", to, Letter), StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<Event>> ToldAsync(SubmissionNode world, int count)
    {
        for (var attempt = 0; ; attempt++)
        {
            var told = (await world.ToldAsync()).Where(static one => one.Type.StartsWith("mail.list.", StringComparison.Ordinal)).ToList();
            if (told.Count >= count)
            {
                return told;
            }

            Assert.True(attempt < 200, $"{told.Count} events after 10 s");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }
    }
}
