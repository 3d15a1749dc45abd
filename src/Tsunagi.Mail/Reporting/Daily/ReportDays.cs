using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Mail.Reporting.Daily;

/// <summary>
/// Which domains of which days (UTC) are to be told what was counted, and how that stands: a row (day, domain) in a table of our own with state, whom it went to, and how often it was tried. Nothing here says what is reported.
/// States: none and "later" are due; "sent", "unwanted", "unknown", "failed" and whatever else a report has are done with.
/// </summary>
/// <param name="counted">The table of what was counted, with day_at and domain.</param>
/// <param name="told">The table of what was told: day_at, domain, state, sent_to, tries, updated_at.</param>
internal sealed class ReportDays(string counted, string told, Stores stores, TimeProvider time)
{
    public const string Later = "later";
    public const string Sent = "sent";
    public const long DayMicros = 24 * 3_600 * UnixMicros.PerSecond;
    private const int Together = 200;
    private const long ShortestWait = 3_600 * UnixMicros.PerSecond;
    private const long LongestWait = 12 * ShortestWait;
    private static readonly TimeSpan PassWithin = TimeSpan.FromMinutes(10);

    private readonly string _due = $"""
        SELECT DISTINCT r.day_at, r.domain, coalesce(d.updated_at, 0) AS tried_at FROM {counted} r LEFT JOIN {told} d ON d.day_at = r.day_at AND d.domain = r.domain
        WHERE r.day_at < @Today AND (d.state IS NULL OR d.state = 'later') AND (r.day_at > @Day OR (r.day_at = @Day AND r.domain > @Domain))
        ORDER BY r.day_at, r.domain LIMIT @Limit
        """;

    private readonly string _note = $"""
        INSERT INTO {told} (day_at, domain, state, sent_to, tries, updated_at) VALUES (@DayAt, @Domain, @State, @To, @Tries, @Now)
        ON CONFLICT (day_at, domain) DO UPDATE SET state = excluded.state, sent_to = excluded.sent_to, tries = {told}.tries + excluded.tries, updated_at = excluded.updated_at
        """;

    private readonly string _tries = $"SELECT tries FROM {told} WHERE day_at = @DayAt AND domain = @Domain";

    // Whom a day's reports went to stands in their rows; an address in a thousand domains' records gets fifty letters, not a thousand.
    private readonly string _got = $"SELECT count(*) FROM {told} WHERE day_at = @DayAt AND state = 'sent' AND (' ' || sent_to || ' ') LIKE @To ESCAPE '\\'";

    private readonly string _sweepTold = $"DELETE FROM {told} WHERE day_at < @Before";

    public long Today => time.NowMicros() / DayMicros * DayMicros;

    /// <summary>A domain and a day that is over.</summary>
    public sealed record Due(long DayAt, string Domain);

    /// <summary>
    /// Calls for every report that is due and whose time has come; returns how many calls said that it went out. The days in their order, the domains of one in an order that no name decides; after ten minutes the rest is left to
    /// the next pass, which does not meet again what was tried just now: "later" waits an hour, then as long again as it has been due, twelve hours at most.
    /// </summary>
    /// <param name="sendAfter">After the end of the day so long at least, up to four times as long by the domain, so that not all come at once (RFC 8460 section 4.1).</param>
    public async ValueTask<int> SendDueAsync(TimeSpan sendAfter, Func<Due, ValueTask<bool>> sendAsync, CancellationToken cancellationToken)
    {
        var (sent, began) = (0, time.GetTimestamp());
        foreach (var due in (await DueAsync(cancellationToken)).Where(row => IsTime(row, sendAfter)).OrderBy(static row => row.DayAt).ThenBy(static row => HashOf($"{row.DayAt} {row.Domain}")))
        {
            if (time.GetElapsedTime(began) >= PassWithin)
            {
                break;
            }

            sent += await sendAsync(new Due(due.DayAt, due.Domain)) ? 1 : 0;
        }

        return sent;
    }

    public ValueTask<long> TriesAsync(Due due, CancellationToken cancellationToken) =>
        stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>(_tries, new { due.DayAt, due.Domain }), cancellationToken);

    /// <summary>One who gets it, as <see cref="NoteAsync"/> was told, got as many of that day's as anybody gets.</summary>
    public async ValueTask<bool> IsTiredAsync(Due due, string toOne, int most, CancellationToken cancellationToken) => await stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<long>(_got, new { due.DayAt, To = $"% {toOne.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")} %" }), cancellationToken) >= most;

    /// <summary>Writes down how it stands, within the caller's transaction.</summary>
    /// <param name="sentTo">Who got it, with blanks between.</param>
    /// <param name="isTry">Somebody was to get it; false where only the DNS was asked, which does not count as a try.</param>
    public ValueTask<int> NoteAsync(ISqlTransaction transaction, Due due, string state, string sentTo, bool isTry = true) =>
        transaction.ExecuteAsync(_note, new { due.DayAt, due.Domain, State = state, To = sentTo, Tries = isTry ? 1L : 0L, Now = time.NowMicros() });

    /// <summary>Forgets what is older.</summary>
    /// <param name="tables">Further tables with day_at, those of what was counted among them.</param>
    public async ValueTask SweepAsync(long beforeMicros, IReadOnlyList<string> tables, CancellationToken cancellationToken)
    {
        foreach (var sql in tables.Select(static table => $"DELETE FROM {table} WHERE day_at < @Before").Append(_sweepTold))
        {
            await stores.Control.WriteAsync(transaction => transaction.ExecuteAsync(sql, new { Before = beforeMicros }), cancellationToken);
        }
    }

    /// <summary>The microsecond from which a day's report about a domain goes out: spread over four times the wait, by the domain.</summary>
    internal static long TimeOf(Due due, TimeSpan sendAfter)
    {
        var wait = (long)sendAfter.TotalMicroseconds;
        var spread = wait == 0 ? 0 : (long)(HashOf(due.Domain) % (ulong)(wait * 3));
        return due.DayAt + DayMicros + wait + spread;
    }

    private static ulong HashOf(string text) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private bool IsTime(DueRow row, TimeSpan sendAfter)
    {
        var from = TimeOf(new Due(row.DayAt, row.Domain), sendAfter);
        return time.NowMicros() >= (row.TriedAt == 0 ? from : row.TriedAt + Math.Clamp(row.TriedAt - from, ShortestWait, LongestWait));
    }

    private async ValueTask<List<DueRow>> DueAsync(CancellationToken cancellationToken)
    {
        var all = new List<DueRow>();
        for (var last = new DueRow(0, "", 0); ;)
        {
            var (today, after) = (Today, last);
            var rows = await stores.Control.ReadAsync(
                reader => reader.QueryAsync<DueRow>(_due, new { Today = today, Day = after.DayAt, after.Domain, Limit = (long)Together }), cancellationToken);
            all.AddRange(rows);
            if (rows.Count < Together)
            {
                return all;
            }

            last = rows[^1];
        }
    }

    private sealed record DueRow(long DayAt, string Domain, long TriedAt);
}
