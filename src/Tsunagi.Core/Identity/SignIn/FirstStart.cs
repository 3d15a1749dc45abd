using Tsunagi.Core.Identity.Roles;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Identity.SignIn;

/// <summary>
/// The two ways in that need no sign-in, because whoever takes them holds the machine: the operator of the first start, and the recovery of a user by
/// root on the data directory. Both end in a one-time link.
/// </summary>
public sealed class FirstStart(Stores stores, UserDirectory users, TimeProvider time)
{
    /// <summary>
    /// When nobody can sign in as operator yet, makes one (or a new link for the one made before) and returns the path of the link to print; null otherwise.
    /// </summary>
    public async ValueTask<string?> EnsureAsync(Tenant provider, string email, CancellationToken cancellationToken)
    {
        email = EmailAddress.Canonical(email);
        var system = Caller.System(new TenantScope(provider.Id, provider.TenantPath));
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                if (await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM identity_user WHERE password_hash IS NOT NULL") > 0)
                {
                    return null;
                }

                var user = await FindAsync(transaction, email);
                if (user is null)
                {
                    user = new User(
                        Id.New("u", time), provider.Id, provider.TenantPath, email, "Operator", provider.Locale, "auto", UserState.Invited, false, false, 1, time.NowMicros(), null);
                    await UserDirectory.InsertAsync(transaction, user);
                    await users.StoreGrantsAsync(transaction, user.Id, [new Grant(BuiltInRoles.OperatorAdmin, provider.Id, provider.TenantPath)]);
                }

                return UserDirectory.LinkPathPrefix + await users.MakeLinkAsync(transaction, system, user);
            },
            cancellationToken);
    }

    /// <summary><c>tsunagi identity recover EMAIL</c>: the path of a one-time link for this user. A disabled one is enabled by it.</summary>
    /// <param name="withoutCode">The authenticator is lost too: its secret is removed.</param>
    public async ValueTask<Outcome<string>> RecoverAsync(string email, bool withoutCode, CancellationToken cancellationToken)
    {
        email = EmailAddress.Canonical(email);
        return await stores.Control.WriteAsync<Outcome<string>>(
            async transaction =>
            {
                var user = await FindAsync(transaction, email);
                if (user is null)
                {
                    return Refusal.NotFound("user", email);
                }

                if (withoutCode)
                {
                    await transaction.ExecuteAsync("UPDATE identity_user SET totp_secret = NULL, totp_pending = NULL, version = version + 1 WHERE id = @Id", new { user.Id });
                }

                await transaction.ExecuteAsync(
                    "UPDATE identity_user SET state = CASE WHEN password_hash IS NULL THEN 'invited' ELSE 'active' END, version = version + 1 WHERE id = @Id AND state = 'disabled'", new { user.Id });
                return UserDirectory.LinkPathPrefix + await users.MakeLinkAsync(transaction, Caller.System(new TenantScope(user.TenantId, user.TenantPath)), user);
            },
            cancellationToken);
    }

    private static ValueTask<User?> FindAsync(ISqlReader reader, string email) =>
        reader.FirstOrDefaultAsync<User>($"SELECT {UserDirectory.Columns} FROM identity_user WHERE email = @Email", new { Email = email });
}
