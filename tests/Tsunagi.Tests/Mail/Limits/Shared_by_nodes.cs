using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Mail;
using Tsunagi.Mail.Greylist;
using Tsunagi.Mail.Limits;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Limits;

/// <summary>What nodes share about senders, the same on both databases.</summary>
public sealed class Shared_by_nodes
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.Postgres)]
    public async Task Counts_and_the_greylist_are_written_by_each_and_read_by_all(SqlDialect dialect)
    {
        SchemaPart[] parts = [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, .. new MailModule().Describe().Schema];
        await using var stores = dialect == SqlDialect.Sqlite ? await TestStores.OpenAsync(parts) : await TestStores.OpenOnPostgresAsync(parts);
        var (options, time) = (new MailOptions(), new ManualTime());
        SendingBook Book(string node) => new(stores.Stores, new Node(node, "b", stores.Directory), null!, null!, options, time, NullLogger<SendingBook>.Instance);
        using var one = Book("one");
        using var two = Book("two");
        foreach (var (book, recipients) in new[] { (one, 3), (two, 4), (one, 5) })
        {
            await book.RoundAsync(Cancel);
            var state = book.Of("mc_1", "t_root/");
            state.Counter.Add(time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000, 1, recipients);
            state.IsDirty = true;
            Assert.True(state.TryTell("messagesPerHour", time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000) == (recipients != 5));
            await book.RoundAsync(Cancel);
        }

        await two.RoundAsync(Cancel);
        Assert.Equal(new SentLately(3, 3, 12, 12), one.Read("mc_1").Lately);
        Assert.Equal(new SentLately(3, 3, 12, 12), two.Read("mc_1").Lately);

        using var list = new GreylistBook(stores.Stores, options, time, NullLogger<GreylistBook>.Instance);
        using var beside = new GreylistBook(stores.Stores, options, time, NullLogger<GreylistBook>.Instance);
        list.Meet("k", "t_root/");
        await list.ShareAsync(Cancel);
        await beside.ShareAsync(Cancel);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(GreylistStanding.Returned, beside.Meet("k", "t_root/").Standing);
        beside.Passed("k", "t_root/");
        await beside.ShareAsync(Cancel);
        await list.ShareAsync(Cancel);
        Assert.True(list.Knows("k"));

        // What is over is taken out of the store too.
        time.Advance(TimeSpan.FromDays(40));
        await one.RoundAsync(Cancel);
        await list.ShareAsync(Cancel);
        Assert.Equal(0, await stores.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT (SELECT count(*) FROM mail_sending_count) + (SELECT count(*) FROM mail_greylist)"), Cancel));
    }
}
