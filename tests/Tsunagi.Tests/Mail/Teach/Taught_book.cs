using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Store;
using Tsunagi.Mail;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Teach;
using Tsunagi.Tests.Mail.Quarantine;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Teach;

/// <summary>What was said of messages, the same on both databases.</summary>
public sealed class Taught_book
{
    private const string Other = "t_root/t_two/";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.Postgres)]
    public async Task At_its_limit_a_tenants_oldest_example_makes_room_and_that_is_told_once(SqlDialect dialect)
    {
        await using var stores = await OpenAsync(dialect);
        var book = Book(stores.Stores, limit: 3);
        for (var i = 1; i <= 3; i++)
        {
            await SayAsync(book, HeldMail.Tenant, $"m_{i}", "u_a", isSpam: true);
            Assert.Equal(i == 3 ? 1 : 0, await ToldAsync(stores.Stores));
        }

        Assert.Equal(["v_1 1", "v_2 1", "v_3 1"], await ExamplesAsync(book, HeldMail.Tenant));
        Assert.Equal(3, (await SayAsync(book, HeldMail.Tenant, "m_4", "u_a", isSpam: false)).Examples);
        Assert.Equal(["v_2 1", "v_3 1", "v_4 -1"], await ExamplesAsync(book, HeldMail.Tenant));
        Assert.Null(await book.WordOfAsync(HeldMail.Tenant, "m_1", "u_a", Cancel));
        Assert.Equal(1, await ToldAsync(stores.Stores));

        // What another tenant was taught is counted by itself.
        Assert.Equal(1, (await SayAsync(book, Other, "m_1", "u_a", isSpam: true)).Examples);
        Assert.Equal(3, (await ExamplesAsync(book, HeldMail.Tenant)).Count);
    }

    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.Postgres)]
    public async Task Each_persons_word_stands_once_and_several_are_summed(SqlDialect dialect)
    {
        await using var stores = await OpenAsync(dialect);
        var book = Book(stores.Stores, limit: 10);
        Assert.True((await SayAsync(book, HeldMail.Tenant, "m_1", "u_a", isSpam: true)).Changed);
        var first = Assert.Single(await book.ChangedAsync(0, Cancel));
        Assert.False((await SayAsync(book, HeldMail.Tenant, "m_1", "u_a", isSpam: true)).Changed);
        Assert.Empty(await book.ChangedAsync(first.Revision, Cancel));
        await SayAsync(book, HeldMail.Tenant, "m_1", "u_b", isSpam: true);
        Assert.Equal(["v_1 2"], await ExamplesAsync(book, HeldMail.Tenant));
        await SayAsync(book, HeldMail.Tenant, "m_1", "u_b", isSpam: false);
        Assert.Empty(await ExamplesAsync(book, HeldMail.Tenant));
        await SayAsync(book, HeldMail.Tenant, "m_1", "u_a", isSpam: false);
        Assert.Equal(["v_1 -2"], await ExamplesAsync(book, HeldMail.Tenant));
        Assert.Equal((false, true), (await book.WordOfAsync(HeldMail.Tenant, "m_1", "u_a", Cancel), await book.KnowsAsync(HeldMail.Tenant, "m_1", Cancel)));
        Assert.Null(await book.WordOfAsync(Other, "m_1", "u_a", Cancel));

        // Features of tokens that are made no more say nothing; the next word brings new ones.
        await stores.Stores.Control.WriteAsync(static transaction => transaction.ExecuteAsync("UPDATE mail_taught_example SET version = version - 1"), Cancel);
        Assert.False(await book.KnowsAsync(HeldMail.Tenant, "m_1", Cancel));
        Assert.Empty(await ExamplesAsync(book, HeldMail.Tenant));
        await SayAsync(book, HeldMail.Tenant, "m_1", "u_a", isSpam: true);
        await SayAsync(book, HeldMail.Tenant, "m_1", "u_b", isSpam: true);
        Assert.Equal(["v_1 2"], await ExamplesAsync(book, HeldMail.Tenant));

        // Nothing is learned from a message whose features nobody brings.
        Assert.Null(await book.SayAsync(HeldMail.Administrator.Caller, "u_a", HeldMail.Tenant, "m_2", true, null, Cancel));
    }

    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.Postgres)]
    public async Task Two_who_press_at_once_are_both_heard(SqlDialect dialect)
    {
        await using var stores = await OpenAsync(dialect);
        var book = Book(stores.Stores, limit: 10);
        var said = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => SayAsync(book, HeldMail.Tenant, "m_1", $"u_{i % 2}", isSpam: true)));
        Assert.Equal(2, said.Count(static one => one.Changed));
        Assert.Equal(["v_1 2"], await ExamplesAsync(book, HeldMail.Tenant));
    }

    private static async Task<TestStores> OpenAsync(SqlDialect dialect)
    {
        SchemaPart[] parts = [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, .. new MailModule().Describe().Schema];
        return dialect == SqlDialect.Sqlite ? await TestStores.OpenAsync(parts) : await TestStores.OpenOnPostgresAsync(parts);
    }

    private static TaughtBook Book(Stores stores, int limit)
    {
        var outbox = new Outbox(new EventCatalogue(new MailModule().Describe().Events), new OutboxSignal(stores.Control.Hints));
        return new TaughtBook(stores, new ChangeRecorder(new AuditTrail(stores, TimeProvider.System), outbox, TimeProvider.System), new FilterOptions { TaughtExamples = limit }, TimeProvider.System);
    }

    private static async Task<Taught> SayAsync(TaughtBook book, string tenantPath, string message, string person, bool isSpam) =>
        Assert.IsType<Taught>(await book.SayAsync(HeldMail.Administrator.Caller, person, tenantPath, message, isSpam, message.Replace("m_", "v_", StringComparison.Ordinal), Cancel));

    private static async Task<IReadOnlyList<string>> ExamplesAsync(TaughtBook book, string tenantPath) =>
        [.. (await book.ExamplesAsync(tenantPath, Cancel)).Select(static one => $"{one.Vector} {one.Votes}")];

    private static ValueTask<long> ToldAsync(Stores stores) =>
        stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM outbox WHERE event LIKE '%mail.classifier.full@1%'"), Cancel);
}
