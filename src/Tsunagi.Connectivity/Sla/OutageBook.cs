using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Sla;

/// <summary>Outages of lines: the prober enters what it sees, operators what it does not, and whose doing each was. None is ever deleted before its days are over.</summary>
internal sealed class OutageBook(Stores stores, SubscriptionBook subscriptions, ChangeRecorder changes, TimeProvider time)
{
    public static readonly TenantQuery ById = new("connectivity.outage.by-id", $$"""SELECT {{OutageRow.Columns}} FROM connectivity_outage WHERE {tenant} AND id = @Id""");

    public static readonly TenantQuery Newest = new("connectivity.outage.newest", $$"""
        SELECT {{OutageRow.Columns}} FROM connectivity_outage WHERE {tenant} AND id < @Before AND (@Line = '' OR line_id = @Line) AND (@Subscription = '' OR subscription_id = @Subscription)
          AND (@Open = 0 OR to_at IS NULL) ORDER BY id DESC LIMIT @Limit
        """);

    public ValueTask<OutageRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<OutageRow>(ById, new { Id = id }, cancellationToken);

    /// <param name="before">Only those with a smaller id; empty for the newest.</param>
    public ValueTask<IReadOnlyList<OutageRow>> ListAsync(Caller caller, string line, string subscription, bool open, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<OutageRow>(
            Newest, new { Line = line, Subscription = subscription, Open = open ? 1L : 0L, Before = before.Length == 0 ? "~" : before, Limit = (long)limit }, cancellationToken);

    public async ValueTask<Outcome<OutageRow>> ReportAsync(Caller caller, NewOutage wanted, CancellationToken cancellationToken)
    {
        var subscription = await subscriptions.FindAsync(caller, wanted.SubscriptionId, cancellationToken);
        if (subscription is null)
        {
            return Refusal.NotFound("subscription", wanted.SubscriptionId);
        }

        if ((NotOperator(caller) ?? Span(wanted.From, wanted.To)) is { } no)
        {
            return no;
        }

        var id = Id.New("og", time);
        var outage = new OutageRow(
            id, subscription.TenantPath, subscription.TenantId, "", subscription.Id, "reported", id, OutageCause.Provider, wanted.Note.Trim(), UnixMicros.From(wanted.From), wanted.To is { } to ? UnixMicros.From(to) : null, 1);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO connectivity_outage ({OutageRow.Columns})
                    VALUES (@Id, @TenantPath, @TenantId, @LineId, @SubscriptionId, @Source, @SourceId, @Cause, @Note, @FromAt, @ToAt, @Version)
                    """,
                    outage);
                await changes.RecordAsync(transaction, caller, SlaEvents.Reported, id, outage.TenantPath, null, outage, Facts(outage));
                return true;
            },
            cancellationToken);
        return outage;
    }

    public async ValueTask<Outcome<OutageRow>> JudgeAsync(Caller caller, string id, OutageJudgement said, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("outage", id);
        }

        if ((NotOperator(caller) ?? Span(UnixMicros.ToDateTimeOffset(before.FromAt), said.To)) is { } no)
        {
            return no;
        }

        return await stores.Control.WriteAsync<Outcome<OutageRow>>(
            async transaction =>
            {
                // When a probe's is over, the probe says.
                var after = before with
                {
                    Cause = said.Cause ?? before.Cause, Note = said.Note?.Trim() ?? before.Note, ToAt = before.Source != "probe" && said.To is { } to ? UnixMicros.From(to) : before.ToAt, Version = before.Version + 1,
                };
                var changed = await transaction.ExecuteAsync(
                    "UPDATE connectivity_outage SET cause = @Cause, note = @Note, to_at = CASE WHEN source = 'probe' THEN to_at ELSE @ToAt END, version = version + 1 WHERE id = @Id AND version = @Version - 1", after);
                if (changed == 0)
                {
                    return Refusal.Stale(await transaction.FirstOrDefaultAsync<long>("SELECT version FROM connectivity_outage WHERE id = @Id", new { Id = id }));
                }

                await changes.RecordAsync(transaction, caller, SlaEvents.Judged, id, after.TenantPath, before, after, Facts(after));
                return after;
            },
            cancellationToken);
    }

    internal static Refusal? NotOperator(Caller caller) =>
        caller.IsOperator ? null : new Refusal(RefusalKind.Forbidden, "connectivity.sla.operators-only", "maintenance and outages are entered and judged by the provider's operators only");

    internal static Refusal? Span(DateTimeOffset from, DateTimeOffset? to) =>
        to is { } end && end <= from ? Refusal.Invalid("connectivity.sla.span", "to", "it ends before it begins", "a moment after its beginning") : null;

    private static string Facts(OutageRow outage) => JsonSerializer.Serialize(new { subscription = outage.SubscriptionId, cause = outage.Cause, from = UnixMicros.ToDateTimeOffset(outage.FromAt) });
}
