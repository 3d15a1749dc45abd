using System.Collections.Concurrent;
using Tsunagi.Core.Identity.Roles;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Identity.Tokens;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Identity;

/// <summary>
/// Who a session cookie or an API token stands for. Answers are kept for three seconds, so a busy caller costs no database round trip; every change of
/// identity on this node empties the cache at once, and another node's change is seen after those seconds.
/// </summary>
public sealed class Callers(Stores stores, Authority authority, LastUse lastUse, SessionOptions options, LocalAccess local, TimeProvider time)
{
    private const int MaxCached = 20_000;
    private static readonly TimeSpan CacheFor = TimeSpan.FromSeconds(3);
    private readonly ConcurrentDictionary<string, Cached> _cache = new(StringComparer.Ordinal);
    private long _generation;

    /// <summary>The caller of a session cookie, or null when it is none, has ended, or its user may not sign in.</summary>
    public ValueTask<SignedInCaller?> FromSessionAsync(string cookie, CancellationToken cancellationToken) =>
        OpaqueToken.HasShape(cookie) ? FindAsync(OpaqueToken.HashOf(cookie), LoadSessionAsync, cancellationToken) : ValueTask.FromResult<SignedInCaller?>(null);

    /// <summary>The caller of an API token ("tsk_…"), or null.</summary>
    public ValueTask<SignedInCaller?> FromTokenAsync(string token, CancellationToken cancellationToken) =>
        !token.StartsWith(ApiTokens.Prefix, StringComparison.Ordinal) || !OpaqueToken.HasShape(token.AsSpan(ApiTokens.Prefix.Length)) ? ValueTask.FromResult<SignedInCaller?>(null)
            : local.Find(token) is { } owner ? ValueTask.FromResult<SignedInCaller?>(owner)
            : FindAsync(OpaqueToken.HashOf(token), LoadTokenAsync, cancellationToken);

    /// <summary>Something about users, roles, sessions or tokens changed: nobody is known any more. Called after the commit.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _generation);
        _cache.Clear();
    }

    private async ValueTask<SignedInCaller?> FindAsync(string hash, Func<ISqlReader, string, ValueTask<SignedInCaller?>> load, CancellationToken cancellationToken)
    {
        if (_cache.TryGetValue(hash, out var known) && time.GetElapsedTime(known.Read) < CacheFor)
        {
            if (known.Caller.EndsAt <= time.NowMicros())
            {
                return null;
            }

            lastUse.Touch(known.Caller.CredentialId);
            return known.Caller;
        }

        var generation = Interlocked.Read(ref _generation);
        var caller = await stores.Control.ReadAsync(reader => load(reader, hash), cancellationToken);
        if (caller is null)
        {
            _cache.TryRemove(hash, out _);
            return null;
        }

        // A change between the read and now must win over what was read.
        if (generation == Interlocked.Read(ref _generation))
        {
            if (_cache.Count >= MaxCached)
            {
                _cache.Clear();
            }

            _cache[hash] = new Cached(caller, time.GetTimestamp());
        }

        lastUse.Touch(caller.CredentialId);
        return caller;
    }

    private async ValueTask<SignedInCaller?> LoadSessionAsync(ISqlReader reader, string hash)
    {
        var row = await reader.FirstOrDefaultAsync<SessionRow>(
            """
            SELECT s.id, s.user_id, s.scope_tenant_id, s.scope_path, s.last_used_at, s.expires_at, u.email, u.tenant_path, u.locale
            FROM identity_session s JOIN identity_user u ON u.id = s.user_id
            WHERE s.token_hash = @Hash AND s.revoked_at IS NULL AND u.state = 'active'
            """,
            new { Hash = hash });
        var now = time.NowMicros();
        if (row is null || row.ExpiresAt <= now || now - Math.Max(row.LastUsedAt, lastUse.Of(row.Id)) >= options.Idle.Ticks / TimeSpan.TicksPerMicrosecond)
        {
            return null;
        }

        var permissions = Authority.At(await authority.OfUserAsync(reader, row.UserId), row.ScopePath);
        var caller = new Caller(row.UserId, row.Email, new TenantScope(row.ScopeTenantId, row.ScopePath), permissions, IsRoot(row.TenantPath), row.Locale);
        return new SignedInCaller(caller, row.UserId, row.Id, row.ExpiresAt);
    }

    private async ValueTask<SignedInCaller?> LoadTokenAsync(ISqlReader reader, string hash)
    {
        var row = await reader.FirstOrDefaultAsync<TokenRow>(
            """
            SELECT k.id, k.user_id, k.name, k.tenant_id, k.tenant_path, k.permissions, k.expires_at, u.tenant_path AS user_path, u.locale
            FROM identity_token k JOIN identity_user u ON u.id = k.user_id
            WHERE k.token_hash = @Hash AND k.revoked_at IS NULL AND u.state = 'active'
            """,
            new { Hash = hash });
        if (row is null || row.ExpiresAt <= time.NowMicros())
        {
            return null;
        }

        // What its maker lost since, the token lost too.
        var makers = Authority.At(await authority.OfUserAsync(reader, row.UserId), row.TenantPath);
        var permissions = PermissionSet.Intersect(PermissionSet.FromJson(row.Permissions), makers);
        var caller = new Caller(row.Id, row.Name, new TenantScope(row.TenantId, row.TenantPath), permissions, IsRoot(row.UserPath), row.Locale);
        return new SignedInCaller(caller, row.UserId, row.Id, row.ExpiresAt);
    }

    private static bool IsRoot(string path) => path.IndexOf('/', StringComparison.Ordinal) == path.Length - 1;

    private sealed record Cached(SignedInCaller Caller, long Read);

    private sealed record SessionRow(
        string Id, string UserId, string ScopeTenantId, string ScopePath, long LastUsedAt, long ExpiresAt, string Email, string TenantPath, string Locale);

    private sealed record TokenRow(
        string Id, string UserId, string Name, string TenantId, string TenantPath, string Permissions, long ExpiresAt, string UserPath, string Locale);
}

/// <summary>A caller, and by which session or token he came.</summary>
/// <param name="UserId">The user; of a token, its maker.</param>
/// <param name="CredentialId">Id of the session or the token.</param>
/// <param name="EndsAt">When it ends whatever happens, µs.</param>
public sealed record SignedInCaller(Caller Caller, string UserId, string CredentialId, long EndsAt);
