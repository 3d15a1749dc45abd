using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Submission;
using Tsunagi.Protocols.Mail.Sasl;

namespace Tsunagi.Tests.Mail.Submission;

public sealed class Credentials_of_devices
{
    private static readonly Caller Other = new("u_two", "owner@two.example", new TenantScope("t_two", "t_root/t_two/"), new HashSet<string> { "*" }, false, "en");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_secret_is_shown_once_and_kept_nowhere()
    {
        await using var world = await SubmissionNode.StartAsync();
        Assert.Matches("^[a-z2-9]{24}$", world.Secret);
        var kept = await world.Node.Stores.Control.ReadAsync(
            static async reader => (await reader.QueryAsync<Kept>("SELECT salt, iterations, stored_key, server_key FROM mail_credential ORDER BY id"),
                await reader.QueryAsync<string>("SELECT coalesce(before, '') || coalesce(after, '') FROM audit ORDER BY position"), await reader.QueryAsync<string>("SELECT event FROM outbox ORDER BY position")),
            Cancel);
        var row = Assert.Single(kept.Item1);
        var verifier = new ScramVerifier(Convert.FromBase64String(row.Salt), (int)row.Iterations, Convert.FromBase64String(row.StoredKey), Convert.FromBase64String(row.ServerKey));
        Assert.True(verifier.IsSecret(world.Secret));
        Assert.False(verifier.IsSecret(world.Secret[1..]));
        Assert.Equal((16, 4096L), (verifier.Salt.Length, row.Iterations));
        Assert.DoesNotContain(kept.Item2.Concat(kept.Item3), text => text.Contains(world.Secret, StringComparison.Ordinal) || text.Contains(row.StoredKey, StringComparison.Ordinal) || text.Contains(row.Salt, StringComparison.Ordinal));
        Assert.Contains(kept.Item2, static text => text.Contains("scanner@one.example", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("printer@one.example", "one.example", null, null)]
    [InlineData("Printer@ONE.example", "boss@one.example", "correct horse battery", null)]
    [InlineData("printer", "one.example", null, "mail.credential.name")]
    [InlineData("printer@two.example", "one.example", null, "mail.credential.name")]
    [InlineData("printer@below.one.example", "one.example", null, "mail.credential.name")]
    [InlineData("\"a b\"@one.example", "one.example", null, "mail.credential.name")]
    [InlineData("scanner@one.example", "one.example", null, "mail.credential.taken")]
    [InlineData("printer@one.example", "two.example", null, "mail.credential.senders")]
    [InlineData("printer@one.example", "boss@far.example", null, "mail.credential.senders")]
    [InlineData("printer@one.example", "nobody", null, "mail.credential.senders")]
    [InlineData("printer@one.example", "one.example", "eleven char", "mail.credential.secret")]
    [InlineData("printer@one.example", "one.example", "twelve chars", null)]
    [InlineData("printer@one.example", "one.example", "my printer's own secret", "mail.credential.secret")]
    [InlineData("printer@one.example", "one.example", "aaaaaaaaaaaaaaaaaa", "mail.credential.secret")]
    [InlineData("printer@one.example", "one.example", "not only ascii é", "mail.credential.secret")]
    [InlineData("printer@one.example", "one.example", " blanks at the end ", "mail.credential.secret")]
    public async Task What_can_be_made(string userName, string sender, string? secret, string? refusal)
    {
        await using var world = await SubmissionNode.StartAsync();
        var made = await world.Desk.MakeAsync(SubmissionNode.Owner, new NewCredential("s_one", userName, null, [sender]), secret, Cancel);
        Assert.Equal(refusal, made.Refusal?.Code);
        if (made.Ok)
        {
            Assert.Equal(secret is null, made.Value.Secret is not null);
            await using var client = await world.LetInAsync(userName.ToUpperInvariant(), made.Value.Secret ?? secret);
        }
    }

    [Fact]
    public async Task A_set_secret_of_128_characters_is_taken_and_one_of_129_is_not_and_so_are_50_senders_and_51()
    {
        await using var world = await SubmissionNode.StartAsync();
        static string Long(int count) => string.Concat(Enumerable.Range(0, count).Select(static i => (char)('a' + (i % 26))));
        var id = world.Made.Credential.Id;
        Assert.True((await world.Desk.SetSecretAsync(SubmissionNode.Owner, id, Long(128), Cancel)).Ok);
        Assert.Equal("mail.credential.secret", (await world.Desk.SetSecretAsync(SubmissionNode.Owner, id, Long(129), Cancel)).Refusal!.Code);
        static string[] Senders(int count) => [.. Enumerable.Range(0, count).Select(static i => $"u{i}@one.example")];
        Assert.True((await world.Desk.SetSendersAsync(SubmissionNode.Owner, id, Senders(50), Cancel)).Ok);
        Assert.Equal("mail.credential.senders", (await world.Desk.SetSendersAsync(SubmissionNode.Owner, id, Senders(51), Cancel)).Refusal!.Code);
        Assert.Equal("mail.credential.senders", (await world.Desk.SetSendersAsync(SubmissionNode.Owner, id, [], Cancel)).Refusal!.Code);
    }

    [Fact]
    public async Task A_name_is_free_again_when_its_credential_was_revoked_and_the_revoked_one_stays_to_be_seen()
    {
        await using var world = await SubmissionNode.StartAsync();
        var first = world.Made.Credential.Id;
        Assert.True((await world.Desk.RevokeAsync(SubmissionNode.Owner, first, Cancel)).Ok);
        Assert.True((await world.Desk.RevokeAsync(SubmissionNode.Owner, first, Cancel)).Ok);
        Assert.Equal("mail.credential.revoked", (await world.Desk.SetSecretAsync(SubmissionNode.Owner, first, null, Cancel)).Refusal!.Code);
        var second = await world.Desk.MakeAsync(SubmissionNode.Owner, new NewCredential("s_one", SubmissionNode.User, null, null), null, Cancel);
        Assert.True(second.Ok);
        await using var client = await world.LetInAsync(secret: second.Value.Secret);
        var listed = await world.Desk.ListAsync(SubmissionNode.Owner, "", "", "mc_~", 10, Cancel);
        Assert.Equal([second.Value.Credential.Id, first], listed.Select(static one => one.Id));
        Assert.Equal([false, true], listed.Select(static one => one.RevokedAt > 0));
        Assert.Equal(1, (await world.ToldAsync()).Count(static one => one.Type == "mail.credential.revoked@1"));
    }

    [Fact]
    public async Task Another_tenant_neither_sees_nor_touches_it()
    {
        await using var world = await SubmissionNode.StartAsync();
        var id = world.Made.Credential.Id;
        Assert.Empty(await world.Desk.ListAsync(Other, "", "", "mc_~", 10, Cancel));
        Assert.Empty(await world.Desk.ListAsync(Other, "s_one", SubmissionNode.User, "mc_~", 10, Cancel));
        foreach (var refusal in new[]
        {
            (await world.Desk.FindAsync(Other, id, Cancel)).Refusal, (await world.Desk.RevokeAsync(Other, id, Cancel)).Refusal, (await world.Desk.SetSecretAsync(Other, id, null, Cancel)).Refusal,
            (await world.Desk.SetSendersAsync(Other, id, ["two.example"], Cancel)).Refusal, (await world.Desk.MakeAsync(Other, new NewCredential("s_one", "x@one.example", null, null), null, Cancel)).Refusal,
        })
        {
            Assert.Equal(RefusalKind.NotFound, refusal!.Kind);
        }

        await using var client = await world.LetInAsync();
    }

    [Fact]
    public async Task What_another_node_changed_is_known_within_a_second()
    {
        await using var world = await SubmissionNode.StartAsync();
        await world.Node.Stores.Control.WriteAsync(
            static transaction => transaction.ExecuteAsync("UPDATE mail_credential_head SET revision = revision + 1; UPDATE mail_credential SET revoked_at = 1, revision = (SELECT revision FROM mail_credential_head)"), Cancel);
        var book = world.Node.Services.GetRequiredService<CredentialBook>();
        await world.Node.SoonAsync(() => book.Find(SubmissionNode.User), static found => found is null);
    }

    private sealed record Kept(string Salt, long Iterations, string StoredKey, string ServerKey);
}
