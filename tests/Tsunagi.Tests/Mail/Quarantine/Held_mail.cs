using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Secrets;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Spool;
using Tsunagi.Tests.Mail.Delivery;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Quarantine;

public sealed class Held_mail
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_to_be_held_leaves_the_spool_for_the_quarantine_and_is_not_delivered()
    {
        using var directory = new TemporaryDirectory();
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port, directory: directory.Path);
        var id = await HeldMail.PutAsync(node, HoldClass.Spam, "B@one.example", "c@one.example");
        var rows = await HeldMail.RowsAsync(node, id, 2);
        Assert.Equal(["b@one.example", "c@one.example"], rows.Select(static row => row.Recipient));
        Assert.All(rows, static row => Assert.Equal(
            ("held", "spam", "Prize Office <win@spam.example>", "You have won", "bounce@spam.example"), (row.State, row.Class, row.FromText, row.Subject, row.Sender)));
        Assert.InRange(rows[0].ExpiresAt - rows[0].HeldAt, (long)TimeSpan.FromDays(29.9).TotalMicroseconds, (long)TimeSpan.FromDays(30).TotalMicroseconds);
        await Delivery_of_mail.StateAsync(node, id, "quarantined");
        Assert.True(Tsunagi.Core.Logs.SpoolId.TryParse(id, out var spoolId));
        Assert.Null(node.Services.GetRequiredService<MailSpool>().FactsOf(spoolId));
        Assert.Empty(customer.Messages);
        var events = await node.Stores.Projections.ReadAsync(reader => reader.QueryAsync<string>("SELECT type || ' ' || data FROM event WHERE subject = @Id ORDER BY position", new { Id = id }), Cancel);
        Assert.Equal("mail.quarantine.held@1 {\"subscription\":\"s_one\",\"class\":\"spam\",\"recipients\":2}", events[1]);

        var file = Assert.Single(Directory.EnumerateFiles(Path.Combine(directory.Path, "quarantine", "t_one")));
        Assert.DoesNotContain("prize", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancel)), StringComparison.OrdinalIgnoreCase);
        using var body = await node.Services.GetRequiredService<HeldBodies>().OpenAsync(spoolId, HeldMail.Tenant, "spam", Cancel);
        var content = new byte[4096];
        var length = body.Read(content);
        Assert.Equal(HeldMail.Content, Encoding.UTF8.GetString(content.AsSpan(0, length)));
        Assert.Equal("X-Tsunagi-Verdict: quarantine\r\n", body.Facts.Added);
    }

    [Fact]
    public async Task A_released_copy_is_delivered_once_to_its_own_recipient_whoever_clicks_how_often()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var id = await HeldMail.PutAsync(node, HoldClass.Spam, "b@one.example", "c@one.example");
        var row = (await HeldMail.RowsAsync(node, id, 2))[0];
        var desk = HeldMail.Desk(node);

        // Two administrators, an operator and the recipient, each with a double click.
        HeldActor[] people = [HeldMail.Administrator, new(HeldMail.Who("u_other", HeldMail.Tenant), null), HeldMail.Operator, HeldMail.Recipient("b@one.example")];
        var answers = await Task.WhenAll(people.Concat(people).Select(who => desk.ReleaseAsync(who, row.Id, false, Cancel).AsTask()));
        Assert.All(answers, static answer => Assert.True(answer.Ok, answer.Refusal?.ToString()));
        var released = await HeldMail.StateAsync(node, row.Id, HeldState.Released);
        Assert.Single(answers.Select(static answer => answer.Value!.ReleaseId).Append(released.ReleaseId).Distinct());
        await customer.GotAsync(1);
        await Delivery_of_mail.StateAsync(node, released.ReleaseId, "delivered");
        Assert.True((await desk.ReleaseAsync(HeldMail.Administrator, row.Id, false, Cancel)).Ok);
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancel);

        var got = Assert.Single(customer.Messages);
        Assert.Equal(["b@one.example"], got.Recipients);
        Assert.Equal("bounce@spam.example", got.From);
        var text = customer.Texts[0];
        Assert.Equal($"X-Tsunagi-Verdict: quarantine\r\nX-Tsunagi-Quarantine: released; class=spam; id={row.Id}\r\n{HeldMail.Content}", text);
        var audit = await node.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM audit WHERE act = 'mail.quarantine.released' AND subject = @Id", new { row.Id }), Cancel);
        var events = await node.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM outbox WHERE event LIKE '%mail.quarantine.released@1%'"), Cancel);
        Assert.Equal((1, 1), (audit, events));
        var about = await node.Stores.Projections.ReadAsync(reader => reader.FirstOrDefaultAsync<string>("SELECT about_id FROM mail_message WHERE id = @Id", new { Id = released.ReleaseId }), Cancel);
        Assert.Equal(id, about);
        Assert.Equal(HeldState.Held, (await HeldMail.RowsAsync(node, id, 2))[1].State);
    }

    [Fact]
    public void A_message_that_was_metered_when_it_came_is_not_metered_when_it_is_released()
    {
        var facts = HeldMail.Facts(HoldClass.Spam, ["b@one.example"]);
        var writer = new FactsWriter();
        (facts with { Flags = MessageFlags.Released, Hold = HoldClass.None }).Write(writer);
        Assert.False(AcceptFacts.TryReadBilled(writer.Written.Span, out _));
        writer.Clear();
        facts.Write(writer);
        Assert.True(AcceptFacts.TryReadBilled(writer.Written.Span, out _));
    }

    [Theory]
    [InlineData("spam", "release", true, false)]
    [InlineData("spam", "request", false, true)]
    [InlineData("spam", "look", false, false)]
    [InlineData("attachment", "release", false, true)]
    [InlineData("policy", "release", false, true)]
    [InlineData("virus", "release", false, false)]
    [InlineData("virus", "request", false, false)]
    public void What_a_recipient_may_do_follows_from_class_and_contract(string heldClass, string recipients, bool release, bool request)
    {
        var settings = new QuarantineSettings { Recipients = Enum.Parse<RecipientActs>(recipients, ignoreCase: true) };
        Assert.Equal((release, request), (RecipientRights.MayRelease(settings, heldClass), RecipientRights.MayRequest(settings, heldClass)));
    }

    [Fact]
    public async Task A_request_is_asked_by_the_recipient_and_refused_or_approved_by_an_administrator()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var desk = HeldMail.Desk(node);
        var b = HeldMail.Recipient("b@one.example");
        var first = (await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HoldClass.Attachment, "b@one.example")))[0];
        var second = (await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HoldClass.Policy, "b@one.example")))[0];
        var virus = (await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HoldClass.Virus, "b@one.example")))[0];
        Assert.Equal("mail.quarantine.not-yours", (await desk.ReleaseAsync(b, first.Id, false, Cancel)).Refusal!.Code);
        Assert.Equal("mail.quarantine.not-yours", (await desk.ReleaseAsync(b, virus.Id, false, Cancel)).Refusal!.Code);
        Assert.Equal("mail.quarantine.no-request", (await desk.RequestAsync(b, virus.Id, Cancel)).Refusal!.Code);
        Assert.Equal("mail.quarantine.no-request", (await desk.RequestAsync(HeldMail.Administrator, first.Id, Cancel)).Refusal!.Code);
        Assert.Equal(RefusalKind.NotFound, (await desk.RequestAsync(HeldMail.Recipient("c@one.example"), first.Id, Cancel)).Refusal!.Kind);
        Assert.Equal(HeldState.Requested, (await desk.RequestAsync(b, first.Id, Cancel)).Value!.State);
        Assert.True((await desk.RequestAsync(b, first.Id, Cancel)).Ok);
        Assert.Equal(1, await node.Services.GetRequiredService<HeldBook>().RequestsAsync(HeldMail.Operator.Caller, Cancel));
        Assert.Equal("mail.quarantine.state", (await desk.RefuseAsync(HeldMail.Administrator, second.Id, "no", Cancel)).Refusal!.Code);
        var refused = (await desk.RefuseAsync(HeldMail.Administrator, first.Id, "not for work", Cancel)).Value!;
        Assert.Equal((HeldState.Refused, "not for work"), (refused.State, refused.Reason));
        Assert.Equal("mail.quarantine.state", (await desk.RequestAsync(b, first.Id, Cancel)).Refusal!.Code);

        Assert.True((await desk.RequestAsync(b, second.Id, Cancel)).Ok);
        Assert.True((await desk.ReleaseAsync(HeldMail.Administrator, second.Id, false, Cancel)).Ok);
        await HeldMail.StateAsync(node, second.Id, HeldState.Released);
        Assert.Single(await customer.GotAsync(1));
    }

    [Fact]
    public async Task A_deleted_copy_is_gone_for_its_recipient_and_the_file_goes_with_the_last_of_them()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await Delivery_of_mail.NodeAsync(9, directory: directory.Path);
        var desk = HeldMail.Desk(node);
        var retention = node.Services.GetRequiredService<HeldRetention>();
        var rows = await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HoldClass.Spam, "b@one.example", "c@one.example"), 2);
        string[] Files() => Directory.GetFiles(Path.Combine(directory.Path, "quarantine", "t_one"));
        Assert.True((await desk.DeleteAsync(HeldMail.Recipient("b@one.example"), rows[0].Id, Cancel)).Ok);
        Assert.True((await desk.DeleteAsync(HeldMail.Recipient("b@one.example"), rows[0].Id, Cancel)).Ok);
        Assert.Equal(RefusalKind.NotFound, (await desk.DeleteAsync(HeldMail.Recipient("b@one.example"), rows[1].Id, Cancel)).Refusal!.Kind);
        Assert.Equal(0, await retention.DeleteSpentAsync(Cancel));
        Assert.Single(Files());
        Assert.True((await desk.DeleteAsync(HeldMail.Administrator, rows[1].Id, Cancel)).Ok);
        Assert.Equal("mail.quarantine.state", (await desk.ReleaseAsync(HeldMail.Administrator, rows[1].Id, false, Cancel)).Refusal!.Code);
        await retention.DeleteSpentAsync(Cancel);
        await node.SoonAsync(() => Files().Length, static count => count == 0);
    }

    [Fact]
    public async Task A_legal_hold_keeps_a_copy_from_deletion_and_expiry_until_it_is_lifted()
    {
        await using var node = await Delivery_of_mail.NodeAsync(9);
        var desk = HeldMail.Desk(node);
        var retention = node.Services.GetRequiredService<HeldRetention>();
        var kept = (await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HoldClass.Spam, "b@one.example")))[0];
        var other = (await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HoldClass.Virus, "b@one.example")))[0];
        Assert.InRange(other.ExpiresAt - other.HeldAt, (long)TimeSpan.FromDays(13.9).TotalMicroseconds, (long)TimeSpan.FromDays(14).TotalMicroseconds);
        Assert.True((await desk.KeepAsync(HeldMail.Administrator, kept.Id, "case 12", Cancel)).Value!.IsKept);
        Assert.True((await desk.KeepAsync(HeldMail.Administrator, kept.Id, "again", Cancel)).Ok);
        Assert.Equal("mail.quarantine.legal-hold", (await desk.DeleteAsync(HeldMail.Administrator, kept.Id, Cancel)).Refusal!.Code);
        Assert.Equal(RefusalKind.NotFound, (await desk.KeepAsync(HeldMail.Recipient("b@one.example"), kept.Id, "mine", Cancel)).Refusal!.Kind);
        Assert.Equal(0, await retention.ExpireAsync(null, Cancel));

        // Their days go by.
        await node.Stores.Control.WriteAsync(static transaction => transaction.ExecuteAsync("UPDATE mail_held SET expires_at = 1"), Cancel);
        await retention.ExpireAsync(null, Cancel);
        Assert.Equal(HeldState.Expired, (await desk.FindAsync(HeldMail.Operator, other.Id, Cancel))!.State);
        Assert.Equal(HeldState.Held, (await desk.FindAsync(HeldMail.Operator, kept.Id, Cancel))!.State);
        Assert.False((await desk.LetGoAsync(HeldMail.Administrator, kept.Id, Cancel)).Value!.IsKept);
        await retention.ExpireAsync(null, Cancel);
        Assert.Equal(HeldState.Expired, (await desk.FindAsync(HeldMail.Operator, kept.Id, Cancel))!.State);
        Assert.Equal("mail.quarantine.ended", (await desk.KeepAsync(HeldMail.Administrator, kept.Id, "too late", Cancel)).Refusal!.Code);

        // Rows of what ended are kept for their own days, then they go with their words.
        Assert.Equal(0, await retention.ForgetAsync(Cancel));
        await node.Stores.Control.WriteAsync(static transaction => transaction.ExecuteAsync("UPDATE mail_held SET changed_at = 1"), Cancel);
        Assert.Equal(2, await retention.ForgetAsync(Cancel));
        Assert.Null(await desk.FindAsync(HeldMail.Operator, kept.Id, Cancel));
        Assert.Equal(0, await node.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_held_words WHERE mail_held_words MATCH '\"won\"'"), Cancel));
    }

    [Fact]
    public async Task What_was_erased_by_its_key_is_never_delivered_and_says_so()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var row = (await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HoldClass.Policy, "b@one.example")))[0];
        Assert.True(await node.Services.GetRequiredService<ISecretBox>().DestroyAsync(HeldMail.Tenant, HeldBodies.PurposeOf(HoldClass.Policy), Cancel));
        Assert.True((await HeldMail.Desk(node).ReleaseAsync(HeldMail.Administrator, row.Id, false, Cancel)).Ok);
        await HeldMail.StateAsync(node, row.Id, HeldState.Unreadable);
        var told = await node.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM outbox WHERE event LIKE '%mail.quarantine.unreadable@1%'"), Cancel);
        Assert.Equal(1, told);
        Assert.Empty(customer.Messages);
    }

    [Fact]
    public async Task Release_and_allow_puts_the_sender_on_the_recipients_list()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var row = (await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HoldClass.Spam, "b@one.example")))[0];
        Assert.True((await HeldMail.Desk(node).ReleaseAsync(HeldMail.Recipient("b@one.example"), row.Id, true, Cancel)).Ok);
        var senders = node.Services.GetRequiredService<SenderBook>();
        Assert.Equal(SenderRule.Allow, senders.Find(HeldMail.Tenant, "b@one.example", "win@spam.example"));
        Assert.Equal(SenderRule.None, senders.Find(HeldMail.Tenant, "c@one.example", "win@spam.example"));
        Assert.True((await HeldMail.Desk(node).BlockAsync(HeldMail.Recipient("b@one.example"), row.Id, SenderScope.Recipient, Cancel)).Ok);
        Assert.Equal(SenderRule.Block, senders.Find(HeldMail.Tenant, "b@one.example", "win@spam.example"));
        Assert.False((await HeldMail.Desk(node).BlockAsync(HeldMail.Recipient("b@one.example"), row.Id, SenderScope.Tenant, Cancel)).Ok);
    }

    [Fact]
    public async Task Held_mail_is_found_by_recipient_sender_subject_and_date_in_both_scripts()
    {
        await using var node = await Delivery_of_mail.NodeAsync(9);
        await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HeldMail.Facts(HoldClass.Spam, ["b@one.example"]), HeldMail.Content));
        var japanese = HeldMail.Facts(HoldClass.Spam, ["tanaka@one.example"], subject: "【重要】ご請求書のご確認をお願いします") with { ReversePath = "noreply@mail.shop.example" };
        await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, japanese, "Subject: x\r\n\r\nx\r\n"));
        var book = node.Services.GetRequiredService<HeldBook>();
        async Task<string> FindAsync(HeldFilter filter) => string.Join(' ', (await book.ListAsync(HeldMail.Administrator.Caller, filter, 10, Cancel)).Select(static row => row.Recipient.Split('@')[0]));
        var all = HeldFilter.Newest;
        Assert.Equal("tanaka b", await FindAsync(all));
        Assert.Equal("tanaka", await FindAsync(all with { Text = "請求書" }));
        Assert.Equal("tanaka", await FindAsync(all with { Text = "重要 確認" }));
        Assert.Equal("", await FindAsync(all with { Text = "重要 領収" }));
        Assert.Equal("b", await FindAsync(all with { Text = "WON prize" }));
        Assert.Equal("tanaka", await FindAsync(all with { Text = "shop.example" }));
        Assert.Equal("tanaka b", await FindAsync(all with { Text = "one.example" }));
        Assert.Equal("b", await FindAsync(all with { Recipient = "B@one.example" }));
        Assert.Equal("tanaka b", await FindAsync(all with { Recipient = "one.example" }));
        Assert.Equal("", await FindAsync(all with { Sender = "one.example" }));
        Assert.Equal("b", await FindAsync(all with { Sender = "win@spam.example" }));
        Assert.Equal("b", await FindAsync(all with { Sender = "bounce@spam.example", Subject = "you have" }));
        Assert.Equal("", await FindAsync(all with { Text = "!!!" }));
        Assert.Equal("", await FindAsync(all with { State = HeldState.Deleted, Text = "won" }));
        Assert.Equal("tanaka b", await FindAsync(all with { State = HeldState.Held }));
        Assert.Equal("", await FindAsync(all with { Class = "virus" }));
        Assert.Equal("", await FindAsync(all with { ToMicros = 1 }));
        Assert.Equal("", await FindAsync(all with { FromMicros = long.MaxValue / 2 }));
        Assert.Equal("b", await FindAsync(all with { Before = 2 }));
        Assert.Equal("", await FindAsync(all with { Text = "won\" OR \"tanaka" }));

        Assert.Empty(await book.ListAsync(HeldMail.Who("u_two", "t_root/t_two/"), all with { Text = "won" }, 10, Cancel));
    }
}
