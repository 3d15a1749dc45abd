using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Tests.Mail.Quarantine;
using Tsunagi.Tests.Mail.Submission;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Pending;

public sealed class Doubtful_addresses
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("partner.example", "partnr.example", true)] // left out
    [InlineData("partner.example", "parrtner.example", true)] // too many
    [InlineData("partner.example", "pattner.example", true)] // another
    [InlineData("partner.example", "partenr.example", true)] // two changed places
    [InlineData("partner.example", "partner.exampl", true)]
    [InlineData("partner.example", "prtnar.example", false)]
    [InlineData("partner.example", "partner.example", false)]
    [InlineData("modern.example", "modem.example", true)] // rn looks like m
    [InlineData("tools.example", "t00ls.example", true)]
    [InlineData("view.example", "vievv.example", true)]
    [InlineData("paypal.example", "xn--pypal-4ve.example", true)] // a Cyrillic a
    [InlineData("cafe.example", "xn--caf-dma.example", true)]
    [InlineData("one.example", "two.example", false)]
    [InlineData("a.jp", "b.jp", false)] // too short to say anything
    [InlineData("xn--", "xn--a", false)]
    public void Names_are_alike_by_one_edit_or_by_their_looks(string one, string other, bool alike)
    {
        Assert.Equal(alike, NameLikeness.IsAlike(one, other));
        Assert.Equal(alike, NameLikeness.IsAlike(other, one));
    }

    [Fact]
    public void One_edit_is_what_the_slow_way_says_it_is()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var one = Word(random);
            var other = random.Next(2) == 0 ? Word(random) : Edit(random, one);
            Assert.True(NameLikeness.IsOneEdit(one, other) == (Distance(one, other) == 1), $"{one} {other}");
        }

        static string Word(Random random) => new([.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => (char)('a' + random.Next(3)))]);

        static string Edit(Random random, string word)
        {
            var at = random.Next(word.Length);
            return random.Next(3) switch { 0 => word.Remove(at, 1), 1 => word.Insert(at, "b"), _ => word[..at] + "c" + word[(at + 1)..] };
        }
    }

    [Fact]
    public async Task Only_mail_to_a_domain_that_looks_like_a_mistake_waits_where_the_policy_says_so()
    {
        await using var world = await PendingWorld.StartAsync(new PendingPolicy { Minutes = 10, Which = PendingMail.Doubtful });
        for (var i = 0; i < 3; i++)
        {
            await world.SendAsync(SubmissionNode.User, "sales@partner.example");
        }

        await world.Smarthost.GotAsync(3);
        var ids = await world.SendAsync(SubmissionNode.User, "sales@partner.example", "sales@patrner.example", "new@elsewhere.example");
        Assert.Equal(2, ids.Count);
        var left = (await world.Smarthost.GotAsync(4))[3];
        Assert.Equal(["sales@partner.example", "new@elsewhere.example"], left.Recipients);
        var row = Assert.Single(await world.RowsAsync(ids[1], 1));
        Assert.Equal(("sales@patrner.example", "partner.example"), (row.Recipient, row.Doubt));
        var notice = Assert.Single(await world.Customer.GotAsync(1));
        Assert.Contains("like partner.example, which you often write to", MessageText.Read(notice.Content.Span).Text, StringComparison.Ordinal);
        Assert.StartsWith("Check the address (patrner.example)", Tsunagi.Protocols.Mail.Message.MessageHeader.Read(notice.Content.Span).Subject, StringComparison.Ordinal);

        // What was taken back is not known afterwards; what was sent after all is.
        await world.DecideAsync(row, PendingState.Recalled);
        await world.FatesAsync(ids[1], "recalled");
        var again = (await world.RowsAsync((await world.SendAsync(SubmissionNode.User, "sales@patrner.example"))[0], 1))[0];
        await world.DecideAsync(again, PendingState.Sent);
        await world.Smarthost.GotAsync(5);
        await world.RowsAsync(again.MessageId, static rows => rows.All(static row => row.Carried == 1));
        await world.SendAsync(SubmissionNode.User, "other@patrner.example");
        await world.Smarthost.GotAsync(6);

        // The customer's own domain is one that is often written to.
        var own = (await world.SendAsync(SubmissionNode.User, "boss@onne.example"))[0];
        Assert.Equal("one.example", (await world.RowsAsync(own, 1))[0].Doubt);
    }

    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.Postgres)]
    public async Task Nodes_share_what_is_decided_and_whom_tenants_write_to(SqlDialect dialect)
    {
        SchemaPart[] parts = [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, .. new MailModule().Describe().Schema];
        await using var opened = dialect == SqlDialect.Sqlite ? await TestStores.OpenAsync(parts) : await TestStores.OpenOnPostgresAsync(parts);
        var (options, time, stores) = (new MailOptions(), new ManualTime(), opened.Stores);
        Correspondents Book() => new(stores, new GatewayContracts(), options, time, NullLogger<Correspondents>.Instance);
        using var one = Book();
        using var two = Book();
        one.Wrote("t_root/t_one/", "Partner.example");
        two.Wrote("t_root/t_one/", "partner.example");
        await one.ShareAsync(Cancel);
        await two.ShareAsync(Cancel);
        Assert.Equal("", two.DoubtOf("t_root/t_one/", "partnr.example"));
        one.Wrote("t_root/t_one/", "partner.example");
        await one.ShareAsync(Cancel);
        await two.ShareAsync(Cancel);
        Assert.Equal(("partner.example", "", ""), (two.DoubtOf("t_root/t_one/", "partnr.example"), two.DoubtOf("t_root/t_one/", "partner.example"), two.DoubtOf("t_root/t_two/", "partnr.example")));

        // Two nodes, one row: one decision, whoever asks where; each node carries its own mail alone.
        var (here, there) = (new PendingBook(stores, new Node("one", "b", opened.Directory), time), new PendingBook(stores, new Node("two", "b", opened.Directory), time));
        var id = SpoolId.New(time);
        var facts = HeldMail.Facts(HoldClass.None, ["b@far.example", "c@far.example"]) with { PendingUntilMicros = time.GetUtcNow().AddMinutes(5).ToUnixTimeMilliseconds() * 1_000 };
        Assert.Equal([id], await here.EnterAsync([(id, facts)], Cancel));
        Assert.Empty(await here.EnterAsync([(id, facts)], Cancel));
        var caller = new Caller("u", "u", new TenantScope("t_one", HeldMail.Tenant), new HashSet<string> { "*" }, false, "en");
        var rows = await there.OfMessageAsync(caller, id.ToString(), Cancel);
        var decided = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => stores.Control.WriteAsync(
            async transaction => await (n % 2 == 0 ? here : there).DecideAsync(transaction, rows[0].Id, n % 3 == 0 ? PendingState.Sent : PendingState.Recalled, "n" + n), Cancel).AsTask()));
        var winner = Assert.Single(decided, static row => row is not null)!;
        time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal((0, 1), (await there.ExpireAsync(Cancel), await here.ExpireAsync(Cancel)));
        Assert.Empty(await there.LeftAsync(10, Cancel));
        var left = await here.LeftAsync(10, Cancel);
        Assert.Equal([winner.State, PendingState.Sent], left.OrderBy(static row => row.Position).Select(static row => row.State));
        Assert.Equal(2, await here.CarriedAsync([.. left.Select(static row => row.Id)], Cancel));
        Assert.Empty(await here.LeftAsync(10, Cancel));

        // Found in the spool again after a start: what was decided is carried anew.
        await here.EnterAsync([(id, facts)], Cancel);
        Assert.Equal(2, (await here.LeftAsync(10, Cancel)).Count);
        Assert.Equal(0, await here.ForgetAsync(long.MaxValue, Cancel));
        await here.CarriedAsync([.. left.Select(static row => row.Id)], Cancel);
        Assert.Equal((0, 2), (await there.ForgetAsync(long.MaxValue, Cancel), await here.ForgetAsync(long.MaxValue, Cancel)));

        // What is over is forgotten.
        time.Advance(TimeSpan.FromDays(500));
        await one.ShareAsync(Cancel);
        Assert.Equal(0, await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_correspondent"), Cancel));
    }

    // Optimal string alignment, the textbook's way.
    private static int Distance(string one, string other)
    {
        var d = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                d[i, j] = i == 0 ? j : j == 0 ? i : Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[one.Length, other.Length];
    }
}
