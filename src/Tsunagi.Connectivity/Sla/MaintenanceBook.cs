using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Sla;

/// <summary>Announced maintenance as its table holds it.</summary>
/// <param name="SubscriptionId">Empty for all.</param>
public sealed record MaintenanceRow(string Id, string TenantPath, string SubscriptionId, string Note, long AnnouncedAt, long FromAt, long ToAt, long? CancelledAt)
{
    internal const string Columns = "id, tenant_path, subscription_id, note, announced_at, from_at, to_at, cancelled_at";
}

/// <summary>Maintenance as it was announced: when that was is when it was entered, and nobody can date it back.</summary>
internal sealed class MaintenanceBook(Stores stores, SubscriptionBook subscriptions, ChangeRecorder changes, TimeProvider time)
{
    public static readonly TenantQuery ById = new("connectivity.maintenance.by-id", $$"""SELECT {{MaintenanceRow.Columns}} FROM connectivity_maintenance WHERE {tenant} AND id = @Id""");

    public static readonly TenantQuery Newest = new("connectivity.maintenance.newest", $$"""SELECT {{MaintenanceRow.Columns}} FROM connectivity_maintenance WHERE {tenant} AND id < @Before ORDER BY id DESC LIMIT @Limit""");

    /// <param name="before">Only those with a smaller id; empty for the newest.</param>
    public ValueTask<IReadOnlyList<MaintenanceRow>> ListAsync(Caller caller, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<MaintenanceRow>(Newest, new { Before = before.Length == 0 ? "~" : before, Limit = (long)limit }, cancellationToken);

    public ValueTask<MaintenanceRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<MaintenanceRow>(ById, new { Id = id }, cancellationToken);

    public async ValueTask<Outcome<MaintenanceRow>> AnnounceAsync(Caller caller, NewMaintenance wanted, CancellationToken cancellationToken)
    {
        var subscription = wanted.SubscriptionId is null ? null : await subscriptions.FindAsync(caller, wanted.SubscriptionId, cancellationToken);
        if (wanted.SubscriptionId is not null && subscription is null)
        {
            return Refusal.NotFound("subscription", wanted.SubscriptionId);
        }

        if ((OutageBook.NotOperator(caller) ?? OutageBook.Span(wanted.From, wanted.To)) is { } no)
        {
            return no;
        }

        var work = new MaintenanceRow(
            Id.New("mt", time), subscription?.TenantPath ?? caller.Scope.Path, subscription?.Id ?? "", wanted.Note.Trim(), time.NowMicros(), UnixMicros.From(wanted.From), UnixMicros.From(wanted.To), null);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    $"INSERT INTO connectivity_maintenance ({MaintenanceRow.Columns}) VALUES (@Id, @TenantPath, @SubscriptionId, @Note, @AnnouncedAt, @FromAt, @ToAt, NULL)", work);
                await changes.RecordAsync(transaction, caller, SlaEvents.Announced, work.Id, work.TenantPath, null, work, Facts(work));
                return true;
            },
            cancellationToken);
        return work;
    }

    /// <summary>Calls it off while it is not over: what then happens is an outage like any other.</summary>
    public async ValueTask<Outcome<MaintenanceRow>> CancelAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("maintenance", id);
        }

        if (OutageBook.NotOperator(caller) is { } no)
        {
            return no;
        }

        var now = time.NowMicros();
        if (before.ToAt <= now)
        {
            return Refusal.Conflict("connectivity.maintenance.over", $"the maintenance {id} is over");
        }

        return before.CancelledAt is not null ? before : await stores.Control.WriteAsync<Outcome<MaintenanceRow>>(
            async transaction =>
            {
                var after = before with { CancelledAt = now };
                if (await transaction.ExecuteAsync("UPDATE connectivity_maintenance SET cancelled_at = @CancelledAt WHERE id = @Id AND cancelled_at IS NULL", after) == 1)
                {
                    await changes.RecordAsync(transaction, caller, SlaEvents.Cancelled, id, after.TenantPath, before, after, Facts(after));
                }

                return after;
            },
            cancellationToken);
    }

    private static string Facts(MaintenanceRow work) =>
        JsonSerializer.Serialize(new { subscription = work.SubscriptionId, from = UnixMicros.ToDateTimeOffset(work.FromAt), to = UnixMicros.ToDateTimeOffset(work.ToAt) });
}
