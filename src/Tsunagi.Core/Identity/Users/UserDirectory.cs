using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity.Roles;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Identity.Users;

/// <summary>The users of the part of the tree a caller sees: reading, adding, changing, giving roles, helping to a new password.</summary>
public sealed class UserDirectory(
    Stores stores, TenantDirectory tenants, Authority authority, ChangeRecorder changes, Callers callers, SessionOptions options, TimeProvider time)
{
    /// <summary>Where the console takes a one-time link: the token follows.</summary>
    public const string LinkPathPrefix = "/link/";

    internal const string Columns =
        "id, tenant_id, tenant_path, email, name, locale, theme, state, CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END AS has_password, " +
        "CASE WHEN totp_secret IS NULL THEN 0 ELSE 1 END AS has_totp, version, created_at, last_sign_in_at";

    private static readonly Refusal AddressTaken = Refusal.Conflict("user.email-taken", "this address belongs to a user already", "email");
    private static readonly Refusal LastAdministrator = Refusal.Conflict("user.last-administrator", "this is the last administrator of the provider: make another one first");
    private readonly OneTimeLinks _links = new(options, time);

    public static readonly TenantQuery List = new("user.list", $$"""
        SELECT {{Columns}} FROM identity_user WHERE {tenant} AND email > @After AND (@Text = '' OR email LIKE @Text OR lower(name) LIKE @Text) AND (@State = '' OR state = @State)
        ORDER BY email LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("user.by-id", $$"""SELECT {{Columns}} FROM identity_user WHERE {tenant} AND id = @Id""");

    public static readonly TenantQuery Grants = new("user.grants", """
        SELECT role, tenant_id, tenant_path FROM identity_grant WHERE {tenant} AND user_id = @UserId ORDER BY tenant_path, role
        """);

    /// <param name="after">The e-mail address of the last row of the page before, or "".</param>
    public ValueTask<IReadOnlyList<User>> ListAsync(Caller caller, string after, int limit, string? contains, string? state, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<User>(
            List,
            new { After = after, Text = string.IsNullOrEmpty(contains) ? "" : $"%{contains.ToLowerInvariant()}%", State = state ?? "", Limit = (long)limit },
            cancellationToken);

    public ValueTask<User?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<User>(ById, new { Id = id }, cancellationToken);

    /// <summary>The roles of a user in the caller's part of the tree.</summary>
    public ValueTask<IReadOnlyList<Grant>> GrantsAsync(Caller caller, string userId, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<Grant>(Grants, new { UserId = userId }, cancellationToken);

    public async ValueTask<Outcome<UserWithLink>> AddAsync(Caller caller, NewUser wanted, CancellationToken cancellationToken)
    {
        var email = EmailAddress.Canonical(wanted.Email);
        if (!EmailAddress.IsPlausible(email))
        {
            return Refusal.Invalid("user.email", "email", "this is not a mail address", "name@domain, at most 254 characters");
        }

        var home = await tenants.FindAsync(caller, wanted.TenantId ?? caller.Scope.TenantId, cancellationToken);
        if (home is null)
        {
            return Refusal.NotFound("tenant", wanted.TenantId ?? caller.Scope.TenantId);
        }

        var grants = await GrantsWantedAsync(caller, home, wanted.Roles ?? [], cancellationToken);
        if (!grants.Ok)
        {
            return grants.Refusal;
        }

        var now = time.NowMicros();
        var user = new User(
            Id.New("u", time), home.Id, home.TenantPath, email, wanted.Name, wanted.Locale ?? home.Locale, "auto", UserState.Invited, false, false, 1, now, null);
        return await stores.Control.WriteAsync<Outcome<UserWithLink>>(
            async transaction =>
            {
                if (await transaction.FirstOrDefaultAsync<string>("SELECT id FROM identity_user WHERE email = @Email", new { Email = email }) is not null)
                {
                    return AddressTaken;
                }

                if (await CheckAuthorityAsync(transaction, caller, grants.Value) is { } refusal)
                {
                    return refusal;
                }

                await InsertAsync(transaction, user);
                await StoreGrantsAsync(transaction, user.Id, grants.Value);
                var link = await _links.MakeAsync(transaction, user.Id, OneTimeLinks.SetPassword);
                await changes.RecordAsync(transaction, caller, "user.added", user.Id, user.TenantPath, null, new { user, roles = grants.Value });
                return WithLink(user, link);
            },
            cancellationToken);
    }

    /// <summary>Changes a user; disabling ends his sessions and tokens with the same commit.</summary>
    public async ValueTask<Outcome<User>> ChangeAsync(Caller caller, string id, UserChange wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("user", id);
        }

        return await stores.Control.WriteAsync<Outcome<User>>(
            async transaction =>
            {
                var version = await transaction.FirstOrDefaultAsync<long>("SELECT version FROM identity_user WHERE id = @Id", new { Id = id });
                if (version != before.Version || (ifVersion ?? version) != version)
                {
                    return Refusal.Stale(version);
                }

                if (await CheckAuthorityOverAsync(transaction, caller, id) is { } refusal)
                {
                    return refusal;
                }

                var disables = wanted.State == UserState.Disabled && before.State != UserState.Disabled;
                var enables = wanted.State == UserState.Active && before.State == UserState.Disabled;
                if (disables && await authority.AdministratorsAsync(transaction) is [var only] && only == id)
                {
                    return LastAdministrator;
                }

                var after = before with
                {
                    Name = wanted.Name ?? before.Name,
                    Locale = wanted.Locale ?? before.Locale,
                    Theme = wanted.Theme ?? before.Theme,
                    State = disables ? UserState.Disabled : enables ? (before.HasPassword ? UserState.Active : UserState.Invited) : before.State,
                    Version = before.Version + 1,
                };
                await transaction.ExecuteAsync("UPDATE identity_user SET name = @Name, locale = @Locale, theme = @Theme, state = @State, version = @Version WHERE id = @Id", after);
                if (disables)
                {
                    await EndEverythingAsync(transaction, id);
                }

                await changes.RecordAsync(
                    transaction, caller, disables ? "user.disabled" : enables ? "user.enabled" : "user.changed", id, after.TenantPath, before, after);
                transaction.OnCommitted(callers.Forget);
                return after;
            },
            cancellationToken);
    }

    /// <summary>Replaces the roles of a user within the caller's part of the tree; those he has elsewhere stay.</summary>
    public async ValueTask<Outcome<IReadOnlyList<Grant>>> SetRolesAsync(
        Caller caller, string id, IReadOnlyList<RoleGiven> wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        var user = await FindAsync(caller, id, cancellationToken);
        var home = user is null ? null : await tenants.FindAsync(caller, user.TenantId, cancellationToken);
        if (user is null || home is null)
        {
            return Refusal.NotFound("user", id);
        }

        var grants = await GrantsWantedAsync(caller, home, wanted, cancellationToken);
        if (!grants.Ok)
        {
            return grants.Refusal;
        }

        return await stores.Control.WriteAsync<Outcome<IReadOnlyList<Grant>>>(
            async transaction =>
            {
                var version = await transaction.FirstOrDefaultAsync<long>("SELECT version FROM identity_user WHERE id = @Id", new { Id = id });
                if ((ifVersion ?? version) != version)
                {
                    return Refusal.Stale(version);
                }

                if (await CheckAuthorityOverAsync(transaction, caller, id) is { } over)
                {
                    return over;
                }

                if (await CheckAuthorityAsync(transaction, caller, grants.Value) is { } refusal)
                {
                    return refusal;
                }

                var before = await transaction.QueryAsync<Grant>(
                    "SELECT role, tenant_id, tenant_path FROM identity_grant WHERE user_id = @Id AND tenant_path >= @Path AND tenant_path < @End ORDER BY tenant_path, role",
                    new { Id = id, caller.Scope.Path, caller.Scope.End });
                var wasLast = await authority.AdministratorsAsync(transaction) is [var only] && only == id;
                await transaction.ExecuteAsync(
                    "DELETE FROM identity_grant WHERE user_id = @Id AND tenant_path >= @Path AND tenant_path < @End", new { Id = id, caller.Scope.Path, caller.Scope.End });
                await StoreGrantsAsync(transaction, id, grants.Value);
                if (wasLast && (await authority.AdministratorsAsync(transaction)).Count == 0)
                {
                    // Put back: a refusal must change nothing, and the transaction commits.
                    await transaction.ExecuteAsync(
                        "DELETE FROM identity_grant WHERE user_id = @Id AND tenant_path >= @Path AND tenant_path < @End", new { Id = id, caller.Scope.Path, caller.Scope.End });
                    await StoreGrantsAsync(transaction, id, before);
                    return LastAdministrator;
                }

                await transaction.ExecuteAsync("UPDATE identity_user SET version = version + 1 WHERE id = @Id", new { Id = id });
                await changes.RecordAsync(transaction, caller, "user.roles-changed", id, user.TenantPath, new { roles = before }, new { roles = grants.Value });
                transaction.OnCommitted(callers.Forget);
                return Outcome.Of(grants.Value);
            },
            cancellationToken);
    }

    /// <summary>Makes a one-time link that sets a new password, for a user who lost his or never had one. Older links are void.</summary>
    public async ValueTask<Outcome<UserWithLink>> MakeLinkAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var user = await FindAsync(caller, id, cancellationToken);
        if (user is null)
        {
            return Refusal.NotFound("user", id);
        }

        if (user.State == UserState.Disabled)
        {
            return Refusal.Conflict("user.disabled", "this user is disabled: enable him first", "state");
        }

        return await stores.Control.WriteAsync<Outcome<UserWithLink>>(
            async transaction =>
            {
                if (await CheckAuthorityOverAsync(transaction, caller, id) is { } refusal)
                {
                    return refusal;
                }

                return WithLink(user, await MakeLinkAsync(transaction, caller, user));
            },
            cancellationToken);
    }

    /// <summary>The provider's own administrator lost his way in, and whoever owns the machine helps: no caller is asked for.</summary>
    internal async ValueTask<string> MakeLinkAsync(ISqlTransaction transaction, Caller caller, User user)
    {
        var link = await _links.MakeAsync(transaction, user.Id, OneTimeLinks.SetPassword);
        await changes.RecordAsync(transaction, caller, "user.link-made", user.Id, user.TenantPath, null, null);
        return link;
    }

    internal static ValueTask<int> InsertAsync(ISqlTransaction transaction, User user) => transaction.ExecuteAsync(
        """
        INSERT INTO identity_user (id, tenant_id, tenant_path, email, name, locale, theme, state, totp_last_step, version, created_at)
        VALUES (@Id, @TenantId, @TenantPath, @Email, @Name, @Locale, @Theme, @State, 0, @Version, @CreatedAt)
        """,
        user);

    internal async ValueTask StoreGrantsAsync(ISqlTransaction transaction, string userId, IReadOnlyList<Grant> grants)
    {
        foreach (var grant in grants)
        {
            await transaction.ExecuteAsync(
                "INSERT INTO identity_grant (user_id, role, tenant_id, tenant_path, created_at) VALUES (@UserId, @Role, @TenantId, @TenantPath, @At) ON CONFLICT DO NOTHING",
                new { UserId = userId, grant.Role, grant.TenantId, grant.TenantPath, At = time.NowMicros() });
        }
    }

    private async ValueTask EndEverythingAsync(ISqlTransaction transaction, string userId)
    {
        var now = time.NowMicros();
        await Sessions.EndAllAsync(transaction, userId, null, now);
        await transaction.ExecuteAsync("UPDATE identity_token SET revoked_at = @Now WHERE user_id = @UserId AND revoked_at IS NULL", new { UserId = userId, Now = now });
        await transaction.ExecuteAsync("DELETE FROM identity_link WHERE user_id = @UserId", new { UserId = userId });
    }

    private async ValueTask<Outcome<IReadOnlyList<Grant>>> GrantsWantedAsync(Caller caller, Tenant home, IReadOnlyList<RoleGiven> wanted, CancellationToken cancellationToken)
    {
        var grants = new List<Grant>();
        foreach (var (index, each) in wanted.Index())
        {
            var tenant = each.TenantId is null || each.TenantId == home.Id ? home : await tenants.FindAsync(caller, each.TenantId, cancellationToken);
            if (tenant is null)
            {
                return Refusal.Invalid("role.tenant", $"roles[{index}].tenantId", $"there is no tenant {each.TenantId}, or it is not yours to see", "a tenant you see");
            }

            if (authority.BuiltIn.Find(each.Role) is null && await RoleBook.PathOfAsync(stores, each.Role, cancellationToken) is var path
                && (path is null || !tenant.TenantPath.StartsWith(path, StringComparison.Ordinal)))
            {
                return Refusal.Invalid(
                    "role.unknown", $"roles[{index}].role", $"there is no role {each.Role} for this tenant", string.Join(", ", authority.BuiltIn.All.Select(static role => role.Id)) + ", or a role of your own");
            }

            grants.Add(new Grant(each.Role, tenant.Id, tenant.TenantPath));
        }

        return Outcome.Of<IReadOnlyList<Grant>>(grants);
    }

    private async ValueTask<Refusal?> CheckAuthorityAsync(ISqlReader reader, Caller caller, IReadOnlyList<Grant> grants) =>
        Authority.Covers(caller, await authority.ExpandAsync(reader, grants))
            ? null
            : new Refusal(RefusalKind.Forbidden, "role.beyond-yours", "a role can only be given by someone who holds all that it permits", "roles");

    private async ValueTask<Refusal?> CheckAuthorityOverAsync(ISqlReader reader, Caller caller, string userId) =>
        caller.ActorId == userId || Authority.Covers(caller, await authority.OfUserAsync(reader, userId))
            ? null
            : new Refusal(RefusalKind.Forbidden, "user.beyond-yours", "this user holds permissions that you do not: only someone who holds them all may change him");

    private UserWithLink WithLink(User user, string token) => new(user, LinkPathPrefix + token, time.NowMicros() + (options.Link.Ticks / TimeSpan.TicksPerMicrosecond));
}
