using System.Text.Json;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Events;

/// <summary>
/// Where a change of the control store puts its event: a row in the same transaction, so that the change and its event happen both or not at
/// all. <see cref="OutboxProjector"/> moves the rows to the feed.
/// </summary>
public sealed class Outbox(TimeProvider time, EventCatalogue catalogue, OutboxSignal signal)
{
    public async ValueTask AppendAsync(ISqlTransaction transaction, Event item)
    {
        _ = catalogue.SeverityOf(item.Type);
        await transaction.ExecuteAsync(
            "INSERT INTO outbox (id, recorded_at, event) VALUES (@Id, @At, @Json)",
            new { item.Id, At = time.NowMicros(), Json = JsonSerializer.Serialize(item) });
        transaction.OnCommitted(signal.Pulse);
    }
}
