using Tsunagi.Core.Meters;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Meters;

/// <summary>
/// Counts the mail meters again from the trace's rows: another road from the spool to a figure than <see cref="MeterProjector"/>'s, with the same rule
/// (one per message at its acceptance, our own reports, what was held and released, mail without a subscription, and what never was ours not counted).
/// </summary>
internal sealed class TraceMeters(Stores stores) : IMeterSource
{
    public IReadOnlyList<string> Meters { get; } = [MailMeters.Messages, MailMeters.Bytes];

    public async ValueTask<IReadOnlyList<MeterTotal>> DeriveAsync(long fromMicros, long toMicros, CancellationToken cancellationToken)
    {
        var rows = await stores.Projections.ReadAsync(
            reader => reader.QueryAsync<Row>(
                """
                SELECT subscription_id, count(*) AS messages, CAST(sum(size) AS bigint) AS bytes FROM mail_message
                WHERE accepted_at >= @From AND accepted_at < @To AND subscription_id <> '' AND (flags & @Ours) = 0 AND state NOT IN ('rejected', 'watched')
                GROUP BY subscription_id ORDER BY subscription_id
                """,
                new { From = fromMicros, To = toMicros, Ours = (long)(MessageFlags.Report | MessageFlags.Released) }),
            cancellationToken);
        return
        [
            .. rows.SelectMany(static row => (MeterTotal[])
            [
                new(row.SubscriptionId, MailMeters.Messages, row.Messages), new(row.SubscriptionId, MailMeters.Bytes, row.Bytes),
            ]),
        ];
    }

    private sealed record Row(string SubscriptionId, long Messages, long Bytes);
}
