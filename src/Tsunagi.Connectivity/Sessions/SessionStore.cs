using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Sessions;

/// <summary>Reads sessions as one caller may see them.</summary>
public sealed class SessionStore(Stores stores)
{
    internal const string Columns = """
        id, session_key, tenant_path, tenant_id, line_id, subscription_id, nas_id, nas_name, nas_session_id, user_name, station, called, port, source, v4, v6, link_prefix, delegated_prefix, started_at,
        last_event_at, last_seen_at, seconds, octets_in, octets_out, counters, interim_seconds, ended_at, cause, node, updated_at
        """;

    internal const string OpenOfNas = $"SELECT {Columns} FROM connectivity_session WHERE nas_id = @Nas AND ended_at IS NULL ORDER BY id";

    internal const string AllOpen = $"""
        SELECT {Columns} FROM connectivity_session WHERE ended_at IS NULL AND (updated_at > @Since OR (updated_at = @Since AND id > @After)) ORDER BY updated_at, id LIMIT @Limit
        """;

    internal const string ChangedSince = $"SELECT {Columns} FROM connectivity_session WHERE updated_at > @Since OR (updated_at = @Since AND id > @After) ORDER BY updated_at, id LIMIT @Limit";

    private const string Last = "~";

    public static readonly TenantQuery Newest = new("connectivity.session.newest", $$"""
        SELECT {{Columns}} FROM connectivity_session WHERE {tenant} AND id < @Before AND (@State = '' OR (@State = 'open' AND ended_at IS NULL) OR (@State = 'ended' AND ended_at IS NOT NULL))
          AND (@Line = '' OR line_id = @Line) AND (@Nas = '' OR nas_id = @Nas)
          AND (@Text = '' OR id = @Text OR user_name = @Text OR v4 = @Text OR v6 = @Text OR station = @Text OR nas_session_id = @Text OR subscription_id = @Text) ORDER BY id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("connectivity.session.by-id", $$"""SELECT {{Columns}} FROM connectivity_session WHERE {tenant} AND id = @Id""");

    public static readonly TenantQuery ActsOf = new("connectivity.session.acts", """
        SELECT id, tenant_path, session_id, line_id, kind, reason, made_by, made_by_name, target, sent_at, outcome, error_cause, answered_at, tries FROM connectivity_session_act
        WHERE {tenant} AND session_id = @Session ORDER BY id DESC LIMIT 100
        """);

    /// <param name="state">"open", "ended", or empty.</param>
    /// <param name="text">An id, a user name, an address, a station; or empty.</param>
    /// <param name="before">Only those with a smaller id; empty for the newest.</param>
    public ValueTask<IReadOnlyList<SessionRow>> ListAsync(
        Caller caller, string text, string state, string line, string nas, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<SessionRow>(
            Newest, new { Text = text, State = state, Line = line, Nas = nas, Before = before.Length == 0 ? Last : before, Limit = (long)limit }, cancellationToken);

    public ValueTask<SessionRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<SessionRow>(ById, new { Id = id }, cancellationToken);

    /// <summary>What was asked of the NAS about a session, newest first, with its answers.</summary>
    public ValueTask<IReadOnlyList<SessionActRow>> ActsAsync(Caller caller, string session, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<SessionActRow>(ActsOf, new { Session = session }, cancellationToken);
}
