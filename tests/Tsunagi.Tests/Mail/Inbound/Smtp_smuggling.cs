using System.Text;
using System.Text.Json;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Inbound;

/// <summary>Every published form of a false end of data, towards us and, where we relay the message, from us.</summary>
public sealed class Smtp_smuggling
{
    private const string Smuggled = "MAIL FROM:<evil@x.test.invalid>\r\nRCPT TO:<v@one.example>\r\nDATA\r\nevil\r\n.\r\n";

    [Fact]
    public async Task No_form_of_a_false_end_of_data_makes_a_second_message()
    {
        if (SharedFiles.Find("data/mail/smtp-smuggling/cases.json") is not { } file)
        {
            Assert.Skip("the published cases (data/mail/smtp-smuggling/cases.json) are not here");
            return;
        }

        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", "t_root/t_one/", "one.example", customer.Port);
        using var cases = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        var tried = 0;
        foreach (var item in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            var name = item.GetProperty("name").GetString()!;
            var before = customer.Messages.Count;
            await using var client = await Dialogue.GreetedAsync(node.Port);
            await client.BeginAsync("b@one.example");
            await client.SendAsync("Subject: " + name + "\r\n\r\nfirst line" + item.GetProperty("bytes").GetString() + Smuggled);
            var reply = await client.ReadAsync();
            Assert.True(reply.Length == 0 || reply[0] is '2' or '5', $"{name}: {reply}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            foreach (var message in customer.Messages.Skip(before))
            {
                Assert.DoesNotContain("evil@x", message.From, StringComparison.Ordinal);
                Assert.True(IsClean(message.Content.Span), $"{name}: relayed with a bare CR or LF");
            }

            Assert.True(customer.Messages.Count <= before + 1, $"{name}: a second message was relayed");
            tried++;
        }

        Assert.True(tried >= 12, $"only {tried} cases were found");
    }

    [Fact]
    public async Task A_line_of_a_single_dot_inside_a_message_reaches_the_next_hop_stuffed_and_whole()
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", "t_root/t_one/", "one.example", customer.Port);
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.BeginAsync("b@one.example");
        await client.SendAsync("Subject: dots\r\n\r\n..\r\n...\r\n..MAIL FROM:<evil@x>\r\n.\r\n");
        Assert.StartsWith("250", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n.\r\n..\r\n.MAIL FROM:<evil@x>\r\n", Encoding.ASCII.GetString((await customer.GotAsync(1))[0].Content.Span), StringComparison.Ordinal);
    }

    private static bool IsClean(ReadOnlySpan<byte> content)
    {
        for (var i = 0; i < content.Length; i++)
        {
            if ((content[i] == '\n' && (i == 0 || content[i - 1] != '\r')) || (content[i] == '\r' && (i + 1 == content.Length || content[i + 1] != '\n')))
            {
                return false;
            }
        }

        return true;
    }
}
