using System.Diagnostics.Metrics;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity.Passwords;
using Tsunagi.Core.Identity.Roles;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Identity.SignIn;

/// <summary>
/// Where people sign in. The walk of one attempt: (1) throttles; (2) the password, at equal cost whether there is such a user or not; (3) where the user
/// has one-time codes, a token that is good for giving one; (4) the code, once; (5) a new session, in the audit.
/// A link to set a password ends in the same session.
/// </summary>
public sealed class SignInDesk
{
    internal const string TotpPurpose = "identity.totp";
    private static readonly Counter<long> Attempts = CoreMetrics.Meter.CreateCounter<long>("tsunagi.identity.sign_ins", "{attempt}", "Sign-in attempts by result");
    private static readonly Refusal Wrong = new(RefusalKind.NotSignedIn, "sign-in.wrong", "the address or the password is wrong");
    private static readonly Refusal WrongCode = new(RefusalKind.NotSignedIn, "sign-in.code-wrong", "the code is wrong, was used already, or took too long", "code", "the six digits shown now");
    private static readonly Refusal NoRole = new(RefusalKind.NotSignedIn, "sign-in.no-role", "this user has no role in any tenant; ask an administrator");
    private static readonly Refusal LinkGone = new(RefusalKind.Invalid, "link.gone", "this link was used or is too old; ask for a new one", "token");
    private static readonly Refusal Busy = new(RefusalKind.Unavailable, "sign-in.busy", "too many people sign in at this moment") { RetryAfterSeconds = 2 };

    private readonly Stores _stores;
    private readonly PasswordHashes _hashes;
    private readonly ISecretBox _secrets;
    private readonly SignInThrottle _throttle;
    private readonly Sessions _sessions;
    private readonly Authority _authority;
    private readonly AuditTrail _audit;
    private readonly Outbox _outbox;
    private readonly Callers _callers;
    private readonly OneTimeLinks _links;
    private readonly TimeProvider _time;

    public SignInDesk(
        Stores stores, PasswordHashes hashes, ISecretBox secrets, SignInThrottle throttle, Sessions sessions, Authority authority, AuditTrail audit, Outbox outbox,
        Callers callers, SessionOptions options, TimeProvider time)
    {
        (_stores, _hashes, _secrets, _throttle, _sessions, _authority) = (stores, hashes, secrets, throttle, sessions, authority);
        (_audit, _outbox, _callers, _time) = (audit, outbox, callers, time);
        _links = new OneTimeLinks(options, time);
    }

    /// <param name="code">The one-time code, where the caller has it already (the CLI asks for both at once); null otherwise.</param>
    public async ValueTask<SignInOutcome> WithPasswordAsync(string email, string password, string? code, SessionPeer peer, CancellationToken cancellationToken)
    {
        email = EmailAddress.Canonical(email);
        var user = await FindAsync("email", email, cancellationToken);

        // (1)
        if (await WaitAsync(user, email, peer, cancellationToken) is { } wait)
        {
            return Counted("throttled", wait);
        }

        _throttle.Begin(email, peer);

        // (2)
        var check = password.Length > PasswordRules.MaxLength ? PasswordCheck.Wrong : await _hashes.CheckAsync(password, user?.PasswordHash, cancellationToken);
        if (check == PasswordCheck.Busy)
        {
            _throttle.Withdraw(email, peer);
            return Counted("busy", Busy);
        }

        if (check == PasswordCheck.Wrong || user is not { State: UserState.Active })
        {
            await TellOfGuessingAsync(user, email, cancellationToken);
            return Counted("wrong", Wrong);
        }

        if (check == PasswordCheck.RightButOld)
        {
            await RehashAsync(user, password, cancellationToken);
        }

        // (3)
        if (user.TotpSecret is not null && code is null)
        {
            // Counted as failed until the code is right: the second factor is guessed under the same throttle.
            var token = await _stores.Control.WriteAsync(transaction => _links.MakeAsync(transaction, user.Id, OneTimeLinks.GiveCode), cancellationToken);
            return SignInOutcome.CodeWanted(token);
        }

        return user.TotpSecret is null
            ? await BeginAsync(user, peer, "password", null, cancellationToken)
            : await CheckCodeAsync(user, code!, peer, null, cancellationToken);
    }

    /// <param name="codeToken">From <see cref="SignInOutcome.CodeToken"/>.</param>
    public async ValueTask<SignInOutcome> WithCodeAsync(string codeToken, string code, SessionPeer peer, CancellationToken cancellationToken)
    {
        var userId = await _stores.Control.ReadAsync(reader => _links.UserOfAsync(reader, codeToken, OneTimeLinks.GiveCode), cancellationToken);
        var user = userId is null ? null : await FindAsync("id", userId, cancellationToken);
        if (user is not { State: UserState.Active, TotpSecret: not null })
        {
            return Counted("wrong", WrongCode);
        }

        if (await WaitAsync(user, user.Email, peer, cancellationToken) is { } wait)
        {
            return Counted("throttled", wait);
        }

        _throttle.Begin(user.Email, peer);
        return await CheckCodeAsync(user, code, peer, codeToken, cancellationToken);
    }

    /// <summary>Who a link to set a password is for, or null when it is not good any more: for the page that asks for the password.</summary>
    public async ValueTask<string?> EmailOfLinkAsync(string linkToken, CancellationToken cancellationToken)
    {
        var userId = await _stores.Control.ReadAsync(reader => _links.UserOfAsync(reader, linkToken, OneTimeLinks.SetPassword), cancellationToken);
        return userId is null ? null : (await FindAsync("id", userId, cancellationToken))?.Email;
    }

    /// <summary>Uses the link up: sets the password, ends every other session, and signs in. The user's one-time codes stay in force.</summary>
    public async ValueTask<SignInOutcome> SetPasswordAsync(string linkToken, string password, SessionPeer peer, CancellationToken cancellationToken)
    {
        var userId = await _stores.Control.ReadAsync(reader => _links.UserOfAsync(reader, linkToken, OneTimeLinks.SetPassword), cancellationToken);
        var user = userId is null ? null : await FindAsync("id", userId, cancellationToken);
        if (user is null || user.State == UserState.Disabled)
        {
            return LinkGone;
        }

        if (PasswordRules.Check(password, user.Email) is { } refusal)
        {
            return refusal;
        }

        if (await _hashes.HashAsync(password, cancellationToken) is not { } hash)
        {
            return Busy;
        }

        var codeToken = await _stores.Control.WriteAsync(
            async transaction =>
            {
                if (!await _links.UseAsync(transaction, linkToken, OneTimeLinks.SetPassword))
                {
                    return null;
                }

                await StorePasswordAsync(transaction, user.Caller(), user.Id, user.TenantPath, hash, null);
                return await _links.MakeAsync(transaction, user.Id, OneTimeLinks.GiveCode);
            },
            cancellationToken);
        if (codeToken is null)
        {
            return LinkGone;
        }

        _callers.Forget();
        return user.TotpSecret is not null ? SignInOutcome.CodeWanted(codeToken) : await BeginAsync(user with { State = UserState.Active }, peer, "link", null, cancellationToken);
    }

    /// <summary>Stores a password and ends the user's other sessions, in the caller's transaction.</summary>
    internal async ValueTask StorePasswordAsync(ISqlTransaction transaction, Caller who, string userId, string tenantPath, string hash, string? keepSession)
    {
        await transaction.ExecuteAsync(
            "UPDATE identity_user SET password_hash = @Hash, state = CASE WHEN state = 'invited' THEN 'active' ELSE state END, version = version + 1 WHERE id = @Id",
            new { Id = userId, Hash = hash });
        await Sessions.EndAllAsync(transaction, userId, keepSession, _time.NowMicros());
        await OneTimeLinks.VoidAsync(transaction, userId, OneTimeLinks.SetPassword);
        await _audit.AppendAsync(transaction, who, "user.password-set", userId, tenantPath, null, null);
        await _outbox.AppendAsync(transaction, new Event(Id.New("e", _time), "user.password-set@1", _time.NowMicros(), tenantPath, userId, "{}"));
        transaction.OnCommitted(_callers.Forget);
    }

    // (1) The account's own wait applies neither to a place it signed in from lately nor to the last administrator: an attacker must not keep him out.
    private async ValueTask<Refusal?> WaitAsync(Stored? user, string email, SessionPeer peer, CancellationToken cancellationToken)
    {
        var wait = _throttle.Wait(email, peer);
        var ofAccount = _throttle.WaitOfAccount(email);
        if (ofAccount > wait && (user is null || !await IsSparedAsync(user.Id, peer, cancellationToken)))
        {
            wait = ofAccount;
        }

        if (wait == TimeSpan.Zero)
        {
            return null;
        }

        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        return new Refusal(RefusalKind.TooMany, "sign-in.throttled", $"too many failed attempts; try again in {seconds} seconds") { RetryAfterSeconds = seconds };
    }

    private async ValueTask<bool> IsSparedAsync(string userId, SessionPeer peer, CancellationToken cancellationToken) =>
        await _sessions.KnowsAddressAsync(userId, peer, cancellationToken)
        || await _stores.Control.ReadAsync(_authority.AdministratorsAsync, cancellationToken) is [var only] && only == userId;

    // (4)
    private async ValueTask<SignInOutcome> CheckCodeAsync(Stored user, string code, SessionPeer peer, string? codeToken, CancellationToken cancellationToken)
    {
        var secret = await _secrets.UnprotectAsync(user.TenantPath, TotpPurpose, user.TotpSecret!, cancellationToken);
        if (secret is null || !Totp.TryVerify(secret, code, _time.GetUtcNow(), user.TotpLastStep, out var step))
        {
            await TellOfGuessingAsync(user, user.Email, cancellationToken);
            return Counted("code-wrong", WrongCode);
        }

        return await BeginAsync(user, peer, "password and code", (step, codeToken), cancellationToken);
    }

    // (5)
    private async ValueTask<SignInOutcome> BeginAsync(
        Stored user, SessionPeer peer, string how, (long Step, string? Token)? code, CancellationToken cancellationToken)
    {
        var outcome = await _stores.Control.WriteAsync<SignInOutcome>(
            async transaction =>
            {
                if (code is { } given && !await TakeCodeAsync(transaction, user.Id, given.Step, given.Token))
                {
                    return WrongCode;
                }

                var grants = await _authority.OfUserAsync(transaction, user.Id);
                if (grants.Count == 0)
                {
                    return NoRole;
                }

                // The user's own tenant when he has a role there, else the widest part of the tree he has one in.
                var home = grants.Any(each => user.TenantPath.StartsWith(each.Grant.TenantPath, StringComparison.Ordinal))
                    ? new Grant("", user.TenantId, user.TenantPath)
                    : grants.MinBy(static each => each.Grant.TenantPath.Length)!.Grant;
                var session = await _sessions.BeginAsync(transaction, user.Id, user.TenantPath, home, peer);
                await transaction.ExecuteAsync("UPDATE identity_user SET last_sign_in_at = @Now WHERE id = @Id", new { user.Id, Now = _time.NowMicros() });
                await _audit.AppendAsync(
                    transaction, user.Caller(), "session.started", session.Session.Id, user.TenantPath, null, new { session.Session.Address, session.Session.Agent, how });
                return session;
            },
            cancellationToken);
        if (outcome.Session is not null)
        {
            _throttle.Succeeded(user.Email, peer);
        }

        return Counted(outcome.Session is null ? "refused" : "signed-in", outcome);
    }

    // In the session's transaction: of two attempts with the same code one finds the step taken.
    private async ValueTask<bool> TakeCodeAsync(ISqlTransaction transaction, string userId, long step, string? codeToken) =>
        await transaction.ExecuteAsync("UPDATE identity_user SET totp_last_step = @Step WHERE id = @Id AND totp_last_step < @Step", new { Id = userId, Step = step }) == 1
        && (codeToken is null || await _links.UseAsync(transaction, codeToken, OneTimeLinks.GiveCode));

    private async ValueTask RehashAsync(Stored user, string password, CancellationToken cancellationToken)
    {
        if (await _hashes.HashAsync(password, cancellationToken) is { } hash)
        {
            await _stores.Control.WriteAsync(
                transaction => transaction.ExecuteAsync(
                    "UPDATE identity_user SET password_hash = @Hash WHERE id = @Id AND password_hash = @Old", new { user.Id, Hash = hash, Old = user.PasswordHash }),
                cancellationToken);
        }
    }

    // Once per series: the feed must not become the attacker's megaphone.
    private async ValueTask TellOfGuessingAsync(Stored? user, string email, CancellationToken cancellationToken)
    {
        if (user is not null && _throttle.TryTellOfAccount(email))
        {
            await _stores.Control.WriteAsync(
                async transaction =>
                {
                    await _outbox.AppendAsync(transaction, new Event(Id.New("e", _time), "session.throttled@1", _time.NowMicros(), user.TenantPath, user.Id, "{}"));
                    return 0;
                },
                cancellationToken);
        }
    }

    private ValueTask<Stored?> FindAsync(string column, string value, CancellationToken cancellationToken) => _stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<Stored>(
            $"SELECT id, tenant_id, tenant_path, email, locale, state, password_hash, totp_secret, totp_last_step FROM identity_user WHERE {column} = @Value", new { Value = value }),
        cancellationToken);

    private static SignInOutcome Counted(string result, SignInOutcome outcome)
    {
        Attempts.Add(1, new KeyValuePair<string, object?>("result", result));
        return outcome;
    }

    private sealed record Stored(
        string Id, string TenantId, string TenantPath, string Email, string Locale, string State, string? PasswordHash, byte[]? TotpSecret, long TotpLastStep)
    {
        public Caller Caller() => new(Id, Email, new TenantScope(TenantId, TenantPath), PermissionSet.None, false, Locale);
    }
}
