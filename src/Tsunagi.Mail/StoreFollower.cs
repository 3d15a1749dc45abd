using Microsoft.Extensions.Hosting;
using Tsunagi.Core.Store;

namespace Tsunagi.Mail;

/// <summary>
/// Keeps in memory what stands in the control store: read before the first message, then at every hint and, where none comes through, within half a second. While the store is away what was
/// read last holds.
/// </summary>
internal abstract class StoreFollower(Stores stores, string channel, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    protected Stores Stores => stores;

    protected TimeProvider Time => time;

    /// <summary>Reads what changed.</summary>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public abstract ValueTask LoadAsync(CancellationToken cancellationToken);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // A store that is away must not keep the program from starting.
        await TryLoadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected abstract void TellAway(StoreUnavailableException away);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hint = stores.Control.Hints.Listen(channel);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                if (await TryLoadAsync(stoppingToken))
                {
                    await hint.WaitAsync(LookEvery, stoppingToken);
                }
                else
                {
                    await Task.Delay(RetryWait, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async ValueTask<bool> TryLoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(cancellationToken);
            return true;
        }
        catch (StoreUnavailableException away)
        {
            TellAway(away);
            return false;
        }
    }
}
