using Tsunagi.Core.Changes;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Identity.Tokens;

/// <summary>The API tokens of the part of the tree a caller sees.</summary>
public sealed class ApiTokens(Stores stores, TenantDirectory tenants, ChangeRecorder changes, Callers callers, TimeProvider time)
{
    /// <summary>Every token begins so: leaked ones can be searched for.</summary>
    public const string Prefix = "tsk_";

    private const int MaxLivePerUser = 100;

    public static readonly TenantQuery List = new("token.list", """
        SELECT id, user_id, tenant_id, tenant_path, name, permissions, created_at, expires_at, last_used_at, revoked_at FROM identity_token
        WHERE {tenant} AND id < @Before AND (@UserId = '' OR user_id = @UserId) ORDER BY id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("token.by-id", """
        SELECT id, user_id, tenant_id, tenant_path, name, permissions, created_at, expires_at, last_used_at, revoked_at FROM identity_token WHERE {tenant} AND id = @Id
        """);

    /// <summary>Newest first.</summary>
    /// <param name="before">Id of the last row of the page before, or "k_~".</param>
    public async ValueTask<IReadOnlyList<ApiToken>> ListAsync(Caller caller, string before, int limit, string? userId, CancellationToken cancellationToken)
    {
        var rows = await new TenantStore(stores.Control, caller.Scope).QueryAsync<Row>(
            List, new { Before = before, UserId = userId ?? "", Limit = (long)limit }, cancellationToken);
        return [.. rows.Select(static row => row.ToToken())];
    }

    public async ValueTask<ApiToken?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        (await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Row>(ById, new { Id = id }, cancellationToken))?.ToToken();

    public async ValueTask<Outcome<ApiTokenMade>> MakeAsync(SignedInCaller who, NewApiToken wanted, CancellationToken cancellationToken)
    {
        var caller = who.Caller;
        if (caller.IsToken)
        {
            return new Refusal(RefusalKind.Forbidden, "token.by-token", "a token cannot make tokens: sign in");
        }

        var tenant = await tenants.FindAsync(caller, wanted.TenantId ?? caller.Scope.TenantId, cancellationToken);
        if (tenant is null)
        {
            return Refusal.NotFound("tenant", wanted.TenantId ?? caller.Scope.TenantId);
        }

        foreach (var (index, permission) in wanted.Permissions.Index())
        {
            if (!PermissionSet.IsWellFormed(permission) || !caller.May(permission))
            {
                return Refusal.Invalid("token.permission", $"permissions[{index}]", $"you do not hold {permission} yourself", string.Join(", ", caller.Permissions.Order(StringComparer.Ordinal)));
            }
        }

        var secret = Prefix + OpaqueToken.New();
        var now = time.NowMicros();
        var token = new ApiToken(
            Id.New("k", time), who.UserId, tenant.Id, tenant.TenantPath, wanted.Name, [.. wanted.Permissions.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            now, now + (wanted.Days * 24L * 3600 * UnixMicros.PerSecond), null, null);
        return await stores.Control.WriteAsync<Outcome<ApiTokenMade>>(
            async transaction =>
            {
                var live = await transaction.FirstOrDefaultAsync<long>(
                    "SELECT count(*) FROM identity_token WHERE user_id = @UserId AND revoked_at IS NULL AND expires_at > @Now", new { who.UserId, Now = now });
                if (live >= MaxLivePerUser)
                {
                    return Refusal.Conflict("token.too-many", $"you have {live} tokens already: revoke some");
                }

                await transaction.ExecuteAsync(
                    """
                    INSERT INTO identity_token (id, token_hash, user_id, tenant_id, tenant_path, name, permissions, created_at, expires_at)
                    VALUES (@Id, @Hash, @UserId, @TenantId, @TenantPath, @Name, @Json, @CreatedAt, @ExpiresAt)
                    """,
                    new
                    {
                        token.Id, Hash = OpaqueToken.HashOf(secret), token.UserId, token.TenantId, token.TenantPath, token.Name,
                        Json = PermissionSet.ToJson(token.Permissions), token.CreatedAt, token.ExpiresAt,
                    });
                await changes.RecordAsync(transaction, caller, "token.made", token.Id, token.TenantPath, null, token);
                return new ApiTokenMade(token, secret);
            },
            cancellationToken);
    }

    /// <summary>Ends a token at once.</summary>
    public async ValueTask<Outcome<bool>> RevokeAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var token = await FindAsync(caller, id, cancellationToken);
        if (token is null)
        {
            return Refusal.NotFound("token", id);
        }

        return await stores.Control.WriteAsync(
            async transaction =>
            {
                if (await transaction.ExecuteAsync("UPDATE identity_token SET revoked_at = @At WHERE id = @Id AND revoked_at IS NULL", new { Id = id, At = time.NowMicros() }) == 1)
                {
                    await changes.RecordAsync(transaction, caller, "token.revoked", id, token.TenantPath, token, null);
                    transaction.OnCommitted(callers.Forget);
                }

                return true;
            },
            cancellationToken);
    }

    private sealed record Row(
        string Id, string UserId, string TenantId, string TenantPath, string Name, string Permissions, long CreatedAt, long ExpiresAt, long? LastUsedAt, long? RevokedAt)
    {
        public ApiToken ToToken() => new(
            Id, UserId, TenantId, TenantPath, Name, [.. PermissionSet.FromJson(Permissions).Order(StringComparer.Ordinal)], CreatedAt, ExpiresAt, LastUsedAt, RevokedAt);
    }
}
