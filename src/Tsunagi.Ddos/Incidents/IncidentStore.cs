using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Ddos.Incidents;

/// <summary>Reads incidents as one caller may see them.</summary>
public sealed class IncidentStore(Stores stores)
{
    internal const string Columns = """
        id, tenant_path, tenant_id, subscription_id, node, target, scope, vector, metric, limit_value, rule, estimate, samples, sampling_rate, sampling_source, error_percent, opened_at,
        last_above_at, closed_at, close_reason, peak_packets, peak_bits, peak_flows, now_packets, now_bits, sources, mean_octets, top_sources, top_ports, vectors, proposal
        """;

    private const string Last = "~";

    public static readonly TenantQuery Newest = new("ddos.incident.newest", $$"""
        SELECT {{Columns}} FROM ddos_incident WHERE {tenant} AND id < @Before AND (@State = '' OR (@State = 'open' AND closed_at IS NULL) OR (@State = 'closed' AND closed_at IS NOT NULL))
          AND (@Text = '' OR id = @Text OR target = @Text OR target LIKE @Address OR vector = @Text OR subscription_id = @Text) ORDER BY id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("ddos.incident.by-id", $$"""SELECT {{Columns}} FROM ddos_incident WHERE {tenant} AND id = @Id""");

    /// <param name="state">"open", "closed", or empty.</param>
    /// <param name="text">An id, an address, a vector; or empty.</param>
    /// <param name="before">Only those with a smaller id; empty for the newest.</param>
    public ValueTask<IReadOnlyList<IncidentRow>> ListAsync(Caller caller, string text, string state, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<IncidentRow>(
            Newest,
            new { Text = text, Address = Like(text), State = state, Before = before.Length == 0 ? Last : before, Limit = (long)limit },
            cancellationToken);

    public ValueTask<IncidentRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<IncidentRow>(ById, new { Id = id }, cancellationToken);

    // An address finds its own incident whatever its length ("192.0.2.1" finds "192.0.2.1/32").
    private static string Like(string text) => text.Length > 0 && text.All(static c => char.IsAsciiHexDigit(c) || c is '.' or ':') ? text + "/%" : "";
}
