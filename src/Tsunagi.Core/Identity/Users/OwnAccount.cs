using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity.Passwords;
using Tsunagi.Core.Identity.Roles;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Identity.Users;

/// <summary>What a signed-in person does with his own account: password, one-time codes, language and theme.</summary>
public sealed class OwnAccount(
    Stores stores, PasswordHashes hashes, ISecretBox secrets, SignInDesk desk, SignInThrottle throttle, UserDirectory users, Authority authority, ChangeRecorder changes,
    Callers callers, TimeProvider time)
{
    public const string Issuer = "Tsunagi";
    private static readonly Refusal WrongPassword = Refusal.Invalid("password.wrong", "password", "the current password is wrong");
    private static readonly Refusal Busy = new(RefusalKind.Unavailable, "sign-in.busy", "too many passwords are being checked at this moment") { RetryAfterSeconds = 2 };

    public ValueTask<User?> FindAsync(string userId, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<User>($"SELECT {UserDirectory.Columns} FROM identity_user WHERE id = @Id", new { Id = userId }), cancellationToken);

    /// <summary>Name, language, theme.</summary>
    public async ValueTask<Outcome<User>> ChangeAsync(SignedInCaller who, UserChange wanted, CancellationToken cancellationToken)
    {
        var before = await FindAsync(who.UserId, cancellationToken);
        if (before is null || who.Caller.IsToken)
        {
            return NoPerson(who);
        }

        var after = before with
        {
            Name = wanted.Name ?? before.Name, Locale = wanted.Locale ?? before.Locale, Theme = wanted.Theme ?? before.Theme, Version = before.Version + 1,
        };
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("UPDATE identity_user SET name = @Name, locale = @Locale, theme = @Theme, version = version + 1 WHERE id = @Id", after);
                await changes.RecordAsync(transaction, who.Caller, "user.changed", after.Id, after.TenantPath, before, after);
                transaction.OnCommitted(callers.Forget);
                return 0;
            },
            cancellationToken);
        return after;
    }

    /// <summary>Sets a new password; every other session of his ends.</summary>
    public async ValueTask<Outcome<bool>> ChangePasswordAsync(SignedInCaller who, string current, string wanted, SessionPeer peer, CancellationToken cancellationToken)
    {
        if (await CheckPasswordAsync(who, current, peer, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var user = await FindAsync(who.UserId, cancellationToken);
        if (PasswordRules.Check(wanted, user!.Email) is { } weak)
        {
            return weak with { Field = "newPassword" };
        }

        if (await hashes.HashAsync(wanted, cancellationToken) is not { } hash)
        {
            return Busy;
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                await desk.StorePasswordAsync(transaction, who.Caller, user.Id, user.TenantPath, hash, who.CredentialId);
                return 0;
            },
            cancellationToken);
        return true;
    }

    /// <summary>A new secret for the authenticator. It comes into force with the first right code.</summary>
    public async ValueTask<Outcome<TotpOffer>> BeginTotpAsync(SignedInCaller who, string password, SessionPeer peer, CancellationToken cancellationToken)
    {
        if (await CheckPasswordAsync(who, password, peer, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var user = (await FindAsync(who.UserId, cancellationToken))!;
        var secret = Totp.NewSecret();
        var box = await secrets.ProtectAsync(user.TenantPath, SignInDesk.TotpPurpose, secret, cancellationToken);
        await stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE identity_user SET totp_pending = @Box WHERE id = @Id", new { user.Id, Box = box }), cancellationToken);
        return new TotpOffer(Totp.ToBase32(secret), Totp.Uri(secret, user.Email, Issuer));
    }

    public async ValueTask<Outcome<bool>> ConfirmTotpAsync(SignedInCaller who, string code, SessionPeer peer, CancellationToken cancellationToken)
    {
        var user = await FindAsync(who.UserId, cancellationToken);
        var box = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<byte[]>("SELECT totp_pending FROM identity_user WHERE id = @UserId", new { who.UserId }), cancellationToken);
        if (user is null || who.Caller.IsToken || box is null)
        {
            return Refusal.Conflict("totp.not-begun", "there is no new secret to confirm: begin again");
        }

        if (throttle.Wait(user.Email, peer) is { Ticks: > 0 } wait)
        {
            return Throttled(wait);
        }

        throttle.Begin(user.Email, peer);
        var secret = await secrets.UnprotectAsync(user.TenantPath, SignInDesk.TotpPurpose, box, cancellationToken);
        if (secret is null || !Totp.TryVerify(secret, code, time.GetUtcNow(), 0, out var step))
        {
            return Refusal.Invalid("totp.code", "code", "the code does not belong to the new secret", "the six digits shown now");
        }

        throttle.Succeeded(user.Email, peer);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    "UPDATE identity_user SET totp_secret = totp_pending, totp_pending = NULL, totp_last_step = @Step, version = version + 1 WHERE id = @Id", new { user.Id, Step = step });
                await changes.RecordAsync(transaction, who.Caller, "user.totp-set", user.Id, user.TenantPath, null, null);
                transaction.OnCommitted(callers.Forget);
                return 0;
            },
            cancellationToken);
        return true;
    }

    public async ValueTask<Outcome<bool>> RemoveTotpAsync(SignedInCaller who, string password, SessionPeer peer, CancellationToken cancellationToken)
    {
        if (await CheckPasswordAsync(who, password, peer, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var user = (await FindAsync(who.UserId, cancellationToken))!;
        await RemoveTotpAsync(who.Caller, user, null, cancellationToken);
        return true;
    }

    /// <summary>An administrator removes another's lost authenticator; the reason goes to the audit.</summary>
    public async ValueTask<Outcome<bool>> RemoveTotpOfAsync(Caller caller, string userId, string reason, CancellationToken cancellationToken)
    {
        var user = await users.FindAsync(caller, userId, cancellationToken);
        if (user is null)
        {
            return Refusal.NotFound("user", userId);
        }

        var grants = await stores.Control.ReadAsync(reader => authority.OfUserAsync(reader, userId), cancellationToken);
        if (!Authority.Covers(caller, grants))
        {
            return new Refusal(RefusalKind.Forbidden, "user.beyond-yours", "this user holds permissions that you do not: only someone who holds them all may change him");
        }

        await RemoveTotpAsync(caller, user, reason, cancellationToken);
        return true;
    }

    private ValueTask<int> RemoveTotpAsync(Caller caller, User user, string? reason, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            await transaction.ExecuteAsync("UPDATE identity_user SET totp_secret = NULL, totp_pending = NULL, version = version + 1 WHERE id = @Id", new { user.Id });
            await changes.RecordAsync(transaction, caller, "user.totp-removed", user.Id, user.TenantPath, null, null, reason: reason);
            transaction.OnCommitted(callers.Forget);
            return 0;
        },
        cancellationToken);

    // A session left open must not be enough to take the account over: the password is asked again, under the same throttle as at the door.
    private async ValueTask<Refusal?> CheckPasswordAsync(SignedInCaller who, string password, SessionPeer peer, CancellationToken cancellationToken)
    {
        if (who.Caller.IsToken)
        {
            return NoPerson(who);
        }

        var (email, stored) = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<(string Email, string? PasswordHash)>("SELECT email, password_hash FROM identity_user WHERE id = @UserId", new { who.UserId }), cancellationToken);
        if (throttle.Wait(email, peer) is { Ticks: > 0 } wait)
        {
            return Throttled(wait);
        }

        throttle.Begin(email, peer);
        switch (await hashes.CheckAsync(password, stored, cancellationToken))
        {
            case PasswordCheck.Busy:
                throttle.Withdraw(email, peer);
                return Busy;
            case PasswordCheck.Wrong:
                return WrongPassword;
            default:
                throttle.Succeeded(email, peer);
                return null;
        }
    }

    private static Refusal NoPerson(SignedInCaller who) => who.Caller.IsToken
        ? new Refusal(RefusalKind.Forbidden, "token.no-person", "an API token has no account of its own: sign in")
        : Refusal.NotFound("user", who.UserId);

    private static Refusal Throttled(TimeSpan wait)
    {
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        return new Refusal(RefusalKind.TooMany, "sign-in.throttled", $"too many failed attempts; try again in {seconds} seconds") { RetryAfterSeconds = seconds };
    }
}

/// <summary>What the authenticator is given: the secret to type, and the same as a URI for its camera.</summary>
public sealed record TotpOffer(string Secret, string Uri);
