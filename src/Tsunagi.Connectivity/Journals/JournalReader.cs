using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Journals;

/// <summary>Takes a consumer's effect of one batch; returns how many records there were, 0 for none within the time to wait.</summary>
internal delegate ValueTask<int> JournalBatch(LogConsumer consumer, TimeSpan wait, CancellationToken cancellationToken);

/// <summary>The reading side of a <see cref="Journal"/>, whose place in it lies in the store, beside what is made of its records.</summary>
internal sealed class JournalReader(Journal journal, string name, Stores stores, Node node, TimeProvider time)
{
    /// <summary>What a transaction takes well within the time that a writer may be kept from the others.</summary>
    public const int BatchRecords = 2_048;

    private static readonly TimeSpan ReadWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    // While fewer come than a batch takes, they gather for so long: each transaction is a sync of the disk.
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(100);

    /// <summary>Opens the log at the position that the store knows; null while it is closed.</summary>
    public async ValueTask<LogConsumer?> TryOpenAsync(CancellationToken cancellationToken)
    {
        var known = await stores.Control.ReadAsync(reader => ConsumerPosition.ReadAsync(reader, node.Name, name), cancellationToken);
        return journal.Stream?.OpenConsumer(name, new LogPosition(known?.Position ?? 0));
    }

    /// <summary>Takes batch after batch until the program stops; opens the log again when it was opened anew.</summary>
    /// <param name="mayGather">False when somebody waits for the next batch.</param>
    /// <param name="waiting">Tells that the records wait in the log, and why.</param>
    public async Task RunAsync(JournalBatch take, Func<bool> mayGather, Action<Exception> waiting, CancellationToken stoppingToken)
    {
        LogConsumer? consumer = null;
        var opening = 0;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    if (consumer is null || opening != journal.Openings)
                    {
                        consumer?.Dispose();
                        opening = journal.Openings;
                        consumer = await TryOpenAsync(stoppingToken);
                    }

                    if (consumer is null)
                    {
                        await Task.Delay(RetryWait, time, stoppingToken);
                        continue;
                    }

                    var taken = await take(consumer, ReadWait, stoppingToken);
                    if (taken is > 0 and < BatchRecords && mayGather())
                    {
                        await Task.Delay(GatherTime, time, stoppingToken);
                    }
                }
                catch (Exception failed) when (failed is StoreUnavailableException or IOException or ObjectDisposedException && !stoppingToken.IsCancellationRequested)
                {
                    waiting(failed);
                    consumer?.Dispose();
                    consumer = null;
                    await Task.Delay(RetryWait, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was not taken is taken at the next start.
        }
        finally
        {
            consumer?.Dispose();
        }
    }
}
