using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Mail;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Spool;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Quarantine;

/// <summary>The rows and their words, the same on both databases.</summary>
public sealed class Held_book
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.Postgres)]
    public async Task Copies_are_entered_once_found_by_words_and_moved_by_one_of_two(SqlDialect dialect)
    {
        SchemaPart[] parts = [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, .. new MailModule().Describe().Schema];
        await using var stores = dialect == SqlDialect.Sqlite ? await TestStores.OpenAsync(parts) : await TestStores.OpenOnPostgresAsync(parts);
        var book = new HeldBook(stores.Stores, new Node("n", "b", stores.Directory), TimeProvider.System);
        var message = new NewHeld(Id.New("m", TimeProvider.System), HeldMail.Facts(HoldClass.Spam, ["B@one.example", "c@one.example"], subject: "請求書 for you"), "Prize Office <win@spam.example>", 5);
        var other = new NewHeld(Id.New("m", TimeProvider.System), HeldMail.Facts(HoldClass.Virus, ["d@two.example"], "t_root/t_two/", "s_two", subject: "parcel"), "", long.MaxValue / 2);
        await book.AddAsync([message, other], Cancel);
        await book.AddAsync([message], Cancel);
        Assert.Equal([message.MessageId], await book.KnownAsync([message.MessageId, "m_no"], Cancel));
        var caller = HeldMail.Administrator.Caller;
        async Task<string> FindAsync(HeldFilter filter) => string.Join(' ', (await book.ListAsync(caller, filter, 10, Cancel)).Select(static row => row.Recipient));
        var all = HeldFilter.Newest;
        Assert.Equal("c@one.example b@one.example", await FindAsync(all));
        Assert.Equal("c@one.example b@one.example", await FindAsync(all with { Text = "請求" }));
        Assert.Equal("c@one.example b@one.example", await FindAsync(all with { Text = message.MessageId }));
        Assert.Equal("b@one.example", await FindAsync(all with { Text = "b@one.example prize" }));
        Assert.Equal("c@one.example", await FindAsync(all with { Recipient = "c@one.example" }));
        Assert.Equal("", await FindAsync(all with { Text = "parcel" }));
        Assert.Equal(3, (await book.ListAsync(HeldMail.Operator.Caller, all with { State = HeldState.Held }, 10, Cancel)).Count);
        Assert.Equal([2, 1], (await book.OverdueAsync(10, Cancel)).Select(static row => row.Position + 1).Order().Reverse());

        var id = HeldBook.CopyId(message.MessageId, 0);
        var moved = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => stores.Stores.Control.WriteAsync(
            transaction => book.MoveAsync(transaction, id, HeldAct.Release, "x", "", $"m_{i}"), Cancel).AsTask()));
        Assert.Single(moved, static row => row is not null);
        Assert.Empty(await book.SpentAsync(10, Cancel));
        Assert.Equal([id], (await book.ReleasingAsync(10, Cancel)).Select(static row => row.Id));
        await stores.Stores.Control.WriteAsync(transaction => book.MoveAsync(transaction, id, HeldAct.Done, "x", "", ""), Cancel);
        await stores.Stores.Control.WriteAsync(transaction => book.MoveAsync(transaction, HeldBook.CopyId(message.MessageId, 1), HeldAct.Expire, "x", "", ""), Cancel);
        Assert.Equal([message.MessageId], (await book.SpentAsync(10, Cancel)).Select(static body => body.MessageId));
        Assert.Equal(1, await book.ForgetBodiesAsync([message.MessageId], Cancel));
        Assert.Equal(2, await book.ForgetEndedAsync(long.MaxValue, 10, Cancel));
        Assert.Equal("", await FindAsync(all with { Text = "prize" }));
    }

    /// <summary>Each way of the table in <see cref="HeldAct"/>, and no other.</summary>
    [Fact]
    public void The_ways_between_states_are_those_of_the_table()
    {
        static string Show(HeldAct act) => $"{act.Word}: {string.Join(' ', act.From)} -> {act.To}{(act.EndsIt ? " (not under legal hold)" : "")}";
        Assert.Equal(
            [
                "released: held requested refused -> releasing", "released: held refused -> releasing", "done: releasing -> released", "unreadable: releasing -> unreadable", "requested: held -> requested",
                "refused: requested -> refused", "deleted: held requested refused -> deleted (not under legal hold)", "expired: held requested refused -> expired (not under legal hold)",
            ],
            ((HeldAct[])[HeldAct.Release, HeldAct.ReleaseByRecipient, HeldAct.Done, HeldAct.Lost, HeldAct.Request, HeldAct.Refuse, HeldAct.Delete, HeldAct.Expire]).Select(Show));
        Assert.True(HeldAct.Release.IsDoneIn(HeldState.Released) && HeldAct.Release.IsDoneIn(HeldState.Releasing) && !HeldAct.Release.IsDoneIn(HeldState.Deleted));
    }
}
