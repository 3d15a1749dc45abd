using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Tests.Isolation;

/// <summary>Lines, addresses, probes, and what was measured and heard of them.</summary>
internal sealed partial class IsolationWorld
{
    /// <summary>Two lines under a contract.</summary>
    private async Task FillConnectivityAsync(string tenant)
    {
        var op = Node.Operator;
        foreach (var (name, cidr) in ((string, string)[])[("ipamPrefix3", "198.18.8.0/23"), ("ipamPrefix", "198.18.9.0/24"), ("ipamPrefix2", "198.18.9.128/26")])
        {
            _things[name] = Id(await op.PostAsync("/connectivity/prefixes", new { cidr, tenantId = tenant }));
        }

        _things["IpamPrefix"] = _things["ipamPrefix"];
        await op.PostAsync("/connectivity/pools", new { name = "access", cidr = "198.18.8.0/24", partLength = 32 });
        _things["access"] = Id(await op.PostAsync("/subscriptions", new { tenantId = tenant, plan = "broadband", name = "Owner's access", quantity = 9, settings = new { ipv4Pool = "access", sla = "ntt" } }));
        _things["sla"] = _things["access"];
        foreach (var number in (string[])["", "2"])
        {
            _things["line" + number] = Id((await op.PostAsync("/connectivity/lines", new { subscriptionId = _things["access"], userName = $"line{number}@owner.example" }))["line"]!);
        }

        _things["probe"] = Id(await op.PostAsync("/connectivity/probes", new { lineId = _things["line"], target = "127.0.0.1:9", name = "Owner's probe" }));
        _things["outage"] = Id(await op.PostAsync("/connectivity/outages", new { subscriptionId = _things["access"], from = "2026-11-01T00:00:00Z", to = "2026-11-01T01:00:00Z", note = "Owner's outage" }));
        _things["maintenance"] = Id(await op.PostAsync("/connectivity/maintenance", new { subscriptionId = _things["access"], from = "2030-11-01T00:00:00Z", to = "2030-11-01T01:00:00Z", note = "Owner's maintenance" }));

        await AddUsageAsync();
        await AddLineSessionAsync();
    }

    /// <summary>A session of the line as accounting makes it, and what was asked about it.</summary>
    private async Task AddLineSessionAsync()
    {
        _things["lineSession"] = global::Tsunagi.Core.Ids.Id.New("cs", TimeProvider.System);
        _things["lease"] = global::Tsunagi.Core.Ids.Id.New("dl", TimeProvider.System);
        var facts = new { Id = _things["lineSession"], Lease = _things["lease"], Line = _things["line"], Act = global::Tsunagi.Core.Ids.Id.New("ca", TimeProvider.System), Now = TimeProvider.System.NowMicros() };
        await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO connectivity_session (id, session_key, tenant_path, tenant_id, line_id, subscription_id, nas_id, nas_name, nas_session_id, user_name, station, called, port, source, v4, v6, link_prefix,
                      delegated_prefix, started_at, last_event_at, last_seen_at, seconds, octets_in, octets_out, counters, interim_seconds, ended_at, cause, node, updated_at)
                    SELECT @Id, 'k', tenant_path, tenant_id, id, subscription_id, 'na_x', 'bras', 's1', user_name, '', '', '', '192.0.2.1:1813', '198.18.8.77', '', '', '', @Now, @Now, @Now, 60, 1, 2, 'g', 300, NULL, '',
                      'elsewhere', @Now FROM connectivity_line WHERE id = @Line
                    """,
                    facts);
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO connectivity_lease (id, tenant_path, tenant_id, line_id, subscription_id, duid, iaid, kind, prefix, part, pool, vrf_id, owner, node, since_at, heard_at, valid_until, changed_at, state, ended_at,
                      free_at, relay, hardware, updated_at)
                    SELECT @Lease, tenant_path, tenant_id, id, subscription_id, '000277', 1, 'prefix', '2001:db8:77::/56', '2001:db8:77::/56', 'delegated', 'global', 'elsewhere', 'elsewhere', @Now, @Now, @Now, @Now, 'bound', NULL,
                      0, '2001:db8::1', '', @Now FROM connectivity_line WHERE id = @Line
                    """,
                    facts);
                return await transaction.ExecuteAsync(
                    """
                    INSERT INTO connectivity_session_act (id, tenant_path, session_id, line_id, kind, reason, made_by, made_by_name, target, sent_at, outcome, error_cause, answered_at, tries)
                    SELECT @Act, tenant_path, @Id, id, 'disconnect', 'a test', 'system', 'system', '192.0.2.1:3799', @Now, 'ack', '', @Now, 1 FROM connectivity_line WHERE id = @Line
                    """,
                    facts);
            },
            CancellationToken.None);
    }

    /// <summary>What the owner's line used, as its accounting is projected.</summary>
    private async Task AddUsageAsync() => await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            INSERT INTO connectivity_usage (session_id, minute, tenant_path, line_id, subscription_id, octets_in, octets_out, seconds)
            SELECT 'ss_x', @Minute, tenant_path, id, subscription_id, 1000000, 9000000, 60 FROM connectivity_line WHERE id = @Id
            """,
            new { Id = _things["line"], Minute = TimeProvider.System.NowMicros() / 60_000_000 * 60_000_000 }),
        CancellationToken.None);
}
