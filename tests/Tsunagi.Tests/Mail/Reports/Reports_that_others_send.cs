using Tsunagi.Mail;
using Tsunagi.Mail.Conformance;
using Tsunagi.Mail.Reports;
using Tsunagi.Tests.Protocols.Mail.Feedback;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Reports;

/// <summary>Reports by mail and by upload: taken in once, for the tenant of the domain alone, and never thrown away.</summary>
public sealed class Reports_that_others_send
{
    private static long Yesterday => TimeProvider.System.GetUtcNow().AddDays(-1).ToUnixTimeSeconds();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task By_mail_are_delivered_to_the_intake_and_shown_to_the_owner_of_the_domain_alone()
    {
        await using var node = await ReportNode.StartAsync();
        var xml = FeedbackSample.Aggregate("one.example", records: FeedbackSample.Record("192.0.2.1", "3", "pass", "fail", "one.example") + FeedbackSample.Record("198.51.100.7", "2", "fail", "fail", "mail.one.example"), begin: Yesterday);
        var fate = await node.BringAsync(FeedbackSample.Mail("application/gzip", "r.xml.gz", FeedbackSample.Gzip(FeedbackSample.Utf8(xml))));
        Assert.Equal(("delivered", "250 2.0.0 Taken in: 1 reports stored, 0 known already, 0 refused"), (fate.State, fate.Reply));
        Assert.Equal(0, node.Node.Scheduler.Count);

        var row = Assert.Single(await node.ListAsync(ReportNode.One));
        Assert.Equal(("dmarc", "one.example", "receiver.example", "read", 5L, 3L, 2L, fate.Id), (row.Kind, row.Domain, row.Organization, row.State, row.Messages, row.Passed, row.Records, row.MessageId));
        Assert.Empty(await node.ListAsync(ReportNode.Two));
        Assert.Null(await node.Book.DashboardAsync(ReportNode.Who(ReportNode.Two), "one.example", 0, 0, Cancel));

        var report = (await node.Book.DashboardAsync(ReportNode.Who(ReportNode.One), "one.example", 0, 0, Cancel))!;
        Assert.Equal([("192.0.2.1", 3L, 3L), ("198.51.100.7", 2L, 0L)], report.Sources.Select(static source => (source.Source, source.Messages, source.Passed)));
        Assert.Equal((3L, 2L, 0L), (report.Days[0].Passed, report.Days[0].Failed, report.Days[0].Stopped));
    }

    [Fact]
    public async Task That_come_again_are_stored_once_whatever_they_come_in()
    {
        await using var node = await ReportNode.StartAsync();
        var xml = FeedbackSample.Utf8(FeedbackSample.Aggregate("one.example", begin: Yesterday));
        await node.BringAsync(FeedbackSample.Mail("application/gzip", "r.xml.gz", FeedbackSample.Gzip(xml)));
        var again = await node.BringAsync(FeedbackSample.Mail("application/zip", "r.zip", FeedbackSample.Zip(("r.xml", xml))));
        Assert.Equal("250 2.0.0 Taken in: 0 reports stored, 1 known already, 0 refused", again.Reply);
        var brought = await node.Desk.UploadAsync(ReportNode.Who(ReportNode.One), "r.xml", xml, Cancel);
        Assert.Equal(ReportOutcome.Already, Assert.Single(brought.Value!).State);
        Assert.Equal((1L, 1L), (await node.CountAsync("SELECT count(*) FROM mail_report"), await node.CountAsync("SELECT count(*) FROM mail_report_record")));
    }

    [Fact]
    public async Task With_the_id_of_another_are_refused_and_told()
    {
        await using var node = await ReportNode.StartAsync();
        await node.Desk.UploadAsync(ReportNode.Who(ReportNode.One), "", FeedbackSample.Utf8(FeedbackSample.Aggregate("one.example", begin: Yesterday)), Cancel);
        var other = FeedbackSample.Utf8(FeedbackSample.Aggregate("one.example", records: FeedbackSample.Record(count: "99", from: "one.example"), begin: Yesterday));
        Assert.Contains("1 refused", (await node.BringAsync(FeedbackSample.Mail("text/xml", "r.xml", other))).Reply, StringComparison.Ordinal);
        Assert.Equal(3, (await node.ListAsync(ReportNode.One)).Single().Messages);
        Assert.Contains("same id", (await node.ListAsync("t_root/")).Single(static row => row.State == ReportRow.Refused).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cut_off_by_a_crash_are_completed_when_they_come_again()
    {
        await using var node = await ReportNode.StartAsync();
        var xml = FeedbackSample.Utf8(FeedbackSample.Aggregate("one.example", records: string.Concat(Enumerable.Range(1, 900).Select(static i => FeedbackSample.Record($"192.0.{i / 250}.{i % 250}", "1", from: "one.example"))), begin: Yesterday));
        await node.Desk.UploadAsync(ReportNode.Who(ReportNode.One), "", xml, Cancel);

        // As a crash after the first of three transactions leaves it.
        await node.Node.Stores.Control.WriteAsync(
            async transaction => await transaction.ExecuteAsync("DELETE FROM mail_report_record WHERE position >= 400") + await transaction.ExecuteAsync("UPDATE mail_report SET state = 'loading'"), Cancel);
        Assert.Contains("1 reports stored", (await node.BringAsync(FeedbackSample.Mail("application/gzip", "r.xml.gz", FeedbackSample.Gzip(xml)))).Reply, StringComparison.Ordinal);
        Assert.Equal(900, await node.CountAsync("SELECT count(*) FROM mail_report_record"));
        Assert.Equal(900, await node.CountAsync("SELECT CAST(sum(messages) AS bigint) FROM mail_report_record"));
        Assert.Equal("read", (await node.ListAsync(ReportNode.One)).Single().State);
    }

    [Fact]
    public async Task About_a_domain_of_nobody_are_delivered_all_the_same_and_shown_to_the_provider_alone()
    {
        await using var node = await ReportNode.StartAsync();
        var fate = await node.BringAsync(FeedbackSample.Mail("text/xml", "r.xml", FeedbackSample.Utf8(FeedbackSample.Aggregate("stranger.example", begin: Yesterday))));
        Assert.Equal("delivered", fate.State);
        var row = Assert.Single(await node.ListAsync("t_root/"));
        Assert.Equal(("refused", "stranger.example", "r.xml: stranger.example is no proved domain"), (row.State, row.Domain, row.Why));
        Assert.Empty(await node.ListAsync(ReportNode.One));
        Assert.Equal(1, await node.CountAsync("SELECT count(*) FROM outbox WHERE event LIKE '%mail.report.refused%'"));
    }

    [Theory]
    [InlineData("not a report", "r.xml.gz: it is neither XML nor JSON")]
    [InlineData("<!DOCTYPE x [<!ENTITY a 'b'>]><feedback/>", "r.xml.gz: it is no XML that can be read")]
    public async Task That_cannot_be_read_are_delivered_all_the_same_and_told_with_the_reason(string file, string why)
    {
        await using var node = await ReportNode.StartAsync();
        var fate = await node.BringAsync(FeedbackSample.Mail("application/gzip", "r.xml.gz", FeedbackSample.Utf8(file)));
        Assert.Equal("delivered", fate.State);
        Assert.StartsWith(why, Assert.Single(await node.ListAsync("t_root/")).Why, StringComparison.Ordinal);
        Assert.Equal(1, await node.CountAsync("SELECT count(*) FROM outbox WHERE event LIKE '%mail.report.unreadable%'"));
        Assert.Equal("delivered", (await node.BringAsync(ReportNode.Utf8("From: a@b.example\r\nSubject: hello\r\n\r\nhello\r\n"))).State);
        Assert.Contains(await node.ListAsync("t_root/"), static row => row.Why == "no report stands in the message");
    }

    [Fact]
    public async Task Go_to_who_proved_the_nearest_domain_and_leave_out_names_beyond_it()
    {
        await using var node = await ReportNode.StartAsync();
        await node.BringAsync(FeedbackSample.Mail("text/xml", "r.xml", FeedbackSample.Utf8(FeedbackSample.Aggregate("deep.sub.one.example", begin: Yesterday))));
        Assert.Equal("deep.sub.one.example", Assert.Single(await node.ListAsync(ReportNode.Two)).Domain);
        Assert.Empty(await node.ListAsync(ReportNode.One));
        var mixed = FeedbackSample.Aggregate("one.example", records: FeedbackSample.Record(from: "two.example") + FeedbackSample.Record(from: "notone.example") + FeedbackSample.Record(from: "a.one.example"), begin: Yesterday);
        await node.BringAsync(FeedbackSample.Mail("text/xml", "r.xml", FeedbackSample.Utf8(mixed)));
        var row = Assert.Single(await node.ListAsync(ReportNode.One));
        Assert.Equal((1L, 2L), (row.Records, row.LeftOut));
    }

    [Fact]
    public async Task Can_be_brought_only_by_who_has_the_domain()
    {
        await using var node = await ReportNode.StartAsync();
        var xml = FeedbackSample.Utf8(FeedbackSample.Aggregate("one.example", begin: Yesterday));
        var other = await node.Desk.UploadAsync(ReportNode.Who(ReportNode.Two), "r.xml", xml, Cancel);
        var nobody = await node.Desk.UploadAsync(ReportNode.Who(ReportNode.Two), "r.xml", FeedbackSample.Utf8(FeedbackSample.Aggregate("nobody.example")), Cancel);

        // Whether somebody else has it is not said.
        Assert.Equal(nobody.Refusal!.Message.Replace("nobody", "one", StringComparison.Ordinal), other.Refusal!.Message);
        Assert.Equal(Tsunagi.Core.Outcomes.RefusalKind.NotFound, other.Refusal.Kind);
        Assert.Equal(0, await node.CountAsync("SELECT count(*) FROM mail_report"));
        Assert.True((await node.Desk.UploadAsync(ReportNode.Who(ReportNode.One), "r.xml", xml, Cancel)).Ok);
        var unreadable = await node.Desk.UploadAsync(ReportNode.Who(ReportNode.One), "r.bin", new byte[] { 1, 2, 3 }, Cancel);
        Assert.Contains("neither XML nor JSON", unreadable.Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_shown_with_what_dmarc_says_of_their_author_and_with_the_names_of_sources()
    {
        var dns = ZoneFile.Read("""
            zonedata:
              receiver.example:
                - TXT: v=spf1 ip4:127.0.0.1 -all
              _dmarc.receiver.example:
                - TXT: v=DMARC1; p=reject
              1.2.0.192.in-addr.arpa:
                - PTR: out1.mailer.co.jp
              out1.mailer.co.jp:
                - A: 192.0.2.1
              2.2.0.192.in-addr.arpa:
                - PTR: liar.mailer.co.jp
            """);
        await using var node = await ReportNode.StartAsync(dns: dns);
        var xml = FeedbackSample.Utf8(FeedbackSample.Aggregate("one.example", records: FeedbackSample.Record("192.0.2.1", "3", from: "one.example") + FeedbackSample.Record("192.0.2.2", "2", "fail", "fail", "one.example"), begin: Yesterday));
        await node.BringAsync(FeedbackSample.Mail("text/xml", "r.xml", xml));
        await node.BringAsync(FeedbackSample.Mail("text/xml", "r.xml", FeedbackSample.Utf8(FeedbackSample.Aggregate("one.example", "forged", begin: Yesterday)), from: "dmarc@bank.example"), "x@receiver.example");
        Assert.Equal([("bank.example", "none"), ("receiver.example", "pass")], (await node.ListAsync(ReportNode.One)).Select(static row => (row.Author, row.AuthorResult)).Order());
        var report = (await node.Book.DashboardAsync(ReportNode.Who(ReportNode.One), "one.example", 0, 0, Cancel))!;
        Assert.Equal([("mailer.co.jp", 6L), ("192.0.2.2", 2L)], report.Sources.Select(static source => (source.Source, source.Messages)));

        // The forged one is shown, and no advice rests on it.
        Assert.Equal((3L, 3L), (report.Known.Messages, report.Known.Passed));
        Assert.Equal((8L, 5L), (report.Days.Sum(static day => day.Passed + day.Failed), report.Days.Sum(static day => day.Trusted)));
    }

    [Fact]
    public async Task Of_tls_are_taken_in_for_each_domain_they_are_about()
    {
        await using var node = await ReportNode.StartAsync();
        var day = TimeProvider.System.GetUtcNow().AddDays(-1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var json = FeedbackSample.Tls("one.example", day: day).Replace("\"policies\":[", "\"policies\":[{\"policy\":{\"policy-type\":\"no-policy-found\",\"policy-domain\":\"two.example\"},\"summary\":{\"total-successful-session-count\":7,\"total-failure-session-count\":5}},", StringComparison.Ordinal);
        var fate = await node.BringAsync(FeedbackSample.Mail("application/tlsrpt+gzip", "r.json.gz", FeedbackSample.Gzip(FeedbackSample.Utf8(json))));
        Assert.Contains("2 reports stored", fate.Reply, StringComparison.Ordinal);
        var one = (await node.Book.DashboardAsync(ReportNode.Who(ReportNode.One), "one.example", 0, 0, Cancel))!;
        Assert.Equal(
            [("", "", 5326L), ("mx2.mail.one.example", "starttls-not-supported", 200L), ("mx1.mail.one.example", "certificate-expired", 100L), ("mx-backup.mail.one.example", "validation-failure", 3L)],
            one.Tls.Select(static result => (result.Mx, result.Result, result.Sessions)));
        Assert.Equal((5326L, 303L), (one.TlsDays[0].Passed, one.TlsDays[0].Failed));
        var two = (await node.Book.DashboardAsync(ReportNode.Who(ReportNode.Two), "two.example", 0, 0, Cancel))!;
        Assert.Equal([("", 7L), (ReportRecords.Untold, 5L)], two.Tls.Select(static result => (result.Result, result.Sessions)));
        Assert.Equal([new ReportedDomain("two.example", 0, 0, 0, 12, 7)], await node.Book.DomainsAsync(ReportNode.Who(ReportNode.Two), 0, Cancel));
    }

    [Fact]
    public async Task Larger_than_allowed_are_refused_at_the_door()
    {
        await using var node = await ReportNode.StartAsync(static options => options with { MaxMessageBytes = 64 * 1024 });
        await using var dialogue = await Dialogue.GreetedAsync(node.Node.Port);
        await dialogue.SayAsync("EHLO x.example");
        await dialogue.SayAsync("MAIL FROM:<a@b.example> SIZE=65537");
        Assert.StartsWith("552", await dialogue.SayAsync($"RCPT TO:<{ReportNode.Address}>"), StringComparison.Ordinal);
        await dialogue.SayAsync("RSET");
        await dialogue.SayAsync("MAIL FROM:<a@b.example> SIZE=65536");
        Assert.StartsWith("250", await dialogue.SayAsync("RCPT TO:<Reports@Provider.TEST>"), StringComparison.Ordinal);
        Assert.StartsWith("550", await dialogue.SayAsync("RCPT TO:<other@provider.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Go_when_their_days_are_over()
    {
        await using var node = await ReportNode.StartAsync();
        await node.Desk.UploadAsync(ReportNode.Who(ReportNode.One), "", FeedbackSample.Utf8(FeedbackSample.Aggregate("one.example", records: string.Concat(Enumerable.Range(1, 1_200).Select(static i => FeedbackSample.Record($"192.0.{i / 250}.{i % 250}", "1", from: "one.example"))), begin: Yesterday)), Cancel);
        await node.Desk.UploadAsync(ReportNode.Who(ReportNode.One), "", FeedbackSample.Utf8(FeedbackSample.Tls("one.example")), Cancel);
        await node.Desk.TakeAsync(new([], [new("x", "why")]), new ReportOrigin("mail", "m_x", "", "none"), "t_root/", Cancel);

        // A clock of its own: a node's timers would tick through all those days.
        var time = new ManualTime(TimeProvider.System.GetUtcNow());
        using var retention = new ReportRetention(
            node.Node.Stores, new MailOptions { Reports = new ReportOptions { KeepDays = 60, KeepRefusedDays = 10 } }, time, Microsoft.Extensions.Logging.Abstractions.NullLogger<ReportRetention>.Instance);
        Assert.Equal(0, await SweepAsync(retention, time));
        time.Advance(TimeSpan.FromDays(11));
        Assert.Equal(1, await SweepAsync(retention, time));
        Assert.Equal(2, await node.CountAsync("SELECT count(*) FROM mail_report"));
        time.Advance(TimeSpan.FromDays(50));
        Assert.Equal(2, await SweepAsync(retention, time));
        Assert.Equal(0, await node.CountAsync("SELECT (SELECT count(*) FROM mail_report) + (SELECT count(*) FROM mail_report_record) + (SELECT count(*) FROM mail_report_tls)"));
    }

    // The breaths between its transactions pass by themselves.
    private static async Task<int> SweepAsync(ReportRetention retention, ManualTime time)
    {
        var sweep = retention.SweepAsync(Cancel).AsTask();
        while (!sweep.IsCompleted)
        {
            await Task.WhenAny(sweep, Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel));
            time.Advance(TimeSpan.FromMilliseconds(60));
        }

        return await sweep;
    }
}
