using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Spool;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Mail.Spool;

public sealed class Full_disk
{
    [Fact]
    public async Task A_full_disk_asks_the_client_to_come_again_and_loses_nothing_it_took()
    {
        await using var customer = new CustomerServer();
        var disk = new CrashDisk();
        await using var node = await MailNode.StartAsync(
            static options => options with { Spool = options.Spool with { InlineBodyBytes = 1_024, CarriedBodyBytes = 1_024 } }, disk: disk.Boot());
        node.Sign("s_one", "t_root/t_one/", "one.example", customer.Port, null, "non-payment");
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.BeginAsync("b@one.example");
        Assert.StartsWith("250 2.0.0", await client.SayAsync("Subject: before\r\n\r\nx\r\n."), StringComparison.Ordinal);
        disk.CapacityBytes = 0;
        await client.BeginAsync("b@one.example");
        var big = string.Concat(Enumerable.Repeat(new string('y', 70) + "\r\n", 400));
        Assert.StartsWith("452 4.3.1", await client.SayAsync("Subject: full\r\n\r\n" + big + "."), StringComparison.Ordinal);
        disk.CapacityBytes = long.MaxValue / 2;
        await client.BeginAsync("b@one.example");
        Assert.StartsWith("250 2.0.0", await client.SayAsync("Subject: after\r\n\r\n" + big + "."), StringComparison.Ordinal);
        Assert.True(node.Services.GetRequiredService<MailSpool>().IsHealthy);
        node.Sign("s_one", "t_root/t_one/", "one.example", customer.Port);
        var texts = (await customer.GotAsync(2)).Select(static message => System.Text.Encoding.ASCII.GetString(message.Content.Span)).ToList();
        Assert.Contains(texts, static text => text.Contains("Subject: before", StringComparison.Ordinal));
        Assert.Contains(texts, static text => text.Contains("Subject: after", StringComparison.Ordinal));
    }
}
