using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Inbound;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Inbound;

public sealed class Recipient_lists
{
    private static readonly Caller Owner = new("u_owner", "owner@x.example", new TenantScope("t_one", "t_root/t_one/"), new HashSet<string> { "*" }, false, "en");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("A@one.example\n\nb@one.example,ignored\n", "a@one.example  |b@one.example  ")]
    [InlineData("address,aliasOf,groups\na@one.example,,Sales; zoo ;sales\nb@one.example,A@one.example,\n", "a@one.example  sales;zoo|b@one.example a@one.example ")]
    [InlineData("groups,address\r\nx;y,a@one.example\r\n", "a@one.example  x;y")]
    [InlineData("\uFEFFaddress\na@one.example\n", "a@one.example  ")]
    [InlineData("a@one.example\nnot an address\n", "mail.recipients.address")]
    [InlineData("address,aliasOf\na@one.example,b@one.example\n", "mail.recipients.alias")]
    [InlineData("address,aliasOf\na@one.example,b@one.example\nb@one.example,c@one.example\nc@one.example,\n", "mail.recipients.alias")]
    [InlineData("address,groups\na@one.example,b|c\n", "mail.recipients.groups")]
    public async Task A_list_is_read_from_csv(string csv, string expected)
    {
        await using var node = await NodeAsync();
        var book = node.Services.GetRequiredService<RecipientListBook>();
        var replaced = await book.ReplaceAsync(Owner, "s_one", csv, null, Cancel);
        var rows = await book.EntriesAsync(Owner, "s_one", "", 10, Cancel);
        Assert.Equal(expected, replaced.Refusal?.Code ?? string.Join('|', rows.Select(static row => $"{row.Address} {row.AliasOf} {row.InGroups}")));
    }

    [Fact]
    public async Task A_list_that_would_take_more_than_a_tenth_away_stops_and_asks_and_groups_follow_the_new_list()
    {
        await using var node = await NodeAsync();
        var book = node.Services.GetRequiredService<RecipientListBook>();
        static string List(int count, string group) => "address,groups\n" + string.Concat(Enumerable.Range(0, count).Select(i => $"u{i}@one.example,{group}\n"));
        Assert.True((await book.ReplaceAsync(Owner, "s_one", List(100, "a"), null, Cancel)).Ok);
        Assert.True((await book.ReplaceAsync(Owner, "s_one", List(90, "b"), null, Cancel)).Ok);
        Assert.Equal("b", (await book.EntriesAsync(Owner, "s_one", "", 1, Cancel))[0].InGroups);
        var stopped = await book.ReplaceAsync(Owner, "s_one", List(80, "b"), null, Cancel);
        Assert.Equal("mail.recipients.many-removed", stopped.Refusal!.Code);
        Assert.Contains("10 of 90", stopped.Refusal.Message, StringComparison.Ordinal);
        Assert.False((await book.ReplaceAsync(Owner, "s_one", List(80, "b"), 9, Cancel)).Ok);
        Assert.True((await book.ReplaceAsync(Owner, "s_one", List(80, "b"), 10, Cancel)).Ok);
    }

    private static async Task<MailNode> NodeAsync()
    {
        var node = await MailNode.StartAsync();
        await node.Stores.Control.WriteAsync(
            static async transaction =>
            {
                await transaction.ExecuteAsync("""
                    INSERT INTO tenant (id, tenant_path, kind, name, locale, time_zone, currency, external_refs, version, created_at)
                    VALUES ('t_one', 't_root/t_one/', 'customer', 'One', 'en', 'UTC', 'JPY', '{}', 1, 0);
                    INSERT INTO plan (id, specification, code, name_en, name_ja, version, created_at) VALUES ('p_mail', 'mail.gateway', 'mail', 'Mail', 'メール', 1, 0);
                    INSERT INTO subscription (id, tenant_path, tenant_id, plan_id, name, external_refs, version, created_at)
                    VALUES ('s_one', 't_root/t_one/', 't_one', 'p_mail', 'Mail', '{}', 1, 0);
                    """);
                return true;
            },
            Cancel);
        return node;
    }
}
