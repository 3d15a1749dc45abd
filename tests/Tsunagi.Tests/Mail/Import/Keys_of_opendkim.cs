using System.Security.Cryptography;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Import;
using Tsunagi.Mail.Signing;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Tests.Mail.Signing;

namespace Tsunagi.Tests.Mail.Import;

public sealed class Keys_of_opendkim
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Tables_say_which_keys_sign_for_a_domain_and_what_cannot_be_taken_is_told()
    {
        var files = new Dictionary<string, string>
        {
            ["/o.conf"] = "# comment\nKeyTable refile:/keys\nSigningTable  refile:/signing\nMultipleSignatures yes\n",
            ["/keys"] = "one one.example:s1:/one.pem\none-ed %:s2:/ed.pem\nother other.example:s3:/one.pem\ngone two.example:s4:/gone.pem\nbroken two.example\ninline three.example:s5:AAAA\n",
            ["/signing"] = "*@one.example one\none.example one-ed\n*@one.example other\n*@two.example gone\n*@two.example nobody\n*@two.example broken\nthree.example inline\nboss@one.example one\n*@*.one.example one\n",
            ["/one.pem"] = "RSA", ["/ed.pem"] = "ED",
        };
        var problems = new ImportProblems();
        var setup = OpenDkimSetup.Read("/o.conf", files.GetValueOrDefault, problems)!;
        Assert.Equal(
            [new("one.example", "s1", "RSA", null), new("one.example", "s2", "ED", null), new("one.example", "s3", null, "it signs as d=other.example; the gateway signs as the domain itself")],
            setup.KeysOf("one.example"));
        Assert.Equal([new OpenDkimKey("two.example", "s4", null, "its file /gone.pem is not there")], setup.KeysOf("two.example"));
        Assert.Contains("BEGIN RSA PRIVATE KEY-----\nAAAA\n", Assert.Single(setup.KeysOf("three.example")).Pem, StringComparison.Ordinal);
        Assert.Empty(setup.KeysOf("four.example"));
        foreach (var (file, line, told) in ((string, int, string)[])[
            ("/signing", 8, "'boss@one.example'"), ("/signing", 9, "'*@*.one.example'"), ("/signing", 5, "no key 'nobody'"), ("/keys", 5, "'broken' is no domain:selector:key"), ("/keys", 4, "/gone.pem is not there")])
        {
            Assert.Contains(problems.All, problem => problem.IsError && problem.File == file && problem.Line == line && problem.Message.Contains(told, StringComparison.Ordinal));
        }

        // Without MultipleSignatures the first signs alone; without tables, Domain, Selector and KeyFile.
        files["/o.conf"] = files["/o.conf"].Replace("MultipleSignatures yes", "", StringComparison.Ordinal);
        Assert.Single(OpenDkimSetup.Read("/o.conf", files.GetValueOrDefault, problems)!.KeysOf("one.example"));
        files["/o.conf"] = "Domain a.example, one.example\nSelector s9\nKeyFile /one.pem\n";
        Assert.Equal([new OpenDkimKey("one.example", "s9", "RSA", null)], OpenDkimSetup.Read("/o.conf", files.GetValueOrDefault, problems)!.KeysOf("one.example"));
    }

    [Fact]
    public async Task A_key_signs_at_its_own_selector_once_its_record_stands_in_the_dns_and_our_next_keys_take_over_from_it()
    {
        await using var world = await SigningNode.StartAsync();
        var (pem, record) = Key();
        Assert.True(DkimPrivateKey.TryParsePem(pem, out var key, out var reason), reason);
        using var ed = DkimPrivateKey.Create(DkimAlgorithm.Ed25519Sha256);
        List<ForeignKey> keys = [new("mail2019", key!), new("ed2024", ed)];
        var recorded = 0;
        ValueTask<ForeignKeysTaken> TakeAsync(bool dryRun = false) => world.Keeper.ImportAsync(SigningNode.Tenant, SigningNode.Domain, keys, dryRun, _ => Counted(), Cancel);
        ValueTask Counted()
        {
            recorded++;
            return ValueTask.CompletedTask;
        }

        // Our own wait to be published already.
        await world.Keeper.KeepAsync(SigningNode.Tenant, SigningNode.Domain, isAsked: false, Cancel);
        Assert.Equal(("refuse", "mail2019._domainkey.one.example: there is no TXT record"), Words(await TakeAsync()));
        world.Dns.Texts["mail2019._domainkey.one.example"] = [record];
        world.Dns.Texts["ed2024._domainkey.one.example"] = [DkimPrivateKey.FromEd25519(new byte[32]).ToRecord()];
        Assert.StartsWith("ed2024._domainkey.one.example: another key stands there", (await TakeAsync()).Detail, StringComparison.Ordinal);
        world.Dns.Texts["ed2024._domainkey.one.example"] = [ed.ToRecord()];
        world.Dns.Silent = true;
        Assert.StartsWith("the DNS gave no answer", (await TakeAsync()).Detail, StringComparison.Ordinal);
        world.Dns.Silent = false;
        Assert.Equal("add", (await TakeAsync(dryRun: true)).Act);
        Assert.Equal(2, (await world.ReadAsync()).Count);
        Assert.Equal(0, recorded);

        Assert.Equal("add", (await TakeAsync()).Act);
        Assert.Equal("same", (await TakeAsync()).Act);
        Assert.Equal(1, recorded);
        await world.Keys.LoadAsync(Cancel);
        var choice = await world.Keys.OfAsync(SigningNode.Tenant, SigningNode.Domain);
        Assert.Equal(["ed2024", "mail2019"], choice.Signers.Select(static signer => signer.Selector).Order(StringComparer.Ordinal));
        var sealedPems = await world.Node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT sealed FROM mail_dkim_key WHERE selector IN ('mail2019', 'ed2024') ORDER BY id"), Cancel);
        Assert.All(sealedPems, static text => Assert.DoesNotContain("PRIVATE KEY", System.Text.Encoding.Latin1.GetString(Convert.FromBase64String(text)), StringComparison.Ordinal));

        // What it keeps looking after, as after its own.
        await world.PublishAsync();
        Assert.Equal(
            ["ed2024 old", "mail2019 old"],
            (await world.ReadAsync()).Where(static row => row.Selector is "mail2019" or "ed2024").Select(static row => $"{row.Selector} {row.State}").Order(StringComparer.Ordinal));
        Assert.Equal("publish used used", await world.ToldAsync());
        Assert.Equal("refuse", (await TakeAsync()).Act);
    }

    private static (string, string) Words(ForeignKeysTaken taken) => (taken.Act, taken.Detail);

    /// <summary>A key and its record in the forms that opendkim-genkey writes: PKCS#1, and h= before k=.</summary>
    private static (string Pem, string Record) Key()
    {
        using var rsa = RSA.Create(2048);
        return (rsa.ExportRSAPrivateKeyPem(), $"v=DKIM1; h=sha256; k=rsa; p={Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())}");
    }
}
