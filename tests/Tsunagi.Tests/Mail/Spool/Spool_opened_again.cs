using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Logs;
using Tsunagi.Mail;
using Tsunagi.Mail.Spool;
using Tsunagi.Tests.Mail.Delivery;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Mail.Spool;

public sealed class Spool_opened_again
{
    private const string Tenant = "t_root/t_one/";

    [Theory]
    [InlineData(CrashDisk.Fault.Error)]
    [InlineData(CrashDisk.Fault.Full)]
    public async Task A_failing_disk_makes_clients_come_again_and_loses_and_doubles_nothing(CrashDisk.Fault fault)
    {
        // At the write of the batch, at its fsync, and at what follows.
        for (var change = 1; change <= 4; change++)
        {
            await using var customer = new CustomerServer();
            var disk = new CrashDisk();
            await using var node = await MailNode.StartAsync(static options => options with { ReopenAfter = TimeSpan.FromMilliseconds(200) }, disk: disk.Boot());
            node.Sign("s_one", Tenant, "one.example", customer.Port, null, "non-payment");
            var spool = node.Services.GetRequiredService<MailSpool>();
            await using var client = await Dialogue.GreetedAsync(node.Port);
            Assert.StartsWith("250", await SendAsync(client, "before"), StringComparison.Ordinal);

            disk.OrderFault(disk.Changes + change, fault);
            var taken = new List<string> { "before" };
            for (var i = 0; i < 3; i++)
            {
                var reply = await SendAsync(client, $"during{i}");
                Assert.True(reply.StartsWith("250 2.0.0", StringComparison.Ordinal) || reply.StartsWith("451 4.3", StringComparison.Ordinal) || reply.StartsWith("452 4.3.1", StringComparison.Ordinal), reply);
                if (reply.StartsWith("250", StringComparison.Ordinal))
                {
                    taken.Add($"during{i}");
                }
            }

            // Open again, and with room found again at the next look at the disk.
            await node.SoonAsync(spool.WhyNoIntake, static why => why is null);
            Assert.StartsWith("250", await SendAsync(client, "after"), StringComparison.Ordinal);
            taken.Add("after");

            // Held until here; now all that was acknowledged arrives, once, and nothing else.
            node.Sign("s_one", Tenant, "one.example", customer.Port);
            await customer.GotAsync(taken.Count);
            await node.SoonAsync(() => node.Scheduler.Count, static count => count == 0);
            Assert.Equal(taken.Order(StringComparer.Ordinal), customer.Texts.Select(SubjectOf).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task While_it_is_closed_the_node_is_not_ready_and_says_so_to_clients()
    {
        var disk = new CrashDisk();
        await using var node = await MailNode.StartAsync(static options => options with { ReopenAfter = TimeSpan.FromMilliseconds(50) }, disk: disk.Boot());
        node.Sign("s_one", Tenant, "one.example", 9, null, "technical");
        var spool = node.Services.GetRequiredService<MailSpool>();
        await using var client = await Dialogue.GreetedAsync(node.Port);

        // Every change fails until the faults are taken away: opening it again fails too.
        for (var i = 1; i < 2_000; i++)
        {
            disk.OrderFault(disk.Changes + i, CrashDisk.Fault.Error);
        }

        Assert.StartsWith("451", await SendAsync(client, "lost"), StringComparison.Ordinal);
        Assert.Contains("being opened again", spool.ClosedBecause, StringComparison.Ordinal);
        await client.SayAsync("MAIL FROM:<a@client.example>");
        await client.SayAsync("RCPT TO:<postmaster@one.example>");
        Assert.StartsWith("451 4.3.2", await client.SayAsync("DATA"), StringComparison.Ordinal);
        disk.ClearFaults();
        await node.SoonAsync(() => spool.ClosedBecause, static why => why is null);
        await client.SayAsync("RSET");
        Assert.StartsWith("250", await SendAsync(client, "found"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_delivered_while_the_disk_failed_is_written_down_later_and_not_delivered_again()
    {
        await using var customer = new CustomerServer();
        var disk = new CrashDisk();
        await using var node = await MailNode.StartAsync(
            options => options with { ReopenAfter = TimeSpan.FromMilliseconds(100), Delivery = Delivery_of_mail.Quick(options.Delivery) }, disk: disk.Boot());
        using var atDot = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var taken = customer.Receiver.Taken!;
        customer.Receiver.Taken = async message =>
        {
            await taken(message);
            atDot.Release();
            await goOn.WaitAsync(TestContext.Current.CancellationToken);
        };
        node.Sign("s_one", Tenant, "one.example", customer.Port);
        await using var client = await Dialogue.GreetedAsync(node.Port);
        Assert.StartsWith("250", await SendAsync(client, "one"), StringComparison.Ordinal);
        await atDot.WaitAsync(TestContext.Current.CancellationToken);

        // The next hop has it and is about to say so; the next thing to be written is that outcome.
        for (var i = 1; i <= 200; i++)
        {
            disk.OrderFault(disk.Changes + i, CrashDisk.Fault.Error);
        }

        goOn.Release(100);
        await node.SoonAsync(() => node.Services.GetRequiredService<MailSpool>().IsHealthy, static healthy => !healthy);
        disk.ClearFaults();
        await node.SoonAsync(() => node.Services.GetRequiredService<MailSpool>().Openings, static openings => openings == 2);
        await node.SoonAsync(() => node.Scheduler.Count, static count => count == 0);
        Assert.StartsWith("250", await SendAsync(client, "two"), StringComparison.Ordinal);
        await customer.GotAsync(2);
        await node.SoonAsync(() => node.Scheduler.Count, static count => count == 0);
        Assert.Equal(["one", "two"], customer.Texts.Select(SubjectOf));
        var states = await node.EventuallyAsync(
            static reader => reader.QueryAsync<string>("SELECT state FROM mail_message ORDER BY id"), static rows => rows.Count == 2 && rows.All(static state => state == "delivered"));
        Assert.Equal(2, states.Count);
    }

    [Fact]
    public async Task A_body_begun_before_is_not_taken_by_the_spool_opened_after()
    {
        var disk = new CrashDisk();
        await using var node = await MailNode.StartAsync(static options => options with { ReopenAfter = TimeSpan.FromMilliseconds(20) }, disk: disk.Boot());
        var spool = node.Services.GetRequiredService<MailSpool>();
        using var body = spool.BeginBody();
        body.GetSpan(1)[0] = (byte)'x';
        body.Advance(1);
        for (var i = 1; i <= 200; i++)
        {
            disk.OrderFault(disk.Changes + i, CrashDisk.Fault.Error);
        }

        using var other = spool.BeginBody();
        await Assert.ThrowsAnyAsync<IOException>(() => spool.AcceptAsync(SpoolId.New(TimeProvider.System), Facts(), new FactsWriter(), other).AsTask());
        disk.ClearFaults();
        await node.SoonAsync(() => spool.Openings, static openings => openings == 2);
        await Assert.ThrowsAsync<LogPoisonedException>(() => spool.AcceptAsync(SpoolId.New(TimeProvider.System), Facts(), new FactsWriter(), body).AsTask());
        Assert.True(spool.IsHealthy);
    }

    private static AcceptFacts Facts() => new()
    {
        AcceptedMicros = 1, Flags = MessageFlags.None, TenantPath = Tenant, Subscription = "s_one", ReversePath = "", Recipients = ["a@one.example"], SizeBytes = 1,
    };

    private static async Task<string> SendAsync(Dialogue client, string subject)
    {
        await client.SayAsync("MAIL FROM:<a@client.example>");
        await client.SayAsync("RCPT TO:<postmaster@one.example>");
        var go = await client.SayAsync("DATA");
        if (!go.StartsWith("354", StringComparison.Ordinal))
        {
            await client.SayAsync("RSET");
            return go;
        }

        return await client.SayAsync($"Subject: {subject}\r\n\r\nx\r\n.");
    }

    private static string SubjectOf(string text)
    {
        var start = text.IndexOf("Subject: ", StringComparison.Ordinal) + "Subject: ".Length;
        return text[start..text.IndexOf("\r\n", start, StringComparison.Ordinal)];
    }
}
