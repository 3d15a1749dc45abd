using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail;
using Tsunagi.Mail.Content;
using Tsunagi.Mail.Trace;
using Tsunagi.Tests.Mail.Delivery;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Content;

public sealed class Opened_content
{
    private const string Tenant = "t_root/t_one/";
    private static readonly Caller Owner = Who("u_owner", Tenant);
    private static readonly Caller Operator = Who("u_operator", "t_root/");

    [Fact]
    public async Task The_tenant_opens_its_own_message_and_the_look_is_noted()
    {
        await using var node = await NodeAsync();
        var (desk, id) = await HeldAsync(node);
        var opened = await desk.ReadAsync(Owner, id, long.MaxValue, "shown", Cancel);
        Assert.True(opened.Ok);
        var view = ContentView.Of(opened.Value);
        Assert.Equal("the body", view.Text);
        Assert.Contains(view.Fields, static field => field is { Name: "Subject", Value: "Hello" });
        Assert.Null(view.OpenUntil);
        Assert.Equal(["mail.content.shown: opened by the tenant itself"], await LooksAsync(node, id));
    }

    [Fact]
    public async Task An_operator_needs_a_reason_which_opens_one_message_to_one_person_for_a_time_and_is_told_to_the_tenant()
    {
        var time = new ManualTime();
        await using var node = await NodeAsync(time);
        var (desk, id) = await HeldAsync(node);
        Assert.Equal(RefusalKind.Forbidden, (await desk.ReadAsync(Operator, id, 10, "shown", Cancel)).Refusal!.Kind);
        Assert.Equal(ContentAccess.NeedsReason, await desk.AccessAsync(Operator, await RowAsync(node, id), Cancel));
        var grant = await desk.OpenAsync(Operator, id, "ticket 4711", Cancel);
        Assert.True(grant.Ok);
        Assert.True((await desk.ReadAsync(Operator, id, long.MaxValue, "downloaded", Cancel)).Ok);
        Assert.Equal(ContentAccess.Open, await desk.AccessAsync(Operator, await RowAsync(node, id), Cancel));
        Assert.Equal(RefusalKind.Forbidden, (await desk.ReadAsync(Who("u_other", "t_root/"), id, 10, "shown", Cancel)).Refusal!.Kind);
        Assert.Equal(["mail.content.opened: ticket 4711", "mail.content.downloaded: ticket 4711"], await LooksAsync(node, id));
        var told = await node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT event FROM outbox WHERE event LIKE '%mail.content.opened%'"), Cancel);
        Assert.Contains(Tenant, Assert.Single(told), StringComparison.Ordinal);

        time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(RefusalKind.Forbidden, (await desk.ReadAsync(Operator, id, 10, "shown", Cancel)).Refusal!.Kind);
    }

    [Fact]
    public async Task Another_tenant_and_one_without_the_permission_see_nothing()
    {
        await using var node = await NodeAsync();
        var (desk, id) = await HeldAsync(node);
        foreach (var stranger in new[] { Who("u_two", "t_root/t_two/"), Who("u_on", "t_root/t_on/") })
        {
            Assert.Equal(RefusalKind.NotFound, (await desk.ReadAsync(stranger, id, 10, "shown", Cancel)).Refusal!.Kind);
            Assert.Equal(RefusalKind.NotFound, (await desk.OpenAsync(stranger, id, "curious", Cancel)).Refusal!.Kind);
        }

        Assert.Equal(ContentAccess.NotPermitted, await desk.AccessAsync(Owner with { Permissions = new HashSet<string> { MailPermissions.TraceRead } }, await RowAsync(node, id), Cancel));
        Assert.Empty(await LooksAsync(node, id));
    }

    [Fact]
    public async Task What_was_delivered_is_no_longer_here()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var id = await Delivery_of_mail.SendAsync(node, "b@one.example");
        await Delivery_of_mail.StateAsync(node, id, "delivered");
        var desk = node.Services.GetRequiredService<ContentDesk>();
        Assert.Equal("mail.content.gone", (await desk.ReadAsync(Owner, id, 10, "shown", Cancel)).Refusal!.Code);
        Assert.Equal(ContentAccess.Gone, await desk.AccessAsync(Owner, await RowAsync(node, id), Cancel));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<MailNode> NodeAsync(TimeProvider? time = null)
    {
        var node = await MailNode.StartAsync(time: time);
        node.Sign("s_one", Tenant, "one.example", 9, null, "technical");
        return node;
    }

    private static async Task<(ContentDesk Desk, string Id)> HeldAsync(MailNode node)
    {
        var id = await Delivery_of_mail.SendAsync(node, "postmaster@one.example");
        await RowAsync(node, id);
        return (node.Services.GetRequiredService<ContentDesk>(), id);
    }

    private static async Task<MessageRow> RowAsync(MailNode node, string id)
    {
        for (var attempt = 0; ; attempt++)
        {
            if ((await node.Services.GetRequiredService<TraceStore>().ListAsync(Owner, MessageFilter.Newest with { Text = id }, 1, Cancel)) is [var row])
            {
                return row;
            }

            (node.Services.GetRequiredService<TimeProvider>() as ManualTime)?.Advance(TimeSpan.FromMilliseconds(50));
            Assert.True(attempt < 3_000, "the message is not in the trace after a minute");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    private static async Task<IReadOnlyList<string>> LooksAsync(MailNode node, string id)
    {
        var entries = await node.Services.GetRequiredService<AuditTrail>().ListAsync(Owner, new AuditFilter { Subject = id }, long.MaxValue, 10, Cancel);
        return [.. entries.Reverse().Select(static entry => $"{entry.Act}: {entry.Reason}")];
    }

    private static Caller Who(string id, string path) =>
        new(id, id + "@x.example", new TenantScope(path.TrimEnd('/').Split('/')[^1], path), new HashSet<string> { "*" }, path == "t_root/", "en");
}
