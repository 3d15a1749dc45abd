using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Quarantine;

namespace Tsunagi.Tests.Mail.Quarantine;

public sealed class Sender_book
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_nearest_word_counts_and_nobody_speaks_for_another_tenant()
    {
        await using var node = await MailNode.StartAsync();
        var book = node.Services.GetRequiredService<SenderBook>();
        var admin = HeldMail.Administrator.Caller;
        Assert.Equal(SenderRule.None, book.Find(HeldMail.Tenant, "b@one.example", "x@shop.example"));
        await SetAsync(book, "t_root/", SenderScope.Tenant, "t_root/", "@example", SenderRule.Block);
        await SetAsync(book, HeldMail.Tenant, SenderScope.Tenant, HeldMail.Tenant, "@shop.example", SenderRule.Allow);
        await SetAsync(book, HeldMail.Tenant, SenderScope.Domain, "one.example", "x@shop.example", SenderRule.Block);
        await SetAsync(book, HeldMail.Tenant, SenderScope.Recipient, "b@one.example", "@shop.example", SenderRule.Allow);
        await SetAsync(book, "t_root/t_two/", SenderScope.Recipient, "c@one.example", "x@shop.example", SenderRule.Allow);
        Assert.Equal(SenderRule.Allow, book.Find(HeldMail.Tenant, "b@one.example", "x@shop.example"));
        Assert.Equal(SenderRule.Block, book.Find(HeldMail.Tenant, "c@one.example", "x@shop.example"));
        Assert.Equal(SenderRule.Allow, book.Find(HeldMail.Tenant, "c@one.example", "y@mail.shop.example"));
        Assert.Equal(SenderRule.Block, book.Find(HeldMail.Tenant, "c@one.example", "y@other.example"));
        Assert.Equal(SenderRule.None, book.Find(HeldMail.Tenant, "c@one.example", "y@other.test"));
        Assert.Equal(SenderRule.Block, book.Find("t_root/t_two/", "d@two.example", "x@shop.example"));
        await SetAsync(book, "t_root/", SenderScope.Recipient, "e@one.example", "z@partner.example", SenderRule.Allow);
        Assert.Equal(SenderRule.Allow, book.Find(HeldMail.Tenant, "e@one.example", "z@partner.example"));
        Assert.Equal("mail.sender.address", (await book.SetAsync(admin, HeldMail.Tenant, SenderScope.Tenant, HeldMail.Tenant, "nobody", SenderRule.Block, Cancel)).Refusal!.Code);
    }

    [Fact]
    public async Task An_entry_is_changed_and_taken_back_and_a_second_book_hears_of_it()
    {
        await using var node = await MailNode.StartAsync();
        var book = node.Services.GetRequiredService<SenderBook>();
        var elsewhere = ActivatorUtilities.CreateInstance<SenderBook>(node.Services);
        var entry = await SetAsync(book, HeldMail.Tenant, SenderScope.Recipient, "b@one.example", "x@shop.example", SenderRule.Block);
        await elsewhere.LoadAsync(Cancel);
        Assert.Equal(SenderRule.Block, elsewhere.Find(HeldMail.Tenant, "b@one.example", "x@shop.example"));
        Assert.Equal(entry.Id, (await SetAsync(book, HeldMail.Tenant, SenderScope.Recipient, "b@one.example", "X@shop.example", SenderRule.Allow)).Id);
        await elsewhere.LoadAsync(Cancel);
        Assert.Equal(SenderRule.Allow, elsewhere.Find(HeldMail.Tenant, "b@one.example", "x@shop.example"));
        Assert.Equal(RefusalKind.NotFound, (await book.RemoveAsync(HeldMail.Who("u_two", "t_root/t_two/"), entry.Id, Cancel))!.Kind);
        Assert.Null(await book.RemoveAsync(HeldMail.Administrator.Caller, entry.Id, Cancel));
        Assert.Equal(RefusalKind.NotFound, (await book.RemoveAsync(HeldMail.Administrator.Caller, entry.Id, Cancel))!.Kind);
        await elsewhere.LoadAsync(Cancel);
        Assert.Equal(SenderRule.None, elsewhere.Find(HeldMail.Tenant, "b@one.example", "x@shop.example"));
        Assert.Empty(await book.ListAsync(HeldMail.Administrator.Caller, "", "", 10, Cancel));
        elsewhere.Dispose();
    }

    private static async Task<SenderEntry> SetAsync(SenderBook book, string tenantPath, SenderScope scope, string owner, string sender, SenderRule rule)
    {
        var set = await book.SetAsync(HeldMail.Who("u_admin", tenantPath), tenantPath, scope, owner, sender, rule, Cancel);
        Assert.True(set.Ok, set.Refusal?.ToString());
        return set.Value;
    }
}
