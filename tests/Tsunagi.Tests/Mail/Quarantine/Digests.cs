using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Secrets;
using Tsunagi.Mail;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Quarantine.Digest;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Tests.Mail.Delivery;
using Tsunagi.Tests.Testing;
using Tsunagi.Ui.Format;

namespace Tsunagi.Tests.Mail.Quarantine;

public sealed class Digests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_recipient_with_new_held_mail_gets_one_list_a_day_with_a_link_to_the_own_mail()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer.Port);
        await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HoldClass.Spam, "b@one.example", "c@one.example"), 2);
        await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HeldMail.Facts(HoldClass.Virus, ["b@one.example"], subject: "請求書 http://evil.example/<script>alert(1)</script>"), HeldMail.Content));
        // The node's own run may have had its hour when nothing was held yet, or be at it now: then this one sends what it does not.
        using var run = ActivatorUtilities.CreateInstance<DigestRun>(node.Services);
        Assert.InRange(await run.SendDueAsync(Cancel), 0, 2);
        var got = await customer.GotAsync(2);
        Assert.Equal(["b@one.example", "c@one.example"], got.Select(static message => message.Recipients[0]).Order());
        var mine = got.Single(static message => message.Recipients[0] == "b@one.example");
        Assert.Equal("", mine.From);
        var header = MessageHeader.Read(mine.Content.Span);
        Assert.Equal("2 messages are held for you", header.Subject);
        Assert.True(header.IsAutoSubmitted);
        Assert.Equal("quarantine@gateway.test", header.From!.ToString());
        var text = MessageText.Read(mine.Content.Span).Text;
        Assert.Contains("You have won", text, StringComparison.Ordinal);
        Assert.Contains("請求書 http[:]//evil.example/<script>", text, StringComparison.Ordinal);
        Assert.Contains("Prize Office <win@spam.example>", text, StringComparison.Ordinal);
        var token = TokenIn(text);
        var visit = await node.Services.GetRequiredService<RecipientDoor>().EnterAsync(token, IPAddress.Loopback, false, Cancel);
        Assert.Equal((LinkState.Good, "b@one.example"), (visit.State, visit.Link!.Recipient));
        var all = Encoding.UTF8.GetString(mine.Content.Span);
        Assert.Contains("multipart/alternative", all, StringComparison.Ordinal);

        // Nothing new, nothing sent; and the same day twice is once.
        Assert.Equal(0, await run.SendDueAsync(Cancel));
        await node.Stores.Control.WriteAsync(static transaction => transaction.ExecuteAsync("DELETE FROM mail_digest"), Cancel);
        using var again = ActivatorUtilities.CreateInstance<DigestRun>(node.Services);
        Assert.Equal(0, await again.SendDueAsync(Cancel));
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel);
        Assert.Equal(2, customer.Messages.Count);
        var states = await node.EventuallyAsync(
            static reader => reader.QueryAsync<string>("SELECT state FROM mail_message WHERE sender = '' ORDER BY id"), static states => states.Count == 2 && states.All(static state => state == "delivered"));
        Assert.Equal(2, states.Count);
    }

    [Fact]
    public async Task A_list_waits_for_the_contracts_hour_and_may_be_switched_off()
    {
        await using var customer = new CustomerServer();
        await using var node = await NodeAsync(customer.Port, static settings => settings with { Digest = false });
        await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HoldClass.Spam, "b@one.example"));
        using var run = ActivatorUtilities.CreateInstance<DigestRun>(node.Services);
        Assert.Equal(0, await run.SendDueAsync(Cancel));
        var hour = TimeProvider.System.GetUtcNow().UtcDateTime.Hour;
        if (hour < 22)
        {
            node.Sign("s_one", HeldMail.Tenant, "one.example", customer.Port, settings => settings with { Quarantine = new QuarantineSettings { DigestHour = hour + 2 } });
            Assert.Equal(0, await run.SendDueAsync(Cancel));
        }

        Assert.Empty(customer.Messages);
    }

    [Fact]
    public void The_letter_is_well_formed_in_both_languages_and_shows_strangers_words_as_text()
    {
        var row = new HeldRow(
            7, "q_1", "m_1", HeldMail.Tenant, "s_one", "n", "spam", 0, "b@one.example", "x@y.example", "<img src=x onerror=alert(1)> <x@y.example>", "\"><a href=http://evil.example>click</a> www.evil.example", 1000,
            1_795_392_000_000_000, 1_797_984_000_000_000, "held", 0, "", "", "", 0, "", "");
        foreach (var language in new[] { "en", "ja" })
        {
            var letter = new DigestLetter("quarantine@gateway.test", "b@one.example", "m_x@gateway.test", language, Zone.Of("Asia/Tokyo"), 1_795_399_000_000_000, 1_797_000_000_000_000, [row], 3, "https://console.test/quarantine/t_one.abc");
            var html = letter.Html();
            Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<a href=http", html, StringComparison.Ordinal);
            Assert.DoesNotContain("//evil", html.Replace("[:]//evil", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.DoesNotContain("www.evil", html, StringComparison.Ordinal);
            Assert.Contains("href=\"https://console.test/quarantine/t_one.abc/q_1\"", html, StringComparison.Ordinal);
            Assert.Contains(language == "ja" ? "ほかに2通" : "2 more", letter.PlainText(), StringComparison.Ordinal);
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            letter.Write(output);
            var content = Encoding.ASCII.GetString(output.WrittenSpan);
            Assert.All(content.Split("\r\n"), static line => Assert.True(line.Length <= 998 && !line.Contains('\n') && !line.Contains('\r')));
            Assert.Equal(letter.PlainText().Replace("\r\n", "\n", StringComparison.Ordinal).Trim(), MessageText.Read(output.WrittenSpan).Text.Trim());
            Assert.Equal(letter.SubjectLine, MessageHeader.Read(output.WrittenSpan).Subject);
        }
    }

    [Fact]
    public async Task A_link_opens_one_recipients_mail_until_its_time_and_cannot_be_made_or_changed()
    {
        var time = new ManualTime();
        await using var node = await MailNode.StartAsync(time: time);
        var (links, door) = (node.Services.GetRequiredService<RecipientLinks>(), node.Services.GetRequiredService<RecipientDoor>());
        var token = await links.MakeAsync(HeldMail.Tenant, "s_one", "b@one.example", Cancel);
        Assert.Equal(LinkState.Good, (await links.ReadAsync(token, Cancel)).State);
        var random = new Random(3);
        for (var i = 0; i < 200; i++)
        {
            var at = random.Next(token.Length);
            var changed = token[..at] + (char)(token[at] == 'A' ? 'B' : 'A') + token[(at + 1)..];
            var (state, link) = await links.ReadAsync(changed, Cancel);

            // The last character of base64url may stand for bits that nobody reads.
            Assert.True(state == LinkState.Wrong || (link!.Recipient == "b@one.example" && at == token.Length - 1), changed);
        }

        foreach (var wrong in (string[])["", ".", "t_one.", "t_one.AAAA", token[..^4], token + "AAAA", "t_two" + token[token.IndexOf('.', StringComparison.Ordinal)..], new string('a', 2000), "t_one.é", "../../x"])
        {
            Assert.Equal(LinkState.Wrong, (await links.ReadAsync(wrong, Cancel)).State);
        }

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(LinkState.Wrong, (await door.EnterAsync("t_one.AAAA", IPAddress.Parse("192.0.2.9"), false, Cancel)).State);
        }

        Assert.Equal(LinkState.TooMany, (await door.EnterAsync(token, IPAddress.Parse("192.0.2.9"), false, Cancel)).State);
        Assert.Equal(LinkState.Good, (await door.EnterAsync(token, IPAddress.Parse("192.0.2.10"), false, Cancel)).State);
        for (var i = 0; i < 120; i++)
        {
            Assert.Equal(LinkState.Good, (await door.EnterAsync(token, IPAddress.Parse("192.0.2.10"), true, Cancel)).State);
        }

        Assert.Equal(LinkState.TooMany, (await door.EnterAsync(token, IPAddress.Parse("192.0.2.10"), true, Cancel)).State);
        Assert.Equal(LinkState.Good, (await door.EnterAsync(token, IPAddress.Parse("192.0.2.10"), false, Cancel)).State);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(LinkState.Good, (await door.EnterAsync(token, IPAddress.Parse("192.0.2.9"), true, Cancel)).State);
        await node.Services.GetRequiredService<ISecretBox>().DestroyAsync(HeldMail.Tenant, "mail.quarantine.link", Cancel);
        Assert.Equal(LinkState.Wrong, (await links.ReadAsync(token, Cancel)).State);
    }

    [Fact]
    public async Task An_old_link_says_that_it_is_old()
    {
        await using var node = await MailNode.StartAsync();
        var options = node.Services.GetRequiredService<MailOptions>();
        var yesterday = new ManualTime(TimeProvider.System.GetUtcNow() - options.Quarantine.LinkLife - TimeSpan.FromSeconds(1));
        var before = new RecipientLinks(node.Services.GetRequiredService<ISecretBox>(), node.Services.GetRequiredService<GatewayContracts>(), options, yesterday);
        var token = await before.MakeAsync(HeldMail.Tenant, "s_one", "b@one.example", Cancel);
        Assert.Equal(LinkState.Good, (await before.ReadAsync(token, Cancel)).State);
        Assert.Equal(LinkState.Expired, (await node.Services.GetRequiredService<RecipientLinks>().ReadAsync(token, Cancel)).State);
        Assert.Equal(LinkState.Expired, (await node.Services.GetRequiredService<RecipientDoor>().EnterAsync(token, IPAddress.Loopback, true, Cancel)).State);
    }

    private static async Task<MailNode> NodeAsync(int port, Func<QuarantineSettings, QuarantineSettings>? settings = null) => await Delivery_of_mail.NodeAsync(
        port, settings: given => given with { Quarantine = (settings ?? (static same => same))(new QuarantineSettings { DigestHour = 0 }) });

    internal static string TokenIn(string text)
    {
        var at = text.IndexOf("/quarantine/", StringComparison.Ordinal) + "/quarantine/".Length;
        return text[at..].Split('\n', ' ', '/')[0].Trim();
    }
}
