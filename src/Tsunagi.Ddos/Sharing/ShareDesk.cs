using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Ddos.Sharing;

/// <summary>
/// The way out of an incident: (1) an operator's act, or a rule of the configuration; (2) its objects, without the victim (<see cref="IncidentObjects"/>); (3) the gate (<see cref="Released"/>);
/// (4) they are written to the group's collection, with the row that says so and the audit, in one transaction; (5) peers get them from our server (<see cref="TaxiiServer"/>), or are sent them (<see cref="PeerKeeper"/>),
/// through the gate again. When the attack is over, a version with its end goes the same way.
/// </summary>
internal sealed class ShareDesk(
    Stores stores, SharingOptions options, DdosOptions ddos, CollectionStore collections, ProtectionContracts contracts, ProvedPrefixes proved, ChangeRecorder changes, TimeProvider time)
{
    /// <summary>What would leave, before anything does.</summary>
    public async ValueTask<Outcome<SharePreview>> PreviewAsync(IncidentRow row, string group, string tlp, bool showsTarget, CancellationToken cancellationToken)
    {
        if (Find(group, tlp) is not ({ } to, { } level, null))
        {
            return Find(group, tlp).Refusal!;
        }

        var released = Released.Through((await MakerAsync(cancellationToken)).Of(row, level, showsTarget, At(row)), to.Audience);
        return new SharePreview(to.Name, TlpMarkings.WordOf(level), showsTarget, released.Objects, released.Withheld);
    }

    /// <summary>Shares it, or says why not. Shared again with the same group it is told in its present state.</summary>
    public async ValueTask<Outcome<ShareRow>> ShareAsync(Caller caller, IncidentRow row, ShareRequest request, CancellationToken cancellationToken)
    {
        if (Find(request.Group, request.Tlp) is not ({ } to, { } level, null))
        {
            return Find(request.Group, request.Tlp).Refusal!;
        }

        // What was told before under other conditions, or taken back, is overtaken only by a later version.
        var told = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<long?>("SELECT told_at FROM ddos_share WHERE incident_id = @Id AND group_name = @Name", new { row.Id, to.Name }), cancellationToken);
        var version = told is { } before ? Later(before, time.NowMicros()) : At(row);
        var objects = (await MakerAsync(cancellationToken)).Of(row, level, request.ShowTarget, version);
        var share = new ShareRow(
            Id.New("ds", time), row.TenantPath, row.TenantId, row.Id, to.Name, TlpMarkings.WordOf(level), request.ShowTarget ? 1 : 0, request.Reason.Trim(), caller.ActorName, time.NowMicros(),
            UnixMicros.From(version), row.ClosedAt is null ? 0 : 1, 0, null, "");
        return await TellAsync(caller, share, to, Released.Through(objects, to.Audience), DdosEvents.IncidentShared, request.Reason, cancellationToken);
    }

    /// <summary>Tells the group that we do not stand by it any more. What others have read they have read.</summary>
    public async ValueTask<Outcome<ShareRow>> WithdrawAsync(Caller caller, ShareRow share, IncidentRow row, CancellationToken cancellationToken)
    {
        if (share.WithdrawnAt is not null)
        {
            return share;
        }

        if (options.Group(share.GroupName) is not { } group || TlpMarkings.FromWord(share.Tlp) is not { } level)
        {
            return Refusal.Conflict("ddos.share.group", $"the group {share.GroupName} is not in the configuration any more", "group");
        }

        var version = Later(share.ToldAt, time.NowMicros());
        var objects = (await MakerAsync(cancellationToken)).Of(row, level, share.ShowsTarget == 1, version, isRevoked: true);
        return await TellAsync(
            caller, share with { WithdrawnAt = time.NowMicros(), WithdrawnBy = caller.ActorName, ToldAt = UnixMicros.From(version) }, group, Released.Through(objects, group.Audience), DdosEvents.ShareWithdrawn, null, cancellationToken);
    }

    /// <summary>Tells the end of an incident that is shared.</summary>
    public async ValueTask TellEndAsync(Caller system, ShareRow share, IncidentRow row, CancellationToken cancellationToken)
    {
        if (options.Group(share.GroupName) is { } group && TlpMarkings.FromWord(share.Tlp) is { } level)
        {
            var version = Later(share.ToldAt, row.ClosedAt ?? time.NowMicros());
            var objects = (await MakerAsync(cancellationToken)).Of(row, level, share.ShowsTarget == 1, version);
            await TellAsync(system, share with { TellsEnd = 1, ToldAt = UnixMicros.From(version) }, group, Released.Through(objects, group.Audience), null, null, cancellationToken);
        }
    }

    /// <summary>What nobody may call a source of attacks: ours and our customers'.</summary>
    public async ValueTask<WarningLists> WarningsAsync(CancellationToken cancellationToken)
    {
        var blocks = await proved.CidrsAsync(cancellationToken);
        return new WarningLists(options, [.. ddos.Protected, .. contracts.Table.All.Values.SelectMany(static each => each.Prefixes).Select(static prefix => System.Net.IPNetwork.Parse(prefix.ToString())), .. blocks]);
    }

    private async ValueTask<IncidentObjects> MakerAsync(CancellationToken cancellationToken) => new(options, await WarningsAsync(cancellationToken));

    // (4)
    private async ValueTask<Outcome<ShareRow>> TellAsync(Caller caller, ShareRow share, SharingGroup group, Released released, string? act, string? reason, CancellationToken cancellationToken) =>
        await stores.Control.WriteAsync<Outcome<ShareRow>>(
            async transaction =>
            {
                await collections.AddAsync(transaction, group, released, CollectionStore.Own);
                var row = await transaction.FirstOrDefaultAsync<ShareRow>(
                    $"""
                    INSERT INTO ddos_share ({ShareRow.Columns})
                    VALUES (@Id, @TenantPath, @TenantId, @IncidentId, @GroupName, @Tlp, @ShowsTarget, @Reason, @SharedBy, @SharedAt, @ToldAt, @TellsEnd, @Objects, @WithdrawnAt, @WithdrawnBy)
                    ON CONFLICT (incident_id, group_name) DO UPDATE SET tlp = excluded.tlp, shows_target = excluded.shows_target, reason = excluded.reason, shared_by = excluded.shared_by, told_at = excluded.told_at,
                      tells_end = excluded.tells_end, objects = excluded.objects, withdrawn_at = excluded.withdrawn_at, withdrawn_by = excluded.withdrawn_by
                    RETURNING {ShareRow.Columns}
                    """,
                    share with { Objects = released.Objects.Count });
                if (act is not null)
                {
                    await changes.RecordAsync(
                        transaction, caller, act, share.IncidentId, share.TenantPath, null, row,
                        JsonSerializer.Serialize(new { share = row!.Id, group = group.Name, tlp = share.Tlp, showsTarget = share.ShowsTarget == 1, by = caller.ActorName, objects = released.Objects.Count }), reason);
                }

                return row!;
            },
            cancellationToken);

    private (SharingGroup? Group, Tlp? Level, Refusal? Refusal) Find(string name, string tlp)
    {
        if (options.Group(name) is not { } group)
        {
            return (null, null, Refusal.Invalid("ddos.share.group", "group", $"there is no sharing group '{name}'", string.Join(", ", options.Groups.Select(static each => each.Name))));
        }

        var most = OutboundGate.Most(group.Audience);
        return TlpMarkings.FromWord(tlp) is not { } level ? (null, null, Refusal.Invalid("ddos.share.tlp", "tlp", $"'{tlp}' is no TLP", "clear, green, amber, amber+strict"))
            : level == Tlp.Red ? (null, null, Refusal.Invalid("ddos.share.red", "tlp", "TLP:RED never leaves", "at most " + TlpMarkings.WordOf(most)))
            : level > most ? (null, null, Refusal.Invalid("ddos.share.tlp", "tlp", $"TLP:{TlpMarkings.WordOf(level).ToUpperInvariant()} may not go to the group {group.Name}", "at most " + TlpMarkings.WordOf(most)))
            : (group, level, null);
    }

    private DateTimeOffset At(IncidentRow row) => Later(0, row.ClosedAt ?? time.NowMicros());

    // A version is told in milliseconds, as nearly everybody reads them.
    private static DateTimeOffset Later(long before, long micros) => UnixMicros.ToDateTimeOffset(Math.Max(micros - (micros % 1_000), before - (before % 1_000) + 1_000));
}

/// <summary>The request to share an incident.</summary>
/// <param name="Tlp">clear, green, amber or amber+strict, as far as the group allows.</param>
/// <param name="ShowTarget">Tells the prefix that is attacked; without it nothing says whose it is.</param>
public sealed record ShareRequest(
    [property: Required, Length(1, 40), Description("A sharing group of the configuration.")] string Group,
    [property: Required, Length(1, 20), Description("clear, green, amber or amber+strict, as far as the group allows.")] string Tlp,
    [property: Required, Length(3, 300)] string Reason,
    [property: Description("Tells the prefix that is attacked; without it nothing says whose it is.")] bool ShowTarget = false);

/// <summary>What would leave.</summary>
internal sealed record SharePreview(string Group, string Tlp, bool ShowsTarget, IReadOnlyList<StixObject> Objects, IReadOnlyList<WithheldObject> Withheld)
{
    /// <summary>As a bundle of STIX.</summary>
    public string Bundle => System.Text.Encoding.UTF8.GetString(StixWriter.Bundle(Objects));
}
