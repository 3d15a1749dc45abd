using System.Buffers;
using System.Text;
using System.Text.Json;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Signing;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Tests.Protocols.Mail.Dkim;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Signing;

public sealed class Outgoing_mail
{
    private const string Letter = "From: Alice <alice@one.example>\r\nTo: bob@far.example\r\nSubject: hungry\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@one.example>\r\n\r\nWe are hungry.\r\n.dot\r\n \r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_listed_server_sends_leaves_signed_by_both_keys_and_every_verifier_agrees()
    {
        await using var world = await SigningNode.StartAsync();
        await world.PublishAsync();
        Assert.StartsWith("250 2.0.0 Accepted", await world.SendAsync("alice@one.example", "bob@far.example", Letter));
        var got = Assert.Single(await world.Smarthost.GotAsync(1));
        Assert.Equal(("alice@one.example", "bob@far.example"), (got.From, got.Recipients[0]));
        var text = Encoding.Latin1.GetString(got.Content.Span);

        // Ours
        var results = await VerifyAsync(got.Content, world.Dns);
        Assert.Equal(["Ed25519Sha256", "RsaSha256"], results.Select(static result => result.Signature!.Algorithm.ToString()).Order());
        Assert.All(results, static result => Assert.True(result.Verdict == DkimVerdict.Pass, result.Reason));
        Assert.All(results, static result => Assert.Equal("one.example", result.Signature!.Domain));

        // What people see cannot be added to, nor the body be lengthened: RFC 6376 sections 8.2 and 8.15.
        Assert.DoesNotContain(" l=", text[..text.IndexOf("Received:", StringComparison.Ordinal)], StringComparison.Ordinal);
        foreach (var more in (string[])["From: mallory@far.example\r\n", "To: mallory@far.example\r\n", "Subject: other\r\n", "Date: Thu, 26 Nov 2026 11:00:00 +0000\r\n"])
        {
            Assert.All(await VerifyAsync(Encoding.Latin1.GetBytes(more + text), world.Dns), static result => Assert.NotEqual(DkimVerdict.Pass, result.Verdict));
        }

        Assert.All(await VerifyAsync(Encoding.Latin1.GetBytes(text + "more\r\n"), world.Dns), static result => Assert.NotEqual(DkimVerdict.Pass, result.Verdict));
    }

    [Fact]
    public async Task Opendkim_and_dkimpy_verify_what_leaves()
    {
        Assert.SkipUnless(File.Exists(Dkim_interop.OpenDkim), "opendkim is not installed");
        Dkim_interop.NeedsDkimpy();
        await using var world = await SigningNode.StartAsync();
        await world.PublishAsync();
        await world.SendAsync("alice@one.example", "bob@far.example", Letter);
        var text = Encoding.Latin1.GetString(Assert.Single(await world.Smarthost.GotAsync(1)).Content.Span);
        var records = (await world.ReadAsync()).ToDictionary(static key => key.Name, static key => key.Record);

        var keys = JsonSerializer.Serialize(records);
        Assert.Equal("True", (await Dkim_interop.PythonAsync("verify", keys, text)).Trim());
        Assert.Equal("False", (await Dkim_interop.PythonAsync("verify", keys, text.Replace("hungry", "thirsty", StringComparison.Ordinal))).Trim());

        using var directory = new TemporaryDirectory();
        string In(string name) => Path.Combine(directory.Path, name);
        await File.WriteAllTextAsync(In("keys"), string.Concat(records.Select(static record => $"{record.Key} {record.Value}\n")), Cancel);
        await File.WriteAllTextAsync(In("conf"), $"Mode v\nTestPublicKeys {In("keys")}\n", Cancel);
        var second = text.IndexOf("DKIM-Signature:", 1, StringComparison.Ordinal);
        var rest = text.IndexOf("Received:", StringComparison.Ordinal);
        foreach (var one in (string[])[text[..second] + text[rest..], text[second..]])
        {
            await File.WriteAllTextAsync(In("message"), one, Cancel);
            Assert.Contains("succeeded", await Dkim_interop.RunAsync(Dkim_interop.OpenDkim, ["-x", In("conf"), "-t", In("message")], ""), StringComparison.Ordinal);
            await File.WriteAllTextAsync(In("message"), one.Replace("hungry", "thirsty", StringComparison.Ordinal), Cancel);
            Assert.DoesNotContain("succeeded", await Dkim_interop.RunAsync(Dkim_interop.OpenDkim, ["-x", In("conf"), "-t", In("message")], ""), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("From: alice@one.example", true)]
    [InlineData("From: \"a@b\" <alice@ONE.example> (a@b)", true)]
    [InlineData("From: alice@below.one.example", true)]
    [InlineData("From: mallory@far.example", false)]
    [InlineData("From: mallory@notone.example", false)]
    [InlineData("From: mallory@two.example", false)]
    [InlineData("From: mallory@below.two.one.example", false)]
    [InlineData("From: alice@one.example, mallory@far.example", false)]
    [InlineData("From: alice@one.example\r\nFrom: mallory@far.example", false)]
    [InlineData("Sender: alice@one.example", false)]
    public async Task Only_mail_whose_one_author_is_the_customers_own_is_signed(string from, bool signed)
    {
        await using var world = await SigningNode.StartAsync();
        world.Node.Sign("s_two", "t_root/t_two/", "two.example", world.Smarthost.Port);
        world.Node.Sign("s_three", "t_root/t_two/", "two.one.example", world.Smarthost.Port);
        await world.PublishAsync();
        await world.SendAsync("alice@one.example", "bob@far.example", from + "\r\nSubject: s\r\n\r\nhello\r\n");
        var got = Assert.Single(await world.Smarthost.GotAsync(1));
        Assert.Equal(signed, Encoding.Latin1.GetString(got.Content.Span).StartsWith("DKIM-Signature:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_listed_server_sends_in_its_own_customers_name_alone_and_others_send_nothing_through_us()
    {
        await using var world = await SigningNode.StartAsync();
        world.Node.Sign("s_two", "t_root/t_two/", "two.example", world.Smarthost.Port, static given => given with { Relays = ["127.0.0.1", "192.0.2.7"] });
        var outcomes = world.Node.Apply();
        Assert.Contains("another customer sends from 127.0.0.1/32", outcomes.Single(static outcome => outcome.Key == "s_two").WhyNotYet, StringComparison.Ordinal);
        Assert.Null(outcomes.Single(static outcome => outcome.Key == "s_one").WhyNotYet);
        Assert.StartsWith("550 5.7.1", await world.SendAsync("bob@two.example", "c@far.example", Letter));
        Assert.StartsWith("550 5.7.1", await world.SendAsync("mallory@far.example", "c@far.example", Letter));
        Assert.StartsWith("250 ", await world.SendAsync("", "c@far.example", Letter));

        // What is for another customer of ours leaves and comes back by the front door: it is signed, and judged as anybody's.
        Assert.StartsWith("250 ", await world.SendAsync("alice@one.example", "postmaster@two.example", Letter));

        // What is for itself goes to its own server.
        Assert.StartsWith("250 ", await world.SendAsync("alice@one.example", "postmaster@one.example", Letter));
        await world.Smarthost.GotAsync(3);

        world.Node.Sign("s_one", SigningNode.Tenant, SigningNode.Domain, world.Smarthost.Port, static given => given with { Relays = ["127.0.0.2"] });
        Assert.StartsWith("550 5.7.1", await world.SendAsync("alice@one.example", "c@far.example", Letter));
    }

    [Fact]
    public async Task Mail_that_must_be_signed_waits_while_its_key_cannot_be_read_and_leaves_signed_when_it_can()
    {
        await using var world = await SigningNode.StartAsync();
        await world.PublishAsync();
        var box = (await BoxesAsync(world))[0];
        await SetBoxAsync(world, box.Id, box.Sealed[..^8] + "AAAAAAA=");
        Assert.StartsWith("250 ", await world.SendAsync("alice@one.example", "bob@far.example", Letter));
        var reply = await world.Node.EventuallyAsync(
            static reader => reader.FirstOrDefaultAsync<string>("SELECT last_reply FROM mail_message"), static said => said?.Length > 0);
        Assert.Matches("^451 4\\.7\\.5 Mail of one\\.example must be signed, and the signing key .*\\._domainkey\\.one\\.example can not be read", reply);
        Assert.Empty(world.Smarthost.Messages);
        await world.Keeper.LookAsync(Cancel);
        await world.Keeper.LookAsync(Cancel);
        Assert.Equal("publish used unreadable", await world.ToldAsync());

        await SetBoxAsync(world, box.Id, box.Sealed);
        Assert.StartsWith("DKIM-Signature:", Encoding.Latin1.GetString(Assert.Single(await world.Smarthost.GotAsync(1)).Content.Span));
        await world.Keeper.LookAsync(Cancel);
        Assert.Equal("publish used unreadable readable", await world.ToldAsync());
    }

    [Theory]
    [InlineData(MailSigning.WhenPossible, true)]
    [InlineData(MailSigning.Off, true)]
    [InlineData(MailSigning.Required, false)]
    public async Task Unsigned_leaves_only_where_the_domain_allows_it_or_has_no_key_in_use(MailSigning signing, bool broken)
    {
        await using var world = await SigningNode.StartAsync(given => given with { Signing = signing });
        if (broken)
        {
            await world.PublishAsync();
            foreach (var box in await BoxesAsync(world))
            {
                await SetBoxAsync(world, box.Id, "AAAA");
            }
        }

        await world.SendAsync("alice@one.example", "bob@far.example", Letter);
        Assert.StartsWith("Received:", Encoding.Latin1.GetString(Assert.Single(await world.Smarthost.GotAsync(1)).Content.Span));
    }

    [Fact]
    public async Task A_key_of_one_tenant_signs_for_no_other_whatever_stands_in_its_row()
    {
        await using var world = await SigningNode.StartAsync();
        await world.PublishAsync();
        Assert.Equal(2, (await world.Keys.OfAsync(SigningNode.Tenant, SigningNode.Domain)).Signers.Count);
        Assert.Equal(SigningChoice.None, await world.Keys.OfAsync("t_root/t_two/", SigningNode.Domain));

        await world.Node.Stores.Control.WriteAsync(static transaction => transaction.ExecuteAsync("UPDATE mail_dkim_key SET tenant_path = 't_root/t_two/', id = 'x' || id; UPDATE mail_signing_head SET version = version + 1"), Cancel);
        await world.Keys.LoadAsync(Cancel);
        var stolen = await world.Keys.OfAsync("t_root/t_two/", SigningNode.Domain);
        Assert.Empty(stolen.Signers);
        Assert.Contains("can not be read", stolen.WhyNot, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_larger_than_a_piece_is_signed_as_it_is_sent()
    {
        await using var world = await SigningNode.StartAsync();
        await world.PublishAsync();
        var large = Letter + string.Concat(Enumerable.Range(0, 6_000).Select(static i => $"line {i} of a long letter with some words\r\n"));
        await world.SendAsync("alice@one.example", "bob@far.example", large);
        var got = Assert.Single(await world.Smarthost.GotAsync(1));
        Assert.True(got.Content.Length > large.Length + 1_000);
        Assert.All(await VerifyAsync(got.Content, world.Dns), static result => Assert.True(result.Verdict == DkimVerdict.Pass, result.Reason));
    }

    private static async Task<IReadOnlyList<DkimResult>> VerifyAsync(ReadOnlyMemory<byte> message, SettableDns dns)
    {
        var results = await DkimVerification.VerifyAsync(new ReadOnlySequence<byte>(message), dns, DateTimeOffset.MaxValue, null, Cancel);
        Assert.Equal(2, results.Length);
        return results;
    }

    private static ValueTask<IReadOnlyList<Box>> BoxesAsync(SigningNode world) =>
        world.Node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<Box>("SELECT id, sealed FROM mail_dkim_key WHERE state = 'used' ORDER BY id"), Cancel);

    private static async Task SetBoxAsync(SigningNode world, string id, string box)
    {
        await world.Node.Stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("UPDATE mail_dkim_key SET sealed = @Box WHERE id = @Id", new { Id = id, Box = box });
                await transaction.ExecuteAsync("UPDATE mail_signing_head SET version = version + 1 WHERE one = 1");
                return true;
            },
            Cancel);
        await world.Keys.LoadAsync(Cancel);
    }

    private sealed record Box(string Id, string Sealed);
}
