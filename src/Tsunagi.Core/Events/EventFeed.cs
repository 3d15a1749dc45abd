using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Events;

/// <summary>Reads the feed as one caller may see it, newest first for pages, oldest first for streams.</summary>
public sealed class EventFeed(Stores stores)
{
    private const string Columns = "position, id, type, severity, time_us AS at, tenant_path, subject, data, evidence_hash";

    public static readonly TenantQuery Page = new("event.page", $"""
        SELECT {Columns} FROM event WHERE {"{tenant}"} AND position < @Before AND severity >= @Severity
        AND (@Type = '' OR type = @Type) ORDER BY position DESC LIMIT @Limit
        """);

    public static readonly TenantQuery OfSubject = new("event.of-subject", $"""
        SELECT {Columns} FROM event WHERE {"{tenant}"} AND subject = @Subject ORDER BY position LIMIT @Limit
        """);

    public static readonly TenantQuery After = new("event.after", $"""
        SELECT {Columns} FROM event WHERE {"{tenant}"} AND position > @After ORDER BY position LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("event.by-id", $"SELECT {Columns} FROM event WHERE {"{tenant}"} AND id = @Id");

    /// <param name="before">Only events below this position; long.MaxValue for the newest.</param>
    public ValueTask<IReadOnlyList<FeedEvent>> PageAsync(
        Caller caller, long before, int limit, EventSeverity atLeast, string? type, CancellationToken cancellationToken) =>
        new TenantStore(stores.Projections, caller.Scope).QueryAsync<FeedEvent>(
            Page, new { Before = before, Severity = (long)atLeast, Type = type ?? "", Limit = (long)limit }, cancellationToken);

    public ValueTask<IReadOnlyList<FeedEvent>> OfSubjectAsync(Caller caller, string subject, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Projections, caller.Scope).QueryAsync<FeedEvent>(OfSubject, new { Subject = subject, Limit = (long)limit }, cancellationToken);

    public ValueTask<IReadOnlyList<FeedEvent>> AfterAsync(Caller caller, long after, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Projections, caller.Scope).QueryAsync<FeedEvent>(After, new { After = after, Limit = (long)limit }, cancellationToken);

    public ValueTask<FeedEvent?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Projections, caller.Scope).FirstOrDefaultAsync<FeedEvent>(ById, new { Id = id }, cancellationToken);

    /// <summary>The end of the feed now: where one begins who wants only what is new. A number of the feed as a whole, nobody's.</summary>
    public ValueTask<long> LastPositionAsync(CancellationToken cancellationToken) =>
        stores.Projections.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT last_position FROM event_feed WHERE one = 1"), cancellationToken);
}
