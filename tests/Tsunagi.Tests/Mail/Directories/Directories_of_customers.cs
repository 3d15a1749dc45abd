using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Directories;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Try;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Tests.Mail.Directories;

/// <summary>Lists of recipients that a real directory keeps.</summary>
public sealed class Directories_of_customers
{
    private static readonly Caller Owner = new("u_owner", "owner@x.example", new TenantScope("t_one", "t_root/t_one/"), new HashSet<string> { "*" }, false, "en");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_directory_is_read_page_by_page_over_TLS_and_the_list_is_as_it_says()
    {
        await using var slapd = await Slapd.StartAsync([
            .. People(120),
            Slapd.Person("boss", "mail: boss@one.example", "proxyAddresses: SMTP:boss@one.example", "proxyAddresses: smtp:chief@one.example", "proxyAddresses: X500:/o=x", $"memberOf: cn=Board,ou=Groups,{Slapd.Base}"),
            Slapd.Person("gone", "mail: gone@one.example", "userAccountControl: 514"),
            Slapd.Person("guest", "mail: guest@elsewhere.example"),
        ]);
        await using var node = await NodeAsync();
        foreach (var url in new[] { slapd.Url, slapd.TlsUrl })
        {
            Assert.True((await Desk(node).PutAsync(Owner, "s_one", Settings(slapd) with { Url = url }, Slapd.Password, Cancel)).Ok);
            var tried = await Desk(node).TryAsync(Owner, "s_one", Cancel);
            Assert.Equal(new DirectoryChange(122, 1, 122, 122, 0, 0), tried.Ok ? tried.Value : throw new InvalidOperationException(tried.Refusal.Message));
        }

        await node.Services.GetRequiredService<DirectorySync>().LookAsync(Cancel);
        var list = await node.Services.GetRequiredService<RecipientListBook>().FindAsync(Owner, "s_one", Cancel);
        Assert.Equal((1, 122, "directory"), (list!.Version, list.Entries, list.UpdatedBy));
        await LoadAsync(node);
        Assert.Equal("board", Assert.Single(Lists(node).Find(Gateway(node), Mailbox("chief@one.example"))!.Groups));
        Assert.Equal((true, false, false), (Knows(node, "u119@one.example"), Knows(node, "gone@one.example"), Knows(node, "guest@one.example")));

        // Nothing new: the list is not touched, and by hand nobody touches it either.
        Assert.True((await Desk(node).SynchronizeAsync(Owner, "s_one", null, Cancel)).Ok);
        Assert.Equal(1, (await node.Services.GetRequiredService<RecipientListBook>().FindAsync(Owner, "s_one", Cancel))!.Version);
        Assert.Equal("mail.recipients.from-directory", (await node.Services.GetRequiredService<RecipientListBook>().ReplaceAsync(Owner, "s_one", "x@one.example\n", null, Cancel)).Refusal!.Code);
        Assert.True((await Desk(node).RemoveAsync(Owner, "s_one", Cancel)).Ok);
        Assert.True((await node.Services.GetRequiredService<RecipientListBook>().ReplaceAsync(Owner, "s_one", "x@one.example\n", 122, Cancel)).Ok);
    }

    [Fact]
    public async Task While_it_is_away_or_has_lost_too_many_nobody_is_refused_and_what_is_to_be_done_is_told_once()
    {
        await using var slapd = await Slapd.StartAsync(People(20));
        await using var node = await NodeAsync();
        Assert.True((await Desk(node).PutAsync(Owner, "s_one", Settings(slapd), Slapd.Password, Cancel)).Ok);
        Assert.True((await Desk(node).SynchronizeAsync(Owner, "s_one", null, Cancel)).Ok);
        Assert.Equal(["250", "550"], [await RcptAsync(node, "u1@one.example"), await RcptAsync(node, "new@one.example")]);

        // Away: who is known gets mail, and who is not may be new.
        await slapd.StopAsync();
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("mail.directory.unread", (await Desk(node).SynchronizeAsync(Owner, "s_one", null, Cancel)).Refusal!.Code);
        }

        Assert.Equal(["250", "451"], [await RcptAsync(node, "u1@one.example"), await RcptAsync(node, "new@one.example")]);

        // Back, with a fifth of its people: the list waits for a person.
        await slapd.FillAsync([.. People(15), Slapd.Person("new", "mail: new@one.example")]);
        await slapd.StartAsync();
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(RecipientListBook.ManyRemoved, (await Desk(node).SynchronizeAsync(Owner, "s_one", null, Cancel)).Refusal!.Code);
        }

        Assert.Equal(["250", "451"], [await RcptAsync(node, "u19@one.example"), await RcptAsync(node, "new@one.example")]);
        Assert.Equal(5, (await Desk(node).FindAsync(Owner, "s_one", Cancel)).Value!.Asks);
        Assert.False((await Desk(node).SynchronizeAsync(Owner, "s_one", 4, Cancel)).Ok);
        Assert.Equal(new DirectoryChange(16, 0, 16, 1, 5, 0), (await Desk(node).SynchronizeAsync(Owner, "s_one", 5, Cancel)).Value);
        Assert.Equal(["550", "250"], [await RcptAsync(node, "u19@one.example"), await RcptAsync(node, "new@one.example")]);
        var told = await node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT event FROM outbox ORDER BY position"), Cancel);
        string[] expected = ["mail.directory.set@1", "mail.recipients.changed@1", "mail.directory.away@1", "mail.directory.asks@1", "mail.recipients.changed@1", "mail.directory.back@1"];
        Assert.Equal(expected, told.Select(line => expected.FirstOrDefault(type => line.Contains(type, StringComparison.Ordinal)) ?? line));
    }

    [Theory]
    [InlineData(29, "550")]
    [InlineData(31, "451")]
    public async Task A_list_that_two_readings_are_missing_for_says_nothing_of_those_it_lacks(int minutes, string answer)
    {
        await using var slapd = await Slapd.StartAsync(People(1));
        await using var node = await NodeAsync();
        Assert.True((await Desk(node).PutAsync(Owner, "s_one", Settings(slapd), Slapd.Password, Cancel)).Ok);
        Assert.True((await Desk(node).SynchronizeAsync(Owner, "s_one", null, Cancel)).Ok);

        // As if nobody had looked since then: every node that could is down.
        await node.Stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE mail_directory SET read_at = read_at - @Ago, next_at = next_at - @Ago", new { Ago = minutes * 60_000_000L }), Cancel);
        Assert.Equal(["250", answer], [await RcptAsync(node, "u0@one.example"), await RcptAsync(node, "new@one.example")]);
    }

    [Theory]
    [InlineData("password", "InvalidCredentials (49)")]
    [InlineData("authority", "TLS with ldap://127.0.0.1")]
    [InlineData("base", "NoSuchObject (32)")]
    [InlineData("address", "none of 3 objects")]
    public async Task What_is_set_wrongly_is_said_and_the_list_stays(string wrong, string expected)
    {
        await using var slapd = await Slapd.StartAsync(People(3));
        await using var node = await NodeAsync();
        var settings = Settings(slapd);
        settings = wrong switch
        {
            "authority" => settings with { Authority = "" },
            "base" => settings with { BaseDn = "ou=Nobody," + Slapd.Base },
            "address" => settings with { AddressAttribute = "title" },
            _ => settings,
        };
        Assert.True((await Desk(node).PutAsync(Owner, "s_one", settings, wrong == "password" ? "another" : Slapd.Password, Cancel)).Ok);
        var outcome = await Desk(node).SynchronizeAsync(Owner, "s_one", null, Cancel);
        Assert.Contains(expected, outcome.Refusal!.Message, StringComparison.Ordinal);
        Assert.Null(await node.Services.GetRequiredService<RecipientListBook>().FindAsync(Owner, "s_one", Cancel));
        var noted = (await Desk(node).FindAsync(Owner, "s_one", Cancel)).Value!;
        Assert.Equal((outcome.Refusal.Message, 1), (noted.Problem, noted.Failures));
        Assert.DoesNotContain(Slapd.Password, noted.Settings, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_never_sent_to_another_host_than_it_was_given_for_and_nobody_is_dialled_inside()
    {
        await using var node = await NodeAsync(mayDial: null);
        var settings = new DirectorySettings { Url = "ldap://127.0.0.1:1", BindName = "cn=a", BaseDn = "dc=x" };
        Assert.Equal("mail.directory.password", (await Desk(node).PutAsync(Owner, "s_one", settings, null, Cancel)).Refusal!.Code);
        Assert.True((await Desk(node).PutAsync(Owner, "s_one", settings, "given for it", Cancel)).Ok);
        Assert.True((await Desk(node).PutAsync(Owner, "s_one", settings with { BaseDn = "dc=y" }, null, Cancel)).Ok);
        foreach (var other in new[] { settings with { Url = "ldap://192.0.2.1" }, settings with { BindName = "cn=b" }, settings with { ClearText = true }, settings with { Authority = "x" } })
        {
            Assert.False((await Desk(node).PutAsync(Owner, "s_one", other, null, Cancel)).Ok);
        }

        Assert.Contains("is not dialled", (await Desk(node).SynchronizeAsync(Owner, "s_one", null, Cancel)).Refusal!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://x", "mail.directory.url")]
    [InlineData("ldap://", "mail.directory.url")]
    [InlineData("ldap://name:secret@x", "mail.directory.url")]
    [InlineData("ldap://x/dc=x", "mail.directory.url")]
    [InlineData("ldaps://x", "")]
    [InlineData("ldap://[2001:db8::1]:3389", "")]
    public void An_address_of_a_directory_is_checked(string url, string code) => Assert.Equal(code, new DirectorySettings { Url = url, BaseDn = "dc=x" }.Check()?.Code ?? "");

    [Fact]
    public async Task Whoever_answers_with_something_else_is_told_apart()
    {
        await using var other = new SmtpReceiver();
        other.Start();
        await using var node = await NodeAsync();
        Assert.True((await Desk(node).PutAsync(Owner, "s_one", new DirectorySettings { Url = $"ldap://127.0.0.1:{other.Port}", ClearText = true, BaseDn = "dc=x" }, null, Cancel)).Ok);
        Assert.Contains("does not speak LDAP", (await Desk(node).SynchronizeAsync(Owner, "s_one", null, Cancel)).Refusal!.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> People(int count) => Enumerable.Range(0, count).Select(static i => Slapd.Person($"u{i}", $"mail: u{i}@one.example"));

    private static DirectorySettings Settings(Slapd slapd) => new() { Url = slapd.Url, BindName = Slapd.Admin, BaseDn = "ou=Staff," + Slapd.Base, Authority = slapd.Authority, PageSize = 50 };

    private static DirectoryDesk Desk(MailNode node) => node.Services.GetRequiredService<DirectoryDesk>();

    private static RecipientLists Lists(MailNode node) => node.Services.GetRequiredService<RecipientLists>();

    private static Gateway Gateway(MailNode node) => node.Services.GetRequiredService<GatewayContracts>().Table.ForDomain("one.example")!;

    private static Mailbox Mailbox(string address) => Tsunagi.Protocols.Mail.Smtp.Mailbox.TryParse(address, out var mailbox) ? mailbox! : throw new ArgumentException(address, nameof(address));

    private static bool? Knows(MailNode node, string address) => Lists(node).Knows(Gateway(node), Mailbox(address));

    private static async Task LoadAsync(MailNode node) => await Lists(node).LoadAsync(Cancel);

    private static async Task<string> RcptAsync(MailNode node, string recipient)
    {
        await LoadAsync(node);
        await using var sender = await SmtpSender.ConnectAsync("127.0.0.1", node.Port, "sender.example", NextHopTls.Never, TimeProvider.System, Cancel);
        var sent = await sender.SendAsync("a@sender.example", [recipient], "Subject: s\r\n\r\nx\r\n"u8.ToArray());
        return sent.IsAccepted ? "250" : sent.Replies.Select(static reply => reply.Code.ToString(System.Globalization.CultureInfo.InvariantCulture)).First(static code => code[0] != '2');
    }

    private static async Task<MailNode> NodeAsync(string? mayDial = "127.0.0.0/8")
    {
        var node = await MailNode.StartAsync(mayDial: mayDial);
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
        node.Sign("s_one", "t_root/t_one/", "one.example", 9, static settings => settings with { Recipients = RecipientSource.List });
        return node;
    }
}
