using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Mail.Delivery;
using Tsunagi.Tests.Mail.Quarantine;
using Tsunagi.Tests.Mail.Submission;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Pending;

public sealed class Mail_that_waits
{
    private static readonly PendingActor Owner = new(SubmissionNode.Owner, null);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sent_mail_waits_and_leaves_by_itself_when_its_time_has_come()
    {
        await using var world = await PendingWorld.StartAsync();
        var id = Assert.Single(await world.SendAsync(SubmissionNode.User, "bob@far.example", "eve@far.example"));
        var rows = await world.RowsAsync(id, 2);
        Assert.All(rows, static row => Assert.Equal((PendingState.Pending, SubmissionNode.User, "the offer", ""), (row.State, row.Sender, row.Subject, row.Doubt)));
        Assert.InRange(rows[0].DueAt - rows[0].AcceptedAt, (long)TimeSpan.FromMinutes(10).TotalMicroseconds, (long)TimeSpan.FromMinutes(10).TotalMicroseconds);
        await world.FatesAsync(id, "pending", "pending");
        await Delivery_of_mail.StateAsync(world.Node, id, "pending");
        Assert.True(SpoolId.TryParse(id, out var spoolId));
        Assert.Equal("pending", world.Node.Scheduler.Find(spoolId)!.Place);
        Assert.False(world.Node.Scheduler.RetryNow(spoolId));
        Assert.Empty(world.Smarthost.Messages);

        await world.MakeDueAsync(id);
        var got = Assert.Single(await world.Smarthost.GotAsync(1));
        Assert.Equal(["bob@far.example", "eve@far.example"], got.Recipients);
        await world.FatesAsync(id, "delivered", "delivered");
        Assert.All(await world.RowsAsync(id, static rows => rows.All(static row => row.Carried == 1)), static row => Assert.Equal((PendingState.Sent, ""), (row.State, row.ChangedBy)));
        Assert.Empty(world.Customer.Messages);
        var replies = await world.Node.Stores.Projections.ReadAsync(reader => reader.QueryAsync<string>("SELECT next_hop FROM mail_attempt WHERE message_id = @Id ORDER BY attempt", new { Id = id }), Cancel);
        Assert.Equal(["window", $"127.0.0.1:{world.Smarthost.Port}"], replies);
    }

    [Fact]
    public async Task One_recipient_is_taken_back_another_goes_at_once_and_a_third_waits_on()
    {
        await using var world = await PendingWorld.StartAsync();
        var id = Assert.Single(await world.SendAsync(SubmissionNode.User, "bob@far.example", "eve@far.example", "kim@far.example"));
        var rows = await world.RowsAsync(id, 3);
        await world.DecideAsync(rows[0], PendingState.Recalled);
        await world.DecideAsync(rows[1], PendingState.Sent);
        var got = Assert.Single(await world.Smarthost.GotAsync(1));
        Assert.Equal(["eve@far.example"], got.Recipients);
        await world.FatesAsync(id, "recalled", "delivered", "pending");
        await Delivery_of_mail.StateAsync(world.Node, id, "pending");

        // The sender has a report about the one that was taken back, and about no other.
        var report = PendingWorld.TextOf(Assert.Single(await world.Customer.GotAsync(1)));
        Assert.Contains("Final-Recipient: rfc822;bob@far.example", report, StringComparison.Ordinal);
        Assert.Contains("Taken back before it was sent, by owner@one.example", report, StringComparison.Ordinal);
        Assert.DoesNotContain("Final-Recipient: rfc822;eve@far.example", report, StringComparison.Ordinal);

        // Doing it again is no error, the opposite is refused, and nobody else sees it.
        Assert.True((await world.Desk.CancelAsync(Owner, rows[0].Id, Cancel)).Ok);
        Assert.Equal("mail.pending.recalled", (await world.Desk.SendAsync(Owner, rows[0].Id, Cancel)).Refusal!.Code);
        Assert.Equal("mail.pending.sent", (await world.Desk.CancelAsync(Owner, rows[1].Id, Cancel)).Refusal!.Code);
        var stranger = new PendingActor(HeldMail.Who("u_two", "t_root/t_two/"), null);
        Assert.Equal(RefusalKind.NotFound, (await world.Desk.CancelAsync(stranger, rows[2].Id, Cancel)).Refusal!.Kind);
        Assert.Equal(RefusalKind.NotFound, (await world.Desk.CancelAsync(new PendingActor(SubmissionNode.Owner, "m_other"), rows[2].Id, Cancel)).Refusal!.Kind);

        await world.DecideAsync(rows[2], PendingState.Recalled);
        await world.FatesAsync(id, "recalled", "delivered", "recalled");
        await Delivery_of_mail.StateAsync(world.Node, id, "partial");
        await world.Customer.GotAsync(2);
        Assert.Single(world.Smarthost.Messages);
        Assert.Equal(["mail.pending.recalled@1", "mail.pending.sent@1", "mail.pending.recalled@1"], (await world.Submission.ToldAsync()).Select(static told => told.Type).Where(static type => type.StartsWith("mail.pending", StringComparison.Ordinal)));
        var audit = await world.Node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT act FROM audit WHERE act LIKE 'mail.pending.%' ORDER BY act"), Cancel);
        Assert.Equal(["mail.pending.recalled", "mail.pending.recalled", "mail.pending.sent"], audit);
    }

    [Fact]
    public async Task Send_now_cancel_and_the_end_of_the_window_race_and_one_of_them_counts()
    {
        await using var world = await PendingWorld.StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            ids.Add(Assert.Single(await world.SendAsync(SubmissionNode.User, $"a{i}@far.example", $"b{i}@far.example")));
        }

        var rows = new List<PendingRow>();
        foreach (var id in ids)
        {
            rows.AddRange(await world.RowsAsync(id, 2));
        }

        // By every door at once, twice each, while their time comes.
        var acts = rows.SelectMany(row => new Func<Task>[]
        {
            async () => await world.Desk.SendAsync(Owner, row.Id, Cancel), async () => await world.Desk.CancelAsync(Owner, row.Id, Cancel),
            async () => await world.Desk.CancelAsync(new PendingActor(SubmissionNode.Owner, row.MessageId), row.Id, Cancel), async () => await world.MakeDueAsync(row.MessageId),
        });
        await Task.WhenAll(acts.OrderBy(static _ => Random.Shared.Next()).Select(static act => Task.Run(act)));
        var sent = new List<string>();
        var recalled = 0;
        foreach (var id in ids)
        {
            foreach (var row in await world.RowsAsync(id, static rows => rows.All(static row => row is { Carried: 1, State: not PendingState.Pending })))
            {
                (sent, recalled) = row.State == PendingState.Sent ? ([.. sent, row.Recipient], recalled) : (sent, recalled + 1);
            }
        }

        // Who was sent to has it once, who was not never: a report for each message and time that something of it was taken back.
        await world.Node.SoonAsync(() => world.Node.Scheduler.Count, static count => count == 0);
        Assert.Equal(sent.Order(), world.Smarthost.Messages.SelectMany(static message => message.Recipients).Order());
        Assert.Equal(rows.Count, sent.Count + recalled);
        var fates = await world.Node.EventuallyAsync(
            static reader => reader.QueryAsync<string>("SELECT r.state FROM mail_recipient r JOIN mail_message m ON m.id = r.message_id WHERE m.sender <> ''"),
            states => states.Count == rows.Count && states.All(static state => state is "delivered" or "recalled"));
        Assert.Equal(recalled, fates.Count(static state => state == "recalled"));
    }

    [Fact]
    public async Task A_window_outlives_the_program_and_what_was_decided_meanwhile_is_carried_out()
    {
        using var directory = new TemporaryDirectory();
        await using var customer = new CustomerServer();
        var facts = HeldMail.Facts(HoldClass.None, ["b@one.example", "c@one.example", "d@one.example"]) with
        {
            ReversePath = "a@one.example", Added = "", SizeBytes = HeldMail.Content.Length,
            PendingUntilMicros = TimeProvider.System.GetUtcNow().AddMinutes(20).ToUnixTimeMilliseconds() * 1_000, Doubts = ["", "won.example", ""],
        };
        string id;
        IReadOnlyList<PendingRow> rows;
        await using (var node = await Delivery_of_mail.NodeAsync(customer.Port, directory: directory.Path))
        {
            id = await HeldMail.PutAsync(node, facts, HeldMail.Content);
            rows = await node.EventuallyOfControlAsync(id, 3);
            Assert.Equal("won.example", rows[1].Doubt);

            // Decided by another node, which has no hand on this one's spool; and this one dies before it looks.
            await node.Services.GetRequiredService<PendingKeeper>().StopAsync(Cancel);
            await node.Stores.Control.WriteAsync(
                async transaction =>
                {
                    var book = node.Services.GetRequiredService<PendingBook>();
                    await book.DecideAsync(transaction, rows[0].Id, PendingState.Recalled, "other node");
                    return await book.DecideAsync(transaction, rows[1].Id, PendingState.Sent, "other node");
                },
                Cancel);
        }

        await using (var node = await Delivery_of_mail.NodeAsync(customer.Port, directory: directory.Path))
        {
            await PendingWorld.FatesAsync(node, id, "recalled", "delivered", "pending");
            var again = await node.EventuallyOfControlAsync(id, 3);
            Assert.Equal((facts.PendingUntilMicros, PendingState.Pending), (again[2].DueAt, again[2].State));
            Assert.Equal([["c@one.example"], ["a@one.example"]], (await customer.GotAsync(2)).Select(static message => message.Recipients.ToArray()).OrderBy(static to => to[0] == "a@one.example"));
        }

        // A store from an older backup: what the spool does not know of is entered again, what it knows to be decided stays decided.
        await using (var node = await Delivery_of_mail.NodeAsync(customer.Port, directory: directory.Path))
        {
            Assert.True(SpoolId.TryParse(id, out var spoolId));
            Assert.True(node.Scheduler.IsPending(spoolId));
            await PendingWorld.MakeDueAsync(node.Stores, id);
            await PendingWorld.FatesAsync(node, id, "recalled", "delivered", "delivered");
        }

        Assert.Equal(3, customer.Messages.Count);
    }

    [Fact]
    public async Task Of_a_message_whose_delivery_hangs_another_recipient_is_still_taken_back()
    {
        await using var world = await PendingWorld.StartAsync();
        using var release = new ManualResetEventSlim();
        world.Smarthost.Receiver.Answer = command =>
        {
            if (command.Verb == SmtpVerb.Data)
            {
                release.Wait(Cancel);
            }

            return null;
        };
        var id = Assert.Single(await world.SendAsync(SubmissionNode.User, "bob@far.example", "eve@far.example"));
        var rows = await world.RowsAsync(id, 2);
        await world.DecideAsync(rows[0], PendingState.Sent);
        Assert.True(SpoolId.TryParse(id, out var spoolId));
        await world.Node.SoonAsync(() => world.Node.Scheduler.Find(spoolId)!.Place, static place => place == "in-delivery");
        await world.DecideAsync(rows[1], PendingState.Recalled);
        await world.MakeDueAsync(id);
        release.Set();
        await world.FatesAsync(id, "delivered", "recalled");
        Assert.Equal(["bob@far.example"], Assert.Single(world.Smarthost.Messages).Recipients);
    }

    [Fact]
    public async Task A_next_hop_that_puts_mail_off_holds_up_nothing_that_waits()
    {
        await using var world = await PendingWorld.StartAsync();
        var refusals = 0;
        world.Smarthost.Receiver.Answer = command => command.Verb == SmtpVerb.Data && Interlocked.Increment(ref refusals) <= 3 ? new SmtpReply(451, new EnhancedStatus(4, 3, 0), "Not now") : null;
        var id = Assert.Single(await world.SendAsync(SubmissionNode.User, "bob@far.example", "eve@far.example"));
        var rows = await world.RowsAsync(id, 2);
        await world.DecideAsync(rows[0], PendingState.Sent);
        await world.FatesAsync(id, "delivered", "pending");
        Assert.Equal(["bob@far.example"], Assert.Single(world.Smarthost.Messages).Recipients);
        await world.MakeDueAsync(id);
        await world.FatesAsync(id, "delivered", "delivered");
        Assert.Equal(["bob@far.example", "eve@far.example"], world.Smarthost.Messages.SelectMany(static message => message.Recipients));
    }

    [Fact]
    public async Task Mail_without_a_sender_and_mail_to_the_customers_own_people_never_wait()
    {
        await using var world = await PendingWorld.StartAsync();
        await world.SendAsync("", "bob@far.example");
        Assert.Equal("", Assert.Single(await world.Smarthost.GotAsync(1)).From);
        await world.SendAsync(SubmissionNode.User, "boss@one.example");
        await world.Customer.GotAsync(1);
    }

    [Fact]
    public async Task The_policy_of_the_sender_counts_from_the_widest_to_the_narrowest()
    {
        await using var world = await PendingWorld.StartAsync(new PendingPolicy { Minutes = 0 });
        await world.SendAsync(SubmissionNode.User, "a@far.example");
        await world.Smarthost.GotAsync(1);
        await world.SetAsync("domain", "one.example", new PendingPolicy { Minutes = 7, Notice = false });
        var id = Assert.Single(await world.SendAsync(SubmissionNode.User, "b@far.example"));
        var row = (await world.RowsAsync(id, 1))[0];
        Assert.Equal(7, (row.DueAt - row.AcceptedAt) / 60_000_000);
        await world.SetAsync("user", SubmissionNode.User, new PendingPolicy { Which = PendingMail.None });
        await world.SendAsync(SubmissionNode.User, "c@far.example");
        Assert.Equal(["a@far.example", "c@far.example"], (await world.Smarthost.GotAsync(2)).Select(static message => message.Recipients[0]));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(60, true)]
    [InlineData(61, false)]
    [InlineData(-1, false)]
    public void A_window_is_an_hour_at_most(int minutes, bool allowed) => Assert.Equal(allowed, new PendingPolicy { Minutes = minutes }.Check() is null);

    [Fact]
    public async Task The_sender_is_told_once_with_a_link_that_opens_this_message_alone()
    {
        await using var world = await PendingWorld.StartAsync(new PendingPolicy { Minutes = 10 });
        var id = Assert.Single(await world.SendAsync(SubmissionNode.User, "bob@far.example", "eve@far.example"));
        var other = Assert.Single(await world.SendAsync(SubmissionNode.User, "kim@far.example"));
        var notices = await world.Customer.GotAsync(2);
        Assert.All(notices, static notice => Assert.Equal(("", SubmissionNode.User), (notice.From, notice.Recipients[0])));
        var mine = notices.Single(static notice => Tsunagi.Protocols.Mail.Mime.MessageText.Read(notice.Content.Span).Text.Contains("eve@far.example", StringComparison.Ordinal));
        var header = MessageHeader.Read(mine.Content.Span);
        Assert.True(header.IsAutoSubmitted);
        Assert.Equal("outbox@gateway.test", header.From!.ToString());
        var text = Tsunagi.Protocols.Mail.Mime.MessageText.Read(mine.Content.Span).Text;
        var token = text[(text.IndexOf("/pending/", StringComparison.Ordinal) + "/pending/".Length)..].Split('\n', ' ')[0].Trim();
        var visit = await world.Node.Services.GetRequiredService<PendingDoor>().EnterAsync(token, System.Net.IPAddress.Loopback, false, Cancel);
        Assert.Equal(Tsunagi.Mail.Quarantine.Digest.LinkState.Good, visit.State);
        var foreign = (await world.RowsAsync(other, 1))[0];
        Assert.Equal(RefusalKind.NotFound, (await world.Desk.CancelAsync(visit.Who!, foreign.Id, Cancel)).Refusal!.Kind);
        Assert.True((await world.Desk.CancelAsync(visit.Who!, (await world.RowsAsync(id, 2))[0].Id, Cancel)).Ok);

        // Found again by a next life of the program, it is told no second time.
        Assert.True(SpoolId.TryParse(id, out var spoolId));
        world.Node.Scheduler.Pending.Add(spoolId);
        await world.Node.SoonAsync(() => world.Node.Scheduler.Pending.Count, static count => count == 0);
        await world.Customer.GotAsync(3);
        await Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System, Cancel);
        Assert.Equal(2, world.Customer.Texts.Count(static text => text.Contains("Mail outbox", StringComparison.Ordinal)));
    }
}
