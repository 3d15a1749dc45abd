using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Signing;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Signing;

public sealed class Signing_keys
{
    private static readonly Caller Owner = new("u_owner", "owner@x.example", new TenantScope("t_one", SigningNode.Tenant), new HashSet<string> { "*" }, false, "en");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_next_keys_are_published_first_then_used_and_the_old_ones_stay_published_for_their_time()
    {
        var time = new ManualTime();
        await using var world = await SigningNode.StartAsync(time: time);
        await world.Keeper.LookAsync(Cancel);
        await world.Keeper.LookAsync(Cancel);
        var first = await world.ReadAsync();
        Assert.Equal(["1 ed25519-sha256 next missing", "1 rsa-sha256 next missing"], Lives(first));
        Assert.Equal("publish", await world.ToldAsync());
        Assert.All(first, static key => Assert.True(DkimKey.TryParse(key.Record, out _, out _)));
        Assert.Matches("^ts20260701[0-9a-f]{4}e\\._domainkey\\.one\\.example\\. IN TXT \\( \"v=DKIM1; k=ed25519; p=[^\"]{44}\" \\)$", first[0].ZoneLine);
        Assert.Matches("^ts20260701[0-9a-f]{4}r\\._domainkey\\.one\\.example\\. IN TXT \\( \"v=DKIM1; k=rsa; p=[^\"]{237}\" \"[^\"]*\" \\)$", first[1].ZoneLine);

        // One of two is not enough.
        world.Dns.Texts[first[1].Name] = [first[1].Record];
        await world.Keeper.LookAsync(Cancel);
        Assert.Equal(["1 ed25519-sha256 next missing", "1 rsa-sha256 next found"], Lives(await world.ReadAsync()));
        Assert.Equal(SigningChoice.None, await world.Keys.OfAsync(SigningNode.Tenant, SigningNode.Domain));
        await world.PublishAsync();
        Assert.Equal(["1 ed25519-sha256 used found", "1 rsa-sha256 used found"], Lives(await world.ReadAsync()));

        // At its age, not before.
        time.Advance(TimeSpan.FromDays(180) - TimeSpan.FromSeconds(1));
        await world.Keeper.LookAsync(Cancel);
        Assert.Equal(2, (await world.ReadAsync()).Count);
        time.Advance(TimeSpan.FromSeconds(1));
        await world.Keeper.LookAsync(Cancel);
        Assert.Equal(["1 ed25519-sha256 used found", "1 rsa-sha256 used found", "2 ed25519-sha256 next missing", "2 rsa-sha256 next missing"], Lives(await world.ReadAsync()));
        Assert.EndsWith(first[1].Selector, Selectors(await world.Keys.OfAsync(SigningNode.Tenant, SigningNode.Domain)), StringComparison.Ordinal);
        await world.PublishAsync();
        var second = await world.ReadAsync();
        Assert.Equal(["1 ed25519-sha256 old found", "1 rsa-sha256 old found", "2 ed25519-sha256 used found", "2 rsa-sha256 used found"], Lives(second));
        Assert.EndsWith(second[3].Selector, Selectors(await world.Keys.OfAsync(SigningNode.Tenant, SigningNode.Domain)), StringComparison.Ordinal);

        // What signs no more is gone at once; its record is to stay.
        Assert.Equal(2, await CountAsync(world, "sealed = '' AND state = 'old'"));
        time.Advance(TimeSpan.FromDays(14) - TimeSpan.FromSeconds(1));
        await world.Keeper.LookAsync(Cancel);
        Assert.Equal(2, await CountAsync(world, "state = 'old'"));
        time.Advance(TimeSpan.FromSeconds(1));
        await world.Keeper.LookAsync(Cancel);
        Assert.Equal(2, await CountAsync(world, "state = 'ended'"));
        Assert.Equal("publish used publish used ended ended", await world.ToldAsync());
    }

    [Fact]
    public async Task A_record_in_use_that_goes_or_changes_is_told_once_and_so_is_its_return_and_silence_says_nothing()
    {
        var time = new ManualTime();
        await using var world = await SigningNode.StartAsync(time: time);
        await world.PublishAsync();
        var rsa = (await world.ReadAsync())[1];
        async Task LookAsync(params string[]? texts)
        {
            world.Dns.Silent = texts is null;
            if (texts is { Length: > 0 })
            {
                world.Dns.Texts[rsa.Name] = texts;
            }
            else if (texts is not null)
            {
                world.Dns.Texts.TryRemove(rsa.Name, out _);
            }

            time.Advance(TimeSpan.FromHours(1));
            await world.Keeper.LookAsync(Cancel);
        }

        await LookAsync(null);
        Assert.Equal("publish used", await world.ToldAsync());
        await LookAsync();
        await LookAsync(null);
        await LookAsync("v=DKIM1; k=rsa; p=");
        Assert.Equal("publish used missing", await world.ToldAsync());
        Assert.Equal("differs: the record there withdraws the key (p= is empty)", Said((await world.ReadAsync())[1]));
        await LookAsync(rsa.Record);
        Assert.Equal("publish used missing found", await world.ToldAsync());

        // A record in use is looked for once an hour, not at each look.
        world.Dns.Texts.TryRemove(rsa.Name, out _);
        time.Advance(TimeSpan.FromMinutes(59));
        await world.Keeper.LookAsync(Cancel);
        Assert.Equal("found: ", Said((await world.ReadAsync())[1]));
        await world.Node.Services.GetRequiredService<SigningDesk>().CheckAsync(Owner, SigningNode.Domain, Cancel);
        Assert.Equal("missing: there is no TXT record", Said((await world.ReadAsync())[1]));
    }

    [Fact]
    public void A_published_record_is_judged_as_a_verifier_reads_it()
    {
        using var key = DkimPrivateKey.Create(DkimAlgorithm.Ed25519Sha256);
        using var other = DkimPrivateKey.Create(DkimAlgorithm.Ed25519Sha256);
        var record = key.ToRecord();
        string Judge(params string[] texts) =>
            PublishedRecord.Judge(texts.Length == 0 ? new MailDnsAnswer<string>(MailDnsStatus.NoData) : new MailDnsAnswer<string>([.. texts]), record) is ({ } state, { } found) ? $"{state} {found}" : "nothing";
        Assert.Equal("found ", Judge(record));
        Assert.Equal("found ", Judge(record.Replace("; ", " ;\t ", StringComparison.Ordinal) + ";"));
        Assert.Equal("found ", Judge(record + "; n=a note; s=email"));
        Assert.StartsWith("missing", Judge());
        Assert.StartsWith("differs 2 TXT records", Judge(record, record));
        Assert.StartsWith("differs another key", Judge(other.ToRecord()));
        Assert.StartsWith("differs another key", Judge(record.Replace("k=ed25519; ", "", StringComparison.Ordinal)));
        Assert.StartsWith("differs the record there does not allow it", Judge(record + "; s=tlsrpt"));
        Assert.StartsWith("differs the record there says that signatures are a test", Judge(record + "; t=y"));
        Assert.StartsWith("differs p= is missing", Judge("v=DKIM1; k=ed25519"));
        Assert.Null(PublishedRecord.Judge(new MailDnsAnswer<string>(MailDnsStatus.TempError), record));
    }

    [Fact]
    public async Task People_see_the_records_and_may_ask_for_the_next_keys_once()
    {
        await using var world = await SigningNode.StartAsync();
        await world.PublishAsync();
        var desk = world.Node.Services.GetRequiredService<SigningDesk>();
        Assert.Equal(2, (await desk.ListAsync(Owner, Cancel)).Count);
        Assert.Equal(4, (await desk.RotateAsync(Owner, "ONE.example.", Cancel)).Value!.Count);
        Assert.Equal("mail.signing.next-waits", (await desk.RotateAsync(Owner, SigningNode.Domain, Cancel)).Refusal!.Code);
        Assert.Equal("publish used publish rotated", await world.ToldAsync());
        var stranger = Owner with { Scope = new TenantScope("t_two", "t_root/t_two/") };
        Assert.Empty(await desk.ListAsync(stranger, Cancel));
        Assert.Equal("not-found", (await desk.FindAsync(stranger, SigningNode.Domain, Cancel)).Refusal!.Code);
        Assert.Equal("not-found", (await desk.RotateAsync(stranger, SigningNode.Domain, Cancel)).Refusal!.Code);
        Assert.Equal("not-found", (await desk.CheckAsync(stranger, SigningNode.Domain, Cancel)).Refusal!.Code);
    }

    [Fact]
    public async Task Who_sends_nothing_or_signs_nothing_gets_no_keys()
    {
        await using var world = await SigningNode.StartAsync(static given => given with { Signing = MailSigning.Off });
        world.Node.Sign("s_two", "t_root/t_two/", "two.example", world.Smarthost.Port);
        await world.Keeper.LookAsync(Cancel);
        Assert.Equal(0, await CountAsync(world, "1 = 1"));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1/32")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1/32")]
    [InlineData("192.0.2.16/28", "192.0.2.16/28")]
    [InlineData("192.0.2.0/27", null)]
    [InlineData("2001:db8:1:2::/64", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::/63", null)]
    [InlineData("192.0.2.17/28", "192.0.2.16/28")]
    [InlineData("mx.one.example", null)]
    [InlineData("", null)]
    public void A_customers_servers_are_addresses_or_small_networks(string text, string? network) =>
        Assert.Equal(network, RelayNetwork.TryParse(text, out var parsed, out _) ? parsed.ToString() : null);

    private static string[] Lives(IEnumerable<SigningKey> keys) => [.. keys.Select(static key => $"{key.Generation} {key.Algorithm} {key.State} {key.Published}")];

    private static string Said(SigningKey key) => $"{key.Published}: {key.Found}";

    private static string Selectors(SigningChoice choice) => string.Join(' ', choice.Signers.Select(static signer => signer.Selector));

    private static ValueTask<long> CountAsync(SigningNode world, string where) =>
        world.Node.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>($"SELECT count(*) FROM mail_dkim_key WHERE {where}"), Cancel);
}
