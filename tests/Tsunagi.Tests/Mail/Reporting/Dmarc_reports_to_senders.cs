using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Mail;
using Tsunagi.Mail.Reporting.Daily;
using Tsunagi.Mail.Reporting.Dmarc;
using Tsunagi.Mail.Routes;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Tests.Mail.Reporting;

public class Dmarc_reports_to_senders
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>From the session to the letter: kinds and counts, what was done and why, names, file, subject, signature; our own reader reads it.</summary>
    [Fact]
    public async Task Say_what_came_in_the_domains_name_once_a_day_signed()
    {
        await using var world = await DmarcWorld.StartAsync();
        Assert.StartsWith("250", await world.BringAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250", await world.BringAsync(to: ["bob@one.example", "eve@one.example"]), StringComparison.Ordinal);
        Assert.StartsWith("250", await world.BringAsync("203.0.113.9", sender: "x@other.example", from: "boss@sub.good.example"), StringComparison.Ordinal);
        Assert.Equal(
            ["good.example 198.51.100.7 good.example one.example Pass/ 01 2", "good.example 203.0.113.9 sub.good.example one.example None/LocalPolicy 00 1"],
            await world.SeenAsync());
        Assert.Equal(0, await world.Run.SendDueAsync(Cancel));
        await world.YesterdayAsync();
        Assert.Equal(1, await world.Run.SendDueAsync(Cancel));
        Assert.Equal(0, await world.Run.SendDueAsync(Cancel));
        Assert.Equal("good.example=sent:dmarc@good.example", await world.StatesAsync());

        var (to, text, report) = Assert.Single(await world.LettersAsync(1));
        Assert.Contains("dmarc@good.example", to, StringComparison.Ordinal);
        Assert.StartsWith("DKIM-Signature: v=1; ", text, StringComparison.Ordinal);
        var day = DateTimeOffset.FromUnixTimeSeconds(report.BeginSeconds);
        Assert.Equal((day.UtcDateTime.Date, 86_399L), (day.UtcDateTime, report.EndSeconds - report.BeginSeconds));
        Assert.Contains($"Subject: Report Domain: good.example Submitter: one.example Report-ID:\r\n <{report.ReportId}>\r\n", text, StringComparison.Ordinal);
        Assert.Contains($"filename=\"one.example!good.example!{report.BeginSeconds}!{report.EndSeconds}!{report.ReportId}.xml.gz\"", text, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/gzip\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("TLS-Required", text, StringComparison.Ordinal);
        Assert.Equal(("1.0", "Provider", "dmarc@provider.example", "Tsunagi"), (report.Version, report.Organization, report.Email, report.Generator));
        Assert.Equal(
            new PublishedPolicy { Domain = "good.example", Policy = DmarcPolicy.Reject, DkimAlignment = ReportedAlignment.Relaxed, SpfAlignment = ReportedAlignment.Relaxed, FailureOptions = "0", Discovery = DiscoveryMethod.TreeWalk },
            report.Policy);
        Assert.Equal((2, 0), (report.Records.Length, report.Errors.Length));
        var (good, bad) = (report.Records[0], report.Records[1]);
        Assert.Equal(("198.51.100.7", 2L, ReportedDisposition.Pass, AlignedResult.Fail, AlignedResult.Pass), (good.Source.ToString(), good.Count, good.Disposition, good.Dkim, good.Spf));
        Assert.Equal(("good.example", "good.example", "one.example"), (good.HeaderFrom, good.EnvelopeFrom, good.EnvelopeTo));
        Assert.Equal(new ReportedSpf("good.example", ReportedScope.MailFrom, ReportedResult.Pass, ""), Assert.Single(good.SpfResults));
        Assert.Equal(("203.0.113.9", 1L, ReportedDisposition.None, false), (bad.Source.ToString(), bad.Count, bad.Disposition, bad.Passes));
        Assert.Equal(("sub.good.example", "other.example"), (bad.HeaderFrom, bad.EnvelopeFrom));
        Assert.Equal(OverrideReason.LocalPolicy, Assert.Single(bad.Reasons).Type);
        Assert.Equal(new ReportedSpf("other.example", ReportedScope.MailFrom, ReportedResult.None, ""), Assert.Single(bad.SpfResults));
    }

    /// <summary>What the policy does is told; what else was found is not. A message that is refused counts, one that comes again does not.</summary>
    [Fact]
    public async Task Say_what_dmarc_alone_did()
    {
        await using var world = await DmarcWorld.StartAsync();
        await PolicyAsync(world, new FilterPolicy { TagOnly = false, Actions = new Dictionary<string, PolicyAction> { ["auth.dmarc-reject"] = PolicyAction.Reject } });
        Assert.StartsWith("554", await world.BringAsync("203.0.113.9"), StringComparison.Ordinal);
        await PolicyAsync(world, new FilterPolicy { TagOnly = false, Actions = new Dictionary<string, PolicyAction> { ["auth.dmarc-reject"] = PolicyAction.Quarantine } });
        Assert.StartsWith("250", await world.BringAsync("203.0.113.9"), StringComparison.Ordinal);
        world.Domain("test.example", "rua=mailto:d@test.example", "p=quarantine; t=y");
        Assert.StartsWith("250", await world.BringAsync("203.0.113.9", "a@test.example", "a@test.example"), StringComparison.Ordinal);
        Assert.Equal(
            [
                "good.example 203.0.113.9 good.example one.example Quarantine/LocalPolicy 00 1", "good.example 203.0.113.9 good.example one.example Reject/ 00 1",
                "test.example 203.0.113.9 test.example one.example None/PolicyTestMode 00 1",
            ],
            await world.SeenAsync());
        world.Dns.Silent = true;
        await world.BringAsync("203.0.113.9");
        world.Dns.Silent = false;
        Assert.Equal(3, (await world.SeenAsync()).Count);
    }

    [Fact]
    public async Task Leave_out_what_nobody_outside_brought_what_is_a_report_and_what_nobody_wants_to_know()
    {
        await using var world = await DmarcWorld.StartAsync();
        world.Domain("quiet.example", "fo=1");
        await world.BringAsync("10.0.0.7");
        await world.BringAsync(sender: "a@quiet.example", from: "a@quiet.example");
        await world.BringAsync(from: "a@nowhere.example");
        await world.BringAsync(subject: "Report Domain: one.example Submitter: good.example Report-ID: <1@good.example>");
        await world.BringAsync(fields: "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n");
        await PolicyAsync(world, new FilterPolicy { Checks = new Dictionary<string, bool> { ["auth"] = false } });
        await world.BringAsync();
        await PolicyAsync(world, new FilterPolicy());
        world.Node.Sign("s_one", DmarcWorld.Tenant, "one.example", world.Customer.Port, static given => given with { Relays = ["198.51.100.8"] });
        await world.BringAsync("198.51.100.8");
        world.Node.Sign("s_one", DmarcWorld.Tenant, "one.example", world.Customer.Port, static given => given with { DmarcReports = false });
        await world.BringAsync();
        Assert.Empty(await world.SeenAsync());
        world.Node.Sign("s_one", DmarcWorld.Tenant, "one.example", world.Customer.Port);
        await world.BringAsync();
        Assert.Single(await world.SeenAsync());

        // Whoever forges a domain is not hidden by calling it a report.
        await world.BringAsync("203.0.113.9", subject: "Report Domain: one.example Submitter: good.example Report-ID: <1@good.example>");
        await world.BringAsync("203.0.113.9", fields: "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n");
        Assert.Equal("good.example 203.0.113.9 good.example one.example None/LocalPolicy 00 2", (await world.SeenAsync())[^1]);
    }

    /// <summary>What was counted before a restart and after is one report; a crash between the letter and the note sends nothing twice.</summary>
    [Fact]
    public async Task Are_one_over_restarts()
    {
        await using var world = await DmarcWorld.StartAsync();
        await world.BringAsync();
        await world.RestartAsync();
        await world.BringAsync();
        await world.YesterdayAsync();
        await world.RestartAsync();
        Assert.Equal(1, await world.Run.SendDueAsync(Cancel));
        Assert.Equal(2, Assert.Single(Assert.Single(await world.LettersAsync(1)).Report.Records).Count);

        await world.Node.Stores.Control.WriteAsync(static transaction => transaction.ExecuteAsync("DELETE FROM mail_dmarc_report"), Cancel);
        await world.RestartAsync();
        Assert.Equal(1, await world.Run.SendDueAsync(Cancel));
        Assert.Equal("good.example=sent:dmarc@good.example", await world.StatesAsync());
        var letters = await world.Node.EventuallyAsync(static reader => reader.QueryAsync<string>("SELECT state FROM mail_message WHERE subject LIKE 'Report Domain:%'"), static rows => rows.Count > 0);
        Assert.Single(letters);
        Assert.Single(world.Smarthost.Messages);
    }

    /// <summary>Two nodes look at the same store, and the one that holds the lease sends.</summary>
    [Fact]
    public async Task Are_sent_by_one_node_of_two()
    {
        await using var world = await DmarcWorld.StartAsync(DmarcWorld.On with { LookEvery = TimeSpan.FromSeconds(1) });
        world.Counts.Add(world.Sighting("good.example"), 3);
        world.Counts.Add(world.Sighting("also.example"), 3);
        world.Domain("also.example", "rua=mailto:dmarc@also.example");
        using var other = ActivatorUtilities.CreateInstance<DmarcReportRun>(
            world.Node.Services, (ILeases)Leases.For(world.Node.Stores, "other", new LeaseOptions(), TimeProvider.System, NullLogger<Leases>.Instance));
        await other.StartAsync(Cancel);
        await world.YesterdayAsync();
        await world.Node.SoonAsync(() => world.Smarthost.Messages.Count, static count => count >= 2);
        for (var looked = 0; (await world.StatesAsync()).Split("=sent").Length != 3; looked++)
        {
            Assert.True(looked < 1_000, await world.StatesAsync());
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }

        await other.StopAsync(Cancel);

        // Each once, however often a busy machine let it be tried.
        Assert.Equal(["also.example", "good.example"], (await world.LettersAsync(2)).Select(static letter => letter.Report.Policy.Domain).Order(StringComparer.Ordinal));
    }

    /// <summary>A stranger's record decides neither whom we annoy nor how often.</summary>
    [Fact]
    public async Task Go_nowhere_that_a_stranger_has_no_right_to_name()
    {
        await using var world = await DmarcWorld.StartAsync(DmarcWorld.On with { MaxToOne = 2, Never = ["shy.example"] });
        Domain("many.example", "rua=" + string.Join(',', Enumerable.Range(1, 40).Select(static i => $"mailto:{i}@many.example")));
        Domain("cross.example", "rua=mailto:victim@victim.example");
        Domain("ours.example", "rua=mailto:bob@one.example,mailto:dmarc@one.example,mailto:reports@elsewhere.example");
        Domain("small.example", "rua=mailto:d@small.example!1k");
        Domain("shy.example", "rua=mailto:d@shy.example");
        Domain("toshy.example", "rua=mailto:d@mx.shy.example");
        Domain("mute.example", "fo=1");
        world.Dns.Texts["toshy.example._report._dmarc.mx.shy.example"] = ["v=DMARC1"];
        world.Dns.Texts["*._report._dmarc.collects.example"] = ["v=DMARC1"];
        foreach (var name in new[] { "c1.example", "c2.example", "c3.example" })
        {
            Domain(name, "rua=mailto:All@collects.example");
            world.Dns.Texts[name + "._report._dmarc.collects.example"] = ["v=DMARC1"];
        }

        foreach (var name in new[] { "s1.many.example", "s2.many.example", "s3.many.example" })
        {
            Domain(name, "rua=mailto:all@many.example");
        }

        for (var i = 0; i < 12; i++)
        {
            world.Counts.Add(world.Sighting("small.example", $"198.51.100.{i}"), 1);
        }

        await world.YesterdayAsync();
        Assert.Equal(6, await world.Run.SendDueAsync(Cancel));

        // Of three in one organization one finds the mailbox full, and is done with; whoever says by the DNS that it collects gets more.
        var states = (await world.StatesAsync()).Replace(":all@many.example", "", StringComparison.Ordinal);
        var told = string.Join(' ', Enumerable.Range(1, 3).Select(i => states.Contains($"s{i}.many.example=full", StringComparison.Ordinal) ? "full" : "sent").Order(StringComparer.Ordinal));
        Assert.Equal("full sent sent", told);
        Assert.Equal(
            "c1.example=sent:all@collects.example c2.example=sent:all@collects.example c3.example=sent:all@collects.example cross.example=unwanted many.example=sent:1@many.example 2@many.example mute.example=unwanted "
            + "ours.example=unwanted shy.example=shunned small.example=later toshy.example=unwanted",
            string.Join(' ', states.Split(' ').Where(static state => !state.Contains(".many.example=", StringComparison.Ordinal))));
        Assert.Equal(7, (await world.LettersAsync(7)).Count);

        void Domain(string domain, string rua)
        {
            world.Domain(domain, rua);
            world.Counts.Add(world.Sighting(domain), 1);
        }
    }

    /// <summary>"later" waits an hour and then as long again as it has been due. Questions without an answer are no tries; an address that is known gets it whatever is not known of another.</summary>
    [Fact]
    public async Task Are_tried_again_after_an_hour_and_then_ever_more_rarely()
    {
        await using var world = await DmarcWorld.StartAsync();
        world.Domain("part.example", "rua=mailto:d@part.example,mailto:d@dark.example");
        world.Dns.SilentAbout.Add("part.example._report._dmarc.dark.example");
        world.Dns.SilentAbout.Add("_dmarc.good.example");
        world.Counts.Add(world.Sighting("good.example"), 1);
        world.Counts.Add(world.Sighting("part.example"), 1);
        await world.YesterdayAsync();
        Assert.Equal(1, await world.Run.SendDueAsync(Cancel));
        Assert.Equal("good.example=later part.example=sent:d@part.example", await world.StatesAsync());
        Assert.Equal(0, await TriesAsync());

        world.Dns.SilentAbout.Clear();
        Assert.Equal(0, await world.Run.SendDueAsync(Cancel));
        var hour = 3_600_000_000L;
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000;

        // Due for eleven hours and tried then: not before ten more.
        await TriedAsync(dueAt: now - (20 * hour), triedAt: now - (9 * hour));
        Assert.Equal(0, await world.Run.SendDueAsync(Cancel));
        await TriedAsync(dueAt: now - (20 * hour), triedAt: now - (11 * hour));
        Assert.Equal(1, await world.Run.SendDueAsync(Cancel));
        Assert.Equal(1, await TriesAsync());

        async Task<long> TriesAsync() => (await world.Node.Stores.Control.ReadAsync(
            static reader => reader.QueryAsync<long>("SELECT tries FROM mail_dmarc_report WHERE domain = 'good.example'"), Cancel)).Single();

        async Task TriedAsync(long dueAt, long triedAt)
        {
            foreach (var table in (string[])["mail_dmarc_seen", "mail_dmarc_domain", "mail_dmarc_report"])
            {
                await world.Node.Stores.Control.WriteAsync(transaction => transaction.ExecuteAsync($"UPDATE {table} SET day_at = @Day WHERE domain = 'good.example'", new { Day = dueAt - ReportDays.DayMicros }), Cancel);
            }

            await world.Node.Stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("UPDATE mail_dmarc_report SET updated_at = @At WHERE domain = 'good.example'", new { At = triedAt }), Cancel);
        }
    }

    /// <summary>Names of a day are spread over the whole of what is promised: one to four times five hours.</summary>
    [Fact]
    public void Go_out_over_the_whole_of_the_time_that_is_promised()
    {
        var hours = Enumerable.Range(0, 400).Select(static i => (ReportDays.TimeOf(new ReportDays.Due(0, $"{i}.example"), TimeSpan.FromHours(5)) - ReportDays.DayMicros) / 3_600_000_000).ToHashSet();
        Assert.Equal(Enumerable.Range(5, 15).Select(static hour => (long)hour), hours.Order());
    }

    /// <summary>One host writes names as it likes, at once and over time: it has so many kinds, and the others theirs.</summary>
    [Fact]
    public async Task Are_not_filled_by_one_host()
    {
        await using var world = await DmarcWorld.StartAsync(DmarcWorld.On with { MaxRecords = 60 });
        for (var i = 0; i < 120; i++)
        {
            world.Counts.Add(world.Sighting("good.example", "203.0.113.9", passes: false) with { Signatures = $"{i}.example s Fail", EnvelopeFrom = $"{i}.example", HeaderFrom = $"{i}.good.example" }, 1);
            if (i == 40)
            {
                await world.Counts.WriteAsync(Cancel);
            }
        }

        world.Counts.Add(world.Sighting("good.example"), 5);
        await world.Counts.WriteAsync(Cancel);
        Assert.Equal(
            ["198.51.100.7 1 5", "203.0.113.9 51 120"],
            await world.Node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT source || ' ' || count(*) || ' ' || sum(messages) FROM mail_dmarc_seen GROUP BY source ORDER BY 1"), Cancel));
        Assert.Contains("good.example 203.0.113.9 good.example  None/ 00 70", await world.SeenAsync());
    }

    /// <summary>stalwart#3315: a spammer's domain passes and asks for reports, and who sends them is listed. One whose mail nobody wants is told nothing.</summary>
    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(1, 2, false)]
    [InlineData(0, 5, false)]
    [InlineData(5, 0, true)]
    public async Task Go_to_domains_alone_whose_mail_is_wanted(int good, int bad, bool told)
    {
        await using var world = await DmarcWorld.StartAsync();
        world.Counts.Add(world.Sighting("good.example"), good);
        world.Counts.Add(world.Sighting("good.example", isGood: false), bad);
        world.Counts.Add(world.Sighting("good.example", "203.0.113.9", passes: false, isGood: false), 100);
        await world.YesterdayAsync();
        Assert.Equal(told ? 1 : 0, await world.Run.SendDueAsync(Cancel));
        Assert.Equal(told ? "good.example=sent:dmarc@good.example" : "good.example=shunned", await world.StatesAsync());
    }

    /// <summary>At each limit, and one past it: counted as left out, and told in the report.</summary>
    [Fact]
    public async Task Are_bounded_in_domains_and_records_and_say_what_they_leave_out()
    {
        await using var world = await DmarcWorld.StartAsync(DmarcWorld.On with { MaxDomains = 2, MaxRecords = 3, MaxRecordsTogether = 5 });
        world.Domain("b.example", "rua=mailto:d@b.example");
        for (var i = 1; i <= 4; i++)
        {
            world.Counts.Add(world.Sighting("good.example", $"198.51.100.{i}"), i);
        }

        await world.Counts.WriteAsync(Cancel);
        for (var i = 1; i <= 3; i++)
        {
            world.Counts.Add(world.Sighting("b.example", $"198.51.100.{i}"), 10);
        }

        world.Counts.Add(world.Sighting("c.example"), 7);
        world.Counts.Add(world.Sighting("good.example", "198.51.100.1"), 100);
        await world.Counts.WriteAsync(Cancel);
        var days = await world.Node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT domain || ' ' || records || ' ' || left_out FROM mail_dmarc_domain ORDER BY domain"), Cancel);
        Assert.Equal([" 0 7", "b.example 2 10", "good.example 3 4"], days);
        await world.YesterdayAsync();
        Assert.Equal(2, await world.Run.SendDueAsync(Cancel));
        var report = (await world.LettersAsync(2)).Single(static letter => letter.Report.Policy.Domain == "good.example").Report;
        Assert.Equal([101L, 3L, 2L], report.Records.Select(static record => record.Count));
        Assert.StartsWith("4 further messages of that day are left out", Assert.Single(report.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_neither_counted_nor_sent_until_somebody_says_who_reports()
    {
        await using var world = await DmarcWorld.StartAsync(DmarcWorld.On with { From = "" });
        await world.BringAsync();
        Assert.Empty(await world.SeenAsync());

        // What was counted while they were on goes all the same.
        world.Counts.Add(world.Sighting("good.example") with { DayAt = world.Counts.Day - (8 * ReportDays.DayMicros) }, 1);
        Assert.Single(await world.SeenAsync());
        Assert.Equal(0, await world.Run.SendDueAsync(Cancel));
        Assert.Empty(await world.SeenAsync());
        Assert.Equal([0L], await world.Node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<long>("SELECT count(*) FROM mail_dmarc_domain"), Cancel));
    }

    [Theory]
    [InlineData("", DepartureRoute.Smarthost, false, false)]
    [InlineData("192.0.2.1", DepartureRoute.Smarthost, false, true)]
    [InlineData("", DepartureRoute.Mx, false, true)]
    [InlineData("", DepartureRoute.Mx, true, false)]
    public void Need_a_way_out(string smarthost, DepartureRoute route, bool dryRun, bool are) =>
        Assert.Equal(are, new MailOptions { DmarcReports = DmarcWorld.On, Smarthost = smarthost, DryRun = dryRun, Outbound = new DepartureOptions { Route = route } }.SendsDmarcReports);

    /// <summary>Too large: the rarer half goes, until it fits, and the report says how much.</summary>
    [Fact]
    public async Task Keep_the_records_with_most_mail_when_they_are_too_large()
    {
        await using var world = await DmarcWorld.StartAsync(DmarcWorld.On with { MaxBytes = 700 });
        for (var i = 1; i <= 40; i++)
        {
            world.Counts.Add(world.Sighting("good.example", $"198.51.100.{i}"), i);
        }

        await world.YesterdayAsync();
        var made = await world.Node.Services.GetRequiredService<DmarcReportMaking>().MakeAsync(new ReportDays.Due(world.Counts.Day - ReportDays.DayMicros, "good.example"), Cancel);
        Assert.True(made!.Packed.Length <= 700 || made.Report.Records.Length == 1);
        Assert.InRange(made.Report.Records.Length, 1, 20);
        Assert.Equal(40, made.Report.Records[0].Count);
        Assert.Equal(820, made.LeftOut + made.Report.Records.Sum(static record => record.Count));

        // Another node names it the same.
        var other = new DmarcReportMaking(world.Node.Stores, new MailOptions { HostName = "other.test", DmarcReports = DmarcWorld.On });
        Assert.Equal(made.Report.ReportId, (await other.MakeAsync(new ReportDays.Due(world.Counts.Day - ReportDays.DayMicros, "good.example"), Cancel))!.Report.ReportId);
    }

    private static async Task PolicyAsync(DmarcWorld world, FilterPolicy policy)
    {
        await world.Node.Stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("DELETE FROM mail_filter_policy");
                await transaction.ExecuteAsync(
                    "INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by) VALUES (@Path, 'tenant', '', 1, @Json, 0, 'test')",
                    new { Path = DmarcWorld.Tenant, Json = JsonSerializer.Serialize(policy, PolicyBook.Json) });
                return await transaction.ExecuteAsync("UPDATE mail_filter_version SET version = version + 1");
            },
            Cancel);
        await world.Node.Services.GetRequiredService<PolicyWatch>().LoadAsync(Cancel);
    }
}
