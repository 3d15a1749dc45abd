using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Limits;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Sasl;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Submission;

/// <summary>
/// What people do with the credentials of a subscription's devices: make one, say whom it may send as, give it a new secret or a limit, let it go on after a pause, revoke it. Each is audited and told, without the secret; this node's
/// sessions know at once, the others' within half a second.
/// </summary>
internal sealed class CredentialDesk(Stores stores, CredentialBook book, GatewayContracts contracts, ChangeRecorder changes, SendingBook sending, PolicyWatch policies, MailOptions options, TimeProvider time)
{
    /// <summary>Good credentials of one subscription; one more is refused.</summary>
    public const int MaxPerSubscription = 10_000;

    private const int MaxLabel = 80;

    public static readonly TenantQuery List = new("mail.credential.list", $$"""
        SELECT {{Credential.Columns}} FROM mail_credential
        WHERE {tenant} AND id < @Before AND (@Subscription = '' OR subscription_id = @Subscription) AND (@Text = '' OR user_name = @Text OR label = @Label) ORDER BY id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("mail.credential.by-id", $$"""SELECT {{Credential.Columns}} FROM mail_credential WHERE {tenant} AND id = @Id""");

    public static readonly TenantQuery SubscriptionById = new("mail.credential.subscription", "SELECT id, tenant_path FROM subscription WHERE {tenant} AND id = @Id");

    /// <summary>Newest first.</summary>
    /// <param name="text">A name or a label, whole; empty for all.</param>
    /// <param name="before">Id of the last row of the page before, or "mc_~".</param>
    public ValueTask<IReadOnlyList<Credential>> ListAsync(Caller caller, string subscription, string text, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<Credential>(
            List, new { Subscription = subscription, Text = text.Trim().ToLowerInvariant(), Label = text.Trim(), Before = before, Limit = (long)limit }, cancellationToken);

    public async ValueTask<Outcome<Credential>> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Credential>(ById, new { Id = id }, cancellationToken) is { } found
            ? found
            : Refusal.NotFound("credential", id);

    /// <param name="secret">Null to have one made, which is shown once.</param>
    public async ValueTask<Outcome<CredentialMade>> MakeAsync(Caller caller, NewCredential wanted, string? secret, CancellationToken cancellationToken)
    {
        var owner = await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Owner>(SubscriptionById, new { Id = wanted.SubscriptionId }, cancellationToken);
        if (owner is null)
        {
            return Refusal.NotFound("subscription", wanted.SubscriptionId);
        }

        if (!contracts.Table.BySubscription.TryGetValue(owner.Id, out var gateway))
        {
            return Refusal.Conflict("mail.credential.no-gateway", "the subscription is no mail gateway that runs: see what it waits for", "subscriptionId");
        }

        var name = wanted.UserName.Trim().ToLowerInvariant();
        if (!Mailbox.TryParse(name, out var mailbox) || !mailbox!.IsAscii || name.Contains(' ', StringComparison.Ordinal) || name.Length > 200 || !gateway.Domains.Contains(mailbox.Domain, StringComparer.OrdinalIgnoreCase))
        {
            return Refusal.Invalid("mail.credential.name", "userName", $"'{wanted.UserName}' is no name in a domain of the subscription", $"NAME@DOMAIN, of {string.Join(", ", gateway.Domains.Take(5))}");
        }

        var senders = SendersOf(gateway, wanted.Senders is { Count: > 0 } given ? given : [name]);
        if (!senders.Ok)
        {
            return senders.Refusal;
        }

        if (secret is not null && CredentialSecret.WhyNot(secret, name) is { } weak)
        {
            return weak;
        }

        var label = string.IsNullOrWhiteSpace(wanted.Label) ? name : wanted.Label.Trim();
        var now = time.NowMicros();
        var made = new Credential(
            Id.New("mc", time), owner.TenantPath, owner.Id, name, label.Length > MaxLabel ? label[..MaxLabel] : label, senders.Value, now, caller.ActorName, now, 0, "", 0, "", 0, "", 0);
        var shown = secret is null ? CredentialSecret.Make() : null;
        var outcome = await InsertAsync(caller, made, CredentialSecret.Derive(secret ?? shown!, options.Submission.Iterations), cancellationToken);
        if (outcome is { } refused)
        {
            return refused;
        }

        await book.LoadAsync(cancellationToken);
        return new CredentialMade(made, shown);
    }

    /// <summary>Says anew whom it may send as.</summary>
    public async ValueTask<Outcome<Credential>> SetSendersAsync(Caller caller, string id, IReadOnlyList<string> senders, CancellationToken cancellationToken)
    {
        var known = await FindGoodAsync(caller, id, cancellationToken);
        if (!known.Ok)
        {
            return known;
        }

        if (!contracts.Table.BySubscription.TryGetValue(known.Value.SubscriptionId, out var gateway))
        {
            return Refusal.Conflict("mail.credential.no-gateway", "the subscription is no mail gateway that runs: see what it waits for");
        }

        var wanted = SendersOf(gateway, senders);
        if (!wanted.Ok)
        {
            return wanted.Refusal;
        }

        var after = known.Value with { Senders = wanted.Value };
        await ChangeAsync(caller, "mail.credential.changed", known.Value, after, "senders = @Senders", new { id, Senders = wanted.Value }, cancellationToken);
        return after;
    }

    /// <summary>Gives it another secret; the one before is good for nothing at once.</summary>
    /// <param name="secret">Null to have one made, which is shown once.</param>
    public async ValueTask<Outcome<CredentialMade>> SetSecretAsync(Caller caller, string id, string? secret, CancellationToken cancellationToken)
    {
        var known = await FindGoodAsync(caller, id, cancellationToken);
        if (!known.Ok)
        {
            return known.Refusal;
        }

        if (secret is not null && CredentialSecret.WhyNot(secret, known.Value.UserName) is { } weak)
        {
            return weak;
        }

        var shown = secret is null ? CredentialSecret.Make() : null;
        var verifier = CredentialSecret.Derive(secret ?? shown!, options.Submission.Iterations);
        var after = known.Value with { SecretAt = time.NowMicros() };
        await ChangeAsync(
            caller, "mail.credential.secret-set", known.Value, after, "salt = @Salt, iterations = @Iterations, stored_key = @StoredKey, server_key = @ServerKey, secret_at = @SecretAt",
            new { id, after.SecretAt, Salt = Text(verifier.Salt), Iterations = (long)verifier.Iterations, StoredKey = Text(verifier.StoredKey), ServerKey = Text(verifier.ServerKey) }, cancellationToken);
        return new CredentialMade(after, shown);
    }

    /// <summary>Ends it: nobody gets in by it any more, and who is in is put out with the next command. Again changes nothing.</summary>
    public async ValueTask<Outcome<Credential>> RevokeAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var known = await FindAsync(caller, id, cancellationToken);
        if (!known.Ok || known.Value.RevokedAt > 0)
        {
            return known;
        }

        var after = known.Value with { RevokedAt = time.NowMicros() };
        await ChangeAsync(
            caller, "mail.credential.revoked", known.Value, after, "revoked_at = @RevokedAt, salt = '', stored_key = '', server_key = ''", new { id, after.RevokedAt }, cancellationToken);
        return after;
    }

    /// <summary>Says what it alone may send; a limit that says nothing takes its own away.</summary>
    public async ValueTask<Outcome<Credential>> SetLimitsAsync(Caller caller, string id, SendingLimit limit, CancellationToken cancellationToken)
    {
        var known = await FindGoodAsync(caller, id, cancellationToken);
        if (!known.Ok)
        {
            return known;
        }

        if (new SendingPolicy { Device = limit }.Check() is { } wrong)
        {
            return wrong;
        }

        // Tenants may ask for less than holds for their devices, or for what the provider gave this one; not for more.
        var most = policies.Table.For(caller.Scope.Path, "", [], "").Sending.Device!.OrWider(known.Value.OwnLimit ?? SendingLimit.Nothing);
        if (!SendingPolicy.IsBoundless(caller.Scope.Path) && limit.Beyond(most) is var (field, allowed))
        {
            return SendingPolicy.TooMuch(field, allowed);
        }

        var after = known.Value with { Limits = limit.IsEmpty ? "" : JsonSerializer.Serialize(limit, PolicyBook.Json) };
        await ChangeAsync(caller, "mail.credential.changed", known.Value, after, "limits = @Limits", new { id, after.Limits }, cancellationToken);
        return after;
    }

    /// <summary>What a credential sent lately, and what it may.</summary>
    public SentBy SentBy(Credential credential)
    {
        var (lately, usual) = sending.Read(credential.Id);
        return new SentBy(lately, usual, (credential.OwnLimit ?? SendingLimit.Nothing).Over(policies.Table.For(credential.TenantPath, "", [], "").Sending.Device!));
    }

    /// <summary>Lets a credential that was paused send again. One that is not paused is left as it is.</summary>
    public async ValueTask<Outcome<Credential>> ResumeAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        // A pause that is not written yet must not come back.
        await sending.RoundAsync(cancellationToken);
        var known = await FindGoodAsync(caller, id, cancellationToken);
        if (!known.Ok || known.Value.PausedAt == 0)
        {
            return known;
        }

        var after = known.Value with { PausedAt = 0, PausedWhy = "", ResumedAt = time.NowMicros() };
        await ChangeAsync(caller, "mail.credential.resumed", known.Value, after, "paused_at = 0, paused_why = '', resumed_at = @ResumedAt", new { id, after.ResumedAt }, cancellationToken);
        return after;
    }

    /// <summary>Tells every node's book that a credential's row changed.</summary>
    internal static async ValueTask RaiseAsync(ISqlTransaction transaction, Stores stores, string id)
    {
        await transaction.ExecuteAsync("UPDATE mail_credential SET revision = @Revision WHERE id = @Id", new { Id = id, Revision = await NextAsync(transaction) });
        transaction.OnCommitted(() => stores.Control.Hints.Raise(CredentialBook.Channel));
    }

    private static string Text(ReadOnlyMemory<byte> octets) => Convert.ToBase64String(octets.Span);

    // Facts of the event and the audit: no secret, and nothing that was made of it.
    private static object Shown(Credential credential) => new { credential.UserName, credential.Label, senders = credential.SenderList, limits = credential.OwnLimit, paused = credential.PausedAt > 0, subscription = credential.SubscriptionId };

    private static string Facts(Credential credential) => JsonSerializer.Serialize(new { userName = credential.UserName, label = credential.Label, subscription = credential.SubscriptionId });

    private static Outcome<string> SendersOf(Gateway gateway, IReadOnlyList<string> senders)
    {
        var taken = new List<string>(senders.Count);
        foreach (var text in senders)
        {
            if (AllowedSenders.Canonical(text) is not { } sender || !gateway.Domains.Contains(AllowedSenders.DomainOf(sender), StringComparer.OrdinalIgnoreCase))
            {
                return Refusal.Invalid(
                    "mail.credential.senders", "senders", $"'{(text.Length > 80 ? text[..80] : text)}' is no sender of the subscription", $"addresses in, or one of, {string.Join(", ", gateway.Domains.Take(5))}");
            }

            taken.Add(sender);
        }

        return taken.Count is 0 or > AllowedSenders.Most
            ? Refusal.Invalid("mail.credential.senders", "senders", "name whom it may send as", $"1 to {AllowedSenders.Most} addresses or domains")
            : string.Join(' ', taken.Distinct(StringComparer.Ordinal));
    }

    private async ValueTask<Outcome<Credential>> FindGoodAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var known = await FindAsync(caller, id, cancellationToken);
        return known.Ok && known.Value.RevokedAt > 0 ? Refusal.Conflict("mail.credential.revoked", "it was revoked: make another") : known;
    }

    private ValueTask<Refusal?> InsertAsync(Caller caller, Credential made, ScramVerifier verifier, CancellationToken cancellationToken) => stores.Control.WriteAsync<Refusal?>(
        async transaction =>
        {
            if (await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_credential WHERE subscription_id = @SubscriptionId AND revoked_at = 0", made) >= MaxPerSubscription)
            {
                return Refusal.Conflict("mail.credential.too-many", $"there are {MaxPerSubscription} good credentials already: revoke some");
            }

            if (await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_credential WHERE subscription_id = @SubscriptionId AND user_name = @UserName AND revoked_at = 0", made) > 0)
            {
                return Refusal.Conflict("mail.credential.taken", $"there is a credential {made.UserName} already", "userName");
            }

            await transaction.ExecuteAsync(
                """
                INSERT INTO mail_credential (id, tenant_path, subscription_id, user_name, label, senders, salt, iterations, stored_key, server_key, revision, created_at, created_by, secret_at, last_used_at, last_used_from, revoked_at)
                VALUES (@Id, @TenantPath, @SubscriptionId, @UserName, @Label, @Senders, @Salt, @Iterations, @StoredKey, @ServerKey, @Revision, @CreatedAt, @CreatedBy, @SecretAt, 0, '', 0)
                """,
                new
                {
                    made.Id, made.TenantPath, made.SubscriptionId, made.UserName, made.Label, made.Senders, made.CreatedAt, made.CreatedBy, made.SecretAt, Salt = Text(verifier.Salt),
                    Iterations = (long)verifier.Iterations, StoredKey = Text(verifier.StoredKey), ServerKey = Text(verifier.ServerKey), Revision = await NextAsync(transaction),
                });
            await changes.RecordAsync(transaction, caller, "mail.credential.made", made.Id, made.TenantPath, null, Shown(made), Facts(made));
            transaction.OnCommitted(() => stores.Control.Hints.Raise(CredentialBook.Channel));
            return null;
        },
        cancellationToken);

    private async ValueTask ChangeAsync(Caller caller, string act, Credential before, Credential after, string set, object values, CancellationToken cancellationToken)
    {
        await stores.Control.WriteAsync(
            async transaction =>
            {
                // A row that was revoked meanwhile stays so.
                if (await transaction.ExecuteAsync($"UPDATE mail_credential SET {set} WHERE id = @id AND revoked_at = 0", values) == 0)
                {
                    return false;
                }

                await RaiseAsync(transaction, stores, after.Id);
                await changes.RecordAsync(transaction, caller, act, after.Id, after.TenantPath, Shown(before), Shown(after), Facts(after));
                return true;
            },
            cancellationToken);
        await book.LoadAsync(cancellationToken);
    }

    private static ValueTask<long> NextAsync(ISqlTransaction transaction) =>
        transaction.FirstOrDefaultAsync<long>("UPDATE mail_credential_head SET revision = revision + 1 WHERE one = 1 RETURNING revision");

    private sealed record Owner(string Id, string TenantPath);
}
