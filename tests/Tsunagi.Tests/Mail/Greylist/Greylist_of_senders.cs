using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail;
using Tsunagi.Mail.Greylist;
using Tsunagi.Mail.Verdict;
using Tsunagi.Tests.Mail.Signing;
using Tsunagi.Tests.Mail.Submission;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Greylist;

public sealed class Greylist_of_senders
{
    private const string Letter = "From: a@sender.example\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nSubject: s\r\n\r\nbody\r\n";
    private static readonly Caller Provider = new("u_op", "op", new TenantScope("t_root", "t_root/"), new HashSet<string> { "*" }, false, "en");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_sender_is_put_off_comes_again_and_is_known_and_the_trace_tells_both()
    {
        await using var world = await WorldAsync(new SettableDns(), new FilterPolicy { Greylist = true, TagOnly = false });
        var reply = await SendAsync(world, "198.51.100.9");
        Assert.StartsWith("451 4.7.1 Not taken now: You are not known here yet. Your server tries again by itself, and is then let in. (greylist.put-off, m_", reply, StringComparison.Ordinal);
        Assert.StartsWith("451 4.7.1", await SendAsync(world, "198.51.100.9"), StringComparison.Ordinal);
        await Task.Delay(TimeSpan.FromMilliseconds(400), TimeProvider.System, Cancel);
        Assert.StartsWith("250", await SendAsync(world, "198.51.100.9"), StringComparison.Ordinal);

        // A neighbour of it is known, another network and another sender are not; and it is known to those alone whose mail it was.
        Assert.StartsWith("250", await SendAsync(world, "198.51.100.200"), StringComparison.Ordinal);
        Assert.StartsWith("451", await SendAsync(world, "198.51.101.9"), StringComparison.Ordinal);
        Assert.StartsWith("451", await SendAsync(world, "198.51.100.9", "a@another.example"), StringComparison.Ordinal);
        Assert.StartsWith("250", await SendAsync(world, "203.0.113.1", to: "postmaster@two.example"), StringComparison.Ordinal);

        var rows = await world.Node.EventuallyAsync(
            static reader => reader.QueryAsync<Told>("SELECT state, last_reply, facts FROM mail_message JOIN mail_verdict ON mail_verdict.message_id = mail_message.id WHERE sender = 'a@sender.example' AND client_address = '198.51.100.9' ORDER BY id"),
            static rows => rows.Count == 3);
        Assert.Equal(("rejected", "451"), (rows[0].State, rows[0].LastReply[..3]));
        Assert.Equal("Nobody at one.example had mail from sender.example by this network before, so its sender was asked to come again.", StoryOf(rows[0], GreylistWord.PutOff));
        Assert.Matches("^It was put off first at 20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ, and came again\\.$", StoryOf(rows[2], GreylistWord.Returned));
    }

    [Fact]
    public async Task Who_proves_itself_and_was_here_before_comes_in_from_anywhere()
    {
        var dns = new SettableDns();
        dns.Texts["sender.example"] = ["v=spf1 ip4:198.51.100.0/24 ip4:203.0.113.0/24 -all"];
        await using var world = await WorldAsync(dns, new FilterPolicy { Greylist = true, TagOnly = false });

        // Proved, but never here.
        Assert.StartsWith("451", await SendAsync(world, "198.51.100.9"), StringComparison.Ordinal);
        await Task.Delay(TimeSpan.FromMilliseconds(400), TimeProvider.System, Cancel);
        Assert.StartsWith("250", await SendAsync(world, "198.51.100.9"), StringComparison.Ordinal);
        Assert.StartsWith("250", await SendAsync(world, "203.0.113.5"), StringComparison.Ordinal);

        // The name alone proves nothing.
        Assert.StartsWith("451", await SendAsync(world, "192.0.2.5"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, null)]
    public async Task It_is_off_where_nobody_has_it_on_and_where_nothing_harder_than_tagging_is_done(bool? on, bool? tagOnly)
    {
        await using var world = await WorldAsync(new SettableDns(), new FilterPolicy { Greylist = on, TagOnly = tagOnly });
        Assert.StartsWith("250", await SendAsync(world, "198.51.100.9"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_comes_again_in_its_time_and_is_forgotten_in_its_time()
    {
        await using var world = await WorldAsync(new SettableDns(), new FilterPolicy());
        var time = new ManualTime();
        using var book = Book(world, time, new GreylistOptions());
        Assert.Equal(GreylistStanding.New, book.Meet("k", "t_root/").Standing);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(GreylistStanding.New, book.Meet("k", "t_root/").Standing);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(GreylistStanding.Returned, book.Meet("k", "t_root/").Standing);
        book.Passed("k", "t_root/");
        time.Advance(TimeSpan.FromDays(35));
        Assert.Equal(GreylistStanding.Known, book.Meet("k", "t_root/").Standing);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(book.Knows("k"));
        Assert.Equal(GreylistStanding.New, book.Meet("k", "t_root/").Standing);
        time.Advance(TimeSpan.FromDays(2) + TimeSpan.FromSeconds(1));
        Assert.Equal(GreylistStanding.New, book.Meet("k", "t_root/").Standing);
    }

    [Fact]
    public async Task It_outlives_a_restart_is_shared_with_another_node_and_stays_within_its_bound()
    {
        await using var world = await WorldAsync(new SettableDns(), new FilterPolicy());
        var time = new ManualTime();
        using var one = Book(world, time, new GreylistOptions());
        one.Meet("shared", "t_root/");
        await one.ShareAsync(Cancel);
        using var two = Book(world, time, new GreylistOptions());
        await two.ShareAsync(Cancel);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(GreylistStanding.Returned, two.Meet("shared", "t_root/").Standing);
        two.Passed("shared", "t_root/");
        await two.ShareAsync(Cancel);
        await one.ShareAsync(Cancel);
        Assert.True(one.Knows("shared"));

        // Two nodes put the same one off, and the later one writes first: it waits since it was put off first.
        one.Meet("both", "t_root/");
        time.Advance(TimeSpan.FromSeconds(40));
        two.Meet("both", "t_root/");
        await two.ShareAsync(Cancel);
        await one.ShareAsync(Cancel);
        await two.ShareAsync(Cancel);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(GreylistStanding.Returned, one.Meet("both", "t_root/").Standing);
        Assert.Equal(GreylistStanding.Returned, two.Meet("both", "t_root/").Standing);

        using var small = Book(world, time, new GreylistOptions { Entries = 1_000 });
        small.Passed("known", "t_root/");
        for (var i = 0; i < 1_500; i++)
        {
            small.Meet($"flood {i}", "t_root/");
        }

        await small.ShareAsync(Cancel);
        Assert.Equal(900, small.Count);
        Assert.True(small.Knows("known"));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.254", true)]
    [InlineData("192.0.2.1", "192.0.3.1", false)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:2::1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.7", true)]
    public void A_network_is_a_24_or_a_64(string one, string other, bool same) =>
        Assert.Equal(same, GreylistKey.NetworkOf(IPAddress.Parse(one)) == GreylistKey.NetworkOf(IPAddress.Parse(other)));

    private static string StoryOf(Told row, string code)
    {
        Assert.True(VerdictFacts.TryRead(Convert.FromBase64String(row.Facts), out var verdict, out _));
        return VerdictStory.Says(Assert.Single(verdict.Evidence, judged => judged.Evidence.Code == code).Evidence).En;
    }

    private static GreylistBook Book(SubmissionNode world, TimeProvider time, GreylistOptions options) => new(
        world.Node.Stores, new MailOptions { Inbound = new InboundOptions { Greylist = options } }, time, NullLogger<GreylistBook>.Instance);

    private static async Task<SubmissionNode> WorldAsync(SettableDns dns, FilterPolicy policy)
    {
        var world = await SubmissionNode.StartAsync(
            static options => options with
            {
                Inbound = options.Inbound with
                {
                    Proxy = new() { From = [IPNetwork.Parse("127.0.0.0/8")] }, Greylist = new GreylistOptions { Wait = TimeSpan.FromMilliseconds(300) },
                },
            },
            dns: dns);
        Assert.True((await world.Node.Services.GetRequiredService<PolicyBook>().PutAsync(Provider, "t_one", "tenant", "", policy, null, Cancel)).Ok);
        await world.Node.Services.GetRequiredService<PolicyWatch>().LoadAsync(Cancel);
        return world;
    }

    private static async Task<string> SendAsync(SubmissionNode world, string client, string from = "a@sender.example", string to = "postmaster@one.example")
    {
        await using var dialogue = await TlsDialogue.OpenAsync(world.Node.Port);
        await dialogue.ComeFromAsync(client);
        await dialogue.ReadAsync();
        await dialogue.SayAsync("EHLO c.example");
        return await dialogue.SendAsync(from, to, Letter);
    }

    private sealed record Told(string State, string LastReply, string Facts);
}
