using Tsunagi.Core.Audit;
using Tsunagi.Core.Identity.Roles;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Identity.SignIn;

/// <summary>The sessions of users: begun by <see cref="SignInDesk"/>, listed and revoked by their user.</summary>
public sealed class Sessions(Stores stores, AuditTrail audit, Callers callers, SessionOptions options, TimeProvider time)
{
    private const string Columns = "id, user_id, scope_tenant_id, address, agent, created_at, last_used_at, expires_at";
    private static readonly long KeepEndedMicros = 30L * 24 * 3600 * UnixMicros.PerSecond;

    /// <summary>Those of one user that have not ended, newest first.</summary>
    public ValueTask<IReadOnlyList<Session>> ListAsync(string userId, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        return stores.Control.ReadAsync(
            reader => reader.QueryAsync<Session>(
                $"SELECT {Columns} FROM identity_session WHERE user_id = @UserId AND revoked_at IS NULL AND expires_at > @Now AND last_used_at > @Idle ORDER BY created_at DESC, id LIMIT 200",
                new { UserId = userId, Now = now, Idle = now - (options.Idle.Ticks / TimeSpan.TicksPerMicrosecond) }),
            cancellationToken);
    }

    /// <summary>Ends a session of this user; its next request is nobody's.</summary>
    public async ValueTask<Outcome<bool>> RevokeAsync(Caller caller, string userId, string sessionId, CancellationToken cancellationToken)
    {
        var ended = await stores.Control.WriteAsync(
            async transaction =>
            {
                var path = await transaction.FirstOrDefaultAsync<string>(
                    "UPDATE identity_session SET revoked_at = @At WHERE id = @Id AND user_id = @UserId AND revoked_at IS NULL RETURNING tenant_path",
                    new { Id = sessionId, UserId = userId, At = time.NowMicros() });
                if (path is not null)
                {
                    await audit.AppendAsync(transaction, caller, "session.ended", sessionId, path, null, null);
                    transaction.OnCommitted(callers.Forget);
                }

                return path is not null;
            },
            cancellationToken);
        return ended ? true : Refusal.NotFound("session", sessionId);
    }

    /// <summary>Looks at another part of the tree the user has a role in: the same session, seen from there.</summary>
    public async ValueTask<Outcome<TenantScope>> LookAtAsync(SignedInCaller who, string tenantId, Authority authority, CancellationToken cancellationToken) =>
        await stores.Control.WriteAsync<Outcome<TenantScope>>(
            async transaction =>
            {
                var path = await transaction.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE id = @Id", new { Id = tenantId });
                var grants = await authority.OfUserAsync(transaction, who.UserId);
                if (path is null || !grants.Any(each => path.StartsWith(each.Grant.TenantPath, StringComparison.Ordinal)))
                {
                    return Refusal.NotFound("tenant", tenantId);
                }

                await transaction.ExecuteAsync(
                    "UPDATE identity_session SET scope_tenant_id = @TenantId, scope_path = @Path WHERE id = @Id", new { Id = who.CredentialId, TenantId = tenantId, Path = path });
                transaction.OnCommitted(callers.Forget);
                return new TenantScope(tenantId, path);
            },
            cancellationToken);

    /// <summary>Begins one inside the sign-in's transaction. Always with a new token: whatever the browser sent before is worth nothing (no fixation).</summary>
    internal async ValueTask<NewSession> BeginAsync(ISqlTransaction transaction, string userId, string tenantPath, Grant scope, SessionPeer peer)
    {
        var now = time.NowMicros();
        var token = OpaqueToken.New();
        var session = new Session(
            Id.New("se", time), userId, scope.TenantId, peer.Address.ToString(), peer.Agent, now, now, now + (options.Absolute.Ticks / TimeSpan.TicksPerMicrosecond));
        await transaction.ExecuteAsync(
            """
            INSERT INTO identity_session (id, token_hash, user_id, tenant_path, scope_tenant_id, scope_path, created_at, last_used_at, expires_at, address, address_group, agent)
            VALUES (@Id, @Hash, @UserId, @TenantPath, @ScopeTenantId, @ScopePath, @CreatedAt, @CreatedAt, @ExpiresAt, @Address, @Group, @Agent)
            """,
            new
            {
                session.Id, Hash = OpaqueToken.HashOf(token), UserId = userId, TenantPath = tenantPath, session.ScopeTenantId, ScopePath = scope.TenantPath,
                session.CreatedAt, session.ExpiresAt, session.Address, Group = peer.Group.ToString(), session.Agent,
            });
        await transaction.ExecuteAsync("DELETE FROM identity_session WHERE user_id = @UserId AND expires_at < @Old", new { UserId = userId, Old = now - KeepEndedMicros });
        return new NewSession(session, token);
    }

    /// <summary>Ends all sessions of a user but one, inside the transaction of what makes it necessary.</summary>
    internal static ValueTask<int> EndAllAsync(ISqlTransaction transaction, string userId, string? but, long now) => transaction.ExecuteAsync(
        "UPDATE identity_session SET revoked_at = @Now WHERE user_id = @UserId AND revoked_at IS NULL AND id <> @But", new { UserId = userId, But = but ?? "", Now = now });

    /// <summary>True when this user signed in from this address in the last 30 days.</summary>
    internal ValueTask<bool> KnowsAddressAsync(string userId, SessionPeer peer, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        async reader => await reader.FirstOrDefaultAsync<long>(
            "SELECT count(*) FROM identity_session WHERE user_id = @UserId AND address_group = @Group AND created_at > @Since",
            new { UserId = userId, Group = peer.Group.ToString(), Since = time.NowMicros() - KeepEndedMicros }) > 0,
        cancellationToken);
}
