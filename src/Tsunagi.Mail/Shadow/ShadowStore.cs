using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Mail.Shadow;

/// <summary>Reads the comparison as one caller may see it.</summary>
public sealed class ShadowStore(Stores stores)
{
    private const string Last = "~";

    public static readonly TenantQuery Counts = new("mail.shadow.counts", """
        SELECT domain, ours, theirs, count(*) AS messages FROM mail_shadow WHERE {tenant} AND judged_at >= @From GROUP BY domain, ours, theirs ORDER BY domain, ours, theirs
        """);

    public static readonly TenantQuery Newest = new("mail.shadow.newest", """
        SELECT s.message_id, s.domain, s.judged_at, s.ours, s.action, s.theirs, s.field, m.sender,
          coalesce((SELECT r.recipient FROM mail_recipient r WHERE r.message_id = s.message_id AND r.position = 0), '') AS recipient,
          coalesce((SELECT v.reason FROM mail_verdict v WHERE v.message_id = s.message_id), '') AS reason
        FROM mail_shadow s JOIN mail_message m ON m.id = s.message_id
        WHERE {tenant:s} AND s.judged_at >= @From AND s.message_id < @Before AND (@Domain = '' OR s.domain = @Domain)
          AND (@AnyOurs = 1 OR s.ours = @Ours) AND (@AnyTheirs = 1 OR s.theirs = @Theirs) ORDER BY s.message_id DESC LIMIT @Limit
        """);

    /// <summary>How many messages stand in each cell, by domain, most at odds first.</summary>
    public async ValueTask<IReadOnlyList<ShadowCount>> CountAsync(Caller caller, long fromMicros, CancellationToken cancellationToken)
    {
        var rows = await new TenantStore(stores.Projections, caller.Scope).QueryAsync<CountRow>(Counts, new { From = fromMicros }, cancellationToken);
        return
        [
            .. rows.GroupBy(static row => row.Domain, StringComparer.Ordinal).Select(static group => new ShadowCount(
                group.Key, Sum(group, ShadowCell.BothSpam), Sum(group, ShadowCell.OnlyOurs), Sum(group, ShadowCell.OnlyTheirs), Sum(group, ShadowCell.BothClean), Sum(group, ShadowCell.Untold)))
                .OrderByDescending(static count => count.OnlyOurs + count.OnlyTheirs).ThenBy(static count => count.Domain, StringComparer.Ordinal),
        ];
    }

    /// <param name="domain">Empty for all.</param>
    /// <param name="cell">One of <see cref="ShadowCell.All"/>; empty for all.</param>
    /// <param name="before">Only messages with a smaller id; empty for the newest.</param>
    public ValueTask<IReadOnlyList<ShadowRow>> ListAsync(Caller caller, long fromMicros, string domain, string cell, string before, int limit, CancellationToken cancellationToken)
    {
        var (ours, theirs) = ShadowCell.Words(cell);
        return new TenantStore(stores.Projections, caller.Scope).QueryAsync<ShadowRow>(
            Newest,
            new
            {
                From = fromMicros, Before = before.Length == 0 ? Last : before, Domain = domain, AnyOurs = ours is null ? 1L : 0L, Ours = ours ?? "", AnyTheirs = theirs is null ? 1L : 0L, Theirs = theirs ?? "",
                Limit = (long)limit,
            },
            cancellationToken);
    }

    private static long Sum(IEnumerable<CountRow> rows, string cell) => rows.Where(row => ShadowCell.Of(row.Ours, row.Theirs) == cell).Sum(static row => row.Messages);

    private sealed record CountRow(string Domain, string Ours, string Theirs, long Messages);
}

/// <summary>A domain's messages by what both said.</summary>
public sealed record ShadowCount(string Domain, long BothSpam, long OnlyOurs, long OnlyTheirs, long BothClean, long Untold)
{
    public long Of(string cell) => cell switch
    {
        ShadowCell.BothSpam => BothSpam,
        ShadowCell.OnlyOurs => OnlyOurs,
        ShadowCell.OnlyTheirs => OnlyTheirs,
        ShadowCell.BothClean => BothClean,
        _ => Untold,
    };
}

/// <summary>One message that was only watched.</summary>
/// <param name="Reason">The code that decided for us; empty when nothing was found.</param>
public sealed record ShadowRow(string MessageId, string Domain, long JudgedAt, string Ours, string Action, string Theirs, string Field, string Sender, string Recipient, string Reason);
