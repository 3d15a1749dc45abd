using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Nodes;

/// <summary>Whether this node may be given work: what /readyz, the console and the other nodes are told.</summary>
public sealed class NodeReadiness(Stores stores, Reconciler reconciler, IEnumerable<IReadiness> parts, TimeProvider time)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    /// <summary>What is known without asking the database; empty when all is well. Does not wait.</summary>
    public IReadOnlyList<NotReady> Known()
    {
        var reasons = new List<NotReady>();
        if (!reconciler.FirstPass.IsCompleted)
        {
            reasons.Add(new(CoreReadiness.Starting, "the engines have not been given what is wanted yet"));
        }

        reasons.AddRange(parts.Select(static part => part.WhyNotReady).OfType<NotReady>());
        return reasons;
    }

    /// <summary>The same, and whether the database answers within two seconds.</summary>
    public async ValueTask<IReadOnlyList<NotReady>> AskAsync(CancellationToken cancellationToken)
    {
        var reasons = Known();
        try
        {
            using var deadline = new CancellationTokenSource(Deadline, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT 1"), linked.Token);
            return reasons;
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return [.. reasons, new(CoreReadiness.DatabaseAway, "the database does not answer")];
        }
    }
}
