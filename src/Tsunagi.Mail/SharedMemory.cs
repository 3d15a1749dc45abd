using Microsoft.Extensions.Hosting;
using Tsunagi.Core.Store;

namespace Tsunagi.Mail;

/// <summary>
/// What every node learns in memory and tells the others through the control store: shared before the first message, every few seconds, and once more at the end. While the store is away the node goes
/// on by what it knows.
/// </summary>
internal abstract class SharedMemory(TimeProvider time, TimeSpan every) : BackgroundService
{
    private readonly SemaphoreSlim _gate = new(1);
    private bool _disposed;

    protected TimeProvider Time => time;

    /// <summary>(1) what was learnt here is written, (2) what others wrote is read; (3) what is too old or too much is forgotten, whether the store is there or not.</summary>
    internal async Task ShareAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await WriteAsync(cancellationToken);
            await ReadAsync(cancellationToken);
            await SweepAsync(cancellationToken);
        }
        finally
        {
            Forget();
            _gate.Release();
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryShareAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Nothing happens when it is disposed already: a host that failed to start is stopped behind that.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_disposed)
        {
            return;
        }

        await base.StopAsync(cancellationToken);
        await TryShareAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _disposed = true;
        _gate.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await Task.Delay(every, time, stoppingToken);
                await TryShareAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    protected abstract ValueTask WriteAsync(CancellationToken cancellationToken);

    protected abstract ValueTask ReadAsync(CancellationToken cancellationToken);

    /// <summary>Takes out of the store what is too old.</summary>
    protected abstract ValueTask SweepAsync(CancellationToken cancellationToken);

    /// <summary>Takes out of memory what is too old or too much.</summary>
    protected abstract void Forget();

    /// <summary>The store is away.</summary>
    protected abstract void Kept(StoreUnavailableException away);

    private async ValueTask TryShareAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ShareAsync(cancellationToken);
        }
        catch (StoreUnavailableException away)
        {
            Kept(away);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was learnt in the last seconds is learnt again.
        }
    }
}
