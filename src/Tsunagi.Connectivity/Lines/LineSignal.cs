using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Lines;

/// <summary>"Lines or access servers have changed", to every node. A hint: the feed polls as well.</summary>
internal sealed class LineSignal(Stores stores)
{
    private const string Channel = "connectivity_lines";

    public void Pulse() => stores.Control.Hints.Raise(Channel);

    public StoreHint Listen() => stores.Control.Hints.Listen(Channel);

    /// <summary>The next number of the one revision counter: a node that has seen revision N reads what came after it and misses nothing.</summary>
    public ValueTask<long> NextRevisionAsync(ISqlTransaction transaction)
    {
        transaction.OnCommitted(Pulse);
        return transaction.FirstOrDefaultAsync<long>("UPDATE connectivity_revision SET revision = revision + 1 WHERE one = 1 RETURNING revision");
    }
}
