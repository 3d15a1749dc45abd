using System.Text.Json;
using System.Threading.Channels;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Mail.Trace;

/// <summary>Events that sessions tell without waiting for the store, and that the owner's round writes, one round at a time. Full: the newest is dropped. A thousand that were not told yet say enough.</summary>
internal sealed class EventsToTell(Stores stores, Outbox outbox, TimeProvider time)
{
    private const int Most = 1_000;
    private readonly Channel<Event> _events = Channel.CreateBounded<Event>(new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>False where there is no tenant to tell it to.</summary>
    public bool Tell(string type, string tenantPath, string subject, object facts) =>
        tenantPath.Length > 0 && _events.Writer.TryWrite(new Event(Id.New("e", time), type, time.NowMicros(), tenantPath, subject, JsonSerializer.Serialize(facts)));

    /// <summary>Completes when there is one to write.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _events.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Writes all. Not given up half way: what is written must be taken out, or it would be written twice.</summary>
    public async ValueTask WriteAsync()
    {
        while (_events.Reader.TryPeek(out var next))
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    await outbox.AppendAsync(transaction, next);
                    return 0;
                },
                CancellationToken.None);
            _events.Reader.TryRead(out _);
        }
    }
}
