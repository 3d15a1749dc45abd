using System.Text.Json;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Detect;
using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Ddos.Sharing;

/// <summary>
/// What is taken of received objects: (1) not what is our own come back; (2) incidents, the newest version of each; (3) indicators whose pattern means senders of traffic, each sender past the warning lists
/// before it is written; other patterns are kept as text and said to be not understood; (4) what its maker revoked is no longer used. Nothing of it blocks: it is shown beside our own incidents.
/// </summary>
internal sealed class Intake(SharingOptions options, TimeProvider time)
{
    private const int LongestText = 500;

    /// <summary>Takes what a peer gave.</summary>
    public async ValueTask<TakenObjects> TakeAsync(ISqlTransaction transaction, string peer, SharingGroup group, IReadOnlyList<StixObject> received, WarningLists warnings)
    {
        var levels = OutboundGate.Levels(received);
        var taken = new TakenObjects();
        foreach (var each in received)
        {
            // (1)
            if (each.CreatedBy == IncidentObjects.OrganisationOf(options))
            {
                continue;
            }

            if (each.Type == "incident")
            {
                await TakeIncidentAsync(transaction, peer, group, each, levels[each.Id], taken);
            }
            else if (each.Type == "indicator")
            {
                await TakeIndicatorAsync(transaction, peer, each, warnings, taken);
            }
        }

        return taken;
    }

    /// <summary>Takes out what is over.</summary>
    public async ValueTask PurgeAsync(ISqlTransaction transaction)
    {
        var now = new { Now = time.NowMicros() };
        await transaction.ExecuteAsync("DELETE FROM ddos_foreign_source WHERE expires_at < @Now", now);
        await transaction.ExecuteAsync("DELETE FROM ddos_foreign_pattern WHERE expires_at < @Now", now);
        await transaction.ExecuteAsync("DELETE FROM ddos_foreign_incident WHERE expires_at < @Now", now);
    }

    // (2), (4)
    private async ValueTask TakeIncidentAsync(ISqlTransaction transaction, string peer, SharingGroup group, StixObject incident, int level, TakenObjects taken)
    {
        var figures = incident.Extension(IncidentObjects.Definition.ToString());
        var now = time.NowMicros();
        var opened = Time(figures, "opened") ?? incident.Created ?? UnixMicros.ToDateTimeOffset(now);
        var row = new ForeignIncident(
            Id.New("fi", time), peer, incident.Id.ToString(), group.Name, TlpMarkings.WordOf((Tlp)Math.Min(level, (int)Tlp.Red)), Short(incident.Text("name")), Short(incident.Text("description")),
            Short(Text(figures, "vector")), incident.Confidence ?? options.UsualConfidence, UnixMicros.From(opened), Time(figures, "closed") is { } closed ? UnixMicros.From(closed) : null,
            Number(figures, "peak_packets_per_second"), Number(figures, "peak_bits_per_second"), Number(figures, "sources"), Short(Text(figures, "victim")), Ports(figures),
            UnixMicros.From(incident.Version ?? opened), incident.Revoked ? 1 : 0, now, now + (long)options.Keep.TotalMicroseconds);
        if (!await HasRoomAsync(transaction, "ddos_foreign_incident", row.Peer, row.StixId))
        {
            taken.Refuse($"more than {options.MaxObjects} incidents of this peer are kept");
            return;
        }

        taken.Incidents += await transaction.ExecuteAsync(
            $"""
            INSERT INTO ddos_foreign_incident ({ForeignIncident.Columns})
            VALUES (@Id, @Peer, @StixId, @GroupName, @Tlp, @Name, @Description, @Vector, @Confidence, @OpenedAt, @ClosedAt, @PeakPackets, @PeakBits, @Sources, @Victim, @TopPorts, @Version, @Revoked, @ReceivedAt, @ExpiresAt)
            ON CONFLICT (peer, stix_id) DO UPDATE SET group_name = excluded.group_name, tlp = excluded.tlp, name = excluded.name, description = excluded.description, vector = excluded.vector, confidence = excluded.confidence,
              opened_at = excluded.opened_at, closed_at = excluded.closed_at, peak_packets = excluded.peak_packets, peak_bits = excluded.peak_bits, sources = excluded.sources, victim = excluded.victim,
              top_ports = excluded.top_ports, version = excluded.version, revoked = excluded.revoked, received_at = excluded.received_at, expires_at = excluded.expires_at
            WHERE ddos_foreign_incident.version < excluded.version
            """,
            row);
    }

    // (3), (4)
    private async ValueTask TakeIndicatorAsync(ISqlTransaction transaction, string peer, StixObject indicator, WarningLists warnings, TakenObjects taken)
    {
        var key = new { Peer = peer, StixId = indicator.Id.ToString() };
        var version = UnixMicros.From(indicator.Version!.Value);
        if (await transaction.FirstOrDefaultAsync<long>("SELECT coalesce(max(version), 0) FROM ddos_foreign_source WHERE peer = @Peer AND stix_id = @StixId", key) >= version)
        {
            return;
        }

        await transaction.ExecuteAsync("DELETE FROM ddos_foreign_source WHERE peer = @Peer AND stix_id = @StixId", key);
        await transaction.ExecuteAsync("DELETE FROM ddos_foreign_pattern WHERE peer = @Peer AND stix_id = @StixId", key);
        var now = time.NowMicros();
        var until = indicator.Time("valid_until") is { } end ? UnixMicros.From(end) : long.MaxValue;
        var expires = Math.Min(until, now + (long)options.Keep.TotalMicroseconds);
        if (indicator.Revoked || expires <= now)
        {
            return;
        }

        var text = indicator.Text("pattern")!;
        if (Ways(indicator, text, out var problem) is not { } ways)
        {
            if (!await HasRoomAsync(transaction, "ddos_foreign_pattern", key.Peer, key.StixId))
            {
                taken.Refuse($"more than {options.MaxObjects} patterns of this peer are kept that are not understood");
                return;
            }

            await transaction.ExecuteAsync(
                "INSERT INTO ddos_foreign_pattern (peer, stix_id, pattern, problem, name, received_at, expires_at) VALUES (@Peer, @StixId, @Pattern, @Problem, @Name, @Now, @Expires)",
                new { key.Peer, key.StixId, Pattern = text.Length > 4_000 ? text[..4_000] : text, Problem = problem, Name = Short(indicator.Text("name")), Now = now, Expires = expires });
            taken.NotUnderstood++;
            return;
        }

        var room = options.MaxObjects - await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM ddos_foreign_source WHERE peer = @Peer", key);
        foreach (var way in ways)
        {
            var why = way.Source is not { } source ? "it names no sender" : warnings.WhyNot(source) ?? (room-- > 0 ? null : $"more than {options.MaxObjects} senders of this peer are kept");
            if (why is not null)
            {
                taken.Refuse(why);
                continue;
            }

            taken.Sources += await transaction.ExecuteAsync(
                """
                INSERT INTO ddos_foreign_source (peer, stix_id, network, protocol, port, name, confidence, version, received_at, expires_at)
                VALUES (@Peer, @StixId, @Network, @Protocol, @Port, @Name, @Confidence, @Version, @Now, @Expires) ON CONFLICT DO NOTHING
                """,
                new
                {
                    key.Peer, key.StixId, Network = way.Source!.Value.ToString(), Protocol = way.Protocol ?? "", Port = (long)(way.SourcePort ?? 0), Name = Short(indicator.Text("name")),
                    Confidence = (long)(indicator.Confidence ?? options.UsualConfidence), Version = version, Now = now, Expires = expires,
                });
        }
    }

    /// <summary>Of what is there already a newer version always has room.</summary>
    private async ValueTask<bool> HasRoomAsync(ISqlTransaction transaction, string table, string peer, string stixId) =>
        await transaction.FirstOrDefaultAsync<long>($"SELECT count(*) FROM {table} WHERE peer = @Peer AND stix_id <> @StixId", new { Peer = peer, StixId = stixId }) < options.MaxObjects;

    private static IReadOnlyList<StixTraffic>? Ways(StixObject indicator, string text, out string problem)
    {
        if (indicator.Text("pattern_type") != "stix")
        {
            problem = $"patterns of the type {Short(indicator.Text("pattern_type"))} are not read";
            return null;
        }

        return StixPattern.TryParse(text, null, out var pattern, out problem) && StixTraffic.TryRead(pattern!, out var ways, out problem) ? ways : null;
    }

    private static string Short(string? text) => text is null ? "" : text.Length > LongestText ? text[..LongestText] : text;

    private static string? Text(JsonElement? figures, string name) => figures is { } some && some.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement? figures, string name) => StixTime.TryParse(Text(figures, name), out var at) ? at : null;

    private static long Number(JsonElement? figures, string name) =>
        figures is { } some && some.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number : 0;

    private static string Ports(JsonElement? figures)
    {
        if (figures is not { } some || !some.TryGetProperty("top_source_ports", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return "[]";
        }

        return JsonSerializer.Serialize(list.EnumerateArray().Where(static each => each.ValueKind == JsonValueKind.Object).Take(AttackTalkers.Most)
            .Select(static each => new Share(Short(Text(each, "port")), each.TryGetProperty("part", out var part) && part.ValueKind == JsonValueKind.Number && part.TryGetDouble(out var share) ? Math.Clamp(share, 0, 1) : 0)).ToList());
    }
}

/// <summary>What was made of received objects.</summary>
internal sealed class TakenObjects
{
    public int Incidents { get; set; }

    public int Sources { get; set; }

    /// <summary>What was not taken: senders that a warning list holds, and what is beyond a limit.</summary>
    public int Refused { get; private set; }

    /// <summary>Why the last of it was refused.</summary>
    public string LastRefused { get; private set; } = "";

    public int NotUnderstood { get; set; }

    public void Refuse(string why)
    {
        Refused++;
        LastRefused = why;
    }
}
