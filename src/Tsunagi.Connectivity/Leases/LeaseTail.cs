namespace Tsunagi.Connectivity.Leases;

/// <summary>
/// Tells when the store knows everything that this node's log of leases held when the program started. Before that nobody may be given a part of a pool: it might be one that the log says is held.
/// </summary>
internal sealed class LeaseTail
{
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Known => _known.Task;

    public void SetKnown() => _known.TrySetResult();
}
