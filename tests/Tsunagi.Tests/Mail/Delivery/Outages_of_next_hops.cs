using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Mail;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Delivery;

public sealed class Outages_of_next_hops
{
    private const long Second = 1_000_000;
    private static readonly DeliveryOptions Options = new() { AwayAfter = TimeSpan.FromSeconds(120), BackAfter = TimeSpan.FromSeconds(60) };

    [Fact]
    public void An_outage_is_told_when_it_has_lasted_and_not_before()
    {
        Assert.Equal(OutageAct.Nothing, OutageJudge.Judge(null, Failing(1_000), (1_000 + 119) * Second, Options));
        Assert.Equal(OutageAct.Away, OutageJudge.Judge(null, Failing(1_000), (1_000 + 120) * Second, Options));
        Assert.Equal(OutageAct.Nothing, OutageJudge.Judge(null, Answering(1_000), 9_000 * Second, Options));
    }

    [Fact]
    public void It_is_over_when_the_next_hop_has_answered_for_a_while_and_one_that_comes_and_goes_has_one_outage()
    {
        var outage = Told(1_000);
        Assert.Equal(OutageAct.Nothing, OutageJudge.Judge(outage, Failing(1_000), 1_200 * Second, Options));
        Assert.Equal(OutageAct.Nothing, OutageJudge.Judge(outage, Answering(1_300), 1_300 * Second, Options));
        Assert.Equal(OutageAct.Nothing, OutageJudge.Judge(outage, Answering(1_300), 1_359 * Second, Options));
        Assert.Equal(OutageAct.Nothing, OutageJudge.Judge(outage, Failing(1_359), 1_500 * Second, Options));
        Assert.Equal(OutageAct.Nothing, OutageJudge.Judge(outage, Answering(1_600), 1_600 * Second, Options));
        Assert.Equal(OutageAct.Back, OutageJudge.Judge(outage, Answering(1_600), 1_660 * Second, Options));
    }

    [Fact]
    public void A_tenant_whose_mail_comes_to_wait_later_is_told_too_and_a_next_hop_nobody_uses_ends_its_outage()
    {
        var outage = Told(1_000);
        var more = Failing(1_000) with { Waiting = new Dictionary<string, int> { ["t_root/t_one/"] = 1, ["t_root/t_two/"] = 2 } };
        Assert.Equal(OutageAct.Away, OutageJudge.Judge(outage, more, 1_200 * Second, Options));
        Assert.Equal(OutageAct.Unused, OutageJudge.Judge(outage, null, 1_200 * Second, Options));
    }

    [Fact]
    public void A_next_hop_not_asked_since_the_start_of_the_program_has_not_answered() =>
        Assert.Equal(OutageAct.Nothing, OutageJudge.Judge(Told(1_000), Answering(0), 5_000 * Second, Options));

    [Fact]
    public async Task One_event_tells_that_it_went_and_one_that_it_is_back_over_a_restart_of_the_program()
    {
        await using var customer = new CustomerServer();
        using var directory = new TemporaryDirectory();
        await using (var node = await StartAsync(customer.Port, directory.Path))
        {
            await node.ListAsync("s_one", "t_root/t_one/", "b@one.example");
            await customer.Receiver.StopAsync();
            await Delivery_of_mail.SendAsync(node, "b@one.example");
            await Delivery_of_mail.SendAsync(node, "b@one.example");
            var away = await OutboxAsync(node, 1);
            Assert.Contains("mail.next-hop.away@1", away[0], StringComparison.Ordinal);
            Assert.Contains("t_root/t_one/", away[0], StringComparison.Ordinal);
            Assert.Contains($"127.0.0.1:{customer.Port}", away[0], StringComparison.Ordinal);
            Assert.Contains("\\u0022waiting\\u0022:2", away[0], StringComparison.Ordinal);
            Assert.Contains("connection refused", away[0], StringComparison.Ordinal);
        }

        await using var again = await StartAsync(customer.Port, directory.Path);
        customer.Receiver.Start();
        await customer.GotAsync(2);
        var told = await OutboxAsync(again, 2);
        Assert.Contains("mail.next-hop.back@1", told[1], StringComparison.Ordinal);
        Assert.Equal(0, await again.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_next_hop_outage"), TestContext.Current.CancellationToken));
    }

    private static Task<MailNode> StartAsync(int port, string directory) => Delivery_of_mail.NodeAsync(
        port, static options => options with { Delivery = options.Delivery with { AwayAfter = TimeSpan.FromSeconds(1), BackAfter = TimeSpan.FromSeconds(1) } },
        static settings => settings with { Recipients = RecipientSource.List }, directory);

    // The node of these tests has no projector of the outbox, so what was told stays there.
    private static async Task<IReadOnlyList<string>> OutboxAsync(MailNode node, int count)
    {
        for (var attempt = 0; ; attempt++)
        {
            var told = await node.Stores.Control.ReadAsync(
                static reader => reader.QueryAsync<string>("SELECT event FROM outbox WHERE event LIKE '%next-hop%' ORDER BY position"), TestContext.Current.CancellationToken);
            if (told.Count >= count)
            {
                return told;
            }

            Assert.True(attempt < 3_000, $"{told.Count} of {count} events after a minute");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static NextHopHealth Failing(long since) => new("a:25", since * Second, 0, 0, "connection refused", new Dictionary<string, int> { ["t_root/t_one/"] = 1 });

    private static NextHopHealth Answering(long at) => new("a:25", 0, at * Second, 0, "", new Dictionary<string, int>());

    private static Outage Told(long since)
    {
        var outage = new Outage("a:25", since * Second);
        outage.Told.Add("t_root/t_one/");
        return outage;
    }
}
