using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Meters;
using Tsunagi.Tests.Mail.Delivery;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Meters;

public sealed class Mail_meters
{
    [Fact]
    public async Task A_message_counts_once_however_many_recipients_and_restarts_it_has()
    {
        await using var customer = new CustomerServer();
        using var directory = new TemporaryDirectory();
        long bytes = 0;
        for (var start = 0; start < 3; start++)
        {
            await using var node = await Delivery_of_mail.NodeAsync(customer.Port, directory: directory.Path);
            var id = await Delivery_of_mail.SendAsync(node, ["b@one.example", "c@one.example"]);
            await Delivery_of_mail.StateAsync(node, id, "delivered");
            bytes += await node.EventuallyAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT size FROM mail_message WHERE id = @Id", new { Id = id }), static size => size > 0);
        }

        await using var last = await Delivery_of_mail.NodeAsync(customer.Port, directory: directory.Path);
        IReadOnlyList<Sum> sums = [];
        for (var attempt = 0; attempt < 100 && !(sums is [_, { Total: 3 }]); attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            sums = await last.Stores.Control.ReadAsync(
                static reader => reader.QueryAsync<Sum>("SELECT meter, sum(quantity) AS total, min(tenant_path) AS tenant_path FROM meter_delta GROUP BY meter ORDER BY meter"),
                TestContext.Current.CancellationToken);
        }

        Assert.Equal([new Sum("mail.bytes", bytes, "t_root/t_one/"), new Sum("mail.messages", 3, "t_root/t_one/")], sums);
        var derived = await last.Services.GetServices<IMeterSource>().Single(static source => source.Meters.Contains("mail.bytes"))
            .DeriveAsync(0, long.MaxValue, TestContext.Current.CancellationToken);
        Assert.Equal([new MeterTotal("s_one", "mail.messages", 3), new MeterTotal("s_one", "mail.bytes", bytes)], derived);
    }

    private sealed record Sum(string Meter, long Total, string TenantPath);
}
