using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Nodes;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Mail.Spool;

/// <summary>What a load balancer is told is what a client would hear.</summary>
public sealed class Spool_readiness
{
    [Fact]
    public async Task Spool_that_holds_as_many_as_it_may_is_paused_and_one_less_is_not()
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync(static options => options with { Spool = options.Spool with { MaxItems = 2 } });
        node.Sign("s_one", "t_root/t_one/", "one.example", customer.Port, null, "non-payment");
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.BeginAsync("b@one.example");
        Assert.StartsWith("250 2.0.0", await client.SayAsync("Subject: one\r\n\r\nx\r\n."), StringComparison.Ordinal);
        Assert.Null(Reason(node));
        await client.BeginAsync("b@one.example");
        Assert.StartsWith("250 2.0.0", await client.SayAsync("Subject: two\r\n\r\nx\r\n."), StringComparison.Ordinal);
        Assert.Equal("mail.spool.paused", Reason(node)?.Code);
        Assert.Contains("as many items as it may", Reason(node)!.Detail, StringComparison.Ordinal);
        node.Sign("s_one", "t_root/t_one/", "one.example", customer.Port);
        await customer.GotAsync(2);
        await Eventually.HoldsAsync(() => Reason(node) is null);
    }

    [Fact]
    public async Task Spool_whose_disk_failed_is_closed()
    {
        await using var customer = new CustomerServer();
        var disk = new CrashDisk();
        await using var node = await MailNode.StartAsync(disk: disk.Boot());
        node.Sign("s_one", "t_root/t_one/", "one.example", customer.Port, null, "non-payment");
        Assert.Null(Reason(node));
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.BeginAsync("b@one.example");
        for (var change = 1; change <= 20; change++)
        {
            disk.OrderFault(disk.Changes + change, CrashDisk.Fault.Error);
        }

        Assert.StartsWith("451", await client.SayAsync("Subject: one\r\n\r\nx\r\n."), StringComparison.Ordinal);
        Assert.Equal("mail.spool.closed", Reason(node)?.Code);
    }

    private static NotReady? Reason(MailNode node) => Assert.Single(node.Services.GetServices<IReadiness>()).WhyNotReady;
}
