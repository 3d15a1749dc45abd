using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Trace;
using Tsunagi.Tests.Mail.Delivery;

namespace Tsunagi.Tests.Mail.Trace;

public sealed class Message_trace
{
    [Fact]
    public async Task A_message_is_found_by_recipient_sender_message_id_and_id_and_by_nobody_elses_tenant()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var id = await Delivery_of_mail.SendAsync(node, "Bob@one.example");
        await Delivery_of_mail.StateAsync(node, id, "delivered");
        var trace = node.Services.GetRequiredService<TraceStore>();
        var cancel = TestContext.Current.CancellationToken;
        foreach (var text in new[] { "bob@ONE.example", "alice@client.example", "1@client.example", "<1@client.example>", id })
        {
            var filter = MessageFilter.Newest with { Text = text };
            Assert.Equal(id, Assert.Single(await trace.ListAsync(Who("t_root/t_one/"), filter, 10, cancel)).Id);
            Assert.Single(await trace.ListAsync(Who("t_root/"), filter, 10, cancel));
            Assert.Empty(await trace.ListAsync(Who("t_root/t_two/"), filter, 10, cancel));
            Assert.Empty(await trace.ListAsync(Who("t_root/t_on/"), filter, 10, cancel));
        }

        Assert.Null(await trace.FindAsync(Who("t_root/t_two/"), id, cancel));
        Assert.NotNull(await trace.FindAsync(Who("t_root/t_one/"), id, cancel));
    }

    [Theory]
    [InlineData("mail.message.newest")]
    [InlineData("mail.message.of-state")]
    [InlineData("mail.message.named")]
    [InlineData("mail.message.by-id")]
    [InlineData("mail.message.recipients")]
    [InlineData("mail.message.attempts")]
    [InlineData("mail.message.states")]
    public async Task Each_query_hides_another_tenants_rows_by_its_filter_alone(string name)
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        customer.Receiver.Answer = static command => command.Verb == Tsunagi.Protocols.Mail.Smtp.SmtpVerb.Data
            ? new Tsunagi.Protocols.Mail.Smtp.SmtpReply(451, null, "later") : null;
        var id = await Delivery_of_mail.SendAsync(node, "b@one.example");
        await Delivery_of_mail.StateAsync(node, id, "deferred");
        var query = new[] { TraceStore.Newest, TraceStore.NewestOfState, TraceStore.Named, TraceStore.ById, TraceStore.RecipientsOf, TraceStore.AttemptsOf, TraceStore.StatesOf }.Single(q => q.Name == name);
        var parameters = new { Id = id, Limit = 10L, Text = id, Lower = id, Header = id, State = name == "mail.message.of-state" ? "deferred" : "", Subscription = "", From = 0L, To = long.MaxValue, Before = "~" };
        async Task<int> RowsAsync(string path) =>
            (await new TenantStore(node.Stores.Projections, new TenantScope("t", path)).QueryAsync<long>(query, parameters, TestContext.Current.CancellationToken)).Count;
        async Task<int> CountAsync(string path)
        {
            try
            {
                return await RowsAsync(path);
            }
            catch (Exception mapped) when (mapped is InvalidCastException or FormatException)
            {
                // The first column is text: there was a row.
                return 1;
            }
        }

        Assert.Equal(0, await CountAsync("t_root/t_two/"));
        Assert.True(await CountAsync("t_root/t_one/") > 0);
        TenantQuery.FilterOffFor = name;
        try
        {
            Assert.True(await CountAsync("t_root/t_two/") > 0, "the filter is not what hides the rows");
        }
        finally
        {
            TenantQuery.FilterOffFor = null;
        }
    }

    [Fact]
    public async Task The_subject_is_the_tenants_alone_and_a_look_from_above_is_written_down_for_it()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var id = await Delivery_of_mail.SendAsync(node, "b@one.example");
        await Delivery_of_mail.StateAsync(node, id, "delivered");
        var trace = node.Services.GetRequiredService<TraceStore>();
        var cancel = TestContext.Current.CancellationToken;
        Assert.Equal("Hello", (await trace.FindAsync(Who("t_root/t_one/"), id, cancel))!.Message.Subject);
        Assert.Equal("", (await trace.FindAsync(Who("t_root/"), id, cancel))!.Message.Subject);
        Assert.Equal("", Assert.Single(await trace.ListAsync(Who("t_root/"), MessageFilter.Newest, 10, cancel)).Subject);
        await trace.FindAsync(Who("t_root/"), id, cancel);
        var looks = await node.Stores.Control.ReadAsync(
            reader => reader.QueryAsync<string>("SELECT actor_name FROM audit WHERE act = 'mail.trace.looked' AND subject = @Id AND tenant_path = 't_root/t_one/'", new { Id = id }), cancel);
        Assert.Equal(["who@t_root/"], looks);
    }

    [Fact]
    public async Task The_trace_waits_for_a_store_that_is_away_while_mail_goes_on()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port, storeDeadline: TimeSpan.FromMilliseconds(500));
        string id;
        await using (await node.LockProjectionsAsync())
        {
            id = await Delivery_of_mail.SendAsync(node, "b@one.example");
            await customer.GotAsync(1);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Equal("delivered", await Delivery_of_mail.StateAsync(node, id, "delivered"));
        Assert.Equal(2, await node.EventuallyAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM event"), static count => count == 2));
    }

    private static Caller Who(string path) => new("u_1", "who@" + path, new TenantScope(path.TrimEnd('/').Split('/')[^1], path), new HashSet<string> { "*" }, path == "t_root/", "en");
}
