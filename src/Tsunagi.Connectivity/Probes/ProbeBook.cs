using System.Net;
using System.Text.Json;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Stamp;

namespace Tsunagi.Connectivity.Probes;

/// <summary>The probes of lines: whoever sees a line sees them, the provider's operators set and remove them. <see cref="Prober"/> follows.</summary>
internal sealed class ProbeBook(Stores stores, LineBook lines, LineSecrets secrets, ChangeRecorder changes, ProbeOptions options, TimeProvider time)
{
    private const int DefaultEvery = 1_000;

    public static readonly TenantQuery ById = new("connectivity.probe.by-id", $$"""SELECT {{ProbeRow.Columns}} FROM connectivity_probe WHERE {tenant} AND id = @Id""");

    public static readonly TenantQuery Newest = new("connectivity.probe.newest", $$"""
        SELECT {{ProbeRow.Columns}} FROM connectivity_probe WHERE {tenant} AND removed_at IS NULL AND id < @Before AND (@Line = '' OR line_id = @Line) AND (@Subscription = '' OR subscription_id = @Subscription)
          AND (@State = '' OR state = @State) ORDER BY id DESC LIMIT @Limit
        """);

    public ValueTask<ProbeRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<ProbeRow>(ById, new { Id = id }, cancellationToken);

    /// <param name="before">Only those with a smaller id; empty for the newest.</param>
    public ValueTask<IReadOnlyList<ProbeRow>> ListAsync(Caller caller, string line, string subscription, string state, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<ProbeRow>(
            Newest, new { Line = line, Subscription = subscription, State = state, Before = before.Length == 0 ? "~" : before, Limit = (long)limit }, cancellationToken);

    /// <summary>The minutes of a probe that the caller has found.</summary>
    /// <param name="from">Minutes since 1970; the first after the last is <paramref name="to"/>.</param>
    public ValueTask<IReadOnlyList<ProbeMinute>> MinutesAsync(ProbeRow found, long from, long to, int limit, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<ProbeMinute>(
            $"SELECT {ProbeMinute.Columns} FROM connectivity_probe_minute WHERE probe_id = @Id AND minute >= @From AND minute < @To ORDER BY minute, node LIMIT @Limit",
            new { found.Id, From = from, To = to, Limit = (long)limit }),
        cancellationToken);

    public async ValueTask<Outcome<ProbeRow>> AddAsync(Caller caller, NewProbe wanted, CancellationToken cancellationToken)
    {
        var line = await lines.FindAsync(caller, wanted.LineId, cancellationToken);
        if (line is null)
        {
            return Refusal.NotFound("line", wanted.LineId);
        }

        if (NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        if (line.IsEnded)
        {
            return Refusal.Conflict("connectivity.line.ended", $"the line {line.Id} has ended; set up a new one", "lineId");
        }

        if (TargetOf(wanted.Target) is not { } target)
        {
            return Refusal.Invalid("connectivity.probe.target", "target", $"\"{wanted.Target}\" is no address and port", "192.0.2.1:862 or [2001:db8::1]:862");
        }

        var now = time.NowMicros();
        var probe = new ProbeRow(
            Id.New("pb", time), line.TenantPath, line.TenantId, line.Id, line.SubscriptionId, wanted.Name?.Trim() is { Length: > 0 } name ? name : target, target, wanted.EveryMilliseconds ?? DefaultEvery,
            wanted.PaddingOctets ?? 0, !string.IsNullOrEmpty(wanted.Key), ProbeState.Unknown, null, "", 1, now, null);
        var box = probe.Authenticated ? await secrets.ProtectSecretAsync(probe.TenantPath, wanted.Key!, cancellationToken) : null;
        return await stores.Control.WriteAsync<Outcome<ProbeRow>>(
            async transaction =>
            {
                if (await CheckRoomAsync(transaction, probe) is { } full)
                {
                    return full;
                }

                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO connectivity_probe ({ProbeRow.Columns}, key_box)
                    VALUES (@Id, @TenantPath, @TenantId, @LineId, @SubscriptionId, @Name, @Target, @EveryMilliseconds, @PaddingOctets, @Authenticated, @State, NULL, '', 1, @CreatedAt, NULL, @Box)
                    """,
                    new
                    {
                        probe.Id, probe.TenantPath, probe.TenantId, probe.LineId, probe.SubscriptionId, probe.Name, probe.Target, probe.EveryMilliseconds, probe.PaddingOctets, Authenticated = probe.Authenticated ? 1L : 0L,
                        probe.State, probe.CreatedAt, Box = box,
                    });
                await changes.RecordAsync(transaction, caller, ProbeEvents.Added, probe.Id, probe.TenantPath, null, probe, Facts(probe));
                return probe;
            },
            cancellationToken);
    }

    /// <summary>Removes one; its minutes stay as long as any. What it saw lost and not yet back ends here: nobody looks any more.</summary>
    public async ValueTask<Outcome<ProbeRow>> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("probe", id);
        }

        if (NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        var now = time.NowMicros();
        return before.IsRemoved ? before : await stores.Control.WriteAsync<Outcome<ProbeRow>>(
            async transaction =>
            {
                var after = before with { RemovedAt = now, State = ProbeState.Unknown, StateSince = now, Version = before.Version + 1 };
                if (await transaction.ExecuteAsync(
                    "UPDATE connectivity_probe SET removed_at = @Now, state = @State, state_since = @Now, version = version + 1 WHERE id = @Id AND removed_at IS NULL", new { after.Id, after.State, Now = now }) == 1)
                {
                    await transaction.ExecuteAsync("UPDATE connectivity_outage SET to_at = @Now, version = version + 1 WHERE source_id = @Id AND to_at IS NULL", new { after.Id, Now = now });
                    await changes.RecordAsync(transaction, caller, ProbeEvents.Removed, id, before.TenantPath, before, after, Facts(before));
                }

                return after;
            },
            cancellationToken);
    }

    /// <summary>Every probe of a line that has not ended, with its key. One whose key cannot be opened with this node's keys is left out: its replies could not be checked.</summary>
    internal async ValueTask<IReadOnlyList<(ProbeRow Probe, StampKey? Key)>> RunningAsync(CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<Boxed>(
                "SELECT p.id, p.tenant_path, p.key_box FROM connectivity_probe p JOIN connectivity_line l ON l.id = p.line_id WHERE p.removed_at IS NULL AND l.ended_at IS NULL AND p.authenticated = 1 ORDER BY p.id"),
            cancellationToken);
        var keys = new Dictionary<string, StampKey>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (await secrets.OpenSecretAsync(row.TenantPath, row.KeyBox, cancellationToken) is { } key)
            {
                keys[row.Id] = new StampKey(key);
            }
        }

        var probes = await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<ProbeRow>(
                $"""
                SELECT {ProbeRow.Columns} FROM connectivity_probe p WHERE p.removed_at IS NULL AND EXISTS (SELECT 1 FROM connectivity_line l WHERE l.id = p.line_id AND l.ended_at IS NULL) ORDER BY p.id
                """),
            cancellationToken);
        return [.. probes.Where(probe => !probe.Authenticated || keys.ContainsKey(probe.Id)).Select(probe => (probe, keys.GetValueOrDefault(probe.Id)))];
    }

    internal static string? TargetOf(string text) =>
        IPEndPoint.TryParse(text.Trim(), out var target) && target.Port > 0 && !target.Address.Equals(IPAddress.Any) && !target.Address.Equals(IPAddress.IPv6Any) ? target.ToString() : null;

    private async ValueTask<Refusal?> CheckRoomAsync(ISqlTransaction transaction, ProbeRow probe)
    {
        if (await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM connectivity_probe WHERE removed_at IS NULL") >= options.MostProbes)
        {
            return Refusal.Conflict("connectivity.probe.most", $"there are {options.MostProbes} probes already; remove one, or raise connectivity.probes.mostProbes", "lineId");
        }

        return await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM connectivity_probe WHERE removed_at IS NULL AND line_id = @LineId", new { probe.LineId }) >= options.MostPerLine
            ? Refusal.Conflict("connectivity.probe.most-of-line", $"the line has {options.MostPerLine} probes already; remove one", "lineId")
            : null;
    }

    private static Refusal? NotOperator(Caller caller) =>
        caller.IsOperator ? null : new Refusal(RefusalKind.Forbidden, "connectivity.probe.operators-only", "probes send from the provider's network: only its operators set and remove them");

    private static string Facts(ProbeRow probe) => JsonSerializer.Serialize(new { probe = probe.Name, line = probe.LineId, target = probe.Target });

    private sealed record Boxed(string Id, string TenantPath, byte[] KeyBox);
}
