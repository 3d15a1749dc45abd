using System.Net;
using System.Text.Json;
using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Connectivity.Lines;

/// <summary>A line as its table holds it, with what its subscription says at the moment.</summary>
/// <param name="V4">A fixed IPv4 address or block ("198.51.100.7/32"); empty without one. So are the other addresses.</param>
/// <param name="Routes">JSON array of texts.</param>
/// <param name="Replies">JSON array of <see cref="LineReply"/>.</param>
/// <param name="Holds">JSON array of the kinds of hold on its subscription; null while it has none that runs.</param>
public sealed record LineRow(
    string Id, string TenantPath, string TenantId, string SubscriptionId, string Name, string UserName, string CircuitId, string RemoteId, bool CircuitProves, string Port, string SiteId,
    string PasswordForm, long? PasswordSetAt, string V4, string V6, string LinkPrefix, string DelegatedPrefix, string Routes, string Replies, string ExternalRefs, long Revision, long Version,
    long CreatedAt, long? EndedAt, string? Holds = null)
{
    internal const string Columns = """
        id, tenant_path, tenant_id, subscription_id, name, user_name, circuit_id, remote_id, circuit_proves, port, site_id, password_form, password_set_at, v4, v6, link_prefix,
        delegated_prefix, routes, replies, external_refs, revision, version, created_at, ended_at
        """;

    /// <summary>The same of table l beside its wish d.</summary>
    internal const string Beside = """
        SELECT l.id, l.tenant_path, l.tenant_id, l.subscription_id, l.name, l.user_name, l.circuit_id, l.remote_id, l.circuit_proves, l.port, l.site_id, l.password_form, l.password_set_at,
          l.v4, l.v6, l.link_prefix, l.delegated_prefix, l.routes, l.replies, l.external_refs, l.revision, l.version, l.created_at, l.ended_at, d.holds
        FROM connectivity_line l LEFT JOIN desired_record d ON d.key = l.subscription_id AND d.withdrawn = 0
        """;

    public bool IsEnded => EndedAt is not null;

    public IReadOnlyList<string> HoldKinds => Holds is null ? [] : JsonSerializer.Deserialize<string[]>(Holds) ?? [];

    /// <summary>"active", "suspended", or "ended".</summary>
    public string State => IsEnded ? LineState.Ended : Holds is null or not "[]" ? LineState.Suspended : LineState.Active;

    /// <summary>What people call it: its user name, else its circuit, else its name.</summary>
    public string Title => UserName.Length > 0 ? UserName : CircuitId.Length > 0 ? CircuitId : RemoteId.Length > 0 ? RemoteId : Name;

    public LinePasswordForm Form => Enum.TryParse<LinePasswordForm>(PasswordForm, out var form) ? form : LinePasswordForm.None;

    public IReadOnlyList<string> RouteList => JsonSerializer.Deserialize<string[]>(Routes) ?? [];

    public IReadOnlyList<LineReply> ReplyList => JsonSerializer.Deserialize<LineReply[]>(Replies) ?? [];

    /// <summary>Every fixed address and prefix, as networks.</summary>
    public IEnumerable<IPNetwork> Fixed() => ((string[])[V4, V6, LinkPrefix, DelegatedPrefix]).Where(static text => text.Length > 0).Select(IPNetwork.Parse);
}

/// <summary>The states of a line.</summary>
public static class LineState
{
    public const string Active = "active";

    /// <summary>A hold is in force on its subscription, or nothing runs under it.</summary>
    public const string Suspended = "suspended";
    public const string Ended = "ended";

    public static readonly IReadOnlyList<string> All = [Active, Suspended, Ended];
}
