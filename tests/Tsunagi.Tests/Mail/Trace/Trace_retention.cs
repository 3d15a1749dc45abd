using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail;
using Tsunagi.Mail.Trace;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Trace;

public sealed class Trace_retention
{
    [Fact]
    public async Task Finished_messages_past_their_days_go_with_all_their_rows_and_the_others_stay()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var node = await MailNode.StartAsync(static options => options with { Trace = new TraceOptions { KeepDays = 90, SweepTogether = 3 } });
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < 8; i++)
        {
            await AddAsync(node, now.AddDays(-91).AddSeconds(i), finished: true);
        }

        var young = await AddAsync(node, now.AddDays(-90).AddMinutes(5), finished: true);
        var waiting = await AddAsync(node, now.AddDays(-400), finished: false);
        Assert.Equal(8, await node.Services.GetRequiredService<TraceRetention>().SweepAsync(cancel));
        foreach (var (table, id) in new[] { ("mail_message", "id"), ("mail_recipient", "message_id"), ("mail_attempt", "message_id") })
        {
            var left = await node.Stores.Projections.ReadAsync(reader => reader.QueryAsync<string>($"SELECT {id} FROM {table} ORDER BY {id}"), cancel);
            Assert.Equal([waiting, young], left);
        }

        Assert.Equal(0, await node.Services.GetRequiredService<TraceRetention>().SweepAsync(cancel));
    }

    [Theory]
    [InlineData(35, true)]
    [InlineData(34, false)]
    [InlineData(3_650, true)]
    [InlineData(3_651, false)]
    public void Days_have_limits(int days, bool allowed)
    {
        var options = new TraceOptions { KeepDays = days };
        Assert.Equal(allowed, Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true));
    }

    [Fact]
    public async Task A_list_of_one_state_is_read_by_its_index()
    {
        await using var node = await MailNode.StartAsync();
        var plan = await node.Stores.Projections.ReadAsync(
            static reader => reader.QueryAsync<Step>("""
                EXPLAIN QUERY PLAN SELECT m.id FROM mail_message m WHERE (m.tenant_path >= 't_root/' AND m.tenant_path < 't_root0') AND m.id < '~'
                AND m.accepted_at >= 0 AND m.accepted_at < 9 AND m.state = 'deferred' AND ('' = '' OR m.subscription_id = '') ORDER BY m.id DESC LIMIT 50
                """),
            TestContext.Current.CancellationToken);
        Assert.Contains(plan, static step => step.Detail.Contains("mail_message_state", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, static step => step.Detail.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    private static async Task<string> AddAsync(MailNode node, DateTimeOffset accepted, bool finished)
    {
        var at = UnixMicros.From(accepted);
        var id = Id.Format("m", accepted.ToUnixTimeMilliseconds(), new byte[10]);
        await node.Stores.Projections.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO mail_message (id, tenant_path, subscription_id, accepted_at, state, sender, from_domain, message_id, subject, size, client_address,
                      helo, tls, flags, transaction_id, about_id, recipients, attempts, next_at, finished_at, last_reply)
                    VALUES (@Id, 't_root/t_one/', 's_one', @At, 'delivered', '', '', '', '', 10, '', '', '', 0, '', '', 1, 1, 0, @Finished, '')
                    """,
                    new { Id = id, At = at, Finished = finished ? at : 0 });
                await transaction.ExecuteAsync(
                    "INSERT INTO mail_recipient (message_id, position, tenant_path, recipient, state, reply, updated_at) VALUES (@Id, 0, 't_root/t_one/', 'b@one.example', 'delivered', '', 0)",
                    new { Id = id });
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO mail_attempt (message_id, attempt, tenant_path, started_at, ended_at, next_hop, address, tls, next_at, replies, report_id)
                    VALUES (@Id, 1, 't_root/t_one/', 0, 0, '', '', '', 0, '[]', '')
                    """,
                    new { Id = id });
                return true;
            },
            TestContext.Current.CancellationToken);
        return id;
    }

    private sealed record Step(long Id, long Parent, long Notused, string Detail);
}
