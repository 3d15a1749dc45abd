using System.Text.Json;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Events;

/// <summary>
/// Where a change of the control store puts its event: a row in the same transaction, so that the change and its event happen both or not at
/// all. <see cref="OutboxProjector"/> moves the rows to the feed, in the order in which the changes were committed: the head's row lock gives it.
/// </summary>
public sealed class Outbox(EventCatalogue catalogue, OutboxSignal signal)
{
    public async ValueTask AppendAsync(ISqlTransaction transaction, Event item)
    {
        _ = catalogue.SeverityOf(item.Type);
        var position = await transaction.FirstOrDefaultAsync<long>("UPDATE outbox_head SET position = position + 1 WHERE one = 1 RETURNING position");
        await transaction.ExecuteAsync(
            "INSERT INTO outbox (position, id, event) VALUES (@Position, @Id, @Json)",
            new { Position = position, item.Id, Json = JsonSerializer.Serialize(item) });
        transaction.OnCommitted(signal.Pulse);
    }
}
