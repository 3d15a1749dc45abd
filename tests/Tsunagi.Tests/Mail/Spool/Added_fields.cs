using System.Buffers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Content;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Spool;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Spool;

public sealed class Added_fields
{
    private const string Tenant = "t_root/t_one/";
    private const string Added = "X-Tsunagi-Verdict: tag\r\n";

    [Theory]
    [InlineData(10)]
    [InlineData(300_000)]
    public async Task What_is_added_stands_before_the_stored_content_at_the_next_hop(int bodyBytes)
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync();
        node.Sign("s_1", Tenant, "one.example", customer.Port);
        var (_, stored) = await AcceptAsync(node, bodyBytes);
        var got = (await customer.GotAsync(1))[0];
        Assert.Equal(Added + stored, Encoding.ASCII.GetString(got.Content.Span));
    }

    [Fact]
    public async Task And_wherever_the_content_is_shown()
    {
        await using var node = await MailNode.StartAsync();
        node.Sign("s_1", Tenant, "one.example", 9, null, "technical");
        var (id, stored) = await AcceptAsync(node, 10);
        await node.EventuallyAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT id FROM mail_message WHERE id = @Id", new { Id = id.ToString() }), static found => found is not null);
        var owner = new Caller("u_owner", "owner@x.example", new TenantScope("t_one", Tenant), new HashSet<string> { "*" }, false, "en");
        var opened = await node.Services.GetRequiredService<ContentDesk>().ReadAsync(owner, id.ToString(), long.MaxValue, "shown", TestContext.Current.CancellationToken);
        Assert.Equal(Added + stored, Encoding.ASCII.GetString(opened.Value!.Bytes.Span));
    }

    [Fact]
    public void Content_is_the_same_however_it_is_read()
    {
        for (var piece = 1; piece < 12; piece++)
        {
            using var content = new MessageContent("0123456789"u8.ToArray());
            var into = new byte[piece];
            var text = new StringBuilder();
            while (content.Read(into) is > 0 and var count)
            {
                text.Append(Encoding.ASCII.GetString(into, 0, count));
            }

            Assert.Equal("0123456789", text.ToString());
        }
    }

    private static async Task<(SpoolId Id, string Stored)> AcceptAsync(MailNode node, int bodyBytes)
    {
        var spool = node.Services.GetRequiredService<MailSpool>();
        var stored = "Subject: s\r\n\r\n" + string.Concat(Enumerable.Repeat("12345678\r\n", bodyBytes / 10));
        using var body = spool.BeginBody();
        body.Write(Encoding.ASCII.GetBytes(stored));
        var id = SpoolId.New(TimeProvider.System);
        var facts = new AcceptFacts
        {
            AcceptedMicros = 1, Flags = MessageFlags.None, TenantPath = Tenant, Subscription = "s_1", ReversePath = "a@client.example",
            Recipients = ["b@one.example"], SizeBytes = Added.Length + stored.Length, Added = Added,
        };
        await spool.AcceptAsync(id, facts, new FactsWriter(), body);
        node.Scheduler.Enqueue(id, facts, Envelope.From(facts)!);
        return (id, stored);
    }
}
