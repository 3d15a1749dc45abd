using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Identity;

/// <summary>
/// Who asks: a signed-in user or an API token, with the part of the tenant tree it may see and what it may do there. Handlers and pages take it
/// from <c>HttpContext.GetCaller()</c>; nothing reads a tenant's rows without one.
/// </summary>
/// <param name="ActorId">The user's id (u_…), or the token's (k_…).</param>
/// <param name="ActorName">What people read in the audit: the e-mail address, or the token's name.</param>
/// <param name="IsOperator">True when the scope is the provider itself; customers' content is closed to operators by default.</param>
public sealed record Caller(string ActorId, string ActorName, TenantScope Scope, IReadOnlySet<string> Permissions, bool IsOperator, string Locale)
{
    /// <summary>The program itself, acting in this part of the tree: first start, timers, projectors. The audit shows it as "system".</summary>
    public static Caller System(TenantScope scope) => new("system", "system", scope, new HashSet<string>(StringComparer.Ordinal) { "*" }, true, "en");

    /// <summary>Permissions are "module.noun.verb" ("mail.trace.read"); a role may hold "module.*" or "*".</summary>
    public bool May(string permission) => PermissionSet.Covers(Permissions, permission);

    /// <summary>True for an API token: it may not change what only a person decides (passwords, other tokens).</summary>
    public bool IsToken => ActorId.StartsWith("k_", StringComparison.Ordinal);
}
