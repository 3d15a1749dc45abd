using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Mail;
using Tsunagi.Mail.Limits;
using Tsunagi.Mail.Submission;
using Tsunagi.Mail.Verdict;
using Tsunagi.Tests.Mail.Submission;

namespace Tsunagi.Tests.Mail.Limits;

public sealed class Limits_of_senders
{
    private const string Letter = "From: scanner@one.example\r\nSubject: s\r\n\r\nbody\r\n";
    private static readonly Caller Provider = new("u_op", "op", new TenantScope("t_root", "t_root/"), new HashSet<string> { "*" }, false, "en");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_credential_sends_as_many_messages_as_it_may_and_the_next_is_put_off_and_told_once()
    {
        await using var world = await SubmissionNode.StartAsync();
        Assert.True((await world.Desk.SetLimitsAsync(SubmissionNode.Owner, world.Made.Credential.Id, new SendingLimit { MessagesPerHour = 2 }, Cancel)).Ok);
        await using var client = await world.LetInAsync();
        for (var i = 0; i < 2; i++)
        {
            Assert.StartsWith("250", await client.SendAsync("scanner@one.example", "bob@far.example", Letter), StringComparison.Ordinal);
        }

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(
                "450 4.7.1 This credential has sent to as many as it may: 2 messages in an hour; try again later", await client.SendAsync("scanner@one.example", "bob@far.example", Letter));
            await client.SayAsync("RSET");
        }

        var told = Assert.Single(await ToldAsync(world), static one => one.Type == "mail.sending.limited@1");
        Assert.Equal((world.Made.Credential.Id, SubmissionNode.Tenant), (told.Subject, told.TenantPath));
        var facts = JsonDocument.Parse(told.Data).RootElement;
        Assert.Equal(("messagesPerHour", 2, "scanner@one.example"), (facts.GetProperty("limit").GetString(), facts.GetProperty("most").GetInt32(), facts.GetProperty("userName").GetString()));

        // More is allowed at once when somebody says so.
        Assert.True((await world.Desk.SetLimitsAsync(SubmissionNode.Owner, world.Made.Credential.Id, new SendingLimit { MessagesPerHour = 3 }, Cancel)).Ok);
        Assert.StartsWith("250", await client.SendAsync("scanner@one.example", "bob@far.example", Letter), StringComparison.Ordinal);
        Assert.StartsWith("450", await client.SendAsync("scanner@one.example", "bob@far.example", Letter), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recipients_are_counted_as_they_are_named_and_given_back_when_nothing_comes_of_them()
    {
        await using var world = await SubmissionNode.StartAsync();
        await world.Desk.SetLimitsAsync(SubmissionNode.Owner, world.Made.Credential.Id, new SendingLimit { RecipientsPerDay = 3 }, Cancel);
        await using var first = await world.LetInAsync();
        await using var second = await world.LetInAsync();
        await first.SayAsync("MAIL FROM:<scanner@one.example>");
        await second.SayAsync("MAIL FROM:<scanner@one.example>");
        Assert.StartsWith("250", await first.SayAsync("RCPT TO:<a@far.example>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await first.SayAsync("RCPT TO:<b@far.example>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await second.SayAsync("RCPT TO:<c@far.example>"), StringComparison.Ordinal);

        // Both sessions together are one sender.
        Assert.StartsWith("450 4.7.1", await second.SayAsync("RCPT TO:<d@far.example>"), StringComparison.Ordinal);
        await first.SayAsync("RSET");
        await first.SayAsync("MAIL FROM:<scanner@one.example>");
        Assert.StartsWith("250", await second.SayAsync("RCPT TO:<d@far.example>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await second.SayAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250", await second.SayAsync(Letter + "."), StringComparison.Ordinal);
        var sent = world.Desk.SentBy(world.Made.Credential);
        Assert.Equal(new SentLately(1, 1, 2, 2), sent.Lately);
        Assert.Equal((3, 1_000), (world.Desk.SentBy((await world.Desk.FindAsync(SubmissionNode.Owner, world.Made.Credential.Id, Cancel)).Value!).Limit.RecipientsPerDay, sent.Limit.MessagesPerHour));
    }

    [Fact]
    public async Task A_tenants_own_servers_and_devices_are_counted_together_and_mail_at_home_is_not()
    {
        await using var world = await SubmissionNode.StartAsync();
        world.Node.Sign("s_one", SubmissionNode.Tenant, "one.example", world.Customer.Port, static given => given with { Relays = ["127.0.0.1"] });
        await PutAsync(world, new SendingPolicy { Tenant = new SendingLimit { MessagesPerHour = 2 } });
        await using var device = await world.LetInAsync();
        await using var server = await Dialogue.GreetedAsync(world.Node.Port);
        Assert.StartsWith("250", await device.SendAsync("scanner@one.example", "bob@far.example", Letter), StringComparison.Ordinal);
        await server.BeginAsync("bob@far.example", "boss@one.example");
        Assert.StartsWith("250", await server.SayAsync("From: boss@one.example\r\n\r\nx\r\n."), StringComparison.Ordinal);
        await server.SayAsync("MAIL FROM:<boss@one.example>");
        Assert.Equal("450 4.7.1 Your organisation has sent to as many as it may: 2 messages in an hour; try again later", await server.SayAsync("RCPT TO:<bob@far.example>"));
        Assert.StartsWith("450 4.7.1 Your organisation", await device.SendAsync("scanner@one.example", "bob@far.example", Letter), StringComparison.Ordinal);
        await device.SayAsync("RSET");
        Assert.StartsWith("250", await device.SendAsync("scanner@one.example", "postmaster@one.example", Letter), StringComparison.Ordinal);
        Assert.Equal("t_one", Assert.Single(await ToldAsync(world), static one => one.Type == "mail.sending.limited@1").Subject);

        // What was refused for the tenant was given back to the device.
        Assert.Equal(2, world.Desk.SentBy(world.Made.Credential).Lately.MessagesPastHour);
    }

    [Fact]
    public async Task A_credential_that_sends_far_more_than_ever_is_paused_within_twenty_messages_and_resumed_by_its_owner()
    {
        await using var world = await SubmissionNode.StartAsync();
        KnownFor(world, recipientsPerHour: 3);
        await using var client = await world.LetInAsync();
        await using var other = await world.LetInAsync();
        Assert.StartsWith("354", await other.SendBeginAsync(), StringComparison.Ordinal);
        var taken = 0;
        string reply;
        while ((reply = await client.SendAsync("scanner@one.example", "bob@far.example", Letter)).StartsWith("250", StringComparison.Ordinal))
        {
            Assert.True(++taken < 30, "never paused");
        }

        Assert.Equal(19, taken);
        const string Paused = "450 4.7.1 Sending by this credential is paused, because it sent far more than it used to; its owner resumes it on the page of sending devices";
        Assert.Equal(Paused, reply);
        Assert.Equal(Paused, await client.SayAsync("RSET") is ['2', ..] ? await client.SayAsync("MAIL FROM:<scanner@one.example>") : "");

        // A message that another session was handing in is not taken either.
        Assert.Equal(Paused, await other.SayAsync(Letter + "."));
        var told = Assert.Single(await ToldAsync(world), static one => one.Type == "mail.credential.paused@1");
        var facts = JsonDocument.Parse(told.Data).RootElement;
        Assert.Equal((21, 3, "127.0.0.1"), (facts.GetProperty("recipients").GetInt32(), facts.GetProperty("usual").GetInt32(), facts.GetProperty("address").GetString()));
        var row = (await world.Desk.FindAsync(SubmissionNode.Owner, world.Made.Credential.Id, Cancel)).Value!;
        Assert.True(row.PausedAt > 0);
        Assert.Equal("21 3", row.PausedWhy);

        var resumed = await world.Desk.ResumeAsync(SubmissionNode.Owner, row.Id, Cancel);
        Assert.Equal(0, resumed.Value!.PausedAt);
        Assert.Contains(await ToldAsync(world), static one => one.Type == "mail.credential.resumed@1");

        // For a day the limits alone hold.
        for (var i = 0; i < 10; i++)
        {
            Assert.StartsWith("250", await client.SendAsync("scanner@one.example", "bob@far.example", Letter), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(10, 5, 20, 50, false)]
    [InlineData(10, 5, 20, 51, true)]
    [InlineData(1, 5, 20, 20, false)]
    [InlineData(1, 5, 20, 21, true)]
    [InlineData(1, 0, 20, 60, false)]
    [InlineData(0, 5, 20, 60, false)]
    public async Task The_brake_grips_past_the_factor_and_the_floor_and_never_for_one_that_is_not_known(int usual, int factor, int floor, int recipients, bool paused)
    {
        await using var world = await SubmissionNode.StartAsync();
        await PutAsync(world, new SendingPolicy { BrakeFactor = factor, BrakeFloor = floor });
        KnownFor(world, usual);
        await using var client = await world.LetInAsync();
        await client.SayAsync("MAIL FROM:<scanner@one.example>");
        for (var i = 1; i < recipients; i++)
        {
            Assert.StartsWith("250", await client.SayAsync($"RCPT TO:<u{i}@far.example>"), StringComparison.Ordinal);
        }

        Assert.StartsWith(paused ? "450 4.7.1 Sending by this credential is paused" : "250", await client.SayAsync("RCPT TO:<last@far.example>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await client.SayAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith(paused ? "450 4.7.1" : "250", await client.SayAsync(Letter + "."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_begins_nobody_anew_and_two_nodes_are_one()
    {
        await using var world = await SubmissionNode.StartAsync();
        await using var client = await world.LetInAsync();
        Assert.StartsWith("250", await client.SendAsync("scanner@one.example", "bob@far.example", Letter), StringComparison.Ordinal);
        var book = world.Node.Services.GetRequiredService<SendingBook>();
        await book.RoundAsync(Cancel);
        var node = world.Node.Services.GetRequiredService<Node>();
        var id = world.Made.Credential.Id;

        using var again = Book(world, node);
        await again.RoundAsync(Cancel);
        Assert.Equal(new SentLately(1, 1, 1, 1), again.Read(id).Lately);
        Assert.Equal(1, again.Read(SendingBook.TenantSubject(SubmissionNode.Tenant)).Lately.MessagesPastDay);

        using var beside = Book(world, node with { Name = "beside" });
        await beside.RoundAsync(Cancel);
        Assert.Equal(1, beside.Read(id).Lately.MessagesPastHour);
        var state = beside.Of(id, SubmissionNode.Tenant);
        state.Counter.Add(world.Node.Services.GetRequiredService<TimeProvider>().NowMicros(), 4, 5);
        state.IsDirty = true;
        await beside.RoundAsync(Cancel);
        await book.RoundAsync(Cancel);
        Assert.Equal(new SentLately(5, 5, 6, 6), book.Read(id).Lately);

        // Read twice, counted once.
        await book.RoundAsync(Cancel);
        Assert.Equal(new SentLately(5, 5, 6, 6), book.Read(id).Lately);
    }

    [Fact]
    public async Task A_tenant_asks_for_less_than_the_provider_allows_and_not_for_more()
    {
        await using var world = await SubmissionNode.StartAsync();
        var book = world.Node.Services.GetRequiredService<PolicyBook>();
        async Task<string?> PutAsync(Caller caller, string tenant, SendingPolicy sending) =>
            (await book.PutAsync(caller, tenant, "tenant", "", new FilterPolicy { Sending = sending }, null, Cancel)).Refusal?.Code;
        await InsertRootAsync(world);
        Assert.Null(await PutAsync(Provider, "t_root", new SendingPolicy { Device = new SendingLimit { MessagesPerHour = 100, RecipientsPerDay = 0 } }));
        Assert.Null(await PutAsync(SubmissionNode.Owner, "t_one", new SendingPolicy { Device = new SendingLimit { MessagesPerHour = 100, RecipientsPerDay = 5 } }));
        Assert.Equal("mail.sending.too-much", await PutAsync(SubmissionNode.Owner, "t_one", new SendingPolicy { Device = new SendingLimit { MessagesPerHour = 101 } }));
        Assert.Equal("mail.sending.too-much", await PutAsync(SubmissionNode.Owner, "t_one", new SendingPolicy { Device = new SendingLimit { MessagesPerHour = 0 } }));
        Assert.Equal("mail.sending.too-much", await PutAsync(SubmissionNode.Owner, "t_one", new SendingPolicy { BrakeFactor = 0 }));
        Assert.Equal("mail.sending.too-much", await PutAsync(SubmissionNode.Owner, "t_one", new SendingPolicy { BrakeFloor = 21 }));
        Assert.Null(await PutAsync(SubmissionNode.Owner, "t_one", new SendingPolicy { BrakeFactor = 2, BrakeFloor = 20 }));
        Assert.Equal("mail.sending.limit", await PutAsync(Provider, "t_one", new SendingPolicy { Device = new SendingLimit { MessagesPerDay = -1 } }));
        Assert.Equal("mail.sending.limit", await PutAsync(Provider, "t_one", new SendingPolicy { BrakeFloor = SendingLimit.Most + 1 }));

        // What the provider gave it, it may keep.
        Assert.Null(await PutAsync(Provider, "t_one", new SendingPolicy { Device = new SendingLimit { MessagesPerHour = 500 } }));
        Assert.Null(await PutAsync(SubmissionNode.Owner, "t_one", new SendingPolicy { Device = new SendingLimit { MessagesPerHour = 400 } }));
        Assert.Equal("mail.sending.scope", (await book.PutAsync(Provider, "t_one", "domain", "one.example", new FilterPolicy { Sending = new SendingPolicy { BrakeFloor = 1 } }, null, Cancel)).Refusal?.Code);

        await world.Node.Services.GetRequiredService<PolicyWatch>().LoadAsync(Cancel);
        var id = world.Made.Credential.Id;
        Assert.Equal("mail.sending.too-much", (await world.Desk.SetLimitsAsync(SubmissionNode.Owner, id, new SendingLimit { MessagesPerHour = 401 }, Cancel)).Refusal?.Code);
        Assert.True((await world.Desk.SetLimitsAsync(Provider, id, new SendingLimit { MessagesPerHour = 1_000 }, Cancel)).Ok);
        Assert.True((await world.Desk.SetLimitsAsync(SubmissionNode.Owner, id, new SendingLimit { MessagesPerHour = 999 }, Cancel)).Ok);
        Assert.True((await world.Desk.SetLimitsAsync(SubmissionNode.Owner, id, new SendingLimit(), Cancel)).Ok);
        Assert.Equal("mail.sending.limit", (await world.Desk.SetLimitsAsync(SubmissionNode.Owner, id, new SendingLimit { MessagesPerHour = -1 }, Cancel)).Refusal?.Code);
    }

    [Fact]
    public async Task A_stranger_that_comes_too_often_is_put_off_and_told_once_and_others_are_not()
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync(static options => options with
        {
            Inbound = options.Inbound with
            {
                Clients = new ClientLimitOptions { ConnectionsPerMinute = 3, MessagesPerHour = 2 },
                Proxy = new() { From = [System.Net.IPNetwork.Parse("127.0.0.0/8")] },
            },
        });
        node.Sign("s_one", SubmissionNode.Tenant, "one.example", customer.Port);
        async Task<TlsDialogue> ComeAsync(string address)
        {
            var client = await TlsDialogue.OpenAsync(node.Port);
            await client.ComeFromAsync(address);
            return client;
        }

        await using (var client = await ComeAsync("192.0.2.1"))
        {
            await client.ReadAsync();
            await client.SayAsync("EHLO c.example");
            for (var i = 0; i < 2; i++)
            {
                Assert.StartsWith("250", await client.SayAsync("MAIL FROM:<a@c.example>"), StringComparison.Ordinal);
                await client.SayAsync("RSET");
            }

            Assert.Matches("^450 4\\.7\\.1 Too many messages from 192\\.0\\.2\\.1: at most 2 in an hour; try again in 3[56]\\d\\d seconds$", await client.SayAsync("MAIL FROM:<a@c.example>"));
        }

        for (var i = 0; i < 2; i++)
        {
            await using var client = await ComeAsync("192.0.2.1");
            Assert.StartsWith("220", await client.ReadAsync(), StringComparison.Ordinal);
        }

        for (var i = 0; i < 2; i++)
        {
            await using var client = await ComeAsync("192.0.2.1");
            Assert.StartsWith("421 4.7.0 Too many connections from 192.0.2.1: at most 3 in a minute", await client.ReadAsync(), StringComparison.Ordinal);
        }

        await using var neighbour = await ComeAsync("192.0.2.2");
        Assert.StartsWith("220", await neighbour.ReadAsync(), StringComparison.Ordinal);
    }

    private static SendingBook Book(SubmissionNode world, Node node) => new(
        world.Node.Stores, node, world.Node.Services.GetRequiredService<CredentialBook>(), world.Node.Services.GetRequiredService<Outbox>(),
        world.Node.Services.GetRequiredService<MailOptions>(), world.Node.Services.GetRequiredService<TimeProvider>(), NullLogger<SendingBook>.Instance);

    /// <summary>As if it had sent on each of the four days before.</summary>
    private static void KnownFor(SubmissionNode world, int recipientsPerHour)
    {
        var state = world.Node.Services.GetRequiredService<SendingBook>().Of(world.Made.Credential.Id, SubmissionNode.Tenant);
        var now = world.Node.Services.GetRequiredService<TimeProvider>().NowMicros();
        for (var day = 4; day > 1; day--)
        {
            state.Counter.Add(now - (day * 86_400_000_000), 1, recipientsPerHour);
        }
    }

    private static async Task PutAsync(SubmissionNode world, SendingPolicy sending)
    {
        Assert.True((await world.Node.Services.GetRequiredService<PolicyBook>().PutAsync(Provider, "t_one", "tenant", "", new FilterPolicy { Sending = sending }, null, Cancel)).Ok);
        await world.Node.Services.GetRequiredService<PolicyWatch>().LoadAsync(Cancel);
    }

    private static async Task InsertRootAsync(SubmissionNode world) => await world.Node.Stores.Control.WriteAsync(
        static transaction => transaction.ExecuteAsync("""
            INSERT INTO tenant (id, tenant_path, kind, name, locale, time_zone, currency, external_refs, version, created_at) VALUES ('t_root', 't_root/', 'provider', 'Root', 'en', 'UTC', 'JPY', '{}', 1, 0)
            """),
        Cancel);

    private static async Task<IReadOnlyList<Event>> ToldAsync(SubmissionNode world)
    {
        await world.Node.Services.GetRequiredService<SendingBook>().RoundAsync(Cancel);
        return await world.ToldAsync();
    }
}
