using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Signing;
using Tsunagi.Mail.Submission;
using Tsunagi.Protocols.Mail.Sasl;
using Tsunagi.Tests.Mail.Signing;
using Tsunagi.Tests.Protocols.Mail.Sasl;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Submission;

public sealed class Submission_of_mail
{
    private const string Letter = "From: Scanner <scanner@one.example>\r\nTo: bob@far.example\r\nSubject: a page\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@one.example>\r\n\r\nA page.\r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_device_hands_mail_in_and_it_leaves_by_the_smarthost(bool tlsFirst)
    {
        await using var world = await SubmissionNode.StartAsync();
        await using var client = tlsFirst ? await TlsDialogue.TlsFirstAsync(world.TlsPort) : await TlsDialogue.StartTlsAsync(world.Port);
        Assert.DoesNotContain("AUTH", client.PlainHello, StringComparison.Ordinal);
        Assert.Contains("AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN", client.Hello, StringComparison.Ordinal);
        Assert.DoesNotContain("STARTTLS", client.Hello, StringComparison.Ordinal);
        Assert.StartsWith("530 5.7.0", await client.SayAsync("MAIL FROM:<scanner@one.example>"), StringComparison.Ordinal);
        Assert.StartsWith("235 2.7.0", await client.SayAsync("AUTH PLAIN " + SubmissionNode.Plain("Scanner@One.Example", world.Secret)), StringComparison.Ordinal);
        var reply = await client.SendAsync("scanner@one.example", "bob@far.example", Letter);
        Assert.StartsWith("250 2.0.0 Accepted", reply, StringComparison.Ordinal);
        var got = Assert.Single(await world.Smarthost.GotAsync(1));
        var text = Encoding.ASCII.GetString(got.Content.Span);
        Assert.Contains("with ESMTPSA", text, StringComparison.Ordinal);
        Assert.EndsWith(Letter, text, StringComparison.Ordinal);

        // Found by its credential, told as the customer's own.
        var row = await world.Node.EventuallyAsync(
            static reader => reader.FirstOrDefaultAsync<string>("SELECT submitted_by || ' ' || state || ' ' || subscription_id FROM mail_message"), static said => said?.Contains("delivered", StringComparison.Ordinal) == true);
        Assert.Equal("scanner@one.example delivered s_one", row);
        Assert.Equal(["mail.credential.made@1"], (await world.ToldAsync()).Select(static told => told.Type).Where(static type => type.StartsWith("mail.credential", StringComparison.Ordinal)));
        var used = (await world.Desk.FindAsync(SubmissionNode.Owner, world.Made.Credential.Id, Cancel)).Value!;
        Assert.Equal("127.0.0.1", used.LastUsedFrom);
        Assert.True(used.LastUsedAt > used.CreatedAt);
    }

    [Fact]
    public async Task Scram_proves_the_secret_and_plus_binds_it_to_the_connection()
    {
        await using var world = await SubmissionNode.StartAsync();
        foreach (var plus in (bool[])[false, true])
        {
            await using var client = await TlsDialogue.StartTlsAsync(world.Port);
            var scram = new Scram("scanner@one.example", world.Secret, "fyko+d2lbbFgONRv9qkxdawL", plus ? "p=tls-server-end-point,," : "n,,", plus ? client.EndPoint : null);
            var first = await client.SayAsync($"AUTH SCRAM-SHA-256{(plus ? "-PLUS" : "")} {Convert.ToBase64String(scram.First)}");
            var (final, proof) = scram.Answer(Convert.FromBase64String(first[4..]));
            Assert.Equal("334 " + Convert.ToBase64String(Encoding.ASCII.GetBytes(proof)), await client.SayAsync(Convert.ToBase64String(final)));
            Assert.StartsWith("235", await client.SayAsync(""), StringComparison.Ordinal);
        }

        // Bound to another connection's certificate: somebody is in between.
        await using var other = await TlsDialogue.StartTlsAsync(world.Port);
        var wrong = new Scram("scanner@one.example", world.Secret, "abc", "p=tls-server-end-point,,", new byte[32]);
        var challenge = await other.SayAsync($"AUTH SCRAM-SHA-256-PLUS {Convert.ToBase64String(wrong.First)}");
        Assert.StartsWith("535 5.7.8", await other.SayAsync(Convert.ToBase64String(wrong.Answer(Convert.FromBase64String(challenge[4..])).Final)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_is_not_told_and_a_name_that_nobody_has_is_answered_alike()
    {
        await using var world = await SubmissionNode.StartAsync();
        var replies = new List<string>();
        foreach (var (user, secret) in new[] { (SubmissionNode.User, "another secret 12"), ("nobody@one.example", world.Secret), ("scanner@two.example", world.Secret), ("scanner@far.example", world.Secret), ("scanner", world.Secret) })
        {
            await using var client = await TlsDialogue.StartTlsAsync(world.Port);
            replies.Add(await client.SayAsync("AUTH PLAIN " + SubmissionNode.Plain(user, secret)));
        }

        Assert.Equal("535 5.7.8 Authentication credentials invalid", Assert.Single(replies.Distinct()));

        // By SCRAM a made-up name has a salt too, the same each time, and as many rounds.
        var salts = new List<string>();
        foreach (var user in (string[])["nobody@one.example", "nobody@one.example", "noone@one.example", SubmissionNode.User])
        {
            await using var client = await TlsDialogue.StartTlsAsync(world.Port);
            var challenge = Encoding.ASCII.GetString(Convert.FromBase64String((await client.SayAsync("AUTH SCRAM-SHA-256 " + Convert.ToBase64String(new Scram(user, "x", "abc").First)))[4..]));
            salts.Add(challenge.Split(',')[1]);
            Assert.EndsWith(",i=4096", challenge, StringComparison.Ordinal);
            Assert.StartsWith("501 5.7.0", await client.SayAsync("*"), StringComparison.Ordinal);
        }

        Assert.Equal(salts[0], salts[1]);
        Assert.Equal(3, salts.Distinct().Count());
        Assert.Equal(salts[0].Length, salts[3].Length);
    }

    [Theory]
    [InlineData("scanner@one.example", "From: scanner@one.example", "250")]
    [InlineData("Scanner@ONE.example", "From: \"S, c\" <SCANNER@one.example>", "250")]
    [InlineData("", "From: scanner@one.example", "250")] // a report of a device or a program
    [InlineData("boss@one.example", "From: scanner@one.example", "550 5.7.1")]
    [InlineData("scanner@two.example", "From: scanner@one.example", "550 5.7.1")]
    [InlineData("mallory@far.example", "From: scanner@one.example", "550 5.7.1")]
    [InlineData("scanner@one.example", "From: boss@one.example", "550 5.7.1")]
    [InlineData("", "From: boss@one.example", "550 5.7.1")]
    [InlineData("scanner@one.example", "From: scanner@one.example, boss@one.example", "550 5.7.1")]
    [InlineData("scanner@one.example", "From: \"boss@one.example\" <scanner@one.example>", "250")]
    [InlineData("scanner@one.example", "From: boss@one.example <scanner@one.example>", "554 5.6.0")]
    [InlineData("scanner@one.example", "From: scanner@one.example\r\nFrom: boss@one.example", "554 5.6.0")]
    [InlineData("scanner@one.example", "From: scanner@one.example\r\nSender: boss@one.example", "550 5.7.1")]
    [InlineData("scanner@one.example", "From: scanner@one.example\r\nSender: scanner@one.example", "250")]
    [InlineData("scanner@one.example", "X-From: scanner@one.example", "554 5.6.0")]
    [InlineData("scanner@one.example", "From: Staff: scanner@one.example;", "554 5.6.0")]
    [InlineData("scanner@one.example", "From: scanner@one.example\r\nno field", "554 5.6.0")]
    public async Task Envelope_and_author_are_those_the_credential_may_use(string sender, string header, string reply)
    {
        await using var world = await SubmissionNode.StartAsync();
        await using var client = await world.LetInAsync();
        Assert.StartsWith(reply, await client.SendAsync(sender, "bob@far.example", header + "\r\nSubject: s\r\n\r\nbody\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_too_large_to_be_read_whole_is_refused()
    {
        await using var world = await SubmissionNode.StartAsync();
        await using var client = await world.LetInAsync();
        var long1 = string.Concat(Enumerable.Range(0, 1_300).Select(static i => $"X-{i}: {new string('x', 50)}\r\n"));
        Assert.StartsWith("554 5.6.0", await client.SendAsync("scanner@one.example", "bob@far.example", "From: scanner@one.example\r\n" + long1 + "From: boss@one.example\r\n\r\nbody\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_domain_may_be_allowed_and_none_below_or_beside_it()
    {
        await using var world = await SubmissionNode.StartAsync();
        Assert.True((await world.Desk.SetSendersAsync(SubmissionNode.Owner, world.Made.Credential.Id, ["one.example"], Cancel)).Ok);
        await using var client = await world.LetInAsync();
        Assert.StartsWith("250", await client.SendAsync("boss@one.example", "bob@far.example", "From: anybody@One.example\r\n\r\nbody\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1", await client.SendAsync("a@below.one.example", "bob@far.example", Letter), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1", await client.SendAsync("a@notone.example", "bob@far.example", Letter), StringComparison.Ordinal);

        // What the contract serves no more, nobody sends as.
        world.Node.Sign("s_one", SubmissionNode.Tenant, "other.example", world.Customer.Port);
        Assert.StartsWith("550 5.7.1", await client.SendAsync("boss@one.example", "bob@far.example", Letter), StringComparison.Ordinal);
        await using var late = await TlsDialogue.StartTlsAsync(world.Port);
        Assert.StartsWith("535", await late.SayAsync("AUTH PLAIN " + SubmissionNode.Plain(SubmissionNode.User, world.Secret)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_device_leaves_out_is_added_and_signed()
    {
        var dns = new SettableDns();
        await using var world = await SubmissionNode.StartAsync(dns: dns);
        var keeper = world.Node.Services.GetRequiredService<SigningKeeper>();

        // A credential alone makes keys: no server of the customer's is listed.
        await keeper.LookAsync(Cancel);
        foreach (var key in await world.Node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<SigningKey>($"SELECT {SigningKey.Columns} FROM mail_dkim_key WHERE domain = 'one.example' ORDER BY id"), Cancel))
        {
            dns.Texts[key.Name] = [key.Record];
        }

        await keeper.KeepAsync(SubmissionNode.Tenant, "one.example", isAsked: true, Cancel);
        await world.Node.Services.GetRequiredService<SigningKeys>().LoadAsync(Cancel);
        await using var client = await world.LetInAsync();
        var reply = await client.SendAsync("scanner@one.example", "bob@far.example", "From: scanner@one.example\r\nSubject: s\r\n\r\nbody\r\n");
        var text = Encoding.ASCII.GetString(Assert.Single(await world.Smarthost.GotAsync(1)).Content.Span);
        var id = MailNode.IdIn(reply);
        Assert.Matches($"\r\nDate: [A-Z][a-z]{{2}}, .* \\+0000\r\nMessage-ID: <{id}@gateway.test>\r\nReceived:", text);
        Assert.StartsWith("DKIM-Signature:", text, StringComparison.Ordinal);
        Assert.All(
            await Tsunagi.Protocols.Mail.Dkim.DkimVerification.VerifyAsync(new System.Buffers.ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(text)), dns, DateTimeOffset.MaxValue, null, Cancel),
            static result => Assert.True(result.Verdict == Tsunagi.Protocols.Mail.Dkim.DkimVerdict.Pass, result.Reason));
        Assert.Equal($"{id}@gateway.test", await world.Node.EventuallyAsync(
            static reader => reader.FirstOrDefaultAsync<string>("SELECT message_id FROM mail_message"), static said => said is not null));
    }

    [Fact]
    public async Task Mail_for_the_own_domain_goes_to_the_own_server_and_is_not_held_against_the_device()
    {
        await using var world = await SubmissionNode.StartAsync();
        world.Node.Sign("s_one", SubmissionNode.Tenant, "one.example", world.Customer.Port, static given => given with { Recipients = RecipientSource.List });
        await world.Node.ListAsync("s_one", SubmissionNode.Tenant, "boss@one.example");
        await using var client = await world.LetInAsync();
        Assert.StartsWith("550 5.1.1", await client.SendAsync("scanner@one.example", "nobody@one.example", Letter), StringComparison.Ordinal);
        await client.SayAsync("RSET");
        Assert.StartsWith("250", await client.SendAsync("scanner@one.example", "boss@one.example", "From: scanner@one.example\r\nTo: boss@one.example\r\nSubject: s\r\n\r\nbody\r\n"), StringComparison.Ordinal);
        var text = Encoding.ASCII.GetString(Assert.Single(await world.Customer.GotAsync(1)).Content.Span);
        Assert.Matches("Authentication-Results: gateway\\.test;\\s+auth=pass\\s+smtp\\.auth=\"?scanner@one\\.example", text);
        Assert.DoesNotContain("X-Tsunagi-Verdict", text, StringComparison.Ordinal);
        Assert.StartsWith("Date:", text, StringComparison.Ordinal);
        Assert.Empty(world.Smarthost.Messages);

        // Another customer's recipient leaves, and comes back by the front door.
        Assert.StartsWith("250", await client.SendAsync("scanner@one.example", "postmaster@two.example", Letter), StringComparison.Ordinal);
        Assert.Single(await world.Smarthost.GotAsync(1));
    }

    /// <summary>Whom a program answers is not known by that: a stranger would only have to write first.</summary>
    [Fact]
    public async Task What_a_program_answers_makes_nobody_known()
    {
        await using var world = await SubmissionNode.StartAsync();
        await using var client = await world.LetInAsync();
        Assert.StartsWith("250", await client.SendAsync("scanner@one.example", "bob@vacation.example", "Auto-Submitted: auto-replied\r\n" + Letter), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.SendAsync("scanner@one.example", "bob@far.example", "Auto-Submitted: no\r\n" + Letter), StringComparison.Ordinal);
        var known = world.Node.Services.GetRequiredService<Correspondents>();
        Assert.Equal((false, true), (known.Knows(SubmissionNode.Tenant, "vacation.example"), known.Knows(SubmissionNode.Tenant, "far.example")));
    }

    [Fact]
    public async Task Without_a_smarthost_nothing_leaves()
    {
        await using var world = await SubmissionNode.StartAsync(hasSmarthost: false);
        await using var client = await world.LetInAsync();
        Assert.StartsWith("550 5.7.1", await client.SendAsync("scanner@one.example", "bob@far.example", Letter), StringComparison.Ordinal);
        await client.SayAsync("RSET");
        Assert.StartsWith("550 5.7.1", await client.SendAsync("scanner@one.example", "postmaster@two.example", Letter), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_that_is_revoked_ends_its_sessions_at_once_and_so_does_a_new_secret()
    {
        await using var world = await SubmissionNode.StartAsync();
        await using (var client = await world.LetInAsync())
        {
            Assert.Equal("354", (await client.SendBeginAsync())[..3]);
            Assert.True((await world.Desk.SetSecretAsync(SubmissionNode.Owner, world.Made.Credential.Id, "a new secret, long enough", Cancel)).Ok);
            Assert.StartsWith("421 4.7.0", await client.SayAsync(Letter + "."), StringComparison.Ordinal);
        }

        await using (var client = await world.LetInAsync(secret: "a new secret, long enough"))
        {
            Assert.True((await world.Desk.RevokeAsync(SubmissionNode.Owner, world.Made.Credential.Id, Cancel)).Ok);
            Assert.StartsWith("421 4.7.0", await client.SayAsync("MAIL FROM:<scanner@one.example>"), StringComparison.Ordinal);
        }

        await using var late = await TlsDialogue.StartTlsAsync(world.Port);
        Assert.StartsWith("535", await late.SayAsync("AUTH PLAIN " + SubmissionNode.Plain(SubmissionNode.User, "a new secret, long enough")), StringComparison.Ordinal);
        Assert.Empty(world.Smarthost.Messages);
        var kept = await world.Node.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT salt || stored_key || server_key FROM mail_credential"), Cancel);
        Assert.Equal("", kept);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_and_told_once_and_the_device_itself_does_not_wait()
    {
        // The device is elsewhere, behind a load balancer that says so.
        await using var world = await SubmissionNode.StartAsync(static options => options with
        {
            Submission = options.Submission with { MaxFailures = 100, Throttle = new ThrottleOptions { FreePerPair = 3, FreePerAddress = 5, FreePerAccount = 3 }, Proxy = new() { From = [System.Net.IPNetwork.Parse("127.0.0.0/8")] } },
        });
        async Task<string> TryAsync(string from, string user, string secret)
        {
            await using var client = await TlsDialogue.OpenAsync(world.Port);
            await client.ComeFromAsync(from);
            await client.ReadAsync();
            await client.SayAsync("EHLO x.example");
            await client.SayAsync("STARTTLS");
            await client.SecureAsync();
            await client.SayAsync("EHLO x.example");
            return await client.SayAsync("AUTH PLAIN " + SubmissionNode.Plain(user, secret));
        }

        Assert.StartsWith("235", await TryAsync("192.0.2.1", SubmissionNode.User, world.Secret), StringComparison.Ordinal);
        for (var i = 0; i < 3; i++)
        {
            Assert.StartsWith("535", await TryAsync("198.51.100.7", SubmissionNode.User, $"a wrong secret {i}"), StringComparison.Ordinal);
        }

        // The address waits for this name; other addresses that were never seen wait as well; the device's own does not.
        Assert.StartsWith("454 4.7.0 Too many failed attempts, try again in", await TryAsync("198.51.100.7", SubmissionNode.User, world.Secret), StringComparison.Ordinal);
        Assert.StartsWith("454 4.7.0", await TryAsync("198.51.100.8", SubmissionNode.User, world.Secret), StringComparison.Ordinal);
        Assert.StartsWith("235", await TryAsync("192.0.2.1", SubmissionNode.User, world.Secret), StringComparison.Ordinal);

        // The address goes on with other names, until it waits for all of them.
        Assert.StartsWith("535", await TryAsync("198.51.100.7", "a@one.example", "x"), StringComparison.Ordinal);
        Assert.StartsWith("535", await TryAsync("198.51.100.7", "b@one.example", "x"), StringComparison.Ordinal);
        Assert.StartsWith("454", await TryAsync("198.51.100.7", "c@one.example", "x"), StringComparison.Ordinal);

        var told = (await world.ToldAsync()).Where(static one => one.Type.Contains("guess", StringComparison.Ordinal)).ToList();
        Assert.Equal(["mail.credential.guessed@1", "mail.submission.guessing@1"], told.Select(static one => one.Type));
        Assert.Equal((world.Made.Credential.Id, SubmissionNode.Tenant), (told[0].Subject, told[0].TenantPath));
        Assert.Contains("198.51.100.7", told[0].Data, StringComparison.Ordinal);
        Assert.Equal(("198.51.100.7", "t_root/"), (told[1].Subject, told[1].TenantPath));
    }

    [Fact]
    public async Task A_client_that_speaks_in_the_clear_to_the_tls_port_hears_nothing()
    {
        await using var world = await SubmissionNode.StartAsync();
        await using var client = await Dialogue.OpenAsync(world.TlsPort);
        await client.SendAsync("EHLO client.example\r\n");
        Assert.DoesNotContain("250", await client.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_pipelined_behind_starttls_end_the_session()
    {
        await using var world = await SubmissionNode.StartAsync();
        await using var client = await Dialogue.GreetedAsync(world.Port);
        await client.SendAsync("STARTTLS\r\nAUTH PLAIN " + SubmissionNode.Plain(SubmissionNode.User, world.Secret) + "\r\n");
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task Nothing_of_it_is_on_the_gateways_own_listener()
    {
        await using var world = await SubmissionNode.StartAsync();
        await using var client = await Dialogue.GreetedAsync(world.Node.Port);
        Assert.StartsWith("502", await client.SayAsync("AUTH PLAIN " + SubmissionNode.Plain(SubmissionNode.User, world.Secret)), StringComparison.Ordinal);
        await client.SayAsync("MAIL FROM:<scanner@one.example>");
        Assert.StartsWith("550 5.7.1", await client.SayAsync("RCPT TO:<bob@far.example>"), StringComparison.Ordinal);
    }
}
