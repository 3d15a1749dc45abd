using System.Text;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Try;

namespace Tsunagi.Tests.Mail;

public sealed class Mail_path
{
    [Fact]
    public async Task A_message_goes_in_by_smtp_is_relayed_and_its_trace_is_in_the_store()
    {
        var cancel = TestContext.Current.CancellationToken;
        var got = new List<ReceivedMessage>();
        await using var receiver = new SmtpReceiver { Taken = message => { got.Add(message with { Content = message.Content.ToArray() }); return default; } };
        receiver.Start();
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", "t_root/t_one/", "one.example", receiver.Port);

        await using var sender = await SmtpSender.ConnectAsync("127.0.0.1", node.Port, "client.example", NextHopTls.Opportunistic, TimeProvider.System, cancel);
        var sent = await sender.SendAsync(
            "alice@client.example", ["bob@one.example"],
            Encoding.ASCII.GetBytes("From: Alice <alice@client.example>\r\nTo: bob@one.example\r\nSubject: Hello\r\nMessage-ID: <1@client.example>\r\n\r\nHi Bob\r\n.dot\r\n"));

        Assert.True(sent.IsAccepted, sent.Replies[0].ToString());
        var id = sent.Replies[0].Lines[0]["Accepted as ".Length..];
        var state = await node.EventuallyAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT state FROM mail_message WHERE id = @Id", new { Id = id }), static state => state == "delivered");

        var message = Assert.Single(got);
        Assert.Equal("alice@client.example", message.From);
        Assert.Equal(["bob@one.example"], message.Recipients);
        var text = Encoding.ASCII.GetString(message.Content.Span);
        Assert.StartsWith("Received: from client.example ([127.0.0.1]) by gateway.test with ESMTP\r\n id " + id + " for <bob@one.example>;\r\n ", text);
        Assert.EndsWith("\r\n\r\nHi Bob\r\n.dot\r\n", text);
        var row = await node.Stores.Projections.ReadAsync(
            reader => reader.FirstOrDefaultAsync<Row>(
                "SELECT m.tenant_path, m.sender, m.message_id, m.subject, r.recipient, a.next_hop, a.replies FROM mail_message m "
                + "JOIN mail_recipient r ON r.message_id = m.id JOIN mail_attempt a ON a.message_id = m.id WHERE m.id = @Id", new { Id = id }), cancel);
        Assert.NotNull(row);
        Assert.Equal(("t_root/t_one/", "alice@client.example", "1@client.example", "Hello", "bob@one.example"),
            (row.TenantPath, row.Sender, row.MessageId, row.Subject, row.Recipient));
        Assert.Contains("250 2.0.0", row.Replies, StringComparison.Ordinal);
        var events = await node.Stores.Projections.ReadAsync(
            reader => reader.QueryAsync<string>("SELECT type FROM event WHERE subject = @Id ORDER BY position", new { Id = id }), cancel);
        Assert.Equal(["mail.message.accepted@1", "mail.message.delivered@1"], events);
    }

    private sealed record Row(string TenantPath, string Sender, string MessageId, string Subject, string Recipient, string NextHop, string Replies);
}
