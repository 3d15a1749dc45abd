namespace Tsunagi.Core.Identity.SignIn;

/// <summary>One browser signed in.</summary>
/// <param name="ScopeTenantId">The part of the tree it looks at.</param>
public sealed record Session(
    string Id, string UserId, string ScopeTenantId, string Address, string Agent, long CreatedAt, long LastUsedAt, long ExpiresAt);

/// <summary>A session just made. <paramref name="Token"/> is the cookie's value and is nowhere else.</summary>
public sealed record NewSession(Session Session, string Token);
