namespace Tsunagi.Core.Store;

/// <summary>
/// The two stores of a node. <see cref="Control"/> holds contracts, identity, money, leases and queues (synchronous=FULL);
/// <see cref="Projections"/> holds what can be made again from the logs while they last: events, traces, search (synchronous=NORMAL).
/// On PostgreSQL both are schemas of one database.
/// </summary>
public sealed record Stores(IStore Control, IStore Projections) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Projections.DisposeAsync();
        await Control.DisposeAsync();
    }
}
