namespace Tsunagi.Core.Store;

/// <summary>
/// "Something changed on channel X", without payload, coalesced, and possibly lost: it only shortens a poller's wait. In process on SQLite,
/// LISTEN/NOTIFY between nodes on PostgreSQL. A writer raises it with <see cref="ISqlTransaction.OnCommitted"/>.
/// </summary>
public interface IStoreHints
{
    /// <summary>Tells every listener of the channel, on every node. Never blocks and never fails.</summary>
    /// <param name="channel">Lower-case letters, digits and underscores ("work", "event_feed").</param>
    void Raise(string channel);

    /// <summary>Begins to listen. A hint raised after this call and before the next wait ends that wait at once.</summary>
    StoreHint Listen(string channel);
}
